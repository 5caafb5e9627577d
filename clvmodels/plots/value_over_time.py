"""Value per customer over time, whole or by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.value.periods.past_value import PastValue

_GROUPS = 6  # lines that can be told apart


def value_per_customer_table(source: PastValue | pd.DataFrame) -> pd.DataFrame:
    """Value and revenue per customer of each period, with their ranges where there are any.

    Parameters
    ----------
    source : PastValue or pandas.DataFrame
        What `clvmodels.value_per_customer` returns, or its table.

    Returns
    -------
    pandas.DataFrame
        One row a period (and group): ``value_per_customer``, ``revenue_per_customer``, ``customers``, ``complete``, and
        ``value_per_customer_lower`` and ``_upper``.

    Raises
    ------
    DataError
        A column is missing, or there is no period with customers.

    Examples
    --------
    >>> import clvmodels as clv
    >>> value = clv.value_per_customer(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                                amount="amount", period="year", costs=clv.Costs(per_order=5.0))
    >>> value_per_customer_table(value)["value_per_customer"].round(2).tolist()
    [73.22, 71.67]
    """
    table = source.table if isinstance(source, PastValue) else source
    needed = ["value_per_customer", "revenue_per_customer", "customers", "complete"]
    missing = [name for name in needed if name not in getattr(table, "columns", ())]
    if missing:
        raise DataError(f"There is no {missing[0]!r}. Pass what clvmodels.value_per_customer returns.")
    bounds = [name for name in ("value_per_customer_lower", "value_per_customer_upper") if name in table]
    shown = table[[*needed, *bounds]].dropna(subset=["value_per_customer"])
    if shown.empty:
        raise DataError("There is no period with customers.")
    return shown


def value_per_customer(
    source: PastValue | pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """What a customer was worth in each period; a line a group, where there are any.

    Parameters
    ----------
    source : PastValue or pandas.DataFrame
        What `clvmodels.value_per_customer` returns, or what `value_per_customer_table` does. Of more than six groups
        the six with most customers are drawn.
    currency : str, optional
        Of the amounts; default: that of the result.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    DataError
        As `value_per_customer_table`.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> value = clv.value_per_customer(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                                amount="amount", period="quarter", costs=clv.Costs(per_order=5.0))
    >>> ax = value_per_customer(value)
    >>> ax.get_ylabel()
    'Value per customer'
    >>> plt.close(ax.figure)
    """
    table = value_per_customer_table(source)
    if table.index.nlevels > 1 and table.index.get_level_values(1).nunique() == 1:
        table = table.droplevel(1)
    if currency is None:
        currency = getattr(source, "currency", None)
    ax, theme = style.canvas(ax)
    ends = _lines_of_groups(ax, theme, table) if table.index.nlevels > 1 else _line(ax, theme, table)
    _set_limits(ax, table)
    labels.end_labels(ax, ends)
    ax.set_ylabel(formats.with_currency("Value per customer", currency))
    open_end = "" if table["complete"].all() else "; the last period is not over (hollow)"
    what = f"Revenue less costs, over the customers of each period{open_end}"
    return style.headline(ax, theme, _finding(table), what)


def _line(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> list[tuple[Any, float, str, str]]:
    """Value in blue with its range, and revenue in ink above it."""
    days = table.index
    if "value_per_customer_lower" in table:
        ax.fill_between(
            days, table["value_per_customer_lower"], table["value_per_customer_upper"], color=theme.model, alpha=0.15,
            linewidth=0,
        )  # fmt: skip
    ax.plot(days, table["revenue_per_customer"], color=theme.muted, linewidth=1.4)
    ax.plot(days, table["value_per_customer"], color=theme.model, linewidth=2.4)
    _dots(ax, theme, table, theme.model)
    last = table.iloc[-1]
    if np.allclose(table["revenue_per_customer"], table["value_per_customer"]):
        return [(days[-1], last["value_per_customer"], "value", theme.model)]
    return [
        (days[-1], last["revenue_per_customer"], "revenue", theme.muted),
        (days[-1], last["value_per_customer"], "value", theme.model),
    ]


def _lines_of_groups(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> list[tuple[Any, float, str, str]]:
    """A line a group."""
    sizes = table.groupby(level=1, observed=True)["customers"].sum().sort_values(ascending=False)
    colors = [theme.model, theme.accent, theme.third, theme.ink, theme.muted, theme.model]
    ends = []
    for number, group in enumerate(sizes.index[:_GROUPS]):
        part = table[table.index.get_level_values(1) == group].droplevel(1)
        dashes = "-" if number < 5 else (0, (5, 2))
        ax.plot(part.index, part["value_per_customer"], color=colors[number], linewidth=2.0, linestyle=dashes)
        _dots(ax, theme, part, colors[number])
        ends.append((part.index[-1], float(part["value_per_customer"].iloc[-1]), str(group), colors[number]))
    return ends


def _dots(ax: Axes, theme: style.Theme, table: pd.DataFrame, color: str) -> None:
    for complete, face in ((True, color), (False, theme.background)):
        part = table[table["complete"] == complete]
        ax.plot(part.index, part["value_per_customer"], "o", color=color, markerfacecolor=face, markersize=5.5)


def _set_limits(ax: Axes, table: pd.DataFrame) -> None:
    """From 0, or below it, to above the highest line; dates below."""
    values = [height for line in ax.lines for height in np.asarray(line.get_ydata(), dtype=float)]
    low, high = min(0.0, *values), max(0.0, *values)
    ax.set_ylim(low * 1.1, high * 1.12 if high > 0.0 else 1.0)
    style.numbers(ax.yaxis)
    days = table.index.get_level_values(0)
    first, last = days.min(), days.max()
    if first == last:
        ax.set_xlim(first - pd.Timedelta(days=31), last + pd.Timedelta(days=31))
    style.dates(ax.xaxis)


def _finding(table: pd.DataFrame) -> str:
    """The last full period, beside that of a year before where there is one; of groups the best beside the last."""
    full = table[table["complete"]] if table["complete"].any() else table
    day = full.index.get_level_values(0).max()
    now = full[full.index.get_level_values(0) == day]["value_per_customer"]
    when = f"{day:%B %Y}"
    if table.index.nlevels > 1:
        best, worst = now.idxmax()[1], now.idxmin()[1]
        (high, low) = formats.amounts([now.max(), now.min()])
        return f"In the period to {when} a customer of {best} was worth {high}, of {worst} {low}"
    value = float(now.iloc[0])
    (said,) = formats.amounts([value])
    before = full["value_per_customer"].get(day - pd.DateOffset(years=1) + pd.offsets.MonthEnd(0))
    if before is None or not before > 0.0:
        return f"In the period to {when} a customer was worth {said}"
    return f"In the period to {when} a customer was worth {said}, {formats.signed_share(value / before - 1)} in a year"
