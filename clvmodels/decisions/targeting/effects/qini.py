"""Qini: what customers bring by an activity when they are reached in the order of a score, from a randomised test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import finite
from clvmodels.arrays import Array
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import numbers


def qini_table(score: Any, test: RandomisedTest, *, treated_share: float | None = None) -> pd.DataFrame:
    """What the activity brought those with the highest scores: Q(k) = Y₁(k) - Y₀(k) N₁(k) / N₀(k).

    Radcliffe (2007), Using Control Groups to Target on Predicted Lift, Direct Marketing Analytics Journal 1. Customers
    with equal scores are one step.

    Parameters
    ----------
    score : Series or sequence
        A score of each customer of the test, in its order: the larger, the sooner they are reached.
    test : RandomisedTest
        Who got the activity, and what came.
    treated_share : float, optional
        The known probability of getting the activity: the gain is then Σ (w y / e - (1 - w) y / (1 - e)) × e, without
        the noise of how many there happened to be.

    Returns
    -------
    pandas.DataFrame
        ``customers`` and ``gain``, from (0, 0) on; ``attrs["coefficient"]`` is the area between the curve and the
        straight line to its end, by customers squared.

    Raises
    ------
    ArgumentError
        The score has another length.
    DataError
        A score is missing.

    Examples
    --------
    >>> table = pd.DataFrame({"mailed": [1, 0, 1, 1, 0, 0, 1, 0], "bought": [1, 0, 1, 0, 0, 1, 0, 0]})
    >>> test = RandomisedTest.of(table, treated="mailed", outcome="bought")
    >>> qini = qini_table([8, 7, 6, 5, 4, 3, 2, 1], test)
    >>> qini["gain"].round(3).tolist(), round(qini.attrs["coefficient"], 5)
    ([0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0, 0.667, 1.0], 0.09635)
    """
    values = _scores(score, len(test.outcome))
    order = np.argsort(-values, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    treated, outcome = test.treated[order], test.outcome[order]
    with_it, without = np.cumsum(treated), np.cumsum(1.0 - treated)
    made, made_without = np.cumsum(treated * outcome), np.cumsum((1.0 - treated) * outcome)
    if treated_share is None:
        ratio = with_it / np.maximum(without, 1.0)
        gain = (made - made_without * ratio)[ends]
    else:
        share = finite("treated_share", treated_share, "a probability between 0.01 and 0.99", 0.01, 0.99)
        gain = (made - made_without * share / (1.0 - share))[ends]
    table = pd.DataFrame({"customers": np.append(0, ends + 1), "gain": np.append(0.0, gain)})
    table.attrs["coefficient"] = _coefficient(table)
    return table


# --- private helpers --------------------------------------------------------------------------------------------------


def _scores(score: Any, size: int) -> Array:
    values = numbers(pd.DataFrame({"score": list(score)}), "score")
    if len(values) != size:
        raise ArgumentError(f"score has {len(values):,} values, and the test {size:,} customers.")
    if not np.isfinite(values).all():
        raise DataError(f"{int((~np.isfinite(values)).sum()):,} scores are missing or not finite.")
    return values


def _coefficient(table: pd.DataFrame) -> float:
    """Area between the curve and the straight line to its end, by customers squared."""
    customers, gain = table["customers"].to_numpy(dtype=float), table["gain"].to_numpy()
    area = float(np.trapezoid(gain, customers)) - gain[-1] * customers[-1] / 2.0
    return float(area / customers[-1] ** 2)
