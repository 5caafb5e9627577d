"""Independence of frequency and spend: whether frequent buyers spend more a purchase, which Gamma-Gamma rules out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from clvmodels import formats
from clvmodels.arguments import instance
from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import customers_or_fitted
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.signatures import checked
from clvmodels.transactions.checks.spend_independence import repeat_spend, spend_independence_test
from clvmodels.transactions.customers import Customers

_STARTS = np.array([1, 2, 3, 4, 6, 10, 20, 50])  # of groups by repeat purchases
_LEAST = 20


@checked
def spend_independence_table(customers: Customers | Fit) -> pd.DataFrame:
    """Mean spend of repeat buyers by their number of repeat purchases.

    Parameters
    ----------
    customers : Customers or Fit
        Customers, or a fit to them.

    Returns
    -------
    pandas.DataFrame
        One row a group of repeat purchases, of at least 20 customers where there are as many: ``purchases`` (their mean
        number, geometric), ``customers``, ``mean_spend`` (mean over customers of their mean spend, the highest 0.5 % of
        which are cut), and ``lower`` and ``upper``, its 95 % interval (NaN for one customer); ``attrs`` has the mean
        over all as ``overall`` and the test, see `clvmodels.transactions.checks.spend_independence`.

    Raises
    ------
    ArgumentError
        If the fit was loaded from a file.
    DataError
        If no customer has positive repeat spend.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> table = spend_independence_table(customers)
    >>> table["mean_spend"].round(1).to_dict()
    {'1': 32.2, '2': 36.5, '3': 32.9, '4–5': 39.6, '6–9': 39.6, '10+': 42.1}
    >>> table.attrs["verdict"], round(table.attrs["per_doubling"], 2), round(table.attrs["p_value"], 3)
    ('look', 0.08, 0.005)
    """
    instance("customers", customers, (Customers, Fit), "clvmodels.Customers, or a fit of them")
    chosen = customers_or_fitted(customers, None) if isinstance(customers, Fit) else customers
    x, m = repeat_spend(chosen.table)
    if len(x) == 0:
        raise DataError(f"None of {len(chosen):,} customers has positive repeat spend. Was the log read with amounts?")
    starts = _starts(x)
    group = np.searchsorted(starts, x, side="right") - 1
    rows = [_row(x[group == number], m[group == number]) for number in range(len(starts))]
    table = pd.DataFrame(rows, index=pd.Index(_names(starts, int(x.max())), name="repeat_purchases"))
    table.attrs = {"overall": float(m.mean()), "currency": chosen.currency}
    table.attrs.update(asdict(spend_independence_test(chosen.table)))
    return table


@checked
def spend_independence(source: Customers | Fit | pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Mean spend by number of repeat purchases, beside the one mean for all that Gamma-Gamma assumes.

    Parameters
    ----------
    source : Customers, Fit or pandas.DataFrame
        Customers, a fit to them, or what `spend_independence_table` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError
        As `spend_independence_table`.

    References
    ----------
    Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, assume it. Fader, Hardie and Lee (2005), RFM and
    CLV, Journal of Marketing Research 42, examine it for CDNOW, for each number of purchases.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30", currency="USD")
    >>> ax = clv.plots.spend_independence(customers)
    >>> ax.get_ylabel()
    'Mean spend per purchase [USD]'
    >>> plt.close(ax.figure)
    """
    needs = ("purchases", "customers", "mean_spend", "lower", "upper", "overall", "verdict")
    table = source if is_table(source, spend_independence_table, *needs) else spend_independence_table(source)
    ax, theme = style.canvas(ax)
    attrs, at = table.attrs, np.arange(len(table))
    mean, overall = table["mean_spend"].to_numpy(), attrs["overall"]
    trend = _trend(table)
    color = theme.accent if attrs["verdict"] in ("look", "problem") else theme.muted
    ax.axhline(overall, color=theme.model, linewidth=2.2)
    reach = np.abs(table[["lower", "upper"]].to_numpy().T - mean)
    ax.errorbar(at, mean, yerr=np.nan_to_num(reach), color=theme.ink, linestyle="none", elinewidth=1.4, marker="o")
    ends = [(len(table) - 0.6, overall, "One mean for all", theme.model)]
    if len(table) > 1 and np.isfinite(trend).all():
        ax.plot(at, trend, color=color, linewidth=1.6, linestyle=(0, (4, 3)))
        ends.append((len(table) - 0.6, float(trend[-1]), "Trend", color))
    top = np.nanmax([*table["upper"].fillna(0.0), *mean, *np.nan_to_num(trend), overall])
    ax.set(xlim=(-0.4, len(table) - 0.6), ylim=(0, top * 1.08))
    narrow = ax.figure.get_figwidth() < 5  # type: ignore[union-attr]  # numbers of customers would touch each other
    ax.set_xticks(at, list(table.index) if narrow else labels.with_customers(table))
    style.numbers(ax.yaxis)
    ax.set_xlabel("Repeat purchases" if narrow else "Repeat purchases (customers)")
    ax.set_ylabel(formats.with_currency("Mean spend per purchase", attrs["currency"]))
    labels.end_labels(ax, ends)
    return style.headline(ax, theme, _finding(attrs), _what(attrs))


