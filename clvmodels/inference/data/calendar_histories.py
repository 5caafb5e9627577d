"""Covariates by period of the calendar, and the histories of customers in pieces of time with constant covariates.

A period holds from its first day to the day before the next one's. Day d of the calendar is the time from d - 1 to d in
days: a customer whose first purchase is on day d0 can buy again from day d0 + 1 on (purchases collapse by day), so that
the time since the first purchase begins at the end of that day, and ends with the last day observed. Hence the exposure
to a period is as many days as it has in which a purchase could be seen, and a purchase counts in the period of its day.
(CLVTools measures exposure from the beginning of the first day, which moves each period by one day.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clvmodels.models.purchases.paretonbd_calendar import Stretch
from clvmodels.transactions.histories import group_histories

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Calendar:
    """What covariates hold when.

    Attributes
    ----------
    starts : ndarray of shape (k + 1,)
        First day of each period, in days since 1970-01-01, and the day after the last period.
    codes : ndarray of int of shape (kinds, k)
        Row of the covariates of each kind of customer in each period; -1 where there is none.
    purchase, dropout : ndarray of shapes (rows, p) and (rows, q)
        The distinct rows of covariates on the rate of purchases and on that of dropout.
    """

    starts: Array
    codes: Codes
    purchase: Array
    dropout: Array

    @property
    def edges(self) -> Array:
        """The periods' beginnings and the end of the last, as times: day d ends at d."""
        return np.asarray(self.starts - 1.0)

    def held(self) -> Calendar:
        """The same, with the last period's covariates from then on."""
        return replace(self, starts=np.append(self.starts[:-1], np.inf))

    def period(self, day: Array) -> Codes:
        """The period in which each day lies."""
        return np.asarray(np.searchsorted(self.starts, day, side="right") - 1)


@dataclass(frozen=True)
class Pieces:
    """Pieces of time with constant covariates, sorted by history and time.

    Attributes
    ----------
    count : ndarray of int of shape (m,)
        Pieces of each history.
    length : ndarray of shape (n,)
        How long they last.
    code : ndarray of int of shape (n,)
        Row of covariates.
    """

    count: Codes
    length: Array
    code: Codes

    @cached_property
    def _begins(self) -> Codes:
        return np.asarray(np.cumsum(self.count) - self.count)

    def take(self, rows: Codes) -> Pieces:
        """The pieces of some histories."""
        count = self.count[rows]
        at = np.repeat(self._begins[rows] - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
        return Pieces(count, self.length[at], self.code[at])

    def padded(self, rows: Codes) -> tuple[Array, Codes]:
        """Lengths and codes of some histories, shape (rows, the most pieces of any); lengths are 0 where none is."""
        count = self.count[rows]
        place = np.arange(int(count.max(initial=0)))
        there = place < count[:, None]
        at = np.where(there, self._begins[rows, None] + place, 0)
        if not len(self.length):
            return np.zeros(at.shape), at
        return np.where(there, self.length[at], 0.0), np.where(there, self.code[at], 0)


@dataclass(frozen=True)
class VaryingHistories:
    """What Pareto/NBD with time-varying covariates sees of customers.

    Attributes
    ----------
    x : ndarray of shape (m,)
        Repeat purchases.
    factors : ndarray of shape (m, p)
        Sums of the purchase covariates over the repeat purchases.
    t_x, T : ndarray of shape (m,)
        From the first purchase to the last one, and to the end of the observation, in units of time.
    before, after : Pieces
        The same, in pieces: from the first purchase to the last, and from there to the end.
    kind : ndarray of int of shape (m,)
        The kind of customer: row of the calendar's codes.
    calendar : Calendar
        The covariates.
    weight : ndarray of shape (m,)
        Customers that share each history.
    index : ndarray of int of shape (n,) or None
        For each customer their history; None if these are the same.
    """

    x: Array
    factors: Array
    t_x: Array
    T: Array
    before: Pieces
    after: Pieces
    kind: Codes
    calendar: Calendar
    weight: Array
    index: NDArray[np.intp] | None

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, rows: Codes, weight: Array) -> VaryingHistories:
        """Some of the histories, by themselves and with other weights."""
        return replace(
            self,
            x=self.x[rows],
            factors=self.factors[rows],
            t_x=self.t_x[rows],
            T=self.T[rows],
            before=self.before.take(rows),
            after=self.after.take(rows),
            kind=self.kind[rows],
            weight=weight,
            index=None,
        )


