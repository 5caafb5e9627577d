"""Which activity each customer gets: at most one each, within a budget and limits, for the largest profit.

A multiple-choice knapsack. Small ones are solved exactly by HiGHS; beyond that by the upper hulls of each customer's
(cost, profit), whose steps are taken by slope: what the linear relaxation does, so that its bound comes along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.exact import best_by_milp
from clvmodels.decisions.targeting.choice.hull import best_by_hull
from clvmodels.decisions.targeting.choice.prices import best_by_prices

EXACT_PAIRS = 10_000


@dataclass(frozen=True)
class Assignment:
    """Who gets what.

    Attributes
    ----------
    chosen : ndarray of int of shape (n,)
        Activity of each customer, -1 for none.
    profit : float
        What it brings.
    bound : float
        What no assignment exceeds.
    """

    chosen: Places
    profit: float
    bound: float


def assign(
    profit: Array, cost: Array, budget: float = np.inf, limits: Array | None = None, *, time_limit: float = 10.0
) -> Assignment:
    """The most profitable activity for each customer that budget and limits allow.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair; costs are 0 or more, and already taken off the profits.
    budget : float
        Of the costs; infinite for none.
    limits : ndarray of shape (activities,) or None
        Customers an activity can reach at most; infinite for any number.
    time_limit : float
        Seconds for the exact search, after which the best so far is returned with its bound.

    Returns
    -------
    Assignment

    Examples
    --------
    >>> profit = np.array([[5.0, 8.0], [4.0, 9.0], [3.0, 0.0]])
    >>> cost = np.array([[2.0, 4.0], [2.0, 6.0], [1.0, 5.0]])
    >>> [assign(profit, cost, budget).profit for budget in (3.0, 5.0, 7.0)]
    [8.0, 12.0, 15.0]
    """
    bounded = limits is not None and bool(np.isfinite(limits).any())
    useful = (profit > 0.0) & (cost <= budget)
    if not bounded and np.where(useful, cost, 0.0).max(axis=1, initial=0.0).sum() <= budget:
        return _of(profit, _best(profit, useful), None)
    if bounded:
        assert limits is not None
        if profit.size > EXACT_PAIRS:
            chosen, bound = best_by_prices(profit, cost, budget, limits)
            return _of(profit, chosen, bound)
        chosen = np.full(len(profit), -1)
        bound = float(np.where(useful, profit, 0.0).max(axis=1, initial=0.0).sum())
    else:
        chosen, bound = best_by_hull(profit, cost, budget)
    first = _of(profit, chosen, bound)
    if profit.size > EXACT_PAIRS or first.profit == bound:
        return first
    found = best_by_milp(np.where(useful, profit, 0.0), useful, cost, budget, limits, time_limit)
    exact = first if found is None else _of(profit, found[0], min(found[1], bound))
    return exact if exact.profit >= first.profit else Assignment(first.chosen, first.profit, exact.bound)


def total(values: Array, chosen: Places) -> float:
    """The sum of the values of the chosen pairs.

    Examples
    --------
    >>> total(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, -1]))
    2.0
    """
    rows = np.flatnonzero(chosen >= 0)
    return float(values[rows, chosen[rows]].sum())


# --- private helpers --------------------------------------------------------------------------------------------------


def _best(profit: Array, useful: NDArray[np.bool_]) -> Places:
    """Each customer's most profitable activity, where one brings anything."""
    gains = np.where(useful, profit, -np.inf)
    return np.where(useful.any(axis=1), gains.argmax(axis=1), -1)


def _of(profit: Array, chosen: Places, bound: float | None) -> Assignment:
    found = total(profit, chosen)
    return Assignment(chosen, found, found if bound is None else max(bound, found))
