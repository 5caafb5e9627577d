"""Qini: what customers bring by an activity when they are reached in the order of a score, from a randomised test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from clvmodels.arguments import finite, level, whole
from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.frames import numbers

_SIZES = 400  # at which a range is computed


@checked
def qini_table(
    score: Any,
    test: RandomisedTest,
    *,
    treated_share: float | None = None,
    interval: float | None = None,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
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
    interval : float, optional
        Level of a range, such as 0.90, by bootstrap: customers of the test are drawn again, with their scores. It holds
        the chance in who was in the test, and not that in how scores were learned: take scores of customers that
        the learning didn't see, such as `LearnedEffect.out_of_fold`.
    draws : int, default 200
        Of the bootstrap.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        ``customers`` and ``gain``, from (0, 0) on, with an interval ``gain_lower`` and ``gain_upper``;
        ``attrs["coefficient"]`` is the area between the curve and the straight line to its end, by customers squared,
        with an interval ``attrs["coefficient_lower"]`` and ``attrs["coefficient_upper"]``.

    Raises
    ------
    ArgumentError
        The score has another length, or an option has no meaning.
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
    share = None
    if treated_share is not None:
        share = finite("treated_share", treated_share, "a probability between 0.01 and 0.99", 0.01, 0.99)
    ordered = _Ordered.by(values, test, share)
    customers, gain = ordered.curve(np.ones(len(values)))
    table = pd.DataFrame({"customers": customers.astype(np.int64), "gain": gain})
    table.attrs["coefficient"] = _coefficient(customers, gain)
    if interval is not None:
        times = whole("draws", draws, "a whole number, 10 or more", 10, 100_000)
        _add_bounds(table, ordered, level("interval", interval), times, np.random.default_rng(whole("seed", seed)))
    return table


# --- private helpers --------------------------------------------------------------------------------------------------


def _scores(score: Any, size: int) -> Array:
    values = numbers(pd.DataFrame({"score": list(score)}), "score")
    if len(values) != size:
        raise ArgumentError(f"score has {len(values):,} values, and the test {size:,} customers.")
    if not np.isfinite(values).all():
        raise DataError(f"{int((~np.isfinite(values)).sum()):,} scores are missing or not finite.")
    return values


@dataclass(frozen=True, eq=False)
class _Ordered:
    """Customers of a test, the highest score first; ``ends`` are the last of those with the same score."""

    ends: Places
    treated: Array
    outcome: Array
    share: float | None

    @classmethod
    def by(cls, values: Array, test: RandomisedTest, share: float | None) -> Self:
        order = np.argsort(-values, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
        return cls(ends, test.treated[order], test.outcome[order], share)

    def curve(self, times: Array) -> tuple[Array, Array]:
        """How many are reached, and what that gains, if each customer is in the test so many times."""
        with_it, without = times * self.treated, times * (1.0 - self.treated)
        columns = [times, with_it, without, with_it * self.outcome, without * self.outcome]
        reached, ones, others, made, made_without = (np.cumsum(column)[self.ends] for column in columns)
        ratio = ones / np.maximum(others, 1.0) if self.share is None else self.share / (1.0 - self.share)
        return np.append(0.0, reached), np.append(0.0, made - made_without * ratio)


def _add_bounds(table: pd.DataFrame, ordered: _Ordered, interval: float, draws: int, rng: np.random.Generator) -> None:
    """Quantiles over tests drawn again, at some sizes and straight between them."""
    customers = table["customers"].to_numpy(dtype=np.float64)
    size, sides = customers[-1], [(1.0 - interval) / 2.0, (1.0 + interval) / 2.0]
    some = np.unique(np.linspace(0, len(customers) - 1, min(_SIZES, len(customers))).round().astype(np.intp))
    gains, coefficients = np.empty((draws, len(some))), np.empty(draws)
    for draw in range(draws):
        times = np.bincount(rng.integers(0, int(size), int(size)), minlength=int(size))
        reached, gain = ordered.curve(times.astype(np.float64))
        gains[draw] = np.interp(customers[some], reached, gain)
        coefficients[draw] = _coefficient(reached, gain)
    for side, at in zip(("lower", "upper"), sides, strict=True):
        table[f"gain_{side}"] = np.interp(customers, customers[some], np.quantile(gains, at, axis=0))
        table.attrs[f"coefficient_{side}"] = float(np.quantile(coefficients, at))
    table.attrs["interval"] = interval


def _coefficient(customers: Array, gain: Array) -> float:
    """Area between the curve and the straight line to its end, by customers squared."""
    area = float(np.trapezoid(gain, customers)) - float(gain[-1] * customers[-1]) / 2.0
    return float(area / customers[-1] ** 2)
