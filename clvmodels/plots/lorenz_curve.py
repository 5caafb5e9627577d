"""Lorenz curve of predictions: which share of the business the best-ranked customers bring."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.outcomes import matched
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import given, is_table
from clvmodels.signatures import checked

_MOST = 100_000


@checked
def lorenz_table(prediction: ArrayLike, actual: ArrayLike, *, points: int = 100) -> pd.DataFrame:
    """Share of the actual total that the best-ranked share of customers brings.

    Parameters
    ----------
    prediction : array-like of shape (n_customers,)
        Number to rank each customer by; equal ones count as in random order.
    actual : array-like of shape (n_customers,)
        What each customer brought in the holdout (purchases or spend), 0 or more. Two Series are matched by index.
    points : int, default 100
        Rows of the table beside 0.

    Returns
    -------
    pandas.DataFrame
        One row a share of customers, 0 to 1: ``predicted`` (best-ranked first), ``perfect`` (the truly best first).

    Raises
    ------
    DataError
        If the two don't belong together or are not finite, or ``actual`` is negative or 0 for everybody.

    Examples
    --------
    >>> lorenz_table([3.0, 2.0, 1.0, 0.0], [1.0, 3.0, 0.0, 0.0], points=4)
                        predicted  perfect
    share_of_customers
    0.00                     0.00     0.00
    0.25                     0.25     0.75
    0.50                     1.00     1.00
    0.75                     1.00     1.00
    1.00                     1.00     1.00
    """
    points = whole("points", points, f"a number of rows from 1 to {_MOST:,}", 1, _MOST)
    rank, value = matched(prediction, actual)
    if value.min() < 0 or not value.sum() > 0:
        raise DataError("actual must be 0 or more and above 0 for somebody: shares of its total have no meaning else.")
    shares = np.linspace(0.0, 1.0, points + 1)
    return pd.DataFrame(
        {"predicted": _captured(rank, value, shares), "perfect": _captured(value, value, shares)},
        index=pd.Index(shares, name="share_of_customers"),
    )


@checked
def lorenz(
    source: ArrayLike | pd.DataFrame,
    actual: ArrayLike | None = None,
    *,
    top: float = 0.2,
    of: str = "the holdout's value",
    ax: Axes | None = None,
) -> Axes:
    """Share of the business that the best-ranked customers bring, between a perfect and a random ranking.

    Parameters
    ----------
    source : array-like or pandas.DataFrame
        Predictions, with ``actual``; or what `lorenz_table` returned.
    actual : array-like, optional
        As in `lorenz_table`.
    top : float, default 0.2
        The share of customers to name.
    of : str, default "the holdout's value"
        What is shared, in words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If ``top`` is no share between 0 and 1, or ``actual`` is missing.
    DataError
        As `lorenz_table`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = lorenz([3.0, 2.0, 1.0, 0.0], [1.0, 3.0, 0.0, 0.0], top=0.5)
    >>> " ".join(ax.get_title(loc="left").split())
    "The 50 % of customers ranked best bring 100 % of the holdout's value"
    >>> plt.close(ax.figure)
    """
    if not 0.0 < top < 1.0:
        raise ArgumentError(f"top must be a share between 0 and 1, such as 0.2, not {top!r}.")
    if is_table(source, lorenz_table, "predicted", "perfect"):
        table = source
    else:
        table = lorenz_table(source, given(actual, "actual"))
    return _drawn(table, top, of, ax)


def _drawn(table: pd.DataFrame, top: float, of: str, ax: Axes | None) -> Axes:
    """The curve of the predictions between those of a perfect and a random ranking."""
    ax, theme = style.canvas(ax, (6.4, 5.2))
    share = np.asarray(table.index, dtype=float)
    ax.plot(share, table["perfect"], color=theme.muted, linewidth=1.2)
    ax.plot([0, 1], [0, 1], color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.plot(share, table["predicted"], color=theme.model, linewidth=2.4)
    captured, perfect = (float(np.interp(top, share, table[name])) for name in ("predicted", "perfect"))
    _mark_top(ax, theme, top, captured, perfect)
    _name_lines(ax, theme, table)
    ax.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="Share of customers, best-ranked first", ylabel="Share of the total")
    style.percents(ax.xaxis, ax.yaxis)
    finding = f"The {formats.share(top)} of customers ranked best bring {formats.share(captured)} of {of}"
    gini = _area(table["predicted"].to_numpy()) / (_area(table["perfect"].to_numpy()) or 1.0)
    return style.headline(ax, theme, finding, f"Share of the total by share of customers; normalised Gini {gini:.2f}")


def _mark_top(ax: Axes, theme: style.Theme, top: float, captured: float, perfect: float) -> None:
    """The share of the total that the first ``top`` of the customers bring."""
    ax.vlines(top, 0, captured, color=theme.accent, linewidth=1.0)
    ax.hlines(captured, 0, top, color=theme.accent, linewidth=1.0)
    ax.plot([top], [captured], "o", color=theme.accent, markersize=7)
    text = f"{formats.share(captured)} by the model\n{formats.share(perfect)} at best"
    labels.note(ax, text, (top, captured), (10, -6), theme.accent, bold=True, va="top")


def _captured(rank: Array, value: Array, shares: Array) -> Array:
    """Share of the value in the first share of customers, straight within ties: the mean over their random orders."""
    order = np.argsort(-rank, kind="stable")
    ranked = rank[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) + 1
    cumulative = np.cumsum(value[order])[last - 1]
    return np.interp(shares, np.append(0, last) / len(rank), np.append(0.0, cumulative) / cumulative[-1])


def _area(captured: Array) -> float:
    """Twice the area between the curve and a random ranking."""
    return float(2.0 * np.mean((captured[1:] + captured[:-1]) / 2.0) - 1.0)


def _name_lines(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> None:
    """The names of the perfect and the random ranking, beside their lines."""
    share = np.asarray(table.index, dtype=float)
    for text, line, height in (("perfect ranking", table["perfect"], 0.93), ("random ranking", share, 0.62)):
        at = float(np.interp(height, np.asarray(line, dtype=float), share))
        labels.note(ax, text, (at, height), (10, -3), theme.muted, ha="left", va="top")
