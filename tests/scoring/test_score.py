"""One table of scores: its numbers are those of the forecast, or of the fits, and its columns say what they mean."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError
from tests.reference.tolerances import ONE_ROUNDING

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
END = "1997-09-30"
PREDICTED = ["purchase_probability", "expected_purchases", "expected_spend"]


@pytest.fixture(scope="module")
def customers():
    log = clv.datasets.path("cdnow_sample")
    return clv.summarize(log, **COLUMNS, observation_end=END, keep_purchases=True)


@pytest.fixture(scope="module")
def fits(customers):
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


@pytest.fixture(scope="module")
def of_log():
    return clv.score(clv.datasets.path("cdnow_sample"), **COLUMNS, observation_end=END, horizon="39W")


@pytest.fixture(scope="module")
def of_fits(customers, fits):
    return clv.score(customers, fits, horizon="39W", margin=0.3)


def test_scores_of_a_log_are_parts_of_its_forecast(of_log):
    forecast = clv.forecast(clv.datasets.path("cdnow_sample"), **COLUMNS, observation_end=END, horizon="39W")
    pd.testing.assert_frame_equal(of_log[PREDICTED], forecast.customers[PREDICTED])
    assert of_log["expected_purchases"].sum() == pytest.approx(
        forecast.total.loc["purchases", "estimate"], rel=ONE_ROUNDING
    )
    value = forecast.lifetime_value(annual_discount_rate=0.10)["lifetime_value"]
    pd.testing.assert_series_equal(of_log["lifetime_value"], value)


def test_scores_of_fits_are_their_values(customers, fits, of_fits):
    value = clv.lifetime_value(*fits, customers, horizon="39W", annual_discount_rate=0.10, margin=0.3)
    pd.testing.assert_frame_equal(of_fits[value.columns], value)
    reverse = clv.score(customers, fits[::-1], horizon="39W", margin=0.3)
    pd.testing.assert_frame_equal(of_fits, reverse)


def test_what_is_known_is_that_of_the_log(of_log):
    log = clv.datasets.load_cdnow(sample=True).query("date <= @END")
    days = log.groupby("customer_id")["date"].agg(["min", "max", "nunique"])
    assert (of_log["first_purchase"] == days["min"]).all()
    assert (of_log["last_purchase"] == days["max"]).all()
    assert (of_log["purchases"] == days["nunique"]).all()


def test_the_rank_is_by_value(of_log):
    assert sorted(of_log["rank"]) == list(range(1, len(of_log) + 1))
    by_rank = of_log.sort_values("rank")["lifetime_value"]
    assert by_rank.is_monotonic_decreasing


def test_tiers_and_groups_are_those_of_segment(of_fits, of_log):
    for scores in (of_fits, of_log):
        for name, by in (("tier", "value"), ("group", "value_risk")):
            known = clv.segment(scores[["lifetime_value", "attrition_risk"]], by=by).customers["segment"]
            assert (scores[name] == known).all()


def test_the_next_purchase_comes_after_the_observation_and_where_it_is_likely(of_log):
    day, likely = of_log["expected_next_purchase"], of_log["purchase_probability"]
    assert (day.dropna() > pd.Timestamp(END)).all()
    assert day.isna().any()
    assert likely[day.isna()].max() < likely[day.notna()].median()


@pytest.mark.parametrize("how", [{}, {"horizon": None}, {"interval": 0.9}])
def test_every_column_has_a_meaning_and_finite_numbers(customers, fits, how):
    scores = clv.score(customers.head(30), fits, **how)
    assert list(scores.attrs["columns"]) == ["customer_id", *scores]
    numbers = scores.drop(columns="mean_spend").select_dtypes("number")
    assert np.isfinite(numbers).all(axis=None)
    assert (numbers >= 0).all(axis=None)
    bounded = [name.removesuffix("_lower") for name in scores if name.endswith("_lower")]
    assert bool(bounded) == ("interval" in how)
    for name in bounded:
        assert scores[name].between(scores[f"{name}_lower"] - 1e-9, scores[f"{name}_upper"] + 1e-9).mean() > 0.95


def test_a_log_is_read_as_the_fitted_one(customers, fits, of_fits):
    log = clv.datasets.load_cdnow(sample=True)
    scores = clv.score(log, fits, observation_end=END, horizon="39W", margin=0.3)
    pd.testing.assert_frame_equal(scores, of_fits)


def test_without_amounts_there_is_no_value(customers, fits):
    scores = clv.score(customers, fits[0])
    assert "lifetime_value" not in scores
    assert "expected_spend" not in scores
    assert scores.sort_values("rank")["expected_purchases"].is_monotonic_decreasing
    assert "lifetime_value" not in clv.score(customers.head(300), spend=None)


def test_meanings_travel_with_a_parquet_file(of_fits, tmp_path):
    of_fits.to_parquet(tmp_path / "scores.parquet")
    read = pd.read_parquet(tmp_path / "scores.parquet")
    assert read.attrs["columns"] == of_fits.attrs["columns"]


@pytest.mark.parametrize("fits", [[], "bg/nbd", 5, ["bg/nbd"], None])
def test_fits_that_are_none_are_refused(customers, fits):
    if fits is None:
        with pytest.raises(ArgumentError, match="interval= needs fits"):
            clv.score(customers, interval=0.9)
        return
    with pytest.raises(ArgumentError, match="fits must be a fit"):
        clv.score(customers, fits)


@pytest.mark.parametrize("bad", [{"horizon": "soon"}, {"margin": np.nan}, {"annual_discount_rate": -2.0}])
def test_arguments_are_refused_in_words(customers, fits, bad):
    with pytest.raises(ClvError):
        clv.score(customers, fits, **bad)
