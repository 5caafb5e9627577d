"""Scores of ranges, by hand."""

import numpy as np
import pytest

from clvmodels.evaluation.metrics.ranges import range_scores


def test_interval_score_by_hand() -> None:
    found = range_scores(
        np.array([10.0] * 3), np.array([8.0] * 3), np.array([12.0] * 3), np.array([12.0, 13.0, 6.0]), 0.8
    )
    assert found["covered"].tolist() == [True, False, False]
    assert found["width"].tolist() == [0.4] * 3
    assert found["interval_score"].tolist() == pytest.approx([0.4, (4 + 10 * 1) / 10, (4 + 10 * 2) / 10])
    assert found["log_error"].tolist() == pytest.approx(np.log([1.2, 1.3, 0.6]))


def test_the_honest_range_has_the_lowest_score() -> None:
    rng = np.random.default_rng(2)
    actual, one = 100.0 + 10.0 * rng.standard_normal(20_000), np.full(20_000, 100.0)
    scores = [range_scores(one, one - w, one + w, actual, 0.9)["interval_score"].mean() for w in (10.0, 16.45, 25.0)]
    assert scores[1] < scores[0]
    assert scores[1] < scores[2]
