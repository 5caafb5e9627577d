"""Customers as the clock sees them: first days, and the totals of their repeat purchases by day, step and cohort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.data.calendar_customers import dated, repeat_purchases
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.transactions.customers import Customers


@dataclass(frozen=True, eq=False)
class Dates:
    """When customers came and bought, in days since 1970-01-01.

    Attributes
    ----------
    first : ndarray of shape (n,)
        Day of the first purchase.
    end : float
        Last day observed.
    buyer : ndarray of int of shape (purchases,)
        Which customer made each repeat purchase, in order.
    day : ndarray of shape (purchases,)
        When, in order for each buyer.
    """

    first: Array
    end: float
    buyer: Places
    day: Array

    @classmethod
    def of(cls, customers: Customers) -> Dates:
        """The dates of customers who know their purchases."""
        when = dated(customers, "calendar=")
        buyer, day = repeat_purchases(customers, when, "calendar=")
        order = np.lexsort((day, buyer))
        return cls(when.first, when.end, buyer[order], day[order])


def rows_of_days(clock: Clock, dates: Dates) -> tuple[Places, Places, Array]:
    """Of each repeat purchase: its day after ``clock.first``, its step of tenure, and the years of its cohort."""
    first = dates.first[dates.buyer]
    step = np.searchsorted(clock.edges, dates.day - first, side="left") - 1
    return (dates.day - clock.first).astype(np.intp), step, clock.years(first)


def totals(clock: Clock, dates: Dates) -> Array:
    """Σ over repeat purchases of what each coefficient is multiplied by in the log intensity, shape (c,)."""
    day, step, years = rows_of_days(clock, dates)
    columns = clock.day_columns(clock.first, clock.end)
    by_day = np.bincount(day, minlength=len(columns)).astype(np.float64)
    by_step = np.bincount(step, minlength=len(clock.steps) + 1)[:-1]
    return np.concatenate((columns.T @ by_day, by_step, [years.sum()] if clock.cohort else []))


def log_intensities(clock: Clock, gamma: Array, dates: Dates) -> Array:
    """Σ over each customer's repeat purchases of the log intensity, shape (n,)."""
    day, step, years = rows_of_days(clock, dates)
    of_days, of_steps, of_cohort = clock.split(gamma)
    each = (clock.day_columns(clock.first, clock.end) @ of_days)[day] + of_steps[step] + of_cohort * years
    return np.bincount(dates.buyer, each, len(dates.first))
