"""New customers to come: simple models, the choice among them, and draws that share one error of the level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.studies.accuracy import online_retail
from clvmodels.forecasting.acquisition.choice import Trial, dispersion
from clvmodels.forecasting.acquisition.draws import drawn_counts
from clvmodels.forecasting.acquisition.forecast_acquisition import given_acquisition
from clvmodels.forecasting.acquisition.history import acquisition_history
from clvmodels.forecasting.acquisition.means import last_year, recent_mean, trend

SEASON = np.array([60, 70, 90, 100, 100, 90, 80, 90, 110, 140, 190, 280]) / 100.0
RETAIL = {"customer": "customer_id", "date": "timestamp", "amount": "amount", "order": "order_id"}
_SAMPLING = 0.02  # quantiles of 20,000 draws: their standard error is under 1 %


@pytest.mark.parametrize(
    ("relative_error", "expected"), [(0.0, (2587.0, 3674.0)), (0.2, (2354.0, 4155.0))], ids=["no error", "error of .2"]
)
def test_equity_of_24_cohorts_has_the_published_range(relative_error, expected):
    # METHODS-DECISIONS 3: a base of 1000 F, 24 cohorts of mean 100 (size 20), F ~ N(1, .1) common, 1 % a period.
    acquired = given_acquisition([100.0] * 24, relative_error=relative_error, dispersion=1 / 20, draws=20_000, seed=3)
    level = np.random.default_rng(4).normal(1.0, 0.1, 20_000)
    total = level * (1000.0 + acquired.draws @ 1.01 ** -np.arange(1, 25))
    assert np.quantile(total, [0.05, 0.95]) == pytest.approx(expected, rel=_SAMPLING)


def test_last_year_grows_as_the_year_before_did_and_only_once():
    two_years = np.concatenate([100 * SEASON, 120 * SEASON])
    np.testing.assert_allclose(last_year(two_years, 24, 12), np.tile(144 * SEASON, 2))
    assert last_year(two_years[:11], 3, 12) is None


def test_a_trend_holds_after_a_year_and_has_the_season_of_two_years():
    growing = 1000 * 1.02 ** np.arange(24) * np.tile(1 + 0.5 * np.sin(2 * np.pi * np.arange(12) / 12), 2)
    found = trend(growing, 36, 12)
    expected = 1000 * 1.02 ** np.minimum(np.arange(24, 60), 35)
    expected *= np.tile(1 + 0.5 * np.sin(2 * np.pi * np.arange(12) / 12), 3)
    # The logarithm of 1 + sin / 2 has waves beyond the second, of up to 3 %.
    np.testing.assert_allclose(found, expected, rtol=0.05)


def test_the_recent_mean_is_of_a_quarter_of_a_year():
    assert recent_mean(np.arange(1.0, 13.0), 2, 12).tolist() == [11.0, 11.0]
    assert recent_mean(np.array([7.0]), 1, 12).tolist() == [7.0]


@pytest.mark.parametrize(
    ("counts", "best"),
    [
        (np.tile(200 * SEASON, 4), "last_year"),
        (np.repeat([50.0, 300.0, 120.0, 400.0], 12), "recent_mean"),
        (np.random.default_rng(1).poisson(80 * 0.97 ** np.arange(30)), "trend"),
    ],
    ids=["season", "jumps", "decline"],
)
def test_what_was_least_off_makes_the_forecast(counts, best):
    assert clv.forecast_acquisition(counts, 6, periods_per_year=12).method == best


def test_ranges_hold_over_simulated_businesses():
    rng, inside, runs = np.random.default_rng(8), 0, 200
    for seed in range(runs):
        # A level that walks by 15 % a year, and months that vary by 20 % around it.
        level = np.exp(np.cumsum(rng.normal(0.0, 0.15 / np.sqrt(12), 48)))
        counts = rng.poisson(rng.gamma(25.0, 100 * np.tile(SEASON, 4) * level / 25.0)).astype(float)
        found = clv.forecast_acquisition(counts[:36], 12, periods_per_year=12, draws=400, seed=seed)
        _, lower, upper = found.total
        inside += lower <= counts[36:].sum() <= upper
    assert 0.85 <= inside / runs <= 0.99  # 90 %, and four standard errors of 200 runs are 8 points


def test_dispersion_of_negative_binomial_numbers_is_found():
    rng = np.random.default_rng(5)
    of_method = []
    for known in range(200):
        mean = np.full(12, 200.0)
        actual = rng.poisson(rng.gamma(10.0, mean / 10.0)).astype(float)
        of_method.append(Trial("recent_mean", known, mean, actual))
    assert dispersion(of_method) == pytest.approx(0.1, rel=0.15)  # 2,400 squares: a standard error of 4 %


def test_the_error_of_the_level_is_one_and_grows_with_time():
    drawn = drawn_counts(np.full(24, 1e6), 0.1, 6, 0.0, 4000, 1)
    spread = np.log(drawn).std(axis=0)
    expected = 0.1 * np.sqrt(np.maximum(np.arange(1, 25) / 6, 1.0))
    np.testing.assert_allclose(spread, expected, rtol=0.06)  # 4,000 draws: a standard error of 1.1 %
    assert np.corrcoef(np.log(drawn[:, 0]), np.log(drawn[:, 23]))[0, 1] > 0.99  # chance is a thousandth


def test_results_can_be_read():
    months = pd.period_range("2010-01", periods=36, freq="M", name="month")
    found = clv.forecast_acquisition(pd.Series(np.tile(200 * SEASON, 3), months), 12, seed=2)
    assert found.table.index.tolist() == pd.period_range("2013-01", periods=12, freq="M").tolist()
    assert (found.table["lower"] <= found.table["new_customers"]).all()
    estimate, lower, upper = found.total
    assert lower < estimate < upper
    assert estimate == pytest.approx(200 * SEASON.sum())
    assert "about 2,800 new customers" in found.summary()
    assert "at 3 earlier dates" in found.summary()
    assert set(found.errors["method"]) == {"last_year", "recent_mean", "trend"}
    assert found._repr_html_().startswith("<div><p>")
    again = clv.forecast_acquisition(pd.Series(np.tile(200 * SEASON, 3), months), 12, seed=2)
    assert np.array_equal(found.draws, again.draws)


def test_nobody_new_of_late_is_nobody_new():
    found = clv.forecast_acquisition([500.0, 400.0, 300.0, *[0.0] * 15], 6, periods_per_year=12)
    assert found.total == (0.0, 0.0, 0.0)
    assert found.method == "recent_mean"
    assert clv.forecast_acquisition([0.0], 2, periods_per_year=12).total == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("index", "following"),
    [
        (pd.date_range("2020-01-31", periods=6, freq="ME"), "2020-07-31"),
        (pd.DatetimeIndex(["2020-01-05", "2020-01-12", "2020-01-19"]), "2020-01-26"),
        (pd.date_range("2020-03-31", periods=1, freq="QE"), "2020-06-30"),
        (pd.period_range("2020-01", periods=3, freq="M"), "2020-04"),
    ],
)
def test_dates_tell_the_length_of_periods(index, following):
    found = clv.forecast_acquisition(pd.Series(10.0, index), 2)
    assert str(found.table.index[0]).startswith(following)


@pytest.mark.parametrize(
    ("counts", "keywords", "message"),
    [
        (None, {}, "counts must be a Series"),
        ("many", {}, "counts must be a Series"),
        (["a"], {}, "counts must be numbers"),
        ([], {}, "at least one period"),
        ([[1, 2]], {}, "at least one period"),
        ([1, -1], {}, "that of period 2 is -1"),
        ([1, np.nan], {}, "that of period 2 is nan"),
        ([1, np.inf], {}, "that of period 2 is inf"),
        ([1, 2], {"periods_per_year": None}, "Pass periods_per_year="),
        ([1, 2], {"periods_per_year": 0}, "periods_per_year must be"),
        ([1, 2], {"periods": 0}, "periods must be"),
        ([1, 2], {"periods": "six"}, "periods must be"),
        ([1, 2], {"method": "prophet"}, "method must be one of"),
        ([1, 2], {"method": "last_year"}, "needs more history than 2 periods"),
        ([1, 2], {"draws": 1}, "draws must be"),
        ([1, 2], {"draws": 10**9}, "draws must be"),
        ([1, 2], {"interval": 1.0}, "interval must be"),
        ([1, 2], {"seed": -1}, "seed must be"),
        (pd.Series([1, 2], index=[2, 1]), {}, "in the order of time"),
        (
            pd.Series([1, 2, 3], index=pd.DatetimeIndex(["2020-01-31", "2020-02-29", "2020-06-30"])),
            {"periods_per_year": None},
            "not regular",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(counts, keywords, message):
    with pytest.raises(ArgumentError, match=message):
        clv.forecast_acquisition(counts, **{"periods": 6, "periods_per_year": 12} | keywords)


@pytest.fixture(scope="module")
def retail():
    return clv.summarize(online_retail(), **RETAIL, keep_purchases=True)


def test_a_log_that_begins_with_old_customers_loses_its_first_year(retail):
    found = acquisition_history(retail)
    assert found.left_out == 12
    assert "begin with old customers" in found.note
    assert found.counts.index[0] == pd.Timestamp("2010-12-31")
    assert found.counts.iloc[0] == 76
    assert acquisition_history(retail, "quarter").left_out == 4


def test_customers_without_purchases_are_refused(retail):
    with pytest.raises(ArgumentError, match="keep_purchases=True"):
        acquisition_history(clv.Customers(retail.table, unit="week"))
