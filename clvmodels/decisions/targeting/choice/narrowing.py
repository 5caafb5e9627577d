"""Who is decided by prices that are nearly right, and which choices the others still have."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.choice.relaxation import Relaxed

_SDS = 4.0  # prices of a sample are taken to be within so many standard deviations of those of all


class Undecided(NamedTuple):
    """Customers who are not decided yet, and what there is for them.

    Attributes
    ----------
    rows : ndarray of int of shape (m,)
        Who.
    usable : ndarray of bool of shape (m, activities)
        Which activities each may get.
    budget : float
        What is left of it.
    limits : ndarray of shape (activities,)
        Customers an activity can still reach.
    """

    rows: Places
    usable: NDArray[np.bool_]
    budget: float
    limits: Array

    @property
    def pairs(self) -> int:
        """How many."""
        return int(self.usable.sum())

    @property
    def is_possible(self) -> bool:
        """Whether what was decided keeps budget and limits."""
        return self.budget >= 0.0 and bool((self.limits >= 0.0).all())

    def with_decided(self, chosen: Places, cost: Array, decided: NDArray[np.bool_], activity: Places) -> Undecided:
        """The others, after some have got an activity, or nothing (-1), which is written into `chosen`."""
        rows = self.rows[decided]
        chosen[rows] = activity
        rows, activity = rows[activity >= 0], activity[activity >= 0]
        return Undecided(
            self.rows[~decided],
            self.usable[~decided],
            self.budget - float(cost[rows, activity].sum()),
            self.limits - np.bincount(activity, minlength=len(self.limits)),
        )


def narrowed(profit: Array, cost: Array, left: Undecided, found: Relaxed, some: Places, chosen: Places) -> Undecided:
    """Who chooses the same at all prices nearby is decided; the others keep the choices that may be best.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair.
    left : Undecided
        Whom to decide.
    found : Relaxed
        Prices, from a sample of them.
    some : ndarray of int
        The sample, as places among them.
    chosen : ndarray of int of shape (n,)
        What is decided is written here.
    """
    near = _near(_choices(profit, cost, left, found, some), left)
    of = _choices(profit, cost, left, found, np.arange(len(left.rows)))
    at = np.arange(len(of.best)), of.best
    of_places = np.append(0.0, near.places)
    reach = near.money * np.abs(of.cost - of.cost[at][:, None]) + of_places + of_places[of.best][:, None]
    may = of.behind <= reach
    may[at] = True
    decided = may.sum(axis=1) == 1
    return left._replace(usable=may[:, 1:]).with_decided(chosen, cost, decided, of.best[decided] - 1)


# --- private helpers --------------------------------------------------------------------------------------------------


class _Choices(NamedTuple):
    """Of each customer how far each choice is from the best, which that is, and costs; the first choice is nothing."""

    behind: Array
    best: Places
    cost: Array


class _Near(NamedTuple):
    """How far prices may be from those found."""

    money: float
    places: Array


def _choices(profit: Array, cost: Array, left: Undecided, found: Relaxed, some: Places) -> _Choices:
    rows, nothing = left.rows[some], np.zeros((len(some), 1))
    costs = np.hstack([nothing, cost[rows]])
    after = np.where(left.usable[some], profit[rows] - found.money * costs[:, 1:] - found.places, -np.inf)
    after = np.hstack([nothing, after])
    best = after.argmax(axis=1)
    return _Choices(after[np.arange(len(rows)), best][:, None] - after, best, costs)


def _near(sample: _Choices, left: Undecided) -> _Near:
    """As far as it takes for so many of the sample to choose otherwise as chance may be off by.

    Of m customers the number that chooses one thing is off by sqrt(p (1 - p) m) <= sqrt(m) / 2; on either side.
    """
    size = len(sample.best)
    share, at = min(_SDS / np.sqrt(size), 1.0), (np.arange(size), sample.best)
    others = sample.behind.copy()
    others[at] = np.inf
    until = sample.behind.copy()  # how much an activity's price must change for it to be chosen, or not any longer
    until[at] = others.min(axis=1)
    between = np.abs(sample.cost - sample.cost[at][:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        until[:, 0] = np.where(between > 0.0, others / between, np.inf).min(axis=1)  # that of money
    most = np.quantile(until, share, axis=0, method="lower")
    most[~np.isfinite(np.append(left.budget, left.limits)) | ~np.isfinite(most)] = 0.0
    return _Near(float(most[0]), most[1:])
