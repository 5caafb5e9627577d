"""Who moved between segments, beside what chance alone would move."""

from __future__ import annotations

from typing import Any

import numpy as np

from clvmodels import formats
from clvmodels.arguments import instance
from clvmodels.decisions.segments.migration import GONE, NEW, Migration, counted
from clvmodels.plots.shared import style
from clvmodels.plots.shared.style import Axes


def migration(found: Migration, ax: Axes | None = None) -> Axes:
    """Share of each segment that moved to each other, and in brackets what would have moved by chance.

    Parameters
    ----------
    found : Migration
        What `clvmodels.Segments.migration` returned.
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
    >>> import clvmodels as clv, matplotlib.pyplot as plt, pandas as pd
    >>> then = pd.Series([9.0, 8.0, 2.0, 1.0], index=list("abcd"))
    >>> ax = clv.plots.migration(clv.segment(then, q=2).migration(then * 2.0))
    >>> " ".join(ax.get_title(loc="left").split())
    '100 % of the customers are still in their segment'
    >>> plt.close(ax.figure)
    """
    instance("found", found, Migration, "what clvmodels.Segments.migration returned")
    shares, counts = found.shares, found.table
    ax, theme = style.canvas(ax, (1.6 + 1.05 * len(shares.columns), 1.6 + 0.72 * len(shares)))
    ax.imshow(shares.to_numpy(), cmap=theme.colormap, vmin=0.0, vmax=1.0, aspect="auto")
    for i, start in enumerate(shares.index):
        for j, end in enumerate(shares.columns):
            ink = style.ink_on(theme.colormap(float(shares.to_numpy()[i, j])))
            ax.text(j, i, _words(found, start, end), ha="center", va="center", fontsize=style.TICK, color=ink)
    names = [f"{name}\n({count:,})" for name, count in zip(shares.index, counts.sum(axis=1), strict=True)]
    ax.set_yticks(range(len(shares)), names)
    ax.set_xticks(range(len(shares.columns)), [str(name) for name in shares.columns])
    ax.set(xlabel="At the second date", ylabel="At the first date")
    style.without_lines(ax)
    return style.headline(ax, theme, _finding(found), _what(found))


def _words(found: Migration, start: Any, end: Any) -> str:
    """The share that moved, and the one that would have by chance; of new customers their number."""
    if start == NEW:
        return f"{found.table.loc[start, end]:,}"
    share = formats.share(float(found.shares.loc[start, end]))
    if found.by_chance is None or end == GONE:
        return share
    return f"{share}\n({formats.share(float(found.by_chance.loc[start, end]))})"


def _finding(found: Migration) -> str:
    """How many stayed, and how many would have by chance."""
    total, same, _, _ = counted(found.table)
    if not total:
        return "No customer is there at both dates"
    stayed = same / total
    chance = ""
    if found.by_chance is not None:
        names = found.by_chance.index
        weights = found.table.drop(columns=GONE, errors="ignore").loc[names].sum(axis=1).to_numpy()
        expected = float(np.diag(found.by_chance.to_numpy()) @ weights) / total
        chance = f"; {formats.share(expected)} if they went on as the model says"
    return f"{formats.share(stayed)} of the customers are still in their segment{chance}"


def _what(found: Migration) -> str:
    if found.by_chance is None:
        return "Share of each row; in the last row, customers" if NEW in found.table.index else "Share of each row"
    return f"Share of each row; in brackets by chance alone, mean of {formats.plural(found.replications, 'simulation')}"
