"""Cohorts: how many of those who first bought in a month bought again one, two, three months later."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import ArgumentError, DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.activity import cohort_activity

_MOST_ROWS = 30  # with a name each
_WIDEST = 16  # columns beyond which numbers in cells can't be read


@takes_log
@checked
def cohort_table(
    log: Any,
    *,
    of: str = "customers",
    period: str | None = None,
    observation_end: Any = None,
    **columns: Unpack[LogKeywords],
) -> pd.DataFrame:
    """Activity of cohorts by their age.

    Parameters
    ----------
    log : Log, frame, path or list of paths
        The transactions, or what `clvmodels.plots.cohort_activity` returned.
    of : {"customers", "purchases", "spend"}
        "customers": share of the cohort that bought; "purchases" or "spend": per customer of the cohort.
    period : {"month", "quarter", "year"}, optional
        Period of the calendar; default: "month", or that of the activity.
    observation_end : date-like, optional
        Last day, inclusive. Default: the last day of the log.
    **columns
        How to read the log, see `clvmodels.Log`; ``refunds`` must be "net" or "drop".

    Returns
    -------
    pandas.DataFrame
        One row a cohort (first day of its period), one column an age in periods; NaN where the period is not over.
        ``attrs["sizes"]`` are the customers of each cohort.

    Raises
    ------
    ArgumentError
        If ``of`` is none of these.
    DataError
        If the log has no amounts and spend is asked for, or it can't be read.

    Examples
    --------
    >>> import clvmodels as clv
    >>> table = clv.plots.cohort_table(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
    >>> table[[1, 2, 3]].round(3).to_numpy().tolist()
    [[0.159, 0.122, 0.09], [0.156, 0.128, 0.088], [0.121, 0.117, 0.108]]
    """
    if of not in ("customers", "purchases", "spend"):
        raise ArgumentError(f'of must be "customers", "purchases" or "spend", not {of!r}.')
    if isinstance(log, pd.DataFrame) and list(log.index.names) == ["cohort", "age"]:
        activity = log
    else:
        activity = cohort_activity(log, period=period or "month", observation_end=observation_end, **columns)
    values = activity[of].astype(np.float64).where(activity["whole"])
    if of == "spend" and activity["spend"].isna().all():
        raise DataError("This log has no amounts. Pass amount=, the column with the value of a line.")
    sizes = activity["customers"].xs(0, level="age")
    matrix = values.unstack("age").div(sizes, axis=0).sort_index()
    named = period or _period(pd.DatetimeIndex(matrix.index))
    matrix.attrs = {"sizes": sizes.reindex(matrix.index).tolist(), "of": of, "period": named}
    return matrix


def _period(starts: pd.DatetimeIndex) -> str:
    """The period by the months between the beginnings of cohorts."""
    months = np.diff(starts.year * 12 + starts.month)
    return {3: "quarter", 12: "year"}.get(int(np.gcd.reduce(months)) if len(months) else 1, "month")


@takes_log
@checked
def cohorts(
    source: Any,
    *,
    of: str = "customers",
    period: str | None = None,
    observation_end: Any = None,
    ax: Axes | None = None,
    **columns: Unpack[LogKeywords],
) -> Axes:
    """Heat map of cohorts: each row those who first bought in one period, each column a later one.

    Parameters
    ----------
    source : Log, frame, path or list of paths
        A log, or what `cohort_table` returned.
    of : {"customers", "purchases", "spend"}
        As in `cohort_table`.
    period : {"month", "quarter", "year"}, optional
        As in `cohort_table`.
    observation_end : date-like, optional
        As in `cohort_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.
    **columns
        How to read the log, see `clvmodels.Log`; ``refunds`` must be "net" or "drop".

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        As `cohort_table`.
    DataError
        If no cohort has been observed for a whole period after its own; otherwise as `cohort_table`.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> ax = clv.plots.cohorts(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
    >>> " ".join(ax.get_title(loc="left").split())
    '15 % of new customers bought again in the first month after, 8 % in month 12'
    >>> plt.close(ax.figure)
    """
    if isinstance(source, pd.DataFrame) and "sizes" in source.attrs:
        matrix = source
    else:
        matrix = cohort_table(source, of=of, period=period, observation_end=observation_end, **columns)
    return _drawn(matrix, ax)


def _drawn(matrix: pd.DataFrame, ax: Axes | None) -> Axes:
    """A row a cohort that has been observed for a whole period after its own."""
    of, period, sizes = str(matrix.attrs["of"]), str(matrix.attrs["period"]), np.array(matrix.attrs["sizes"])
    later = matrix.loc[:, np.asarray(matrix.columns) >= 1].dropna(axis=1, how="all")
    sizes, later = sizes[later.notna().any(axis=1).to_numpy()], later.dropna(how="all")
    if later.shape[1] == 0:
        raise DataError(f"No cohort has been observed for a whole {period} after its own. Use a shorter period=.")
    ax, theme = style.canvas(ax, (8.4, max(3.0, 1.6 + 0.3 * min(len(later), _MOST_ROWS))))
    _color_cells(ax, theme, later.to_numpy(), of, period)
    style.without_lines(ax)
    rows = range(0, len(later), max(1, int(np.ceil(len(later) / _MOST_ROWS))))
    ax.set_yticks(list(rows), [f"{_name(later.index[row], period)}   {sizes[row]:,}" for row in rows])
    style.whole(ax.xaxis)
    ax.set(xlabel=f"{period.capitalize()}s since the first purchase", ylim=(len(later) - 0.5, -0.5))
    what = f"{_label(of, period)}; left: {period} of the first purchase, customers"
    return style.headline(ax, theme, _finding(of, period, later, sizes), what)


def _color_cells(ax: Axes, theme: style.Theme, values: np.ndarray, of: str, period: str) -> None:
    """A colour for each cohort and age, with its number while there is room, else with a scale."""
    rows, columns = values.shape
    top = float(np.nanmax(values)) or 1.0
    mesh = ax.pcolormesh(
        np.arange(columns + 1) + 0.5, np.arange(rows + 1) - 0.5, np.ma.masked_invalid(values),
        cmap=theme.colormap, vmin=0.0, vmax=top, edgecolors=theme.background, linewidth=0.8,
    )  # fmt: skip
    if columns <= _WIDEST + 10 and rows <= _MOST_ROWS:
        _write_cells(ax, theme, values, top, of == "customers")
    else:
        labels.color_scale(ax, theme, mesh, _label(of, period), per_cent=of == "customers")


def _write_cells(ax: Axes, theme: style.Theme, values: np.ndarray, top: float, share: bool) -> None:
    """The number in each cell."""
    size = style.TICK if values.shape[1] <= _WIDEST else 7.0
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        value = values[row, column]
        text = f"{value * 100:.0f}" if share else formats.short(value)
        ink = style.ink_on(theme.colormap(value / top))
        ax.text(column + 1, row, text, ha="center", va="center", fontsize=size, color=ink)


def _label(of: str, period: str) -> str:
    """What the colours mean."""
    if of == "customers":
        return f"Per cent of each cohort that bought in the {period}"
    return f"{of.capitalize()} in the {period} per customer of the cohort"


def _name(start: pd.Timestamp, period: str) -> str:
    """A cohort by its period."""
    if period == "month":
        return f"{start:%b %Y}"
    return f"{start.year} Q{start.quarter}" if period == "quarter" else f"{start.year}"


def _finding(of: str, period: str, later: pd.DataFrame, sizes: np.ndarray) -> str:
    """The first period after, and one of the last that at least half of the customers have behind them."""
    known = later.notna().to_numpy()
    means = np.nansum(np.nan_to_num(later.to_numpy()) * sizes[:, None], axis=0) / (known * sizes[:, None]).sum(axis=0)
    enough = np.flatnonzero(sizes @ known >= 0.5 * sizes.sum())
    last = 11 if 11 in enough else int(enough[-1])
    first, other = float(means[0]), float(means[last])
    if of == "customers":
        finding = f"{formats.share(first)} of new customers bought again in the first {period} after"
        return finding if last == 0 else f"{finding}, {formats.share(other)} in {period} {last + 1}"
    verb = "spent" if of == "spend" else "bought"
    unit = "" if of == "spend" else " times"
    finding = f"New customers {verb} {formats.short(first)}{unit} on average in the first {period} after"
    return finding if last == 0 else f"{finding}, {formats.short(other)} in {period} {last + 1}"
