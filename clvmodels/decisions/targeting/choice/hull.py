"""A budget spent along the upper hulls of each customer's (cost, profit), steepest step first.

Taking steps by their slope solves the linear relaxation, whose value is the upper bound: only the last step is split.
What is left of the budget goes to further steps that fit. Sinha and Zoltners (1979), The Multiple-Choice Knapsack
Problem, Operations Research 27(3).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clvmodels.arrays import Array, Places

_TRIES = 20_000  # steps that are tried for what is left of the budget


class Steps(NamedTuple):
    """Steps along the hulls, the steepest first: whose, to which activity, and what it adds in cost and profit."""

    row: Places
    to: Places
    cost: Array
    profit: Array


def best_by_hull(profit: Array, cost: Array, budget: float) -> tuple[Places, float]:
    """Activities and the upper bound of the profit.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair.
    budget : float
        Of the costs.

    Returns
    -------
    tuple of ndarray of shape (n,) and float
        The activity of each customer, -1 for none; the value of the linear relaxation.

    Examples
    --------
    >>> chosen, bound = best_by_hull(np.array([[5.0, 8.0], [3.0, 0.0]]), np.array([[2.0, 4.0], [1.0, 5.0]]), 4.0)
    >>> chosen.tolist(), bound
    ([0, 0], 9.5)
    """
    profit = np.where(cost <= budget, profit, -np.inf)  # a pair beyond the budget is none
    chosen, free = _without_cost(profit, cost)
    steps = hull_steps(profit, cost, chosen, free)
    spent = np.cumsum(steps.cost)
    fits = int(np.searchsorted(spent, budget, side="right"))
    left = budget - (float(spent[fits - 1]) if fits else 0.0)
    _take(chosen, steps, fits)
    bound = float(free.sum() + steps.profit[:fits].sum())
    if fits < len(spent):
        bound += left * float(steps.profit[fits] / steps.cost[fits])
        _fill(chosen, steps, fits, left)
    single = np.unravel_index(int(profit.argmax()), profit.shape)
    if profit[single] > float(np.where(chosen >= 0, profit[np.arange(len(profit)), chosen], 0.0).sum()):
        chosen = np.full(len(profit), -1)
        chosen[single[0]] = single[1]
    return chosen, bound


def hull_steps(profit: Array, cost: Array, chosen: Places, free: Array) -> Steps:
    """All steps along the upper hulls, from what costs nothing on.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair; a profit of -inf stands for none.
    chosen, free : ndarray of shape (n,)
        Where the hulls begin: the activity that costs nothing (-1 for none), and what it brings.
    """
    parts: list[tuple[Places, Places, Array, Array]] = []
    rows, at_cost, at_profit = np.arange(len(profit)), np.zeros(len(profit)), free.copy()
    while len(rows):
        more_cost, more = cost[rows] - at_cost[:, None], profit[rows] - at_profit[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where((more_cost > 0.0) & (more > 0.0), more / more_cost, -1.0)
        to = slope.argmax(axis=1)
        goes = np.flatnonzero(slope[np.arange(len(rows)), to] > 0.0)
        rows, to = rows[goes], to[goes]
        parts.append((rows, to, more_cost[goes, to], more[goes, to]))
        at_cost, at_profit = cost[rows, to], profit[rows, to]
    row, target, step_cost, step_profit = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(-step_profit / step_cost, kind="stable")  # of one customer the earlier step stays the first
    return Steps(row[order], target[order], step_cost[order], step_profit[order])


# --- private helpers --------------------------------------------------------------------------------------------------


def _without_cost(profit: Array, cost: Array) -> tuple[Places, Array]:
    """What each customer gets that costs nothing."""
    gains = np.where(cost <= 0.0, np.maximum(profit, 0.0), 0.0)
    best = gains.argmax(axis=1)
    free = gains[np.arange(len(gains)), best]
    return np.where(free > 0.0, best, -1), free


def _take(chosen: Places, steps: Steps, fits: int) -> None:
    """Each customer stands where the last of the steps taken leads."""
    chosen[steps.row[:fits]] = steps.to[:fits]


def _fill(chosen: Places, steps: Steps, fits: int, left: float) -> None:
    """Further steps that fit into what is left, in the order of their slopes; no step without the one before it."""
    skipped = {int(steps.row[fits])}
    rest = fits + 1 + np.flatnonzero(steps.cost[fits + 1 :] <= left)[:_TRIES]
    for step in rest.tolist():
        row = int(steps.row[step])
        if steps.cost[step] > left or row in skipped:
            skipped.add(row)
            continue
        chosen[row] = steps.to[step]
        left -= float(steps.cost[step])
