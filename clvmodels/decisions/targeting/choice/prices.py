"""Budget and limits by activity for many customers: one price for the money and one for each limited activity.

At given prices each customer takes what is best after paying them, which bounds the profit of every choice that keeps
the budget and the limits (Lagrange). The relaxation of some customers at random gives prices that are nearly right;
they decide for all customers but those who would choose otherwise at prices nearby. Of these again some at random give
closer prices, until the relaxation of all who are left can be solved, which splits few customers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.filling import fill
from clvmodels.decisions.targeting.choice.narrowing import Undecided, narrowed
from clvmodels.decisions.targeting.choice.relaxation import Relaxed, alike, relaxed

_SAMPLE = 15_000  # pairs of the relaxation of some customers
_LAST = 40_000  # of that of all who are left
_FEWER = 0.8  # a round that leaves more than this share of the pairs has come upon ties, which prices don't decide
_ALIKE = 0.5  # fewer kinds of customers than this share of a sample: they are taken together


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
    usable, chosen = (profit > 0.0) & (cost <= budget), np.full(len(profit), -1)
    rows = np.flatnonzero(usable.any(axis=1))
    all_of_them = Undecided(rows, usable[rows], budget, np.array(limits, dtype=np.float64))
    left, found = _narrowed_down(profit, cost, all_of_them, chosen)
    if not left.is_possible:  # the prices of a sample were far off
        chosen[:] = -1
        left = all_of_them
    groups = alike(profit[left.rows], left.usable, cost[left.rows])
    if not found or left.usable[groups.first].sum() <= _LAST:
        last = relaxed(profit[left.rows], left.usable, cost[left.rows], left.budget, left.limits, groups)
        taken = last.chosen >= 0
        left = left.with_decided(chosen, cost, taken, last.chosen[taken])
        found.append(last)
    fill(profit, cost, left, found[-1], chosen)
    return chosen, min(_bound(profit, usable, cost, prices, budget, limits) for prices in found)


# --- private helpers --------------------------------------------------------------------------------------------------


def _narrowed_down(profit: Array, cost: Array, left: Undecided, chosen: Places) -> tuple[Undecided, list[Relaxed]]:
    """Who is left when the pairs are few, or many customers are alike; and all prices so far."""
    rng, before, found = np.random.default_rng(0), np.inf, []
    while _LAST < left.pairs < _FEWER * before:
        before = left.pairs
        some = np.sort(rng.permutation(len(left.rows))[: int(_SAMPLE / before * len(left.rows))])
        share, usable, rows = len(some) / len(left.rows), left.usable[some], left.rows[some]
        groups = alike(profit[rows], usable, cost[rows])
        found.append(relaxed(profit[rows], usable, cost[rows], share * left.budget, share * left.limits, groups))
        if len(groups.first) < _ALIKE * len(some):
            break
        left = narrowed(profit, cost, left, found[-1], some, chosen)
    return left, found


def _bound(
    profit: Array, usable: NDArray[np.bool_], cost: Array, found: Relaxed, budget: float, limits: Array
) -> float:
    """What no choice exceeds: what is best for each customer after the prices, and what all that there is costs."""
    gain = np.zeros(len(profit))
    for number, price in enumerate(found.places.tolist()):
        after = profit[:, number] - found.money * cost[:, number] - price
        np.maximum(gain, after, out=gain, where=usable[:, number])
    prices, most = np.append(found.money, found.places), np.append(budget, limits)
    there = np.isfinite(most)
    return float(gain.sum() + prices[there] @ most[there])
