"""Groups of customers by what acting on them would bring: whom to reach with what, and whom to leave alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arrays import Places
from clvmodels.decisions.targeting.pairs import Pairs


def profit_by_group(pairs: Pairs, chosen: Places, groups: pd.Series[Any], level: float) -> pd.DataFrame:
    """What one activity for all of a group would bring, and what the plan has of it.

    A group is worth acting on where that profit is above 0, whatever its customers are worth on average.

    Parameters
    ----------
    pairs : Pairs
        What each brings.
    chosen : ndarray of int of shape (n,)
        The plan.
    groups : pandas.Series
        The group of each customer, in the order of the pairs; a categorical gives the order of the rows, and groups
        without customers.
    level : float
        Of the bounds.

    Returns
    -------
    pandas.DataFrame
        Indexed by group: ``customers``; ``activity``, the one with the largest profit if all of the group got it (no
        budget, no limit), ``profit`` with ``profit_lower`` and ``profit_upper``, what it would bring less its cost;
        ``chosen`` and ``chosen_profit``, who of them the plan has and what that brings. Without customers the activity
        is missing.
    """
    half = float(sc.ndtri(0.5 + level / 2.0))
    kinds = groups.astype("category")
    codes = kinds.cat.codes.to_numpy()
    rows = [_of_group(pairs, chosen, np.flatnonzero(codes == code), half) for code in range(len(kinds.cat.categories))]
    return pd.DataFrame(rows, index=pd.Index(kinds.cat.categories, name=groups.name or "group"))


# --- private helpers --------------------------------------------------------------------------------------------------


def _of_group(pairs: Pairs, chosen: Places, rows: Places, half: float) -> dict[str, Any]:
    """A row of the table."""
    sums = pairs.net[rows].sum(axis=0)
    best = int(sums.argmax())
    all_of_them = np.full(len(pairs.ids), -1)
    all_of_them[rows] = best
    width = half * pairs.sd(all_of_them, rows)
    planned = rows[chosen[rows] >= 0]
    return {
        "customers": len(rows),
        "activity": pairs.activities[best].name if len(rows) else None,
        "profit": float(sums[best]),
        "profit_lower": float(sums[best]) - width,
        "profit_upper": float(sums[best]) + width,
        "chosen": len(planned),
        "chosen_profit": float(pairs.net[planned, chosen[planned]].sum()),
    }
