"""The plan beside simpler rules, and what it loses where the effects are other than believed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.assignment import assign, total
from clvmodels.decisions.targeting.pairs import Pairs

FACTORS = (0.5, 0.75, 1.0, 1.25)


class Frame(NamedTuple):
    """What the plan had to keep to."""

    budget: float
    limits: Array
    time_limit: float


def other_rules(pairs: Pairs, chosen: Places, frame: Frame, seed: int) -> pd.DataFrame:
    """Profit of the plan and of rankings by value, by risk and at random, which spend no more and reach no more.

    Each ranking gives a customer the activity that is best for them, so that it differs from the plan in whom it
    chooses alone.

    Parameters
    ----------
    pairs : Pairs
        What each brings.
    chosen : ndarray of int of shape (n,)
        The plan.
    frame : Frame
        Budget and limits; where the budget isn't used up, a ranking reaches as many customers as the plan.
    seed : int
        Of the random order.

    Returns
    -------
    pandas.DataFrame
        Rows "plan", "by value", "by risk" (if it is known), "at random" and "everyone": ``customers``, ``cost``,
        ``profit``.
    """
    best = pairs.net.argmax(axis=1)
    size = len(best)
    orders = {"by value": np.argsort(-pairs.value, kind="stable")}
    if pairs.risk is not None:
        orders["by risk"] = np.argsort(-pairs.risk, kind="stable")
    orders["at random"] = np.random.default_rng(seed).permutation(size)
    used_up = total(pairs.cost, chosen) > frame.budget - pairs.cost.max()
    most = size if used_up else int((chosen >= 0).sum())
    rules = {"plan": chosen}
    rules |= {name: _in_order(pairs.cost, best, order[:most], frame) for name, order in orders.items()}
    rules["everyone"] = best
    rows = {
        name: {
            "customers": int((rule >= 0).sum()),
            "cost": total(pairs.cost, rule),
            "profit": total(pairs.net, rule),
        }
        for name, rule in rules.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def price_of_wrong_effects(pairs: Pairs, chosen: Places, frame: Frame) -> pd.DataFrame:
    """What the plan brings, and the best plan would, if all effects were so many times as large as believed.

    Parameters
    ----------
    pairs, chosen, frame
        As in `other_rules`.

    Returns
    -------
    pandas.DataFrame
        Rows by factor: ``profit`` of the plan, ``best_profit`` and ``regret``, which is best_profit - profit.
    """
    rows = {}
    for factor in FACTORS:
        net = factor * pairs.gross - pairs.cost
        profit = total(net, chosen)
        best = max(assign(net, pairs.cost, frame.budget, frame.limits, time_limit=frame.time_limit).profit, profit)
        rows[factor] = {"profit": profit, "best_profit": best, "regret": best - profit}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("effects_times")


# --- private helpers --------------------------------------------------------------------------------------------------


def _in_order(cost: Array, best: Places, order: Places, frame: Frame) -> Places:
    """The first customers of an order until the money is spent or an activity is full."""
    chosen, activity = np.full(len(best), -1), best[order]
    rank = np.empty(len(order))
    for number in range(cost.shape[1]):
        of = activity == number
        rank[of] = np.arange(of.sum())
    placed = rank < frame.limits[activity]
    spent = np.cumsum(np.where(placed, cost[order, activity], 0.0))
    placed &= spent <= frame.budget
    chosen[order[placed]] = activity[placed]
    return chosen
