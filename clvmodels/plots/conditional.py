"""Conditional expectation: purchases in the holdout by what was seen of the customers before it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import given, is_table
from clvmodels.signatures import checked
from clvmodels.transactions.summary.holdout import Holdout
from clvmodels.transactions.units import DAYS_PER_UNIT

_MOST = 1_000
_HOW_MANY = f"a whole number from 1 to {_MOST:,}"

_BY = {
    "frequency": "Repeat purchases in the calibration",
    "recency": "Time from first to last purchase",
    "since_last": "Time since the last purchase",
}


@checked
def conditional_expectation_table(
    fit: Fit, holdout: Holdout, *, by: str = "frequency", last: int = 7, bins: int = 10
) -> pd.DataFrame:
    """Mean purchases in the holdout of groups of customers, actual and expected given their history.

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model to ``holdout.calibration``.
    holdout : Holdout
        What `clvmodels.holdout_split` returns.
    by : {"frequency", "recency", "since_last"}
        "frequency": one group a count of repeat purchases; "recency": by the time from the first to the last purchase
        of repeat buyers; "since_last": by the time since the last purchase of repeat buyers.
    last : int, default 7
        By frequency: the group of this count and more.
    bins : int, default 10
        By time: number of equal spans.

    Returns
    -------
    pandas.DataFrame
        One row a group with customers: ``middle`` (count, or middle of the span in units of the calibration),
        ``customers``, ``actual`` and ``expected`` (mean purchases) and ``actual_error`` (standard error of the mean;
        NaN for one customer).

    Raises
    ------
    ArgumentError
        If ``by`` is none of these, or about repeat buyers and there is none.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    References
    ----------
    Fader, Hardie and Lee (2005), Marketing Science 24(2), figure 6.

    Examples
    --------
    >>> import clvmodels as clv
    >>> split = clv.holdout_split(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           calibration_end="1997-09-30")
    >>> table = clv.plots.conditional_expectation_table(clv.fit(split.calibration, "bg/nbd"), split)
    >>> table.loc[["0", "7+"], ["customers", "actual", "expected"]].round(2).to_numpy().tolist()
    [[1411.0, 0.24, 0.23], [64.0, 6.36, 6.16]]
    """
    if by not in _BY:
        raise ArgumentError(f"by must be one of {', '.join(_BY)}, not {by!r}.")
    calibration, values = holdout.calibration, _actual_and_expected(fit, holdout)
    group, names, middles = _groups(calibration.table, by, last, bins)
    grouped = values[group >= 0].groupby(group[group >= 0])
    table = grouped.mean()
    table.insert(0, "middle", middles[table.index])
    table.insert(1, "customers", grouped.size())
    table["actual_error"] = grouped["actual"].sem()
    table.index = pd.Index([names[number] for number in table.index], name=by)
    table.attrs = {"model": fit.definition.spec.title, "by": by, "unit": calibration.unit, "duration": holdout.duration}
    return table


@checked
def conditional_expectation(
    source: Fit | pd.DataFrame,
    holdout: Holdout | None = None,
    *,
    by: str = "frequency",
    last: int = 7,
    bins: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Purchases in the holdout by the history before it: whether the model distinguishes good customers from bad ones.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, with ``holdout``; or what `conditional_expectation_table` returned.
    holdout : Holdout, optional
        What `clvmodels.holdout_split` returns.
    by : {"frequency", "recency", "since_last"}
        As in `conditional_expectation_table`.
    last : int, default 7
        As in `conditional_expectation_table`.
    bins : int, default 10
        As in `conditional_expectation_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, UnsupportedPrediction
        As `conditional_expectation_table`; also without ``holdout``.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> split = clv.holdout_split(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           calibration_end="1997-09-30")
    >>> ax = clv.plots.conditional_expectation(clv.fit(split.calibration, "bg/nbd"), split)
    >>> ax.get_xlabel()
    'Repeat purchases in the calibration'
    >>> plt.close(ax.figure)
    """
    if is_table(source, conditional_expectation_table, "middle", "customers", "actual_error", "expected", "by"):
        table = source
    else:
        table = conditional_expectation_table(source, given(holdout, "holdout"), by=by, last=last, bins=bins)
    return _drawn(table, ax)


