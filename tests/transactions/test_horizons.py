"""Horizons end on days of the calendar."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.transactions.horizons import horizon_end, horizon_in_units
from clvmodels.value.conditions import years_of


@pytest.mark.parametrize(
    ("end", "horizon", "last"),
    [
        ("2011-12-31", "1Y", "2012-12-31"),  # 365.25 days would end on 30 December
        ("2012-02-29", "1Y", "2013-02-28"),
        ("2011-06-30", "12M", "2012-06-30"),
        ("2011-06-30", "12 months", "2012-06-30"),
        ("2011-12-31", "1 year", "2012-12-31"),
        ("2011-12-31", "1.0Y", "2012-12-31"),
        ("2011-02-28", "1M", "2011-03-31"),  # the last day of a month stays the last
        ("2011-01-30", "1M", "2011-02-28"),
        ("2011-12-08", "6M", "2012-06-08"),
        ("2011-12-08", "182D", "2012-06-07"),
        ("2011-12-08", "26W", "2012-06-07"),
        ("2011-12-08", "0.5Y", "2012-06-08"),  # 182.6 days
    ],
)
def test_horizons_end_on_the_day_of_the_calendar(end: str, horizon: str, last: str) -> None:
    assert horizon_end(pd.Timestamp(end), horizon) == pd.Timestamp(last)


def test_numbers_are_of_the_unit() -> None:
    end = pd.Timestamp("1997-09-30")
    assert horizon_end(end, 39, "week") == pd.Timestamp("1998-06-30")
    assert horizon_in_units(end, 39, "week") == 39.0
    assert horizon_in_units(pd.Timestamp("2011-12-31"), "1Y", "week") == 366 / 7


@pytest.mark.parametrize("horizon", ["0D", 0, "1Z", "-1Y", float("nan"), "9999999Y"])
def test_horizons_without_a_meaning_are_refused(horizon: object) -> None:
    with pytest.raises(ArgumentError, match="horizon"):
        horizon_end(pd.Timestamp("2011-12-31"), horizon)  # type: ignore[arg-type]


def test_a_value_of_a_year_ends_on_the_day_of_the_calendar() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    customers = clv.summarize(
        log, customer="customer_id", date="date", amount="amount", unit="week", observation_end="1997-12-31"
    )
    purchases, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
    year = {"annual_discount_rate": 0.1}
    of_text = clv.lifetime_value(purchases, spend, horizon="1Y", yearly=True, **year)
    of_days = clv.lifetime_value(purchases, spend, horizon=365 / 7, **year)
    pd.testing.assert_frame_equal(of_text[list(of_days)], of_days)
    assert "lifetime_value_year_2" not in of_text
    # for life, counts and risks are of the same year
    for_life = clv.lifetime_value(purchases, spend, horizon=None, **year)
    pd.testing.assert_series_equal(for_life["expected_purchases"], of_days["expected_purchases"])
    # without a last day a year is one on average
    undated = replace(customers, observation_end=None)
    of_text = clv.lifetime_value(purchases, spend, undated, horizon="1Y", **year)
    pd.testing.assert_frame_equal(of_text, clv.lifetime_value(purchases, spend, undated, horizon=365.25 / 7, **year))


def test_a_leap_year_is_one_year() -> None:
    assert years_of(366.0, 365.25) == [(0.0, 366.0)]
    assert years_of(731.0, 365.25) == [(0.0, 365.25), (365.25, 365.75)]
    assert len(years_of(367.0, 365.25)) == 2


def test_risks_and_next_purchases_are_of_the_same_year() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    customers = clv.summarize(log, customer="customer_id", date="date", unit="week", observation_end="1997-12-31")
    fit = clv.fit(customers, "bg/nbd")
    risk = clv.risk_table(fit, horizon="1Y", annual_discount_rate=0.1).table["attrition_risk"]
    chance = clv.next_purchase(fit, horizon="1Y").table["purchase_probability"]
    expected = fit.purchase_probability(365 / 7)
    np.testing.assert_allclose(1.0 - risk, expected, rtol=1e-12, atol=1e-15)  # the same sums; 1 - x
    np.testing.assert_allclose(chance, expected, rtol=1e-12)
