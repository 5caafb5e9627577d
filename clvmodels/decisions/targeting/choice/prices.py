"""Budget and limits by activity for many customers: one price for the money and one for each limited activity.

At given prices each customer takes what is best after paying them, which bounds the profit of every choice that keeps
the budget and the limits (Lagrange). The prices are those of the linear relaxation of some customers at random.
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.exact import constraints

_SAMPLE = 40_000  # pairs of the linear relaxation


def best_by_prices(profit: Array, cost: Array, budget: float, limits: Array) -> tuple[Places, float]:
    """Activities that keep budget and limits, and the bound.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair.
    budget : float
        Of the costs; may be infinite.
    limits : ndarray of shape (activities,)
        Customers an activity can reach at most; may be infinite.

    Returns
    -------
    tuple of ndarray of shape (n,) and float
    """
    profit = np.where((profit > 0.0) & (cost <= budget), profit, -np.inf)
    money, places = _prices(profit, cost, budget, limits)
    reduced = profit - money * cost - places
    best = reduced.argmax(axis=1)
    gain = reduced[np.arange(len(reduced)), best]
    bound = float(np.maximum(gain, 0.0).sum()) + _worth(np.append(money, places), np.append(budget, limits))
    return _within(profit, cost, reduced, budget, limits), bound


# --- private helpers --------------------------------------------------------------------------------------------------


def _worth(prices: Array, most: Array) -> float:
    """What all that there is costs at these prices; what is infinite has none."""
    there = np.isfinite(most)
    return float(prices[there] @ most[there])


def _prices(profit: Array, cost: Array, budget: float, limits: Array) -> tuple[float, Array]:
    """Of money and of each activity, from the relaxation of some customers."""
    from scipy.optimize import linprog

    n, activities = profit.shape
    some = np.arange(n)
    if profit.size > _SAMPLE:
        some = np.sort(np.random.default_rng(0).choice(n, _SAMPLE // activities, replace=False))
    share = len(some) / n
    row, activity = np.nonzero(np.isfinite(profit[some]))
    if not len(row):
        return 0.0, np.zeros(activities)
    of = cost[some][row, activity]
    matrix, most = constraints(row, activity, of, budget * share, limits * share)
    found = linprog(-profit[some][row, activity], A_ub=matrix, b_ub=most, bounds=(0.0, 1.0), method="highs")
    duals = np.maximum(-found.ineqlin.marginals, 0.0)[len(np.unique(row)) :].tolist()
    money = duals.pop(0) if np.isfinite(budget) else 0.0
    places = np.zeros(activities)
    places[np.isfinite(limits)] = duals
    return money, places


def _within(profit: Array, cost: Array, reduced: Array, budget: float, limits: Array) -> Places:
    """Pairs by what they bring after the prices, as long as there are budget and places, and one a customer.

    All pairs that bring anything are gone through in that order, round by round: who finds the best activity full, or
    too dear for what is left, takes part in the next round with the second best.
    """
    chosen, left = np.full(len(profit), -1), np.array(limits, dtype=np.float64)
    open_pairs, money = np.isfinite(profit), budget
    rows = np.flatnonzero(open_pairs.any(axis=1))
    while len(rows):
        values = np.where(open_pairs[rows], reduced[rows], -np.inf)
        best = values.argmax(axis=1)
        order = np.argsort(-values[np.arange(len(rows)), best], kind="stable")
        asked, activity = rows[order], best[order]
        rank = np.empty(len(asked))
        for number in range(profit.shape[1]):
            of = activity == number
            rank[of] = np.arange(of.sum())
        placed = rank < left[activity]
        spent = np.cumsum(np.where(placed, cost[asked, activity], 0.0))
        placed &= spent <= money
        chosen[asked[placed]] = activity[placed]
        left -= np.bincount(activity[placed], minlength=len(left))
        money -= float(cost[asked[placed], activity[placed]].sum())
        open_pairs[asked[~placed], activity[~placed]] = False
        open_pairs[:, left < 1.0] = False
        rows = asked[~placed]
        rows = np.sort(rows[open_pairs[rows].any(axis=1)])
    return chosen
