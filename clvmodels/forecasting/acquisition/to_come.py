"""The part of a forecast that customers still to come make: numbers, purchases, revenue, and their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.acquisition.cohorts import repeats_of_cohorts
from clvmodels.forecasting.acquisition.forecast_acquisition import forecast_acquisition, given_acquisition
from clvmodels.forecasting.acquisition.history import SEASONS, acquisition_history
from clvmodels.forecasting.acquisition.result import AcquisitionForecast
from clvmodels.forecasting.result.customers_to_come import LEVELS, CustomersToCome
from clvmodels.forecasting.result.numbers import Spreads
from clvmodels.forecasting.result.ranges import CHANCE_OF_PURCHASES
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.transactions.customers import Customers

_DRAWS = 4000


@dataclass(frozen=True, eq=False, kw_only=True)
class Newcomers:
    """What is known for a forecast of customers still to come.

    Attributes
    ----------
    customers : Customers
        Those known, with their purchases.
    fits : tuple of PurchaseFit
        The purchase models.
    amounts : tuple of float or None
        Spend of a first and of a later purchase of a new customer.
    spreads : Spreads
        How far totals of known customers are off.
    periods : pandas.DataFrame
        Periods of the forecast.
    by : str
        Which they are.
    interval : float
        Level of the ranges.
    seed : int
        Of the draws.
    """

    customers: Customers
    fits: tuple[PurchaseFit, ...]
    amounts: tuple[float, float] | None
    spreads: Spreads
    periods: pd.DataFrame
    by: str
    interval: float
    seed: int

    @property
    def end(self) -> pd.Timestamp:
        """Last day known."""
        end = self.customers.observation_end
        assert end is not None  # checked where the forecast was asked for
        return end


def customers_to_come(known: Newcomers, given: Sequence[float] | None) -> CustomersToCome:
    """The part of customers still to come; ``given`` are numbers of new customers that somebody else knows."""
    cohorts, counts, how, errors = _from_log(known) if given is None else _as_given(known, given)
    ends = pd.DatetimeIndex(known.periods.index)
    estimates = cohorts["customers"].to_numpy(dtype=np.float64)
    until = repeats_of_cohorts(known.fits, cohorts, estimates, ends)
    repeats = np.diff(until, axis=1, prepend=0.0)
    inside = (cohorts.index.to_numpy()[:, None] <= ends.to_numpy()).argmax(axis=1)  # the period of each cohort
    came = np.zeros_like(repeats)
    came[np.arange(len(cohorts)), inside] = 1.0
    drawn = _drawn(known, counts, came, repeats)
    table = known.periods.assign(customers=estimates @ came, purchases=estimates @ (came + repeats))
    if known.amounts is not None:
        table = table.assign(revenue=estimates @ (known.amounts[0] * came + known.amounts[1] * repeats))
    return CustomersToCome(
        periods=table,
        quantiles={name: _quantiles(values) for name, values in drawn.items()},
        errors=errors,
        interval=known.interval,
        how=how,
        currency=known.customers.currency,
    )


def _from_log(known: Newcomers) -> tuple[pd.DataFrame, Array, tuple[str, ...], pd.DataFrame]:
    """Cohorts by calendar month (or week) with their numbers, draws of them, sentences, and earlier errors."""
    by = "week" if known.by == "week" else "month"
    history = acquisition_history(known.customers, by)
    if not len(history.counts):
        raise ArgumentError(f"The log has no whole {by}, so it doesn't tell how many new customers come.")
    cohorts = calendar_periods(known.end, known.periods.index[-1], by)
    # A period that has begun, or goes on after the horizon, is forecast whole and counts by its days.
    full = calendar_periods(history.counts.index[-1], _last_day_of(cohorts.index[-1], by), by)
    whole = full["days"].to_numpy()[-len(cohorts) :]
    share = cohorts["days"].to_numpy() / whole
    found = forecast_acquisition(
        history.counts,
        len(full),
        periods_per_year=SEASONS[by],
        interval=known.interval,
        draws=_DRAWS,
        seed=known.seed,
    )
    means = found.means["new_customers"].to_numpy()[-len(cohorts) :] * share
    rng = np.random.default_rng([known.seed, 12])
    counts = rng.binomial(found.draws[:, -len(cohorts) :].astype(np.int64), share).astype(np.float64)
    return cohorts.assign(customers=means), counts, _how(found, by, history.note), found.errors


def _last_day_of(day: pd.Timestamp, by: str) -> pd.Timestamp:
    """The last day of the period of a day."""
    return day + pd.offsets.MonthEnd(0) if by == "month" else day + pd.Timedelta(days=6 - day.weekday())


def _as_given(known: Newcomers, given: Sequence[float]) -> tuple[pd.DataFrame, Array, tuple[str, ...], pd.DataFrame]:
    """The same for numbers by period of the forecast."""
    found = given_acquisition(given, interval=known.interval, draws=_DRAWS, seed=known.seed)
    if len(found.means) != len(known.periods):
        raise ArgumentError(
            f"new_customers must have one number a {known.by} of the forecast, which are {len(known.periods)}, and has "
            f"{len(found.means)}."
        )
    how = ("How many new customers come was given, and is taken as right but for chance.",)
    numbers = found.means["new_customers"].to_numpy()
    return known.periods.assign(customers=numbers), found.draws, how, found.errors


def _how(found: AcquisitionForecast, by: str, note: str) -> tuple[str, ...]:
    """Where the number of new customers is from."""
    model = {"week": "weeks", "month": "months"}[by]
    sentence = (
        f"How many come is forecast from the {len(found.past)} whole {model} of the log that count: {found.in_words}."
    )
    return tuple(one for one in (sentence, note) if one)


def _drawn(known: Newcomers, counts: Array, came: Array, repeats: Array) -> dict[str, Array]:
    """Draws of customers, purchases and revenue, each of shape (draws, periods).

    What a new customer buys again is off by as much as totals of known customers are, in all periods alike; and by
    chance in each of them.
    """
    rng = np.random.default_rng([known.seed, 13])
    total = known.spreads.total
    first, later = counts @ came, counts @ repeats
    level = np.exp(np.sqrt(np.log1p(total["purchases"].variance)) * rng.standard_normal((len(counts), 1)))
    chance = np.sqrt(np.log1p(CHANCE_OF_PURCHASES / np.maximum(later, 1.0)))
    later = later * level * np.exp(chance * rng.standard_normal(later.shape))
    found: dict[str, Array] = {"customers": first, "purchases": first + later}
    if known.amounts is not None:
        variance = max(total["revenue"].variance - total["purchases"].variance, 0.0)
        of_spend = np.exp(np.sqrt(np.log1p(variance)) * rng.standard_normal((len(counts), 1)))
        found["revenue"] = of_spend * (known.amounts[0] * first + known.amounts[1] * later)
    return found


def _quantiles(values: Array) -> Array:
    """Quantiles of the periods and of their sum."""
    return np.asarray(np.quantile(np.column_stack([values, values.sum(axis=1)]), LEVELS, axis=0).T)
