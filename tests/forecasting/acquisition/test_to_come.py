"""Customers still to come: a part of a forecast by itself, which the truth of simulated logs bears out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.acquisition.cohorts import repeats_of_cohorts
from clvmodels.forecasting.acquisition.to_come import Newcomers, customers_to_come
from clvmodels.forecasting.result.numbers import Spreads
from clvmodels.forecasting.result.ranges import Spread
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods

LOG = {"customer": "customer_id", "date": "date", "amount": "amount"}
END = pd.Timestamp("2024-12-31")
SHORT = {"observation_end": END, "horizon": "3M", "model": "bg/nbd"}


@pytest.fixture(scope="module")
def season() -> pd.DataFrame:
    return clv.datasets.simulate_log(
        6_000, end="2025-12-31", season={12: 3.0, 11: 1.8}, purchases={"r": 0.8, "alpha": 8.0}, seed=4
    )


@pytest.fixture(scope="module")
def plain(season) -> clv.Forecast:
    return clv.forecast(season, **LOG, **SHORT, new_customers=True)


def new_of(log: pd.DataFrame) -> pd.DataFrame:
    """What those bought who first bought after the end."""
    first = log.groupby("customer_id")["date"].transform("min")
    return log[first > END]


def test_repeats_of_a_plain_model_are_the_mean_over_a_cohort_of_what_it_says_of_a_new_customer(cdnow):
    fit = clv.fit(cdnow, "bg/nbd")
    periods = calendar_periods(cdnow.observation_end, pd.Timestamp("1997-12-31"), "month")
    found = repeats_of_cohorts((fit,), periods, np.ones(3), pd.DatetimeIndex(periods.index))
    for cohort, (first, days) in enumerate(zip(periods["first_day"], periods["days"], strict=True)):
        for period, end in enumerate(periods.index):
            ages = [(end - first).days - day for day in range(days)]
            each = [float(fit.expected_purchases(age / 7, "new").iloc[0]) if age > 0 else 0.0 for age in ages]
            # four days stand for those of a month: the curve between them is nearly straight
            assert found[cohort, period] == pytest.approx(np.mean(each), rel=0.02, abs=1e-9)


def test_season_and_number_are_those_that_came(season):
    forecast = clv.forecast(season, **LOG, observation_end=END, horizon="1Y", model="mbg/nbd", calendar=clv.Calendar(),
                            new_customers=True)  # fmt: skip
    came, found = new_of(season), forecast.new_customers
    actual = {"customers": came["customer_id"].nunique(), "purchases": len(came), "revenue": came["amount"].sum()}
    for name, value in actual.items():
        row = found.total.loc[name]
        assert row["lower"] < value < row["upper"]
        assert row["estimate"] == pytest.approx(value, rel=0.08)  # 4,000 customers who come, and the tail of spend
    december = len(came[came["date"].dt.month == 12])
    assert found.table["purchases"].iloc[-1] == pytest.approx(december, rel=0.12)  # one month, its season from two


def test_numbers_of_known_customers_stay_as_they_are(season, plain):
    without = clv.forecast(season, **LOG, **SHORT)
    assert without.new_customers is None
    pd.testing.assert_frame_equal(without.total, plain.total)
    pd.testing.assert_frame_equal(without.table, plain.table)
    assert "Customers still to come" not in without.summary()
    assert "Customers still to come are in none of these numbers: about" in plain.summary()
    assert "Customers still to come" in plain._repr_html_()
    estimate, *_ = plain.new_customers.total.loc["customers"]
    assert plain.new_customers.table["customers"].sum() == pytest.approx(estimate)


def test_ranges_hold_on_simulated_logs():
    inside, runs = {"customers": 0, "purchases": 0}, 20
    periods = calendar_periods(END, pd.Timestamp("2025-06-30"), "month")
    off = {name: Spread(0.01) for name in ("purchases", "buyers", "revenue")}
    for seed in range(runs):
        log = clv.datasets.simulate_log(1200, end="2025-06-30", seed=seed)
        customers = clv.summarize(log, **LOG, observation_end=END, unit="week", keep_purchases=True)
        known = Newcomers(
            customers=customers, fits=(clv.fit(customers, "bg/nbd"),), amounts=None, spreads=Spreads(off, {}),
            periods=periods, by="month", interval=0.90, seed=seed,
        )  # fmt: skip
        found, came = customers_to_come(known, None).total, new_of(log)
        for name, value in (("customers", came["customer_id"].nunique()), ("purchases", len(came))):
            inside[name] += found.loc[name, "lower"] <= value <= found.loc[name, "upper"]
    # 90 %: 15 of 20 or fewer happen in 4 % of the cases
    assert min(inside.values()) >= 16


def test_numbers_that_are_given(season):
    some = season[season["customer_id"] % 10 == 0]
    forecast = clv.forecast(some, **LOG, **SHORT, new_customers=[100, 0, 50])
    found = forecast.new_customers
    assert found.table["customers"].tolist() == [100.0, 0.0, 50.0]
    assert found.table.loc[found.table.index[1], ["customers_lower", "customers_upper"]].tolist() == [0.0, 0.0]
    assert "was given" in forecast.summary()
    assert (found.table["purchases"] >= found.table["customers"]).all()


@pytest.mark.parametrize(("by", "horizon"), [("week", "100D"), ("month", "100D"), ("quarter", "1Y")])
def test_any_periods_have_finite_numbers(by, horizon):
    log = clv.datasets.load_cdnow(sample=True).query("customer_id <= 300")
    found = clv.forecast(log, **LOG, horizon=horizon, by=by, model="bg/nbd", new_customers=True).new_customers
    numbers = found.table.drop(columns=["first_day", "whole"]).to_numpy()
    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    # nobody has been new since March, and so nobody will be
    assert found.total.loc["customers", "estimate"] == 0.0


def test_parts_of_periods_count_by_their_days(season):
    some = season[season["customer_id"] % 10 == 0]
    ends = (("2024-12-11", "20D"), ("2024-11-30", "1M"))
    of_part, of_whole = (
        clv.forecast(some, **LOG, observation_end=end, horizon=horizon, model="bg/nbd", new_customers=True)
        for end, horizon in ends
    )
    of_part, of_whole = (one.new_customers.table["customers"].iloc[0] for one in (of_part, of_whole))
    assert of_part == pytest.approx(of_whole * 20 / 31)


def test_it_is_saved_and_loaded_and_has_other_levels(plain, tmp_path):
    plain.save(tmp_path / "forecast.json")
    loaded = clv.load(tmp_path / "forecast.json")
    pd.testing.assert_frame_equal(loaded.new_customers.table, plain.new_customers.table)
    pd.testing.assert_frame_equal(loaded.new_customers.errors, plain.new_customers.errors)
    assert loaded.summary() == plain.summary()
    narrow = plain.with_interval(0.5).new_customers
    assert (narrow.total["lower"] > plain.new_customers.total["lower"]).all()
    assert narrow.interval == 0.5


def test_what_has_no_meaning_is_refused(season, cdnow):
    for wrong, message in (
        ([1.0, 2.0], "one number a month of the forecast, which are 3"),
        ([1.0, -2.0, 1.0], "new_customers must be numbers of new customers"),
        ("many", "new_customers must be True or False"),
        (None, "new_customers must be True or False"),
        (float("nan"), "new_customers must be True or False"),
    ):
        with pytest.raises(ArgumentError, match=message):
            clv.forecast(season[:500], **LOG, **SHORT, new_customers=wrong)
    with pytest.raises(ArgumentError, match="needs the days of purchases"):
        clv.forecast(cdnow, new_customers=True)


def test_a_fit_with_covariates_does_not_tell_who_will_come(season):
    some = season[season["customer_id"] % 10 == 0]
    customers = clv.summarize(some, **LOG, observation_end=END, unit="week", keep_purchases=True)
    large = pd.DataFrame({"customer_id": customers.table.index, "large": np.arange(len(customers)) % 2})
    fit = clv.fit(customers.join(large), "bg/nbd", covariates=clv.Covariates(purchase="large"))
    with pytest.raises(ArgumentError, match="what kind of customers will come"):
        clv.forecast(fit, horizon="3M", new_customers=True)
