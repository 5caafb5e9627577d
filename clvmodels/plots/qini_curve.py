"""Qini curves: how well scores find the customers whom an activity moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clvmodels import formats
from clvmodels.errors import ArgumentError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked

_POINTS = 400  # of a curve that are drawn
_BOUNDS = {"gain_lower", "gain_upper"}


@checked
def qini(curves: Any, *, ax: Axes | None = None) -> Axes:
    """Gain of a test by how many customers are reached in the order of a score, beside a random order.

    Parameters
    ----------
    curves : pandas.DataFrame or dict of str to DataFrame
        What `clvmodels.plots.qini_table` returned, or several by the name of the score, the first in the headline; with
        an ``interval`` there, each has a band.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        There is no curve.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> table = pd.DataFrame({"mailed": [1, 0, 1, 1, 0, 0, 1, 0], "bought": [1, 0, 1, 0, 0, 1, 0, 0]})
    >>> test = clv.RandomisedTest.of(table, treated="mailed", outcome="bought")
    >>> ax = clv.plots.qini(clv.plots.qini_table([8, 7, 6, 5, 4, 3, 2, 1], test))
    >>> " ".join(ax.get_title(loc="left").split())
    'By score the first half gain 200 % of what all gain'
    >>> plt.close(ax.figure)
    """
    named = (
        {"score": curves} if isinstance(curves, pd.DataFrame) else dict(curves) if isinstance(curves, Mapping) else {}
    )
    if not named or not all(_is_curve(table) for table in named.values()):
        raise ArgumentError("curves must be what clv.plots.qini_table returns, or several of them by name.")
    ax, theme = style.canvas(ax, (7.6, 4.4))
    colors = [theme.model, theme.third, theme.accent, theme.ink]
    for number, (name, table) in enumerate(named.items()):
        color, shown = colors[number % len(colors)], table.iloc[:: len(table) // _POINTS + 1]
        ax.plot(shown["customers"], shown["gain"], color=color, linewidth=2.0 if number == 0 else 1.5)
        if set(table.columns) >= _BOUNDS:
            ax.fill_between(shown["customers"], shown["gain_lower"], shown["gain_upper"], color=color, alpha=0.14, lw=0)
        if len(named) > 1:
            _name(ax, table, name, color, above=number == 0)
    first = next(iter(named.values()))
    last = first.iloc[-1]
    ax.plot([0, last["customers"]], [0, last["gain"]], color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.set_xlim(0, float(last["customers"]))
    ax.margins(y=0.12)
    ax.set_xlabel("Customers reached, highest score first")
    ax.set_ylabel("Gain by the activity")
    style.numbers(ax.xaxis, ax.yaxis)
    what = "Outcome with the activity less that without, by customers reached; dashed: in random order"
    if "interval" in first.attrs:
        what += f"; band: {formats.share(first.attrs['interval'])}"
    return style.headline(ax, theme, _finding(next(iter(named)), first), what)


def _is_curve(table: Any) -> bool:
    return isinstance(table, pd.DataFrame) and {"customers", "gain"} <= set(table.columns) and len(table) > 0


def _finding(name: str, table: pd.DataFrame) -> str:
    """What the first half of the customers gains."""
    last = table.iloc[-1]
    half = table[table["customers"] <= last["customers"] / 2.0].iloc[-1]["gain"]
    if last["gain"] <= 0.0:
        return f"All together gain nothing; by {name} the first half gain {formats.compact(float(half))}"
    return f"By {name} the first half gain {formats.share(float(half / last['gain']))} of what all gain"


def _name(ax: Axes, table: pd.DataFrame, name: str, color: str, *, above: bool) -> None:
    """The name of a curve, left above it or right below it, where it has room."""
    at = int((table["customers"] - 0.42 * table["customers"].iloc[-1]).abs().argmin())
    shift, place, side = ((-6, 5), "right", "bottom") if above else ((8, -6), "left", "top")
    where = (table["customers"].iloc[at], table["gain"].iloc[at])
    labels.note(ax, name, where, shift, color, bold=True, ha=place, va=side)
