"""How many levels of referrals are below each customer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Places


def levels_below(referrer: Places, referee: Places, circle: Places) -> Places:
    """Referrals one after another that begin with each customer, along the longest chain; a circle counts as one.

    Parameters
    ----------
    referrer, referee
        Places of customers, an edge each.
    circle
        The strongly connected component of each customer.

    Examples
    --------
    >>> levels_below(np.array([0, 1, 0]), np.array([1, 2, 3]), np.arange(4))
    array([2, 1, 0, 0])
    """
    size = int(circle.max()) + 1
    least = (np.bincount(circle, minlength=size) > 1).astype(np.intp)
    outside = circle[referrer] != circle[referee]
    pairs = np.unique(circle[referrer[outside]] * np.intp(size) + circle[referee[outside]])
    above, below = pairs // size, pairs % size
    is_forest = not len(below) or np.bincount(below).max() == 1
    height = (_of_forest if is_forest else _by_level)(above, below, least)
    return height[circle]


def _of_forest(above: Places, below: Places, least: Places) -> Places:
    """Where nobody has two referrers: ancestors at 1, 2, 4, … levels hand on the longest chain below them."""
    height, distance = least.copy(), 1
    ancestor = np.full(len(least), -1, dtype=np.intp)
    ancestor[below] = above
    while (has := ancestor >= 0).any():
        reached = height[has] + distance
        np.maximum.at(height, ancestor[has], reached)
        ancestor = np.where(has, ancestor[ancestor], -1)
        distance *= 2
    return height


def _by_level(above: Places, below: Places, least: Places) -> Places:
    """From those without referrals upwards, each when all below it are done."""
    height, waiting = least.copy(), np.bincount(above, minlength=len(least))
    order = np.argsort(below, kind="stable")
    upward, first = above[order], np.searchsorted(below[order], np.arange(len(least) + 1))
    done = np.flatnonzero(waiting == 0)
    while len(done):
        edges, counts = ranges(first[done], first[done + 1])
        parents = upward[edges]
        np.maximum.at(height, parents, np.repeat(height[done], counts) + 1)
        np.subtract.at(waiting, parents, 1)
        parents = np.unique(parents)
        done = parents[waiting[parents] == 0]
    return height


def ranges(begin: Places, end: Places) -> tuple[Places, NDArray[np.intp]]:
    """The whole numbers from each begin to before its end, one range after another, and how many each has.

    Examples
    --------
    >>> ranges(np.array([0, 5]), np.array([2, 6]))
    (array([0, 1, 5]), array([2, 1]))
    """
    counts = end - begin
    starts = np.repeat(begin - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return np.arange(int(counts.sum()), dtype=np.intp) + starts, counts
