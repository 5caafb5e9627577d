"""Repeat purchases of customers still to come: what the models expect of a new customer, from a later day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.timeline.purchase_record import day_number
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.inference.population.population import Parameters
from clvmodels.inference.population.structure import Structure
from clvmodels.transactions.units import DAYS_PER_UNIT

_STEP = 7  # days between the first purchases that stand for those of a cohort
_NODES = 400  # ages that are computed each by itself


def repeats_of_cohorts(
    fits: Sequence[PurchaseFit], cohorts: pd.DataFrame, numbers: Array, ends: pd.DatetimeIndex
) -> Array:
    """Expected repeat purchases a new customer, until the ends of periods.

    Customers of a cohort come evenly over its days. Where there is a calendar, its season and tenure go on, and not its
    drift between cohorts, see `repeats_of_new`.

    Parameters
    ----------
    fits
        The purchase models; of several, the geometric mean of their totals.
    cohorts : pandas.DataFrame
        ``first_day`` and ``days`` of each, the first on the day after the end of the observation.
    numbers : ndarray
        New customers of each.
    ends
        Last days of the periods, the last of which is that of the horizon.

    Returns
    -------
    ndarray of shape (cohorts, periods)
        Purchases until the end of each period.
    """
    for fit in fits:
        if type(fit.structure) not in (Structure, ClockStructure):
            raise ArgumentError(
                "A fit with covariates or groups doesn't tell what kind of customers will come, so new_customers= "
                "can't be forecast with it. Use a fit without them."
            )
    found = np.array([[_until(fit, first, days, ends) for first, days in _days(cohorts)] for fit in fits])
    totals = np.einsum("fc,c->f", found[:, :, -1], numbers)
    scale = np.exp(np.log(totals).mean()) / totals.mean() if (totals > 0).all() else 1.0
    return np.asarray(scale * found.mean(axis=0))


def _days(cohorts: pd.DataFrame) -> list[tuple[pd.Timestamp, int]]:
    return list(zip(cohorts["first_day"], cohorts["days"], strict=True))


def _until(fit: PurchaseFit, first: pd.Timestamp, days: int, ends: pd.DatetimeIndex) -> Array:
    """The same of one model and cohort, shape (periods,)."""
    pieces = max(1, round(days / _STEP))
    came = day_number(first) + np.floor((np.arange(pieces) + 0.5) / pieces * days)
    until = np.array([float(day_number(end)) for end in ends])
    return np.asarray(repeats_of_new(fit, came, until, [fit.parameters], _NODES)[0].mean(axis=0))


def repeats_of_new(
    fit: PurchaseFit, first: Array, until: Array, sets: Sequence[Parameters], nodes: int = _NODES
) -> Array:
    """E[repeat purchases] of new customers by one model, without its drift between cohorts.

    Going on with that drift would be a guess, and so would be to begin at its end: in a log that begins with old
    customers it is mostly the difference between those and new ones. So who comes is of an average cohort.

    Parameters
    ----------
    fit : PurchaseFit
        The model.
    first : ndarray of shape (k,)
        Days of the first purchase, since 1970-01-01, rising.
    until : ndarray of shape (t,)
        Days until which purchases count, each with its end; before the first purchase there are none.
    sets : sequence of dict
        Sets of the model's parameters.
    nodes : int
        Ages at which it is computed if there are more; between them it is interpolated.

    Returns
    -------
    ndarray of shape (sets, k, t)
    """
    unit, end = DAYS_PER_UNIT[fit.unit], float(first[-1])
    ages = (end - first) / unit
    zeros, structure = np.zeros_like(ages), fit.structure
    if isinstance(structure, ClockStructure):
        structure = structure.with_clock(replace(structure.clock, cohort=False, end=int(end)))
    rows = structure.of_histories(zeros, zeros, ages)
    later = (until - end) / unit
    return np.stack([rows.since_first(one, "expected_purchases", until=later, nodes=nodes)[1] for one in sets])
