"""Customer equity step by step: today's customers, those to come, what winning them costs, and the total."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table

_TODAY, _NEW, _COST, _TOTAL = "today's customers", "customers to come", "cost of winning them", "customer equity"


def equity_waterfall_table(equity: CustomerEquity) -> pd.DataFrame:
    """The steps from nothing to the equity, all discounted to today.

    Parameters
    ----------
    equity : CustomerEquity
        What `clvmodels.customer_equity` returned.

    Returns
    -------
    pandas.DataFrame
        One row a step: ``amount``, ``begin`` and ``end`` of its bar, ``lower`` and ``upper`` of the end (NaN for the
        steps between today's customers and the total). Without customers to come there are no steps between.

    Examples
    --------
    >>> import clvmodels as clv
    >>> equity = clv.customer_equity(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                              amount="amount", observation_end="1997-09-30", counts=[100.0] * 12, horizon="12M",
    ...                              acquisition_cost=10.0, annual_discount_rate=0.10, margin=0.30)
    >>> list(equity_waterfall_table(equity).index)
    ["today's customers", 'customers to come', 'cost of winning them', 'customer equity']
    """
    cohorts, table = equity.cohorts, equity.table
    value, cost = (float((cohorts[name] * cohorts["discount"]).sum()) for name in ("value", "cost"))
    base, total = (table.loc[part].to_numpy(dtype=np.float64) for part in ("base", "total"))
    rows = {_TODAY: (base[0], 0.0, *base)}
    if cohorts["new_customers"].sum() > 0:
        rows[_NEW] = (value, base[0], base[0] + value, np.nan, np.nan)
        rows[_COST] = (-cost, base[0] + value, base[0] + value - cost, np.nan, np.nan)
    rows[_TOTAL] = (total[0], 0.0, *total)
    columns = ["amount", "begin", "end", "lower", "upper"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("step")
    found.attrs = {"currency": equity.currency, "interval": equity.interval}
    return found


def equity_waterfall(equity: CustomerEquity | pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """From today's customers over those to come to the total, with the ranges of both ends.

    Parameters
    ----------
    equity : CustomerEquity or pandas.DataFrame
        What `clvmodels.customer_equity` returned; or what `equity_waterfall_table` did.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        The table is none of these.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> equity = clv.customer_equity(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                              amount="amount", observation_end="1997-09-30", counts=[100.0] * 12, horizon="12M",
    ...                              acquisition_cost=10.0, annual_discount_rate=0.10, margin=0.30)
    >>> ax = equity_waterfall(equity)
    >>> ax.get_ylabel()
    'Value today'
    >>> plt.close(ax.figure)
    """
    if is_table(equity, equity_waterfall_table, "amount", "begin", "end", "lower", "upper", "interval"):
        table = equity
    else:
        table = equity_waterfall_table(equity)
    ax, theme = style.canvas(ax, (7.2, 4.4))
    x = np.arange(len(table), dtype=np.float64)
    begin, end = table["begin"].to_numpy(), table["end"].to_numpy()
    amounts = table["amount"].to_numpy()
    colors = [theme.accent if amount < 0 else theme.model for amount in amounts]
    bars = ax.bar(x, end - begin, bottom=begin, width=0.6, color=colors, linewidth=0)
    for bar in bars[1:-1]:  # what is still to come is paler than what is there
        bar.set_alpha(0.6)
    ax.hlines(end[:-1], x[:-1] + 0.3, x[1:] - 0.3, color=theme.muted, linewidth=0.8)
    _ranges(ax, theme, x, table)
    _limits(ax, table)
    tops = np.nanmax(np.vstack((begin, end, table["upper"].to_numpy())), axis=0)
    labels.over_bars(ax, theme, x, tops, [_written(amount) for amount in amounts], 4)
    ax.set_xticks(x, [str(step).replace(" ", "\n", 1) for step in table.index])
    ax.set_xlabel("Parts of customer equity")
    ax.set_ylabel(formats.with_currency("Value today", table.attrs.get("currency")))
    style.numbers(ax.yaxis)
    return style.headline(ax, theme, _finding(table), _what(table))


def _ranges(ax: Axes, theme: style.Theme, x: np.ndarray[tuple[int], np.dtype[np.float64]], table: pd.DataFrame) -> None:
    """A line over the range of each end that has one."""
    known = table["lower"].notna().to_numpy()
    ax.vlines(x[known], table["lower"][known], table["upper"][known], color=theme.ink, linewidth=1.6)


def _limits(ax: Axes, table: pd.DataFrame) -> None:
    """Room for bars, ranges and what stands over them."""
    values = np.append(0.0, table[["begin", "end", "lower", "upper"]].to_numpy().ravel())
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.12 * max(high - low, 1e-12)
    ax.set_ylim(low - room if low < 0 else 0.0, high + room)


def _written(amount: float) -> str:
    return formats.compact(amount).replace("-", "\N{MINUS SIGN}")


def _finding(table: pd.DataFrame) -> str:
    """The total and its range, and the share of today's customers."""
    total, base = table.iloc[-1], table.iloc[0]
    money = f" {table.attrs['currency']}" if table.attrs.get("currency") else ""
    amounts = [formats.compact(total[name]) for name in ("end", "lower", "upper")]
    sentence = f"Customers are worth about {amounts[0]}{money} ({amounts[1]} to {amounts[2]})"
    share = base["end"] / total["end"] if total["end"] > 0 else 0.0
    return f"{sentence}, {formats.share(share)} of it today's" if 0 < share < 1 else sentence


def _what(table: pd.DataFrame) -> str:
    """What is shown."""
    return f"Discounted to today; lines: ranges of {formats.share(table.attrs['interval'])}"
