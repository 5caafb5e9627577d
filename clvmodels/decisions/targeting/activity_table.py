"""Activities side by side: what each costs and does, where that is from, and what the plan makes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.arrays import Places
from clvmodels.decisions.targeting.pairs import Pairs


def activity_table(pairs: Pairs, chosen: Places) -> pd.DataFrame:
    """A row an activity.

    Parameters
    ----------
    pairs : Pairs
        What each brings.
    chosen : ndarray of int of shape (n,)
        The plan.

    Returns
    -------
    pandas.DataFrame
        Indexed by activity: ``cost_each``, ``effect`` and ``effect_sd`` (means over all customers; the effect is a
        share of the customer's value where ``of_value`` is true, else in units of what it is worth), ``source`` (where
        the effect is from), ``customers``, ``cost`` and ``profit`` (of the plan), ``break_even_effect`` (at which it
        just pays for the chosen on average: cost by what a unit is worth; missing where it has none).
    """
    rows = []
    for number, effect in enumerate(pairs.effects):
        some = np.flatnonzero(chosen == number)
        cost, worth = float(pairs.cost[some, number].sum()), float(pairs.worth[some, number].sum())
        rows.append(
            {
                "cost_each": float(pairs.cost[:, number].mean()),
                "effect": float(effect.mean.mean()),
                "effect_sd": float(effect.sd.mean()),
                "of_value": bool(pairs.on_value[number]),
                "source": effect.source,
                "customers": len(some),
                "cost": cost,
                "profit": float(pairs.net[some, number].sum()),
                "break_even_effect": cost / worth if worth > 0.0 else np.nan,
            }
        )
    return pd.DataFrame(rows, index=pd.Index([one.name for one in pairs.activities], name="activity"))
