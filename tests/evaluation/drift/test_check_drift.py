"""Drift of simulated logs is found, and hardly any where there is none."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.evaluation.drift.check_drift import _holm
from clvmodels.evaluation.drift.since_fit import SinceFit
from tests.reference.tolerances import SUMMATION

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
END = "2023-10-31"  # two periods, of a month each, are left
KNOWN = "purchases of known customers"


def make_log(customers: int, seed: int, factor: float | None = None) -> pd.DataFrame:
    """A year of purchases; with a factor, that is by how much the rate of the last two months differs."""
    season = None if factor is None else {11: factor, 12: factor}
    return clv.datasets.simulate_log(
        customers, start="2023-01-01", end="2023-12-31", joining=330, season=season, seed=seed
    )


def fit_both(log: pd.DataFrame) -> list[clv.Fit]:
    customers = clv.summarize(log, observation_end=END, **COLUMNS)
    return [clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")]


def test_few_logs_without_drift_raise_an_alarm():
    logs = [make_log(2_000, seed) for seed in range(30)]
    alarms = sum(clv.check_drift(log, fit_both(log)).drifted for log in logs)
    assert alarms <= 4  # 5 % of 30 are 1.5; more than 4 come with a probability below 2 %


@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_a_change_of_the_purchase_rate_by_a_fifth_is_found_within_two_months(factor: float):
    for seed in range(3):
        log = make_log(15_000, seed, factor)
        drift = clv.check_drift(log, fit_both(log))
        assert drift.table.loc[KNOWN, "drifted"]
        # Customers who bought more have also left more often, so that a bit less than the factor remains.
        assert np.sign(drift.table.loc[KNOWN, "change"]) == np.sign(factor - 1)
        assert not drift.table.loc["spend of a purchase", "drifted"]


def test_dearer_purchases_are_found_and_are_not_taken_for_more_of_them():
    log = make_log(6_000, 1)
    fits = fit_both(log)
    dearer = log.assign(amount=log["amount"].where(log["date"] <= END, 1.2 * log["amount"]))
    drift = clv.check_drift(dearer, fits)
    assert drift.table.index[drift.table["drifted"]].tolist() == ["spend of known customers", "spend of a purchase"]
    plain = clv.check_drift(log, fits)
    # Two prices side by side: all amounts since the fit are 1.2 times as large.
    before, after = (one.table.loc["spend of a purchase", "now"] for one in (plain, drift))
    assert after / before == pytest.approx(1.2, rel=SUMMATION)
    assert "Spend of a purchase: " in drift.summary()


def test_small_changes_are_no_drift_however_certain():
    log = make_log(6_000, 1)
    fits = fit_both(log)
    dearer = log.assign(amount=log["amount"].where(log["date"] <= END, 1.2 * log["amount"]))
    assert not clv.check_drift(dearer, fits, tolerance=0.4).drifted


def test_what_is_expected_and_what_came(cdnow, cdnow_bgnbd):
    """The 2,357 customers of the sample made 1,882 repeat purchases in the 39 weeks that were held out."""
    log = clv.Log(clv.datasets.path("cdnow_sample"), **COLUMNS)
    table = clv.check_drift(log, cdnow_bgnbd).table
    assert table.loc[KNOWN, "now"] == 1882
    assert table.loc[KNOWN, "then"] == pytest.approx(cdnow_bgnbd.expected_purchases(39, cdnow).sum(), rel=SUMMATION)
    bought = clv.holdout_split(log, calibration_end="1997-09-30").table["frequency"] > 0
    assert table.loc["buyers among known customers", "now"] == bought.sum()


def test_who_came_back_soon():
    day = pd.Timestamp("2024-03-31")
    log = pd.DataFrame(
        {
            "customer_id": ["old", "a", "a", "b", "b", "c", "d", "d"],
            # a came back after 5 days, b after 20; c never; d joined since the fit and came back
            "time": [day + pd.Timedelta(days=days) for days in (-40, -20, -15, -25, -5, -18, 3, 9)],
        }
    )
    now = clv.summarize(log, customer="customer_id", date="time", keep_purchases=True, observation_end="2024-04-30")
    known = clv.summarize(log, customer="customer_id", date="time", observation_end=day)
    since = SinceFit(known, now)
    assert since.came_back(-30, -15, 10).tolist() == [1.0, 0.0, 0.0]
    assert since.came_back(0, 15, 10).tolist() == [1.0]
    assert (since.joined(-30, 0), since.joined(0, 30), since.days) == (3, 1, 30)
    assert since.of_known["purchases"].tolist() == [0, 0, 0, 0]


def test_holm_compares_the_smallest_with_the_level_over_their_number():
    assert _holm(np.array([0.02, 0.04, 0.01]), 0.05).tolist() == [True, True, True]
    assert _holm(np.array([0.03, 0.04, 0.01]), 0.05).tolist() == [False, False, True]
    assert _holm(np.array([0.02, 0.04, 0.03]), 0.05).tolist() == [False, False, False]


def test_what_cannot_be_checked_is_refused_in_words(cdnow, cdnow_bgnbd, cdnow_spend):
    log = clv.Log(clv.datasets.path("cdnow_sample"), **COLUMNS)
    for fits in ([cdnow_spend], [cdnow_bgnbd, cdnow_bgnbd], []):
        with pytest.raises(ArgumentError, match="a fit of a purchase model, or that and"):
            clv.check_drift(log, fits)
    with pytest.raises(DataError, match=re.escape("ends on 1997-09-30")):
        clv.check_drift(log, cdnow_bgnbd, observation_end="1997-09-30")
    with pytest.raises(ArgumentError, match="level must be"):
        clv.check_drift(log, cdnow_bgnbd, level=0.0)
    without_end = clv.fit(clv.Customers.from_frame(cdnow.table, unit="week"), "bg/nbd")
    with pytest.raises(ArgumentError, match="doesn't know the last day"):
        clv.check_drift(log, without_end)


def test_a_season_that_the_calendar_knows_is_no_drift():
    """Two Decembers of three times as many purchases, and the fit has seen the first."""
    log = clv.datasets.simulate_log(2_000, start="2022-01-01", end="2023-12-31", season={12: 3.0}, seed=5)
    customers = clv.summarize(log, observation_end="2023-11-30", keep_purchases=True, **COLUMNS)
    plain = clv.check_drift(log, clv.fit(customers, "bg/nbd"))
    assert plain.table.loc[KNOWN, "drifted"]
    calendar = clv.Calendar(season=3, tenure=False, cohort=False)
    known = clv.check_drift(log, clv.fit(customers, "bg/nbd", calendar=calendar))
    change = [abs(one.table.loc[KNOWN, "change"]) for one in (known, plain)]
    assert change[0] < 0.5 * change[1]
    assert not known.table.index.str.startswith("parameters").any()


def test_fits_of_another_kind_are_refused(cdnow):
    halves = pd.Series(np.where(np.arange(len(cdnow)) % 2, "web", "shop"), index=cdnow.table.index, name="channel")
    covariates = clv.Covariates(purchase="channel")
    fit = clv.fit(cdnow.join(halves.to_frame()), "bg/nbd", covariates=covariates)
    with pytest.raises(ArgumentError, match="without covariates and groups"):
        clv.check_drift(clv.Log(clv.datasets.path("cdnow_sample"), **COLUMNS), fit)
