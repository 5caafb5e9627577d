"""Where each customer stands among the others: rank, tier and group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.decisions.segments import value_risk
from clvmodels.decisions.segments.rules import tier_names
from clvmodels.decisions.segments.tiers import quantile_tiers

_TIERS = 4  # as many as `clvmodels.segment` makes


def places(scores: pd.DataFrame) -> pd.DataFrame:
    """Rank and tier by value (without it: by purchases expected), and the group of value and risk where there is value.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row a customer: ``attrition_risk``, ``expected_purchases`` and, where it is known, ``lifetime_value``.

    Returns
    -------
    pandas.DataFrame
        Columns ``rank`` (1 is best), ``tier`` ("A" is best; equal values are together) and ``group``, as
        `clvmodels.segment` names them by "value" and "value_risk".

    Examples
    --------
    >>> scores = pd.DataFrame({"attrition_risk": [0.1, 0.9, 0.2, 0.8], "lifetime_value": [100.0, 50.0, 5.0, 1.0]})
    >>> places(scores)
       rank tier          group
    0     1    A     Look after
    1     2    B  Mind the cost
    2     3    C           Grow
    3     4    D  Mind the cost
    """
    valued = "lifetime_value" in scores
    worth = scores["lifetime_value" if valued else "expected_purchases"]
    names = np.array(tier_names(_TIERS, None), dtype=object)
    found = pd.DataFrame(
        {
            "rank": _ranks(worth.to_numpy(dtype=np.float64)),
            "tier": names[quantile_tiers(worth.to_numpy(dtype=np.float64), _TIERS)],
        },
        index=worth.index,
    )
    if valued:
        risk, value = value_risk.risk_and_value(scores)
        found["group"] = value_risk.groups(risk, value, *value_risk.borders(value, None, 0.5))
    return found


def _ranks(worth: Array) -> Places:
    """Places from the highest on; of equal ones as they come."""
    ranks = np.empty(len(worth), dtype=np.int64)
    ranks[np.argsort(-worth, kind="stable")] = np.arange(1, len(worth) + 1)
    return ranks
