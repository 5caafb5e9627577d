"""How often ranges held: holdouts that overlap are no independent ones."""

import numpy as np

from clvmodels.forecasting.result.coverage import coverage_interval


def test_coverage_of_overlapping_holdouts_is_less_certain_than_of_single_ones() -> None:
    covered = np.repeat([1.0, 0.0, 1.0, 1.0], 6)
    low, high = coverage_interval(covered, 6)
    single_low, single_high = coverage_interval(covered, 1)
    assert low <= single_low < covered.mean() < single_high <= high