def _actual_and_expected(fit: Fit, holdout: Holdout) -> pd.DataFrame:
    """Purchases of each customer in the holdout."""
    horizon = holdout.duration * DAYS_PER_UNIT[holdout.calibration.unit] / DAYS_PER_UNIT[fit.unit]
    expected = fit.expected_purchases(horizon, holdout.calibration)
    return pd.DataFrame({"actual": holdout.table["frequency"], "expected": expected})


def _drawn(table: pd.DataFrame, ax: Axes | None) -> Axes:
    """Two lines, the actual one with its intervals."""
    ax, theme = style.canvas(ax)
    by, actual, expected = table.attrs["by"], table["actual"].to_numpy(), table["expected"].to_numpy()
    x = np.arange(len(table)) if by == "frequency" else table["middle"].to_numpy()
    reach = 1.96 * table["actual_error"].fillna(0.0).to_numpy()
    bars = np.vstack([np.minimum(reach, actual), reach])  # a mean of counts is not below 0
    ax.errorbar(x, actual, yerr=bars, color=theme.ink, linewidth=1.2, elinewidth=1.0, marker="o", markersize=5)
    ax.plot(x, expected, color=theme.model, linewidth=2.2, marker="o", markersize=5)
    ax.set_ylim(0, max(float((actual + reach).max()), float(expected.max()), 0.1) * 1.08)
    ax.set_ylabel("Mean purchases in the holdout")
    style.numbers(ax.yaxis)
    _name_groups(ax, table)
    names = (("Actual", actual, theme.ink), (table.attrs["model"], expected, theme.model))
    labels.end_labels(ax, [(x[-1], float(line[-1]), name, color) for name, line, color in names])
    return style.headline(ax, theme, _finding(table), _what(table))


def _name_groups(ax: Axes, table: pd.DataFrame) -> None:
    """What customers are grouped by."""
    by = table.attrs["by"]
    if by == "frequency":
        ax.set_xticks(range(len(table)), labels.with_customers(table))
        ax.set_xlim(-0.4, len(table) - 0.6)
    ax.set_xlabel(_BY[by] if by == "frequency" else f"{_BY[by]} [{table.attrs['unit']}s]")


def _groups(customers: pd.DataFrame, by: str, last: int, bins: int) -> tuple[Places, list[str], Array]:
    """The number of each customer's group (-1 for none), the groups' names and their middles."""
    x = customers["frequency"].to_numpy()
    last, bins = (whole(name, given, _HOW_MANY, 1, _MOST) for name, given in (("last", last), ("bins", bins)))
    if by == "frequency":
        return np.minimum(x, last), labels.counts_up_to(last), np.arange(last + 1.0)
    recency = customers["recency"].to_numpy()
    time = recency if by == "recency" else customers["T"].to_numpy() - recency
    repeat = x > 0
    if not repeat.any():
        raise ArgumentError(f'by="{by}" is about repeat buyers, and there is none. Use by="frequency".')
    top = float(time[repeat].max()) or 1.0
    edges = np.linspace(0.0, top, bins + 1)
    group = np.minimum(np.searchsorted(edges, time, side="right") - 1, bins - 1)
    names = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    return np.where(repeat, group, -1), names, (edges[:-1] + edges[1:]) / 2.0


def _finding(table: pd.DataFrame) -> str:
    """Purchases a customer, actual and expected."""
    actual, expected = (np.average(table[name], weights=table["customers"]) for name in ("actual", "expected"))
    who = "Repeat buyers" if table.attrs["by"] != "frequency" else "Customers"
    return f"{who} bought {actual:,.2f} times on average; {table.attrs['model']} expected {expected:,.2f}"


def _what(table: pd.DataFrame) -> str:
    """What is shown."""
    span = formats.plural(table.attrs["duration"], table.attrs["unit"])
    counts = "; customers in brackets" if table.attrs["by"] == "frequency" else ""
    return f"Mean purchases in the holdout of {span}, with 95 % interval of the actual mean{counts}"
