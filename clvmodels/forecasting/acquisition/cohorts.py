"""Repeat purchases of customers still to come: what the models expect of a new customer, from a later day on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.inference.population.structure import Structure
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

_STEP = 7  # days between the first purchases that stand for those of a cohort
_NODES = 400  # ages that are computed each by itself


def repeats_of_cohorts(
    fits: Sequence[PurchaseFit], cohorts: pd.DataFrame, numbers: Array, ends: pd.DatetimeIndex
) -> Array:
    """Expected repeat purchases a new customer, until the ends of periods.

    Customers of a cohort come evenly over its days. Where there is a calendar, its season and tenure go on, and those
    to come are as the last ones who came: a drift between cohorts is not carried on.

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
    horizon_end = ends[-1]
    pieces = max(1, round(days / _STEP))
    came = np.floor((np.arange(pieces) + 0.5) / pieces * days)  # days after the first one
    since = (horizon_end - first).days - came
    table = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": since / DAYS_PER_UNIT[fit.unit]})
    newcomers = fit.population(Customers.from_frame(table, unit=fit.unit, observation_end=horizon_end))
    until = np.array([(end - horizon_end).days for end in ends]) / DAYS_PER_UNIT[fit.unit]
    return np.asarray(newcomers.expected_since_first(fit.parameters, until, _NODES) / pieces)