def stretch(length: Array, code: Codes, purchase: Array, dropout: Array) -> Stretch:
    """Pieces with the factors of their codes."""
    return Stretch(length, purchase[code], dropout[code])


def histories(
    calendar: Calendar,
    kind: Codes,
    first: Array,
    x: Array,
    t_x: Array,
    T: Array,
    buyer: Codes,
    day: Array,
    *,
    days_per_unit: float = 1.0,
) -> VaryingHistories:
    """Distinct histories of customers.

    Parameters
    ----------
    calendar : Calendar
        Has to cover every customer from the day after their first purchase to the end of the observation.
    kind : ndarray of int of shape (n,)
        For each customer the row of ``calendar.codes``.
    first : ndarray of shape (n,)
        Day of the first purchase.
    x, t_x, T : ndarray of shape (n,)
        Repeat purchases, and the days from the first purchase to the last one and to the end of the observation.
    buyer : ndarray of int of shape (purchases,)
        Which customer made each repeat purchase.
    day : ndarray of shape (purchases,)
        When.
    days_per_unit
        Unit of the lengths of the pieces.
    """
    p = calendar.purchase.shape[1]
    rows = calendar.purchase[calendar.codes[kind[buyer], calendar.period(day)]]
    factors = np.column_stack([np.bincount(buyer, rows[:, j], len(x)) for j in range(p)] or [np.empty((len(x), 0))])
    grouped = group_histories(kind.astype(np.float64), first, x, t_x, T, *factors.T)
    code, first, x, t_x, T = grouped.columns[:5]
    kind, last = code.astype(np.intp), first + t_x
    return VaryingHistories(
        x=x,
        factors=np.column_stack(grouped.columns[5:]) if p else np.empty((len(x), 0)),
        t_x=t_x / days_per_unit,
        T=T / days_per_unit,
        before=pieces(calendar, kind, first, last, days_per_unit),
        after=pieces(calendar, kind, last, first + T, days_per_unit),
        kind=kind,
        calendar=calendar,
        weight=grouped.weight,
        index=grouped.index,
    )


def pieces(calendar: Calendar, kind: Codes, low: Array, high: Array, days_per_unit: float = 1.0) -> Pieces:
    """The time from ``low`` to ``high`` (days, of shape (m,)) in pieces; neighbours with equal covariates are one.

    Examples
    --------
    Two days of a period that ends with day 9, and three of the next:

    >>> calendar = Calendar(np.array([0.0, 10.0, 20.0]), np.array([[0, 1]]), np.zeros((2, 1)), np.zeros((2, 1)))
    >>> pieces(calendar, np.array([0]), np.array([7.0]), np.array([12.0])).length
    array([2., 3.])
    """
    edges = calendar.edges
    start = np.searchsorted(edges, low, side="right") - 1
    count = np.where(high > low, np.searchsorted(edges, high, side="left") - start, 0)
    row = np.repeat(np.arange(len(low)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + start[row]
    length = (np.minimum(edges[place + 1], high[row]) - np.maximum(edges[place], low[row])) / days_per_unit
    code = calendar.codes[kind[row], place]
    if not len(row):
        return Pieces(count, length, code)
    begins = np.flatnonzero(np.append(True, (np.diff(row) != 0) | (np.diff(code) != 0)))
    return Pieces(np.bincount(row[begins], minlength=len(low)), np.add.reduceat(length, begins), code[begins])
