"""Mean spend a purchase: its distribution over customers, observed and under the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import SHARE, finite
from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.inference.data.model_data import spend_columns
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.histories import SpendHistories
from clvmodels.inference.population.population import Parameters, Quantity
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import customers_or_fitted, spend_model
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers

_POINTS = 240


@checked
def spend_density_table(spend: Fit, *, customers: Customers | None = None, quantile: float = 0.99) -> pd.DataFrame:
    """Density of customers' mean spend, actual and by the model.

    The model's is the mixture over customers of the density of the mean of x_i purchases, f(m | x_i), with the
    parameters of their group or covariates.

    Parameters
    ----------
    spend : Fit
        A fit of a spend model.
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.
    quantile : float, default 0.99
        Where to cut: a few huge amounts would squeeze the rest.

    Returns
    -------
    pandas.DataFrame
        One row an amount (240 of them, evenly spaced from 0 to the quantile): ``model`` and ``actual`` (densities; the
        actual one a histogram with ``attrs["edges"]``).

    Raises
    ------
    ArgumentError
        If the fit was loaded and ``customers`` are not given.
    DataError
        If no customer has positive spend.
    UnsupportedPrediction
        If the fit is not of a spend model.

    References
    ----------
    Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, figure 1.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> table = clv.plots.spend_density_table(clv.fit(customers, "gamma-gamma"), quantile=1.0)
    >>> width = table.index[1] - table.index[0]
    >>> [round(float(table[name].sum() * width), 2) for name in ("model", "actual")]
    [1.0, 1.0]
    """
    _, m = observed_spend(spend, customers)
    top = float(np.quantile(m, finite("quantile", quantile, *SHARE)))
    amounts = (np.arange(_POINTS) + 0.5) / _POINTS * top
    bins = int(np.clip(2 * len(m) ** (1 / 3), 4, 60))
    edges = np.linspace(0.0, top, bins + 1)
    counts, _ = np.histogram(m, edges)
    heights = counts / len(m) / np.diff(edges)
    place = np.clip(np.searchsorted(edges, amounts, side="right") - 1, 0, bins - 1)
    table = pd.DataFrame(
        {"model": _density(spend, customers_or_fitted(spend, customers), amounts), "actual": heights[place]},
        index=pd.Index(amounts, name="mean_spend"),
    )
    table.attrs = {
        "model": spend.definition.spec.title, "currency": spend.currency, "customers": len(m), "edges": edges.tolist(),
        "repeat": not spend.definition.spec.every_purchase,
        "heights": heights.tolist(), "beyond": int((m > top).sum()), "median": float(np.median(m)),
        "mean": float(np.mean(m)),
    }  # fmt: skip
    return table


@checked
def spend_density(
    source: Fit | pd.DataFrame, *, customers: Customers | None = None, quantile: float = 0.99, ax: Axes | None = None
) -> Axes:
    """Customers' mean spend a purchase: a histogram, and the model's density over it.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a spend model, or what `spend_density_table` returned.
    customers : Customers, optional
        As in `spend_density_table`.
    quantile : float, default 0.99
        As in `spend_density_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError, UnsupportedPrediction
        As `spend_density_table`.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30", currency="USD")
    >>> ax = clv.plots.spend_density(clv.fit(customers, "gamma-gamma"))
    >>> ax.get_xlabel()
    'Mean spend per repeat purchase [USD]'
    >>> plt.close(ax.figure)
    """
    if is_table(source, spend_density_table, "model", "edges", "heights", "repeat", "median", "beyond", "customers"):
        table = source
    else:
        table = spend_density_table(source, customers=customers, quantile=quantile)
    return _drawn(table, ax)


def _drawn(table: pd.DataFrame, ax: Axes | None) -> Axes:
    """Bars for the customers, a line for the model."""
    ax, theme = style.canvas(ax)
    attrs = table.attrs
    edges, heights = np.array(attrs["edges"]), np.array(attrs["heights"])
    ax.bar(edges[:-1], heights, width=np.diff(edges), align="edge", color=theme.muted, alpha=0.4, linewidth=0)
    ax.plot(table.index, table["model"], color=theme.model, linewidth=2.2)
    top = max(heights.max(), table["model"].iloc[1:].max())  # the model's first point can be a spike
    ax.set(xlim=(0, edges[-1]), ylim=(0, top * 1.08), ylabel="Share of customers per amount", yticks=[])
    style.numbers(ax.xaxis)
    purchase = "repeat purchase" if attrs["repeat"] else "purchase"
    ax.set_xlabel(formats.with_currency(f"Mean spend per {purchase}", attrs["currency"]))
    at = int(np.argmin(np.abs(np.asarray(table.index) - 0.45 * edges[-1])))
    point, line = (table.index[at], table["model"].iloc[at]), labels.thin_line(theme.model)
    labels.note(ax, attrs["model"], point, (10, 22), theme.model, bold=True, arrowprops=line)
    return style.headline(ax, theme, *_headline(attrs))


def _headline(attrs: dict[Any, Any]) -> tuple[str, str]:
    """The median customer, and what is shown."""
    buyer = "repeat buyer" if attrs["repeat"] else "customer"
    currency = f" {attrs['currency']}" if attrs["currency"] else ""
    finding = f"Half of the {buyer}s spend less than {formats.short(attrs['median'])}{currency} a purchase"
    top = formats.short(attrs["edges"][-1])
    beyond = f"; {attrs['beyond']:,} with more than {top} not shown" if attrs["beyond"] else ""
    who = formats.plural(attrs["customers"], buyer)
    return finding, f"Mean spend of {who} (bars) and {attrs['model']} (line){beyond}"


def observed_spend(spend: Fit, customers: Customers | None) -> tuple[Array, Array]:
    """Number and mean of the purchases that the model is fitted to, of customers with positive spend."""
    chosen = customers_or_fitted(spend, customers)
    x, m, *_ = spend_columns(spend_model(spend), chosen)
    if not (x > 0).any():
        repeat = "" if spend.definition.spec.every_purchase else "repeat "
        raise DataError(f"None of {len(chosen):,} customers has positive {repeat}spend. Was the log read with amounts?")
    return x[x > 0], m[x > 0]


def _density(spend: Fit, customers: Customers, amounts: Array) -> Array:
    """Mean over customers with spend of f(m | x), each with their own parameters."""
    rows = spend.population(customers)
    has_spend = rows.evaluate(lambda _, each: (each.columns[0] > 0).astype(np.float64), spend.parameters)
    share = rows.weight * has_spend / (rows.weight @ has_spend)
    return np.array([share @ rows.evaluate(_density_of_rows(amount), spend.parameters) for amount in amounts])


def _density_of_rows(amount: float) -> Quantity:
    """f(m | x) at an amount for each row, computed once a number of purchases where parameters allow; 0 without."""

    def quantity(parameters: Parameters, rows: SpendHistories) -> Array:
        own, x = rows.own_parameters(parameters), np.maximum(rows.columns[0], 1.0)
        place = np.arange(len(x))
        if all(np.ndim(value) == 0 for value in own.values()):
            x, place = np.unique(x, return_inverse=True)
        with np.errstate(under="ignore"):
            density = np.exp(rows.model.log_density_of_mean(x, np.full(len(x), amount), **own))[place]
        return np.where(rows.columns[0] > 0, density, 0.0)

    return quantity
