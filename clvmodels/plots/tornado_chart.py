"""Tornado chart: what each element of value does to the net value."""

from __future__ import annotations

import numpy as np

from clvmodels import formats
from clvmodels.arguments import instance
from clvmodels.decisions.potential.value_in_use import ValueInUse
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes

_MOST = 15


def tornado(found: ValueInUse, ax: Axes | None = None) -> Axes:
    """Net value with each element at its 10 % and at its 90 % point, the others at their means; the widest on top.

    Parameters
    ----------
    found : ValueInUse
        What `clvmodels.value_in_use` returned; of more than 15 elements the widest are drawn.
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
    >>> ax = clv.plots.tornado(clv.value_in_use({"labour": (8, 12, 20)}, price=18.0, alternative_price=10.0))
    >>> " ".join(ax.get_title(loc="left").split())
    'With the offer the customer is 5.33 better off; better off at all with a probability of 100 %'
    >>> plt.close(ax.figure)
    """
    instance("found", found, ValueInUse, "what clvmodels.value_in_use returned")
    table, middle = found.table.head(_MOST), float(found.net["mean"])
    ax, theme = style.canvas(ax, (7.6, max(3.2, 1.6 + 0.5 * len(table))))
    places = np.arange(len(table))
    ax.barh(places, table["net_low"] - middle, left=middle, color=theme.accent, height=0.62)
    ax.barh(places, table["net_high"] - middle, left=middle, color=theme.model, height=0.62)
    for place, (low, high) in enumerate(zip(table["net_low"], table["net_high"], strict=True)):
        if high > low:
            labels.note(ax, formats.short(low), (low, place), (-4, 0), theme.ink, va="center", ha="right")
            labels.note(ax, formats.short(high), (high, place), (4, 0), theme.ink, va="center", ha="left")
    ax.axvline(middle, color=theme.ink, linewidth=1.0)
    low, high = min(0.0, float(table["net_low"].min())), max(0.0, float(table["net_high"].max()))
    room = 0.16 * (high - low or 1.0)
    ax.axvline(0.0, color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.set(xlim=(low - room, high + room), ylim=(len(table) - 0.4, -0.6))
    ax.set_yticks(places, [str(name) for name in table.index])
    ax.set(xlabel=formats.with_currency("Net value to the customer", found.currency), ylabel="Element of value")
    ax.grid(False)
    style.numbers(ax.xaxis)
    return style.headline(ax, theme, _finding(found), _what(found))


def _finding(found: ValueInUse) -> str:
    net = float(found.net["mean"])
    better, worth = "better" if net >= 0.0 else "worse", formats.amounts([abs(net)])[0]
    sure = formats.share(found.probability_positive)
    return f"With the offer the customer is {worth} {better} off; better off at all with a probability of {sure}"


def _what(found: ValueInUse) -> str:
    """What the bars are, and how many there are."""
    less = f"; the {_MOST} widest of {len(found.table)} elements" if len(found.table) > _MOST else ""
    return f"Net value against the alternative, each element from its 10 % to its 90 % point{less}"
