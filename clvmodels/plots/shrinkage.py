"""Shrinkage: expected spend against the mean observed; the fewer the purchases, the nearer to the population mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import SHARE, finite, whole
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population import quantities
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import without_covariates
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.spend import observed_spend
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers

_FEW = 2_000


@checked
def spend_shrinkage_table(
    spend: Fit, *, customers: Customers | None = None, counts: tuple[int, ...] | None = None, quantile: float = 0.98
) -> pd.DataFrame:
    """Expected spend a purchase of customers with a given number of purchases and mean.

    Parameters
    ----------
    spend : Fit
        A fit of a spend model.
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.
    counts : tuple of int, optional
        Numbers of purchases; default: 1, 3, 10 and 30 as far as they occur.
    quantile : float, default 0.98
        Largest mean, as a quantile of the customers' means.

    Returns
    -------
    pandas.DataFrame
        One row a mean seen (from 0 to the quantile), one column a number of purchases; ``attrs["population"]`` is the
        mean of the population, None where that is infinite.

    Raises
    ------
    ArgumentError
        If the fit has covariates, or was loaded and ``customers`` are not given.
    DataError
        If no customer has positive spend.
    UnsupportedPrediction
        If the fit is not of a spend model.

    References
    ----------
    Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, equation 5.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> table = clv.plots.spend_shrinkage_table(clv.fit(customers, "gamma-gamma"), counts=(1, 10))
    >>> (table.iloc[-1] / table.index[-1]).round(2).tolist()
    [0.78, 0.97]
    """
    x, m = observed_spend(without_covariates(spend), customers)
    if counts is None:
        counts = tuple(count for count in (1, 3, 10, 30) if count <= x.max())
    counts = tuple(whole("counts", count, "numbers of purchases, 1 or more", 1) for count in counts)
    if not counts:
        raise ArgumentError("counts is empty. Pass numbers of purchases, such as counts=(1, 3, 10).")
    seen = np.linspace(0.0, float(np.quantile(m, finite("quantile", quantile, *SHARE))), 50)
    columns = {count: _expected(spend, np.full(len(seen), count), seen) for count in counts}
    table = pd.DataFrame(columns, index=pd.Index(seen, name="mean_seen"))
    population = float(_expected(spend, np.zeros(1), np.zeros(1))[0])
    known = population if np.isfinite(population) else None
    table.attrs = {"model": spend.definition.spec.title, "currency": spend.currency, "population": known}
    return table


@checked
def spend_shrinkage(
    spend: Fit,
    *,
    customers: Customers | None = None,
    counts: tuple[int, ...] | None = None,
    quantile: float = 0.98,
    ax: Axes | None = None,
) -> Axes:
    """Expected spend against the mean observed: a line for each number of purchases, over the customers.

    Parameters
    ----------
    spend : Fit
        A fit of a spend model.
    customers : Customers, optional
        As in `spend_shrinkage_table`.
    counts : tuple of int, optional
        As in `spend_shrinkage_table`.
    quantile : float, default 0.98
        As in `spend_shrinkage_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError, UnsupportedPrediction
        As `spend_shrinkage_table`.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> ax = clv.plots.spend_shrinkage(clv.fit(customers, "gamma-gamma"))
    >>> ax.get_ylabel()
    'Expected spend per purchase'
    >>> plt.close(ax.figure)
    """
    table = spend_shrinkage_table(spend, customers=customers, counts=counts, quantile=quantile)
    ax, theme = style.canvas(ax, (7.2, 5.0))
    x, m = observed_spend(spend, customers)
    top = float(table.index[-1])
    inside = m <= top
    expected = _expected(spend, x[inside], m[inside])
    _draw_customers(ax, theme, m[inside], expected, top)
    ends = _draw_lines(ax, theme, table)
    ax.set(xlim=(0, top), ylim=(0, max(top, float(table.to_numpy().max())) * 1.04))
    style.numbers(ax.xaxis, ax.yaxis)
    repeat = "" if spend.definition.spec.every_purchase else "repeat "
    ax.set_xlabel(formats.with_currency(f"Mean spend seen per {repeat}purchase", table.attrs["currency"]))
    ax.set_ylabel(formats.with_currency("Expected spend per purchase", table.attrs["currency"]))
    labels.end_labels(ax, ends)
    what = f"{table.attrs['model']} draws a mean that rests on few purchases towards the population; grey: customers"
    return style.headline(ax, theme, _finding(table), what)


def _expected(spend: Fit, x: Array, m: Array) -> Array:
    """Expected spend after x purchases with mean m."""
    rows = spend.structure.of_histories(np.asarray(x, dtype=np.float64), m)
    return rows.evaluate(quantities.expected_spend(), spend.parameters)


def _draw_lines(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> list[tuple[float, float, str, str]]:
    """A line for each number of purchases, the diagonal and the population mean; their ends, for their names."""
    top = float(table.index[-1])
    ax.plot([0, top], [0, top], color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)))
    ends = [(top, top, "as seen", theme.muted)]
    for number, count in enumerate(table.columns):
        color = theme.accent if number == 0 else theme.model
        ax.plot(table.index, table[count], color=color, linewidth=1.8)
        ends.append((top, float(table[count].iloc[-1]), formats.plural(int(count), "purchase"), color))
    population = table.attrs["population"]
    if population is not None and population < top:
        ax.axhline(population, color=theme.muted, linewidth=0.8)
        text, frame = f"population mean {formats.short(population)}", ("axes fraction", "data")
        labels.note(ax, text, (1, population), (-4, -4), theme.muted, xycoords=frame, ha="right", va="top")
    return ends


def _draw_customers(ax: Axes, theme: style.Theme, x: np.ndarray, y: np.ndarray, top: float) -> None:
    """Customers as points while they are few, else as counts in hexagons."""
    if len(x) <= _FEW:
        ax.plot(x, y, "o", color=theme.muted, alpha=0.3, markersize=4, markeredgewidth=0, linestyle="none", zorder=1.5)
    else:
        ax.hexbin(
            x, y, gridsize=55, extent=(0, top, 0, top), bins="log", mincnt=1, linewidths=0.1, zorder=0.5,
            cmap=style.blend([theme.grid, theme.muted]), rasterized=True,
        )  # fmt: skip


def _finding(table: pd.DataFrame) -> str:
    """How much the expectation rises with each unit of the mean seen, after few and after many purchases."""
    slope = (table.iloc[-1] - table.iloc[0]) / (table.index[-1] - table.index[0])
    shares = {formats.plural(int(count), "purchase"): formats.share(slope[count]) for count in table.columns[[0, -1]]}
    (purchases, share), *other = shares.items()
    finding = f"After {purchases} the model believes {share} of what it saw"
    return "".join([finding, *(f", after {more} {believed}" for more, believed in other)])
