"""Where each customer stands among the others: rank, tier and group."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.decisions.segments import value_risk
from clvmodels.decisions.segments.rules import tier_names
from clvmodels.decisions.segments.tiers import score_borders

_RISK = 0.5  # the least that is high
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
    worth = scores[worth_of(scores)].to_numpy(dtype=np.float64)
    every = Places.of(worth, valued="lifetime_value" in scores)
    if every.least_value is not None:
        value_risk.risk_and_value(scores)  # checks them
    return every.part(0, worth, scores["attrition_risk"].to_numpy(dtype=np.float64)).set_axis(scores.index)


def worth_of(names: Container[str]) -> str:
    """The column that customers are ranked by."""
    return "lifetime_value" if "lifetime_value" in names else "expected_purchases"


@dataclass(frozen=True, eq=False)
class Places:
    """Ranks of all customers, and the borders of tiers and groups: of these each customer needs no more than a number.

    Attributes
    ----------
    rank : ndarray of int of shape (n,)
        1 is best; of equal ones as they come.
    tiers : ndarray of shape (3,)
        The least worth of all tiers but the last, from low to high.
    least_value : float or None
        The least value that is high; None without value.
    """

    rank: NDArray[np.int64]
    tiers: Array
    least_value: float | None

    @classmethod
    def of(cls, worth: Array, *, valued: bool) -> Places:
        """The places of all customers by their worth, an array of shape (n,)."""
        rank = np.empty(len(worth), dtype=np.int64)
        rank[np.argsort(-worth, kind="stable")] = np.arange(1, len(worth) + 1)
        known = np.sort(worth)
        least = value_risk.borders(known, None, _RISK)[0] if valued else None
        return cls(rank, score_borders(known, _TIERS), least)

    def part(self, begin: int, worth: Array, risk: Array) -> pd.DataFrame:
        """Rank, tier and group of the customers from a place on."""
        tier = _TIERS - 1 - np.searchsorted(self.tiers, worth, side="right")
        names = np.array(tier_names(_TIERS, None), dtype=object)
        found = pd.DataFrame({"rank": self.rank[begin : begin + len(worth)], "tier": names[tier]})
        if self.least_value is not None:
            found["group"] = value_risk.groups(risk, worth, self.least_value, _RISK)
        return found
