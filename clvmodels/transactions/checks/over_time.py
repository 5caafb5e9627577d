r"""Do purchases follow the calendar, and do later customers buy like earlier ones? Rates at the same age, compared.

A plain purchase model takes rates as the same on all days of the year, and customers of all cohorts as alike. What is
expected without a season is :math:`E_t = \sum_b \rho_b x_{bt}`, with :math:`x_{bt}` the customer days of age b in time
t and :math:`\rho_b` the repeat purchases a day at that age: ages are told apart because young customers buy more often
and their share changes from month to month.

**Season**: what is left of log(actual / expected) beside a parabola in time must come back a year later: the
correlation of halves of months with the same ones a year on, tested one-sided at 1 %. A trend or a campaign does not
come back; noise is as likely to be opposite. Halves of less than 10 expected purchases are left out.

**Cohorts**: with a factor for each month of the year beside that of each age, the score of a slope in the day of the
first purchase, :math:`\sum_i z_i (n_i - E_i)` with z in years and free of age and month, over its standard error with
customers as the independent units (purchases of one customer are not), tested two-sided at 0.5 %; below 5 % a year
nothing is said. It needs two years too: in one, months and ages are too much alike.
"""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from clvmodels.transactions.checks.findings import Finding

_Array = NDArray[np.float64]
_Days = NDArray[np.int64]

_EDGES = np.array([14, 35, 70, 140, 280, 560, 1120])  # days since the first purchase at which ages end
_SURE = 0.01
_SURE_OF_DRIFT = 0.005  # a few customers with many purchases make 1 % alarm in 3 to 4 % of the logs
_LEAST_PURCHASES = 10.0  # expected in half a month: noise of 32 % and less
_LEAST_PAIRS = 16
_YEAR = 24  # halves of months
_TWO_YEARS = 48  # that show whether a season comes back
_LEAST_SEASON = 0.10  # of the largest month
_LEAST_DRIFT = 0.05  # a year
_LEAST_DAYS = 730
_LEAST_REPEATS = 100
_LEAST_SPREAD = 90  # days between the first purchases of early and late customers
_MOST_DAYS = 1826  # five years: what is compared is a table of first days × days
_ROUNDS = 30


@dataclass(frozen=True, eq=False)
class Repeats:
    """Repeat purchases of customers, by the day of the first one.

    Attributes
    ----------
    first : ndarray of int
        Day of the first purchase of each customer, from 0 on.
    who, day : ndarray of int
        Customer and day of each repeat purchase.
    begin : int
        Day 0, in days since 1970-01-01.
    length : int
        Days until the end of the observation, day 0 included.
    """

    first: _Days
    who: _Days
    day: _Days
    begin: int
    length: int

    @classmethod
    def of(cls, purchases: pd.DataFrame, end: pd.Timestamp) -> Repeats:
        """The repeat purchases of `Customers.purchases`; of a log longer than five years those who came since."""
        who = pd.factorize(purchases["customer_id"])[0].astype(np.int64)
        day = purchases["day"].to_numpy().astype("M8[D]").astype(np.int64)
        last = int(np.datetime64(end, "D").astype(np.int64))
        first = np.full(int(who.max(initial=-1)) + 1, last)
        np.minimum.at(first, who, day)
        begin = max(int(first.min(initial=last)), last - _MOST_DAYS + 1)
        again = (day > first[who]) & (first[who] >= begin)
        kept = first >= begin
        place = np.cumsum(kept) - 1
        return cls(first[kept] - begin, place[who[again]], day[again] - begin, begin, last - begin + 1)

    @cached_property
    def halves(self) -> _Days:
        """The half of a calendar month (until the 15th, and from then on) of each day, counted from 0."""
        dates = pd.DatetimeIndex((np.arange(self.length) + self.begin).astype("M8[D]"))
        number = (dates.year * 24 + dates.month * 2 + (dates.day > 15)).to_numpy().astype(np.int64)
        return number - number[0]

    @cached_property
    def month_of_year(self) -> _Days:
        """January to December, 0 to 11, of each half of a month."""
        date = pd.Timestamp(self.begin, unit="D")
        return (np.arange(int(self.halves[-1]) + 1) + 2 * (date.month - 1) + (date.day > 15)) // 2 % 12

    @cached_property
    def ages(self) -> NDArray[np.int8]:
        """Age of a customer by first day and day, -1 until the day after the first purchase."""
        days = np.arange(self.length)
        age = np.searchsorted(_EDGES, days, side="left").astype(np.int8)
        since = days[None, :] - days[:, None]
        return np.where(since > 0, age[np.maximum(since, 0)], np.int8(-1))

    @cached_property
    def exposure(self) -> _Array:
        """Customer days by age and half of a month."""
        came = np.bincount(self.first, minlength=self.length).astype(np.float64)
        by_day = np.stack([came @ (self.ages == age) for age in range(len(_EDGES) + 1)])
        return np.stack([np.bincount(self.halves, row) for row in by_day])

    @cached_property
    def made(self) -> _Array:
        """Repeat purchases by age and half of a month."""
        age = self.ages[self.first[self.who], self.day].astype(np.int64)
        size = (len(_EDGES) + 1, int(self.halves[-1]) + 1)
        places = age * size[1] + self.halves[self.day]
        return np.bincount(places, minlength=size[0] * size[1]).astype(np.float64).reshape(size)


