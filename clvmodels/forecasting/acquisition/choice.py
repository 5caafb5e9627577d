"""Which model of new customers was least off at earlier dates, and by how much they vary around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.forecasting.acquisition.means import METHODS
from clvmodels.forecasting.result.ranges import SHARED, Spread, learned, log_error
from clvmodels.forecasting.timeline.schedule import inner_schedule

MOST = 6  # earlier dates
PRIOR = 0.20  # typical log error of a number of new customers
_PRIOR_DISPERSION = 1.0 / 20.0  # (variance - mean) / mean² of the number of a period …
_PRIOR_PERIODS = 12.0  # … which counts as so many periods


@dataclass(frozen=True, eq=False)
class Trial:
    """What a model expected at an earlier date, and what came: ``known`` periods before, expected and actual after."""

    method: str
    known: int
    expected: Array
    actual: Array

    @property
    def error(self) -> float:
        """log(actual / expected) of the sum."""
        return log_error(float(self.actual.sum()), float(self.expected.sum()))


def trials(counts: Array, periods: int, season: int) -> list[Trial]:
    """Every model at up to six earlier dates at which it can be used."""
    schedule = inner_schedule(len(counts), periods, MOST)
    found = []
    for back in dict.fromkeys(schedule.back):
        known, actual = len(counts) - back, counts[len(counts) - back :][: schedule.days]
        for name, method in METHODS.items():
            expected = method(counts[:known], len(actual), season)
            if expected is not None:
                found.append(Trial(name, known, expected, actual))
    return found


def level_spread(of_method: list[Trial]) -> Spread:
    """How far the sum of all periods is off by one model, from a prior and its errors."""
    errors = [one.error for one in of_method]
    chance = [1.0 / max(float(one.expected.sum()), 1.0) for one in of_method]
    return learned(PRIOR**2, errors, chance, len(of_method))


def dispersion(of_method: list[Trial]) -> float:
    """1 / size of the negative binomial: by how much more than chance a period varies around the level of its trial."""
    excess, weight = _PRIOR_DISPERSION * _PRIOR_PERIODS, _PRIOR_PERIODS
    for one in of_method:
        total = float(one.expected.sum())
        if total <= 0 or len(one.actual) < 2:
            continue
        mean = one.expected * float(one.actual.sum()) / total
        kept = mean > 0
        # The level is that of these periods themselves, which takes one of them.
        freedom = SHARED * (len(mean) - 1) / len(mean)
        relative = ((one.actual - mean)[kept] ** 2 - mean[kept]) / mean[kept] ** 2
        excess += freedom * float(np.clip(relative, -1.0, 1.0).sum())
        weight += freedom * int(kept.sum())
    return max(excess / weight, 0.0)


def chosen(found: list[Trial], usable: list[str]) -> str:
    """The usable model with the least spread; of equals the first."""
    return min(usable, key=lambda name: level_spread([one for one in found if one.method == name]).variance)
