"""Segments: their share of customers beside their share of value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import instance
from clvmodels.decisions.segments.segments import Segments
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes

_MOST = 12


def segments(found: Segments, ax: Axes | None = None) -> Axes:
    """Share of customers and of value by segment, with the value of a customer and the risk.

    Parameters
    ----------
    found : Segments
        What `clvmodels.segment` returned; of more than 12 segments those with the most value are drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        ``found`` is something else.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> ax = clv.plots.segments(clv.segment(pd.Series([60.0, 30.0, 6.0, 4.0]), q=2))
    >>> " ".join(ax.get_title(loc="left").split())
    '50 % of the customers (A) hold 90 % of the value'
    >>> plt.close(ax.figure)
    """
    instance("found", found, Segments, "what clvmodels.segment returned")
    table = found.table
    shown = table.loc[table.index.isin(table["value"].nlargest(_MOST).index)]
    ax, theme = style.canvas(ax, (8.0, max(3.4, 1.4 + 0.62 * len(shown))))
    places = np.arange(len(shown))
    ax.barh(places - 0.19, shown["share_of_customers"], height=0.34, color=theme.muted)
    if "share_of_value" in shown:
        ax.barh(places + 0.19, shown["share_of_value"], height=0.34, color=theme.model)
    _name_bars(ax, theme, shown)
    widest = float(shown[[name for name in ("share_of_customers", "share_of_value") if name in shown]].to_numpy().max())
    lowest = min(0.0, float(shown.get("share_of_value", pd.Series([0.0])).min()))
    ax.set(xlim=(lowest, lowest + (widest - lowest) * 1.75), ylim=(len(shown) - 0.4, -0.95))
    ax.set_yticks(places, [str(name) for name in shown.index])
    ax.set_xticks([tick for tick in ax.get_xticks() if lowest <= tick <= widest])
    ax.set(xlabel="Share of customers and of value", ylabel="Segment")
    ax.grid(False)
    style.percents(ax.xaxis)
    return style.headline(ax, theme, _finding(table), _what(found, len(shown)))


def _name_bars(ax: Axes, theme: style.Theme, shown: pd.DataFrame) -> None:
    """What the two bars are, and to their right the numbers of each segment."""
    labels.note(ax, "customers", (0, -0.5), (0, 1), theme.muted, bold=True, va="bottom")
    labels.note(ax, "value", (0, -0.5), (70, 1), theme.model, bold=True, va="bottom")
    shares = shown[[name for name in ("share_of_customers", "share_of_value") if name in shown]].max(axis=1)
    money = [formats.compact(value) for value in shown["value_per_customer"]]
    for place, (share, each) in enumerate(zip(shares, money, strict=True)):
        risk = f", risk {formats.share(shown['risk'].iloc[place])}" if "risk" in shown else ""
        labels.note(ax, f"{each} each{risk}", (max(share, 0.0), place), (6, 0), theme.ink, va="center")


def _finding(table: pd.DataFrame) -> str:
    if "share_of_value" not in table:
        return f"{formats.plural(len(table), 'segment')}, whose values don't sum to more than 0"
    row = table.iloc[int(table["value_per_customer"].argmax())]
    people, held = formats.share(row["share_of_customers"]), formats.share(row["share_of_value"])
    return f"{people} of the customers ({row.name}) hold {held} of the value"


def _what(found: Segments, shown: int) -> str:
    """How many customers and segments, and which are drawn."""
    count = f"{formats.plural(len(found.customers), 'customer')} in {formats.plural(len(found.table), 'segment')}"
    less = f"; the {shown} with the most value are drawn" if shown < len(found.table) else ""
    return f"{count}; value of a customer{'' if found.currency is None else f' in {found.currency}'}{less}"
