"""Who brings whom: customers ranked by network value, and the network of the first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import instance, whole
from clvmodels.decisions.network.network_result import NetworkValue
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes

_MOST_NODES = 40
_BARS = 0.56  # of the width, where there is a graph beside them
_LONGEST_NAME = 18


def network(found: NetworkValue, top: int = 10, ax: Axes | None = None) -> Axes:
    """Own value and value of referrals of the customers with the highest network value; whom the first has brought.

    Parameters
    ----------
    found : NetworkValue
        What `clvmodels.network_value` returned.
    top : int, default 10
        How many customers.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        ``found`` is something else, or ``top`` is no whole number of 1 or more.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> value = pd.Series({"ann": 100.0, "bob": 60.0, "cem": 40.0})
    >>> referrals = pd.DataFrame({"referrer": ["ann", "bob"], "referee": ["bob", "cem"]})
    >>> ax = clv.plots.network(clv.network_value(value, referrals))
    >>> " ".join(ax.get_title(loc="left").split())
    'Referrals are 33 % of the network value of the first 3 customers'
    >>> plt.close(ax.figure)
    """
    instance("found", found, NetworkValue, "what clvmodels.network_value returned")
    best = found.table.nlargest(whole("top", top, "a whole number, 1 or more", 1), "network_value")
    ax, theme = style.canvas(ax, (8.6, 4.8))
    root = int(found.table.index.get_indexer(best.index[best["referrals"] > 0][:1]).min(initial=len(found.table)))
    brings = root < len(found.table)
    _draw_bars(ax, theme, best, _BARS if brings else 0.97)
    if brings:
        _draw_graph(ax, theme, found, root)
    ax.set(xlabel=formats.with_currency("Network value", found.currency), ylabel="Customer")
    return style.headline(ax, theme, _finding(best), _what(found))


def _draw_bars(ax: Axes, theme: style.Theme, best: pd.DataFrame, width: float) -> None:
    """Own value, and beside it that of referrals and influence, the best on top."""
    own = best["own_value"].to_numpy()
    others = best["network_value"].to_numpy() - own
    places = np.arange(len(best))
    ax.barh(places, own, color=theme.model, height=0.7)
    ax.barh(places, others, left=own, color=theme.third, height=0.7)
    ends = np.maximum(own, own + others)
    low, high = min(0.0, own.min(), (own + others).min()), max(ends.max(), 0.0) or 1.0
    reach = high + 0.16 * (high - low)  # with room for the numbers
    ax.set(xlim=(low, low + (reach - low) / width), ylim=(len(best) - 0.4, -1.1))
    ax.set_yticks(places, [_short(name) for name in best.index])
    for place, end, total in zip(places, ends, best["network_value"], strict=True):
        labels.note(ax, formats.compact(total), (end, place), (4, 0), theme.ink, va="center")
    ax.set_xticks([tick for tick in ax.get_xticks() if low <= tick <= high])
    ax.grid(False)
    style.numbers(ax.xaxis)
    labels.note(ax, "own", (0, -0.45), (0, 1), theme.model, bold=True, va="bottom")
    labels.note(ax, "referrals", (0, -0.45), (30, 1), theme.third, bold=True, va="bottom")


def _draw_graph(ax: Axes, theme: style.Theme, found: NetworkValue, root: int) -> None:
    """The customers below one, level by level from left to right; the larger a dot, the more its own value."""
    nodes, above, more = found.tree(root, _MOST_NODES)
    x, y = _layout(above)
    inset = ax.inset_axes((0.65, 0.02, 0.34, 0.86))
    inset.set_axis_off()
    for node, parent in enumerate(above):
        if parent >= 0:
            inset.plot([x[parent], x[node]], [y[parent], y[node]], color=theme.muted, linewidth=0.9, zorder=1)
    own = np.maximum(found.table["own_value"].to_numpy()[nodes], 0.0)
    size = 18.0 + 170.0 * own / (own.max() or 1.0)
    inset.scatter(x, y, s=size, color=[theme.third] * len(nodes), edgecolor=theme.background, linewidth=0.8, zorder=2)
    inset.scatter(x[:1], y[:1], s=size[:1], color=theme.model, edgecolor=theme.background, linewidth=0.8, zorder=3)
    inset.margins(0.12, 0.06)
    below = f" ({more:,} more)" if more else ""
    name = _short(found.table.index[root])
    labels.note(
        inset, f"Brought by {name}{below}", (0.0, 1.0), (0, 4), theme.ink, xycoords="axes fraction", va="bottom"
    )


def _layout(above: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Places of a tree: levels from left to right, leaves below one another, the others midway between theirs.

    Examples
    --------
    >>> _layout([-1, 0, 0])
    (array([0., 1., 1.]), array([-0.5,  0. , -1. ]))
    """
    below: list[list[int]] = [[] for _ in above]
    for node, parent in enumerate(above):
        if parent >= 0:
            below[parent].append(node)
    x, y, leaves = np.zeros(len(above)), np.zeros(len(above)), 0
    waiting = [(0, False)]
    while waiting:
        node, done = waiting.pop()
        if done or not below[node]:
            y[node] = np.mean(y[below[node]]) if below[node] else -leaves
            leaves += not below[node]
            continue
        x[below[node]] = x[node] + 1.0
        waiting += [(node, True), *((child, False) for child in reversed(below[node]))]
    return x, y


def _short(name: object) -> str:
    text = str(name)
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


def _finding(best: pd.DataFrame) -> str:
    total = best["network_value"].sum()
    others = total - best["own_value"].sum()
    if not (best["referrals"] > 0).any():
        return "None of the customers with the highest network value has brought another"
    who = f"the first {formats.plural(len(best), 'customer')}" if len(best) > 1 else "the first customer"
    if total > 0.0 and others >= 0.0:
        return f"Referrals are {formats.share(others / total)} of the network value of {who}"
    return f"Referrals add {formats.amounts([others])[0]} to the value of {who}"


def _what(found: NetworkValue) -> str:
    """What is shown, and what it rests on."""
    ranked = f"{formats.plural(len(found.table), 'customer')}, ranked by own value + value of referrals"
    return f"{ranked}; assumed: nobody would have come anyway" if found.share_is_assumed else ranked
