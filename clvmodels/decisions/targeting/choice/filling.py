"""What is left of budget and places goes to those to whom it brings most."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.narrowing import Undecided
from clvmodels.decisions.targeting.choice.relaxation import Relaxed


def fill(profit: Array, cost: Array, left: Undecided, found: Relaxed, chosen: Places) -> None:
    """Pairs by what they bring after the prices, as long as there are budget and places, and one a customer.

    All open pairs that bring anything are gone through in that order, round by round: who finds the best activity full,
    or too dear for what is left, takes part in the next round with the second best.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair.
    left : Undecided
        Who may get something of what.
    found : Relaxed
        Prices.
    chosen : ndarray of int of shape (n,)
        What they get is written here.
    """
    rows, usable = left.rows, left.usable
    money, places = left.budget, left.limits.copy()
    reduced = np.where(usable, profit[rows] - found.money * cost[rows] - found.places, -np.inf)
    reduced[:, places < 1.0] = -np.inf
    asking = np.flatnonzero(np.isfinite(reduced).any(axis=1))
    while len(asking):
        best = reduced[asking].argmax(axis=1)
        order = np.argsort(-reduced[asking, best], kind="stable")
        asked, activity = asking[order], best[order]
        costs = cost[rows[asked], activity]
        placed = _ranks(activity, len(places)) < places[activity]
        placed &= np.cumsum(np.where(placed, costs, 0.0)) <= money
        chosen[rows[asked[placed]]] = activity[placed]
        places -= np.bincount(activity[placed], minlength=len(places))
        money -= float(costs[placed].sum())
        reduced[asked[~placed], activity[~placed]] = -np.inf
        reduced[:, places < 1.0] = -np.inf
        asking = np.sort(asked[~placed])
        asking = asking[np.isfinite(reduced[asking]).any(axis=1)]


# --- private helpers --------------------------------------------------------------------------------------------------


def _ranks(activity: Places, activities: int) -> Places:
    """How many before ask for the same."""
    rank = np.empty(len(activity), dtype=np.intp)
    for number in range(activities):
        of = activity == number
        rank[of] = np.arange(of.sum())
    return rank