def season(repeats: Repeats) -> Finding:
    """Whether months come back a year later."""
    if not len(repeats.first) or repeats.halves[-1] + 1 < _TWO_YEARS:
        return _unknown("season", "Less than two years of purchases don't tell whether a season returns")
    kept, left = _beside_trend(repeats)
    pairs = np.flatnonzero(kept[:-_YEAR] & kept[_YEAR:])
    if len(pairs) < _LEAST_PAIRS:
        return _unknown("season", "Too few repeat purchases a month to see whether a season returns")
    before, after = left[pairs], left[pairs + _YEAR]
    correlation = float(np.corrcoef(before, after)[0, 1]) if min(np.ptp(before), np.ptp(after)) > 0 else 0.0
    p_value = _p_of_correlation(correlation, len(pairs))
    factors = _month_factors(repeats, kept, left)
    top, low = int(np.nanargmax(factors)), int(np.nanargmin(factors))
    size = float(factors[top] - 1.0)
    if p_value >= _SURE or size < _LEAST_SEASON:
        sentence = f"No season: months are not like the same months a year later (p = {p_value:.2g})."
        return Finding("season", size, "ok", sentence)
    high = f"{calendar.month_name[top + 1]} has {factors[top]:.1f} times the repeat purchases of an average month"
    return Finding(
        "season",
        size,
        "look",
        f"Purchases have a season that comes back each year: {high}, and {calendar.month_name[low + 1]} "
        f"{factors[low]:.1f} times. A model without it forecasts about the same for all months; a forecast has it by "
        "default, and other models take a calendar.",
    )


def _unknown(name: str, why: str) -> Finding:
    return Finding(name, math.nan, "unknown", f"{why}.")


def _beside_trend(repeats: Repeats) -> tuple[NDArray[np.bool_], _Array]:
    """Which months have enough purchases, and what is left of log(actual / expected) beside a parabola in time."""
    made, exposure = repeats.made, repeats.exposure
    rates = made.sum(1) / np.maximum(exposure.sum(1), 1.0)
    expected, actual = rates @ exposure, made.sum(0)
    kept = expected >= _LEAST_PURCHASES
    left = np.log((actual + 0.5) / (expected + 0.5))
    if kept.sum() > 3:
        at = np.arange(len(left), dtype=np.float64)
        line = np.polynomial.Polynomial.fit(at[kept], left[kept], 2)
        left = left - line(at)
    return kept, left


def _month_factors(repeats: Repeats, kept: NDArray[np.bool_], left: _Array) -> _Array:
    """How many times an average month each month of the year has; NaN for those without purchases."""
    number = np.bincount(repeats.month_of_year[kept], minlength=12)
    total = np.bincount(repeats.month_of_year[kept], left[kept], minlength=12)
    factors = np.exp(np.where(number > 0, total / np.maximum(number, 1), np.nan))
    return np.asarray(factors / np.nanmean(factors))


