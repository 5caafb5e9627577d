"""Inner holdouts: days within the calibration on which what came next is known, for whatever has to be learned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from clvmodels.arrays import Array
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.forecasting.timeline.schedule import MINIMUM_CUSTOMERS, inner_schedule
from clvmodels.transactions.units import DAYS_PER_UNIT

MOST = 6  # inner holdouts


@dataclass(frozen=True, eq=False)
class InnerHoldout:
    """Customers on a day within the calibration, and what they did in the ``days`` after it.

    Attributes
    ----------
    snapshot : Snapshot
        The customers on that day.
    days : int
        Length of the inner holdout, all of which lies within the calibration.
    """

    snapshot: Snapshot
    days: int

    @property
    def horizon(self) -> float:
        """Length of the inner holdout in units."""
        return self.days / DAYS_PER_UNIT[self.snapshot.unit]

    @cached_property
    def outcome(self) -> tuple[Array, Array]:
        """Purchases and value in the inner holdout."""
        return self.snapshot.outcome(self.days)


def inner_holdouts(current: Snapshot, days: int, most: int = MOST) -> list[InnerHoldout]:
    """The inner holdouts of a calibration that ends with the current snapshot, the latest first, at most so many.

    They are those of `inner_schedule`. There may be none, if the calibration is short or small.
    """
    schedule = inner_schedule(current.days, days, most)
    found = []
    for back in schedule.back:
        earlier = InnerHoldout(current.earlier(back), schedule.days)
        if len(earlier.snapshot.customers) >= MINIMUM_CUSTOMERS and (earlier.outcome[0] > 0).any():
            found.append(earlier)
    return found
