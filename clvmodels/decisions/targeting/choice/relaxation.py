"""The linear relaxation of some thousand pairs, by HiGHS: who gets what, and the prices of money and of places."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.exact import constraints

_TOLERANCE = 1e-6  # of shares, which HiGHS gives to 1e-7


class Relaxed(NamedTuple):
    """What solves the relaxation.

    Attributes
    ----------
    chosen : ndarray of int of shape (n,)
        Activity of each customer; -1 for none, and for the few whom the relaxation splits.
    money : float
        What another unit of the budget would bring.
    places : ndarray of shape (activities,)
        What another customer of each activity would bring.
    """

    chosen: Places
    money: float
    places: Array


class Alike(NamedTuple):
    """Customers with the same pairs.

    Attributes
    ----------
    first : ndarray of int of shape (groups,)
        The row of one of each group.
    group : ndarray of int of shape (n,)
        Of each row.
    size : ndarray of shape (groups,)
        Customers in it.
    """

    first: Places
    group: Places
    size: Array


def alike(profit: Array, usable: NDArray[np.bool_], cost: Array) -> Alike:
    """Who has the same pairs as whom: where effects are those of segments, most have.

    Parameters
    ----------
    profit, usable, cost : ndarray of shape (n, activities)
        As in `relaxed`.

    Returns
    -------
    Alike

    Examples
    --------
    >>> profit = np.array([[2.0], [1.0], [2.0]])
    >>> alike(profit, profit > 0.0, np.ones((3, 1))).size.tolist()
    [1.0, 2.0]
    """
    pairs = pd.DataFrame(np.column_stack([np.where(usable, profit, 0.0), np.where(usable, cost, -1.0)]))
    key = pd.util.hash_pandas_object(pairs, index=False).to_numpy()  # 64 bits
    _, first, group, size = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return Alike(first, group, size.astype(np.float64))


def relaxed(
    profit: Array, usable: NDArray[np.bool_], cost: Array, budget: float, limits: Array, groups: Alike
) -> Relaxed:
    """The choices with the largest profit that keep budget and limits, and the prices of both.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair.
    usable : ndarray of bool of shape (n, activities)
        Which pairs there are.
    budget : float
        Of the costs; may be infinite.
    limits : ndarray of shape (activities,)
        Customers an activity can reach at most; may be infinite.
    groups : Alike
        Who has the same pairs.

    Returns
    -------
    Relaxed
    """
    from scipy.optimize import linprog

    counts, places = np.zeros((len(groups.first), profit.shape[1])), np.zeros(len(limits))
    of, activity = np.nonzero(usable[groups.first])
    if not len(of):
        return Relaxed(np.full(len(profit), -1), 0.0, places)
    row = groups.first[of]
    matrix, most = constraints(of, activity, cost[row, activity], budget, limits)
    customers = len(np.unique(of))
    most[:customers] = groups.size[np.unique(of)]
    bounds = np.column_stack([np.zeros(len(of)), groups.size[of]])
    found = linprog(-profit[row, activity], A_ub=matrix, b_ub=most, bounds=bounds, method="highs")
    duals = np.maximum(-found.ineqlin.marginals, 0.0)[customers:].tolist()
    money = duals.pop(0) if np.isfinite(budget) else 0.0
    places[np.isfinite(limits)] = duals
    counts[of, activity] = found.x
    return Relaxed(_whole(counts, groups), money, places)


# --- private helpers --------------------------------------------------------------------------------------------------


def _whole(counts: Array, groups: Alike) -> Places:
    """So many customers of each group to each activity as are whole, by row."""
    order = np.argsort(groups.group, kind="stable")
    group = groups.group[order]
    rank = np.arange(len(order)) - np.searchsorted(group, np.arange(len(counts)))[group]
    until = np.cumsum(np.floor(counts + _TOLERANCE), axis=1)[group]
    activity = (rank[:, None] >= until).sum(axis=1)
    taken = np.empty(len(order), dtype=np.intp)
    taken[order] = np.where(activity < counts.shape[1], activity, -1)
    return taken
