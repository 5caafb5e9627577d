"""What new customers return on the cost of winning them, and when: by channel or cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.value.economics.cohort_economics import CohortEconomics
from clvmodels.value.economics.unit_economics import UnitEconomics

_HEIGHT = 0.42  # inches a group
_MOST = 30  # groups that can be read


def clv_to_cac(economics: UnitEconomics | CohortEconomics, *, ax: Axes | None = None) -> Axes:
    """Lifetime value of a new customer over the cost of winning one, a bar a group, with its range.

    Parameters
    ----------
    economics : UnitEconomics or CohortEconomics
        What `clvmodels.unit_economics` returns; of more than 30 groups the first 30 by their ratio. Or what
        `clvmodels.cohort_economics` does: the latest 30 cohorts in the order of time, and of each the part that is
        realised, darker than what is still to come.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If ``economics`` is something else.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    >>> found = clv.unit_economics(purchases, spend, acquisition_cost=20.0, horizon="5Y", annual_discount_rate=0.10,
    ...                            margin=0.30)
    >>> ax = clv_to_cac(found)
    >>> " ".join(ax.get_title(loc="left").split())
    'A new customer brings back 2.15 times what winning one costs'
    >>> plt.close(ax.figure)
    """
    table = _table(economics, "clv_to_cac")
    ax, theme = style.canvas(ax, (7.0, max(2.6, 1.7 + _HEIGHT * len(table))))
    values = table["clv_to_cac"].to_numpy(dtype=np.float64)
    places = np.arange(float(len(table)))
    colors = [theme.model if value >= 1.0 else theme.accent for value in values]
    bars = ax.barh(places, values, height=0.6, color=colors, linewidth=0)
    what = f"CLV over {_span(economics)} to CAC; 1: what winning a customer costs comes back{_held(economics)}"
    if isinstance(economics, CohortEconomics):
        for bar in bars:
            bar.set_alpha(0.5)
        done = (table["realised_margin"] / table["cac"]).to_numpy(dtype=np.float64)
        ax.barh(places, done, height=0.6, color=colors, linewidth=0)
        ahead = "for life" if economics.horizon is None else f"in the next {_span(economics)}"
        what = f"Margin earned to date (dark) and {ahead}, over CAC{_held(economics)}"
    ends = _ranges(ax, theme, table, "clv_to_cac", places, values)
    ax.axvline(1.0, color=theme.ink, linewidth=1.2)
    ax.set_xlim(min(0.0, float(values.min()) * 1.1), max(float(ends.max()), 1.0) * 1.16)
    for place, end, value in zip(places, ends, values, strict=True):
        labels.note(ax, f"{value:.3g}", (max(end, 0.0), place), (6, 0), theme.ink, va="center", ha="left")
    _names(ax, table, "Lifetime value / cost of acquisition")
    return style.headline(ax, theme, _ratio_finding(table), what)


def payback(economics: UnitEconomics, *, ax: Axes | None = None) -> Axes:
    """When a new customer has paid back the cost of winning one, a dot a group, with its range.

    Parameters
    ----------
    economics : UnitEconomics
        What `clvmodels.unit_economics` returns; of more than 30 groups the first 30 by their time.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If ``economics`` is something else.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    >>> found = clv.unit_economics(purchases, spend, acquisition_cost=20.0, horizon="5Y", annual_discount_rate=0.10,
    ...                            margin=0.30)
    >>> ax = payback(found)
    >>> " ".join(ax.get_title(loc="left").split())
    'A new customer has paid back the cost of winning one after 26 weeks'
    >>> plt.close(ax.figure)
    """
    table = _table(economics, "payback", ascending=True)
    ax, theme = style.canvas(ax, (7.0, max(2.6, 1.7 + _HEIGHT * len(table))))
    times = table["payback"].to_numpy(dtype=np.float64)
    bounds = [table[name].to_numpy(dtype=np.float64) for name in ("payback_lower", "payback_upper") if name in table]
    known = np.concatenate([times, *bounds])
    edge = max(float(known[np.isfinite(known)].max(initial=0.0)), 1.0) * 1.25
    places = np.arange(float(len(table)))
    if bounds:
        lower, upper = (np.minimum(each, edge) for each in bounds)
        ax.hlines(places, lower, upper, color=theme.model, linewidth=2.0, alpha=0.5)
    for place, time in zip(places, times, strict=True):
        _dot(ax, theme, place, time, edge)
    ax.set_xlim(-0.03 * edge, edge)
    _names(ax, table, f"{economics.unit.capitalize()}s until the cost of acquisition is earned")
    ax.set_ylim(len(table) - 0.4, -0.7)
    latest = formats.span(economics.latest, economics.unit)
    what = f"Payback time of a new customer; looked for up to {latest}{_held(economics)}"
    return style.headline(ax, theme, _payback_finding(table, economics.unit), what)


def _dot(ax: Axes, theme: style.Theme, place: float, time: float, edge: float) -> None:
    """A payback time, or an arrow at the edge if it is never reached."""
    if np.isfinite(time):
        ax.plot([time], [place], "o", color=theme.model, markersize=8)
        labels.note(ax, formats.short(time), (time, place), (0, 7), theme.ink, va="bottom", ha="center")
    else:
        ax.plot([edge], [place], ">", color=theme.accent, markersize=8, clip_on=False)
        labels.note(ax, "not reached", (edge, place), (-8, 0), theme.accent, va="center", ha="right")


def _table(economics: UnitEconomics | CohortEconomics, column: str, *, ascending: bool = False) -> pd.DataFrame:
    if isinstance(economics, CohortEconomics) and column == "clv_to_cac":
        return economics.table.iloc[-_MOST:]
    if not isinstance(economics, UnitEconomics):
        raise ArgumentError(f"economics must be what clvmodels.unit_economics returns, not {type(economics).__name__}.")
    return economics.table.sort_values(column, ascending=ascending, kind="stable").iloc[:_MOST]


def _ranges(ax: Axes, theme: style.Theme, table: pd.DataFrame, column: str, places: Array, values: Array) -> Array:
    """The ranges of bars as lines, and where bars and ranges end."""
    if f"{column}_lower" not in table:
        return values
    lower, upper = (table[f"{column}_{end}"].to_numpy(dtype=np.float64) for end in ("lower", "upper"))
    ax.hlines(places, lower, upper, color=theme.ink, linewidth=1.6)
    return np.maximum(values, upper)


def _names(ax: Axes, table: pd.DataFrame, label: str) -> None:
    """The groups beside the bars, the first one on top."""
    names = ["All customers" if group == "all" else str(group) for group in table.index]
    ax.set_yticks(np.arange(len(table)), names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(False)
    ax.grid(axis="x", color=style.theme_of(ax).grid, linewidth=0.8)
    ax.set(xlabel=label, ylabel="" if len(table) == 1 else str(table.index.name or "group").capitalize())
    style.numbers(ax.xaxis)


def _span(economics: UnitEconomics | CohortEconomics) -> str:
    return "life" if economics.horizon is None else formats.span(economics.horizon, economics.unit)


def _held(economics: UnitEconomics | CohortEconomics) -> str:
    return "" if economics.interval is None else f"; lines: {formats.share(economics.interval)} range of the parameters"


def _ratio_finding(table: pd.DataFrame) -> str:
    if len(table) == 1:
        return f"A new customer brings back {table['clv_to_cac'].iloc[0]:.3g} times what winning one costs"
    losing = table[table["clv_to_cac"] < 1.0]
    if len(losing):
        return f"{len(losing)} of {len(table)} groups bring back less than winning a customer costs"
    best, last = table.index[0], table.index[-1]
    ratio = table["clv_to_cac"]
    return f"{best} brings back {ratio.iloc[0]:.3g} times what a customer costs, {last} {ratio.iloc[-1]:.3g} times"


def _payback_finding(table: pd.DataFrame, unit: str) -> str:
    never = int(np.isinf(table["payback"]).sum())
    first = float(table["payback"].iloc[0])
    if len(table) == 1:
        if never:
            return "A new customer does not pay back the cost of winning one"
        return f"A new customer has paid back the cost of winning one {_when(first, unit)}"
    if never:
        return f"{never} of {len(table)} groups do not pay back what winning a customer costs"
    last = float(table["payback"].iloc[-1])
    if last == 0.0:
        return "In each group the first purchase pays back the cost of winning a customer"
    return f"{table.index[0]} pays back {_when(first, unit)}, {table.index[-1]} {_when(last, unit)}"


def _when(time: float, unit: str) -> str:
    return "with the first purchase" if time == 0.0 else f"after {formats.plural(max(1, round(time)), unit)}"
