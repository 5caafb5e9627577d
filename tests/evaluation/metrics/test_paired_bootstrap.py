"""The paired bootstrap against the standard error of a mean."""

import numpy as np
import pytest

from clvmodels.arrays import Array
from clvmodels.evaluation.metrics.paired_bootstrap import paired_difference


def accuracy(y: Array, predicted: Array) -> float:
    return -float(np.abs(y - predicted).mean())


@pytest.mark.parametrize("n", [500, 40_000])  # all are drawn, or half of them
def test_the_range_is_that_of_a_mean(n: int) -> None:
    rng = np.random.default_rng(2)
    y = rng.gamma(1.0, 3.0, n)
    one, other = y + rng.normal(0, 1.0, n), y + rng.normal(0, 1.1, n)
    found = paired_difference(y, one, other, accuracy)
    each = np.abs(y - other) - np.abs(y - one)
    assert found.estimate == pytest.approx(each.mean(), rel=1e-9)  # two sums of the same numbers
    # the standard deviation of 100 draws is off by 1 / sqrt(200) = 7 %; three of these
    assert (found.upper - found.lower) / (2 * 1.96 * each.std() / np.sqrt(n)) == pytest.approx(1.0, abs=0.21)


def test_the_same_prediction_is_no_better_than_itself() -> None:
    y = np.arange(50.0)
    assert paired_difference(y, y[::-1], y[::-1], accuracy) == (0.0, 0.0, 0.0)


def test_where_nothing_can_be_told_the_range_has_no_end() -> None:
    found = paired_difference(np.zeros(5), np.ones(5), np.ones(5), lambda y, p: np.nan if len(set(y)) < 2 else 1.0)
    assert (found.lower, found.upper) != (found.lower, found.lower)