def _starts(x: Array) -> Array:
    """Where groups start; from the top down a group that is too small is joined to the one below it."""
    kept: list[int] = []
    above = 0
    for start in _STARTS[::-1]:
        number = int(np.sum(x >= start))
        if number - above >= _LEAST:
            kept.insert(0, int(start))
            above = number
    if above < len(x) or not kept:  # what is left at the bottom
        kept = [int(x.min()), *kept[1:]]
    return np.array(kept, dtype=np.float64)


def _names(starts: Array, largest: int) -> list[str]:
    """Groups in words.

    Examples
    --------
    >>> _names(np.array([1.0, 2.0, 4.0]), 9)
    ['1', '2–3', '4+']
    """
    lasts = [*(int(start) - 1 for start in starts[1:]), largest]
    names = [str(int(a)) if int(a) == b else f"{int(a)}–{b}" for a, b in zip(starts, lasts, strict=True)]
    return [*names[:-1], names[-1] if int(starts[-1]) == largest else f"{int(starts[-1])}+"]


def _row(x: Array, m: Array) -> dict[str, float]:
    """One group; Student's t, and no amount is below 0."""
    mean = float(m.mean())
    reach = float(stats.t.ppf(0.975, len(m) - 1) * stats.sem(m)) if len(m) > 1 else np.nan
    return {
        "purchases": float(np.exp(np.log(x).mean())), "customers": len(m), "mean_spend": mean,
        "lower": max(mean - reach, 0.0) if len(m) > 1 else np.nan, "upper": mean + reach,
    }  # fmt: skip


def _trend(table: pd.DataFrame) -> Array:
    """The regression on log purchases that the test is about, at each group."""
    log_x = np.log2(table["purchases"].to_numpy())
    centre = np.average(log_x, weights=table["customers"])
    return np.asarray(table.attrs["overall"] * (1.0 + table.attrs["per_doubling"] * (log_x - centre)))


def _finding(attrs: dict[Any, Any]) -> str:
    """What the test says."""
    more = f"{formats.share(abs(attrs['per_doubling']))} {'more' if attrs['per_doubling'] > 0 else 'less'} a purchase"
    return {
        "unknown": "Too few repeat buyers to tell whether spend depends on frequency",
        "ok": "Frequent and rare buyers spend about the same a purchase",
        "look": f"Who buys twice as often spends {more}; Gamma-Gamma expects no difference",
        "problem": f"Who buys twice as often spends {more}: Gamma-Gamma's assumption does not hold",
    }[attrs["verdict"]]


def _what(attrs: dict[Any, Any]) -> str:
    """What is shown, with the size of the trend."""
    shown = "Mean spend by number of repeat purchases, with 95 % intervals"
    if attrs["verdict"] == "unknown":
        return shown
    change, lower, upper = (formats.signed_share(attrs[name]) for name in ("per_doubling", "lower", "upper"))
    cut = f"; means above {formats.short(attrs['largest'])} count as that"
    return (
        f"{shown}; {change} a doubling of purchases ({lower} to {upper}), correlation {attrs['correlation']:.2f}{cut}"
    )
