"""Repeat purchases in the calibration: how many customers made none, one, two …, and how many the model says."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from clvmodels import arguments, formats
from clvmodels.arguments import whole
from clvmodels.arrays import Array
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import customers_or_fitted, table_in_unit
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers

_MOST = 1_000


@checked
def repeat_purchases_table(
    fit: Fit, *, customers: Customers | None = None, last: int = 7, level: float = 0.90
) -> pd.DataFrame:
    """Customers by their number of repeat purchases, actual and expected: Σ_i P(X(T_i) = k).

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model.
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.
    last : int, default 7
        The bin of this count and more.
    level : float, default 0.9
        Level of the interval in which the actual number lies if the model is right (customers are independent, so their
        number is nearly normal with variance Σ_i p_i (1 - p_i)).

    Returns
    -------
    pandas.DataFrame
        One row a count, "0" to "7+": ``actual``, ``expected``, ``lower`` and ``upper`` (customers).

    Raises
    ------
    ArgumentError
        If ``last`` or ``level`` is out of range, or the fit was loaded and ``customers`` are not given.

    Notes
    -----
    Fader, Hardie and Lee (2005), Marketing Science 24(2), figure 2.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> clv.plots.repeat_purchases_table(clv.fit(customers, "bg/nbd"))[["actual", "expected"]].round(0).T
    count          0      1      2      3     4     5     6    7+
    actual    1411.0  439.0  214.0  100.0  62.0  38.0  29.0  64.0
    expected  1408.0  460.0  192.0  101.0  60.0  38.0  26.0  72.0
    """
    last = whole("last", last, f"a number of purchases from 1 to {_MOST:,}", 1, _MOST)
    arguments.level("level", level)
    table = table_in_unit(customers_or_fitted(fit, customers), fit.unit)
    actual = np.bincount(np.minimum(table["frequency"].to_numpy(), last), minlength=last + 1)
    shares, weight = _shares(fit, customers, last)
    expected = np.array([weight @ share for share in shares])
    reach = ndtri((1.0 + level) / 2.0) * np.sqrt([weight @ (share * (1.0 - share)) for share in shares])
    bounds = {"lower": np.maximum(expected - reach, 0.0), "upper": np.minimum(expected + reach, weight.sum())}
    index = pd.Index(labels.counts_up_to(last), name="count")
    result = pd.DataFrame({"actual": actual.astype(np.float64), "expected": expected, **bounds}, index=index)
    result.attrs = {"model": fit.definition.spec.title, "level": level}
    return result


def _shares(fit: Fit, customers: Customers | None, last: int) -> tuple[list[Array], Array]:
    """P(X = 0), P(X = 1), …, P(X >= last) of customers who are alike, and how many they are."""
    rows = fit.population(customers)
    found = [rows.since_first(fit.parameters, "purchases_pmf", k) for k in range(last)]
    shares = [share for _, share in found]
    return [*shares, np.maximum(1.0 - np.sum(shares, axis=0), 0.0)], found[0][0]


@checked
def repeat_purchases(
    source: Fit | pd.DataFrame,
    *,
    customers: Customers | None = None,
    last: int = 7,
    level: float = 0.90,
    ax: Axes | None = None,
) -> Axes:
    """Customers by their number of repeat purchases: bars for what happened, dots for the model.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, or what `repeat_purchases_table`, `clvmodels.posterior_check` or
        `clvmodels.prior_check` returned.
    customers : Customers, optional
        As in `repeat_purchases_table`, for a fit.
    last : int, default 7
        As in `repeat_purchases_table`, for a fit.
    level : float, default 0.9
        As in `repeat_purchases_table`, for a fit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        As `repeat_purchases_table`.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> ax = clv.plots.repeat_purchases(clv.fit(customers, "bg/nbd"))
    >>> " ".join(ax.get_title(loc="left").split())
    '60 % bought once and never again; BG/NBD says 60 %'
    >>> plt.close(ax.figure)
    """
    if is_table(source, repeat_purchases_table, "actual", "expected", "lower", "upper", "model", "level"):
        table = source
    else:
        table = repeat_purchases_table(source, customers=customers, last=last, level=level)
    return _drawn(table, ax)


def _drawn(table: pd.DataFrame, ax: Axes | None) -> Axes:
    """Bars for what happened, dots with their ranges for the model."""
    ax, theme = style.canvas(ax)
    x, actual, expected = np.arange(len(table)), table["actual"], table["expected"]
    ax.bar(x, actual, width=0.72, color=theme.muted, alpha=0.45, linewidth=0)
    above = np.vstack([expected - table["lower"], table["upper"] - expected])
    ax.errorbar(x, expected, yerr=above, fmt="o", color=theme.model, markersize=6, elinewidth=2.0, linestyle="none")
    tops = np.maximum(actual, table["upper"])
    ax.set(ylim=(0, tops.max() * 1.1), ylabel="Customers")
    labels.over_bars(ax, theme, x, tops, [f"{count:,.0f}" for count in actual], 4)
    ax.set_xticks(x, list(table.index))
    style.numbers(ax.yaxis)
    _name_levels(ax, table)
    return style.headline(ax, theme, *_headline(table))


def _name_levels(ax: Axes, table: pd.DataFrame) -> None:
    """What the bars are of."""
    if table.index.name == "mean_spend":
        currency = table.attrs["currency"]
        ax.set_xlabel(f"Mean spend a purchase{f' ({currency})' if currency else ''}")
        ax.tick_params(axis="x", labelrotation=20)
    else:
        ax.set_xlabel("Repeat purchases")


def _headline(table: pd.DataFrame) -> tuple[str, str]:
    """How the model's customers compare with the actual ones, and what is shown."""
    model, level = table.attrs["model"], formats.share(table.attrs["level"])
    if table.index.name == "mean_spend":
        inside = int(((table["lower"] <= table["actual"]) & (table["actual"] <= table["upper"])).sum())
        finding = f"{model} is right about {inside} of {len(table)} levels of spend, within chance"
        return finding, f"Bars: customers. Dots: {model}, with the {level} range"
    once, said = (formats.share(table[name].iloc[0] / table["actual"].sum()) for name in ("actual", "expected"))
    finding = f"{once} bought once and never again; {model} says {said}"
    return finding, f"Bars: customers. Dots: {model}, with the {level} range of chance"
