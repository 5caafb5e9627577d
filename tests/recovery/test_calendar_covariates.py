"""Simulated data with a known season are recovered, with intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.inference.data.calendar_covariates import CalendarCovariates
from clvmodels.inference.data.covariates import Learned
from tests.reference import day_by_day

TRUTH = {"r": 1.0, "alpha": 20.0, "s": 0.9, "beta": 25.0}  # a purchase in 20 weeks: hardly two on one day
EFFECTS = {"purchase: season": 0.7, "dropout: season": 0.6}
SETS, WEEKS = 20, 104
ORIGIN = pd.Timestamp("2019-01-06")
TABLE = pd.DataFrame({"date": pd.date_range(ORIGIN, periods=WEEKS, freq="7D"), "season": np.arange(WEEKS) % 26 < 9})
COVARIATES = clv.Covariates(purchase="season", dropout="season", varying=TABLE.astype({"season": int}))


def _customers(rng: np.random.Generator, n: int) -> clv.Customers:
    season = np.repeat(TABLE["season"].to_numpy(dtype=float), 7)
    first = rng.integers(0, 180, n).astype(float)
    made = day_by_day.simulate(rng, first, np.exp(0.7 * season), np.exp(0.6 * season), **TRUTH, days_per_unit=7.0)
    end = ORIGIN + pd.Timedelta(days=7 * WEEKS - 1)
    log = day_by_day.log_of(made, str(ORIGIN.date()))
    return clv.summarize(
        log, customer="customer_id", date="date", unit="week", observation_end=end, keep_purchases=True
    )


@pytest.mark.slow
def test_likelihood_ratio_at_the_truth_averages_six_and_intervals_cover() -> None:
    """Over 20 sets the mean of chi-square(6) has a standard error of sqrt(12 / 20) = 0.77; three of them."""
    rng = np.random.default_rng(21)
    ratios, inside = [], []
    truth = {**TRUTH, **EFFECTS}
    for _ in range(SETS):
        customers = _customers(rng, 2_000)
        fit = clv.fit(customers, "pareto/nbd", covariates=COVARIATES)
        assert isinstance(fit.covariates, Learned)
        assert isinstance(fit.varying, CalendarCovariates)
        at_truth = fit.data().likelihood.value(np.array([truth[name] for name in fit.parameters]))
        ratios.append(2.0 * (fit.log_likelihood - at_truth))
        table = fit.summary(level=0.9)
        inside.append([table.lower[name] <= value <= table.upper[name] for name, value in truth.items()])
    assert min(ratios) >= 0.0
    assert np.mean(ratios) == pytest.approx(6.0, abs=3 * np.sqrt(12 / SETS))
    # 120 intervals at 90 %, six and six dependent: the standard error of a share of 20 bounds that of the mean
    assert np.mean(inside) == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / SETS))


@pytest.mark.slow
def test_days_of_a_campaign_count_as_days_on_which_purchases_can_be_seen() -> None:
    """Purchases at any time of the day, by customers of whom some came, and all were last seen, on days of a campaign.

    If a day's exposure began with the day, and not with the end of the day before, the effect would come out at 1.24.
    """
    rng, n, days = np.random.default_rng(22), 60_000, 24
    campaign = np.isin(np.arange(days), [5, 6, 7, 12, 13, 23])
    born = rng.uniform(0.0, 10.0, n)
    rate, until = rng.gamma(1.0, 1.0 / 100.0, n), born + rng.exponential(1.0, n) / rng.gamma(0.8, 1.0 / 8.0, n)
    rows = [(np.arange(n), np.floor(born))]
    for day in range(days):
        there = np.clip(np.minimum(day + 1.0, until) - np.maximum(day, born), 0.0, None)
        bought = np.flatnonzero(rng.poisson(rate * np.exp(campaign[day]) * there))
        rows.append((bought, np.full(len(bought), float(day))))
    customer, day = (np.concatenate(column) for column in zip(*rows, strict=True))
    log = pd.DataFrame({"customer_id": customer, "date": ORIGIN + pd.to_timedelta(day, unit="D")})
    end = ORIGIN + pd.Timedelta(days=days - 1)
    customers = clv.summarize(
        log, customer="customer_id", date="date", unit="day", observation_end=end, keep_purchases=True
    )
    table = pd.DataFrame({"date": pd.date_range(ORIGIN, periods=days), "campaign": campaign.astype(int)})
    # so little is seen of anyone that dropout needs a prior
    priors = {"s": ("lognormal", 0.8, 0.3), "beta": ("lognormal", 8.0, 3.0)}
    fit = clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="campaign", varying=table), priors=priors)
    effect = fit.effects().loc["purchase: campaign"]
    # three standard errors of 0.02, and as much for several purchases of one day
    assert effect["coefficient"] == pytest.approx(1.0, abs=3 * effect["std_error"] + 0.02)
    assert effect["std_error"] < 0.03
