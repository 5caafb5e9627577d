"""Inner holdouts: days within the calibration on which what came next is known, for whatever has to be learned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]

# How many horizons before the end of the calibration the lessons begin.
_STEPS = (1.0, 1.5)
_LATEST = 0.75  # share of the time observed that may lie after the beginning of a lesson
_FEWEST = 50  # customers


@dataclass(frozen=True, eq=False)
class Lesson:
    """Customers on a day within the calibration, and what they did in the ``days`` after it.

    Attributes
    ----------
    snapshot : Snapshot
        The customers then.
    days : int
        Length of the inner holdout, all of which lies within the calibration.
    """

    snapshot: Snapshot
    days: int

    @property
    def horizon(self) -> float:
        """Length of the inner holdout in units."""
        return self.days / DAYS_PER_UNIT[self.snapshot.source.unit]

    @cached_property
    def outcome(self) -> tuple[Array, Array]:
        """Purchases and value in the inner holdout."""
        return self.snapshot.outcome(self.days)


def lessons(today: Snapshot, days: int) -> list[Lesson]:
    """The inner holdouts of a calibration that ends with ``today``, the latest first.

    They are as long as the horizon, but at most half of the time observed. There may be none, if the calibration is
    short or small.
    """
    length = min(days, today.days // 2)
    found = []
    for step in _STEPS:
        back = round(length * step)
        if length < 1 or back > _LATEST * today.days:
            continue
        lesson = Lesson(Snapshot(today.source, today.end - pd.Timedelta(days=back)), length)
        if len(lesson.snapshot.customers) >= _FEWEST and (lesson.outcome[0] > 0).any():
            found.append(lesson)
    return found