def _p_of_correlation(correlation: float, pairs: int) -> float:
    """P(a correlation at least as high) where there is none."""
    freedom = pairs - 2
    t = correlation * math.sqrt(freedom / max(1.0 - correlation**2, 1e-12))
    return float(stats.t.sf(t, freedom))


def cohorts(repeats: Repeats) -> Finding:
    """Whether customers who came later buy more or less often at the same age."""
    name = "drift between cohorts"
    if repeats.length < _LEAST_DAYS or _spread(repeats) < _LEAST_SPREAD:
        return _unknown(name, "Less than two years, or all customers new at one time, don't tell cohorts from ages")
    if len(repeats.who) < _LEAST_REPEATS:
        return _unknown(name, "Too few repeat purchases to compare early with late customers")
    drift, p_value = _drift(repeats)
    change = math.expm1(drift)
    if p_value >= _SURE_OF_DRIFT or abs(change) < _LEAST_DRIFT:
        sentence = f"Late customers buy about as often at the same age as early ones (p = {p_value:.2g})."
        return Finding(name, change, "ok", sentence)
    less, much = ("less", "much") if change < 0 else ("more", "little")
    return Finding(
        name,
        change,
        "look",
        f"Customers who come a year later buy {abs(change):.0%} {less} often at the same age. A model that takes all "
        f"as alike forecasts too {much} for those of late; a forecast has a drift from a year of data on, and other "
        "models take a calendar.",
    )


def _spread(repeats: Repeats) -> float:
    """Days between the first purchases of early and late customers."""
    if not len(repeats.first):
        return 0.0
    low, high = np.quantile(repeats.first, [0.1, 0.9])
    return float(high - low)


def _drift(repeats: Repeats) -> tuple[float, float]:
    """Change of the log rate from a cohort to that of a year later, and its p-value."""
    rates, months = _rates(repeats)
    month = repeats.month_of_year[repeats.halves]
    z = np.arange(repeats.length) / 365.25
    of_age, of_month = _explained(repeats, rates, months, z)
    # z of each first day and day, free of what ages and months explain of it
    free = z[:, None] - np.append(of_age, 0.0)[repeats.ages] - of_month[month]
    mean = np.append(rates, 0.0)[repeats.ages] * months[month]
    expected, information = (free * mean).sum(1), (free**2 * mean).sum(1)
    score = -expected[repeats.first]
    np.add.at(score, repeats.who, free[repeats.first[repeats.who], repeats.day])
    total = float(score.sum())
    return total / float(information[repeats.first].sum()), float(
        2.0 * stats.norm.sf(abs(total) / np.linalg.norm(score))
    )


def _rates(repeats: Repeats) -> tuple[_Array, _Array]:
    """Purchases a customer day at each age, and a factor for each month of the year: by maximum likelihood, in turn."""
    exposure, made = _by_month_of_year(repeats, repeats.exposure), _by_month_of_year(repeats, repeats.made)
    months = np.ones(12)
    for _ in range(_ROUNDS):
        rates = made.sum(1) / np.maximum(exposure @ months, 1e-12)
        months = made.sum(0) / np.maximum(rates @ exposure, 1e-12)
    return rates, months


def _explained(repeats: Repeats, rates: _Array, months: _Array, z: _Array) -> tuple[_Array, _Array]:
    """What ages and months explain of z, each cell weighted by its expected purchases."""
    came = np.bincount(repeats.first, minlength=repeats.length)
    by_day = np.stack([(came * z) @ (repeats.ages == age) for age in range(len(rates))])
    by_month = np.stack([np.bincount(repeats.halves, row) for row in by_day])
    weight = rates[:, None] * months * _by_month_of_year(repeats, repeats.exposure)
    moment = rates[:, None] * months * _by_month_of_year(repeats, by_month)
    normal = np.block([[np.diag(weight.sum(1)), weight], [weight.T, np.diag(weight.sum(0))]])
    solved = np.linalg.lstsq(normal, np.concatenate([moment.sum(1), moment.sum(0)]), rcond=None)[0]
    return solved[: len(rates)], solved[len(rates) :]


def _by_month_of_year(repeats: Repeats, table: _Array) -> _Array:
    """A table by age and month, summed over the years."""
    found = np.zeros((len(table), 12))
    np.add.at(found.T, repeats.month_of_year, table.T)
    return found
