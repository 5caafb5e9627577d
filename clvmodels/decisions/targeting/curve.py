"""Profit against the size of a campaign: each customer's best activity, the most profitable customers first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.effects.effect_errors import CustomerEffects
from clvmodels.decisions.targeting.pairs import Pairs

_SIZES = 200


def profit_curve(pairs: Pairs, level: float) -> pd.DataFrame:
    """Cumulated cost and profit by number of customers.

    Parameters
    ----------
    pairs : Pairs
        What each brings.
    level : float
        Of the bounds.

    Returns
    -------
    pandas.DataFrame
        Rows by size: ``customers``, ``cost``, ``profit``, ``profit_lower``, ``profit_upper``. Profit is largest where
        the next customer would bring nothing.
    """
    net = pairs.net
    best = net.argmax(axis=1)
    rows = np.arange(len(net))
    order = np.argsort(-net[rows, best], kind="stable")
    gains, costs = net[order, best[order]], pairs.cost[order, best[order]]
    sizes = _sizes(gains)
    sums = np.concatenate(([0.0], np.cumsum(gains)))[sizes]
    half = float(sc.ndtri(0.5 + level / 2.0)) * _sds(pairs, order, best, sizes)
    return pd.DataFrame(
        {
            "customers": sizes,
            "cost": np.concatenate(([0.0], np.cumsum(costs)))[sizes],
            "profit": sums,
            "profit_lower": sums - half,
            "profit_upper": sums + half,
        }
    )


# --- private helpers --------------------------------------------------------------------------------------------------


def _sizes(gains: Array) -> Places:
    """Some sizes from nobody to all, that with the largest profit among them."""
    even = np.linspace(0.0, len(gains), min(_SIZES, len(gains)) + 1).round().astype(np.intp)
    return np.unique(np.append(even, int((gains > 0.0).sum())))


def _sds(pairs: Pairs, order: Places, best: Places, sizes: Places) -> Array:
    """Standard deviation of the profit of the first so many customers: groups of shared errors grow along the order."""
    variance, chosen = np.zeros(len(sizes)), best[order]
    for number, effect in enumerate(pairs.effects):
        mine = chosen == number
        variance += _variances(effect, np.where(mine, pairs.worth[order, number], 0.0), order, sizes)
    gross = np.where(pairs.on_value[chosen], pairs.gross[order, chosen], 0.0)
    shared = np.concatenate(([0.0], np.cumsum(gross)))[sizes] * pairs.value_error
    return np.sqrt(variance + shared**2)


def _variances(effect: CustomerEffects, weight: Array, order: Places, sizes: Places) -> Array:
    total = np.zeros(len(sizes))
    for error in effect.errors:
        groups = int(error.group.max(initial=-1)) + 1
        loads, group, so_far = weight * error.loading[order], error.group[order], np.zeros(groups)
        for place in range(1, len(sizes)):
            part = slice(sizes[place - 1], sizes[place])
            so_far += np.bincount(group[part], weights=loads[part], minlength=groups)
            total[place] += float((so_far**2).sum())
    return total
