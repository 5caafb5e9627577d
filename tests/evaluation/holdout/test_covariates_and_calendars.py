"""Covariates and calendars in `evaluate`, `backtest` and `compare`: as `fit` takes them, as they were known then."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.transactions.summary.holdout import Holdout
from tests.reference.tolerances import PREDICTION

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
END, LAST = "2024-06-30", "2024-12-31"
BY_CHANNEL = clv.Covariates(purchase="channel", spend="channel")


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    found = clv.datasets.simulate_log(
        1_500, start="2022-07-01", end=LAST, channels={"search": 1.0, "friends": 2.0}, season={12: 2.5}, seed=3
    )
    assert isinstance(found, pd.DataFrame)
    return found


@pytest.fixture(scope="module")
def split(log: pd.DataFrame) -> Holdout:
    return clv.holdout_split(log, **COLUMNS, calibration_end=END, keep="channel", keep_purchases=True)


@pytest.mark.filterwarnings("ignore::clvmodels.errors.ClvWarning")  # the days held out have lost all sense, on purpose
def test_covariates_are_those_of_the_fit_and_what_comes_later_has_no_influence(
    log: pd.DataFrame, split: Holdout
) -> None:
    options = {**COLUMNS, "calibration_end": END, "baselines": False, "intervals": False, "covariates": BY_CHANNEL}
    found = clv.evaluate(log, **options, models=["bg/nbd", "best"])
    purchases, spend = clv.fit(split.calibration, "bg/nbd", covariates=clv.Covariates(purchase="channel")), clv.fit(
        split.calibration, "gamma-gamma", covariates=clv.Covariates(spend="channel")
    )  # fmt: skip
    assert "purchase: channel[T.search]" in found.fits["bg/nbd"].parameters
    assert "spend: channel[T.search]" in found.fits["gamma-gamma"].parameters
    count = purchases.expected_purchases(split.duration)
    assert np.allclose(found.predictions["bg/nbd", "count"], count, rtol=PREDICTION)
    assert np.allclose(found.predictions["bg/nbd", "value"], count * spend.expected_spend(), rtol=PREDICTION)
    later = log["date"] > END
    other = clv.evaluate(
        log.assign(channel=log["channel"].where(~later, "unheard of"), amount=log["amount"].where(~later, 1e4)),
        **options,
        models=["bg/nbd", "best"],
    )
    assert not other.outcome.equals(found.outcome)
    # Amounts of a day are added up by several threads, in an order that is another every time.
    pd.testing.assert_frame_equal(other.predictions, found.predictions, rtol=PREDICTION)


def test_a_calendar_is_that_of_the_fit(log: pd.DataFrame, split: Holdout) -> None:
    options = {**COLUMNS, "calibration_end": END, "baselines": False, "calendar": clv.Calendar(season=2)}
    found = clv.evaluate(log, **options, models="mbg/nbd")
    fit = clv.fit(split.calibration, "mbg/nbd", calendar=clv.Calendar(season=2))
    assert np.allclose(found.predictions["mbg/nbd", "count"], fit.expected_purchases(split.duration), rtol=PREDICTION)
    assert 0.8 < found.intervals.loc["mbg/nbd", "coverage_80%"] <= 1.0
    with pytest.raises(ArgumentError, match="Pareto/NBD takes no calendar"):
        clv.evaluate(log, **options, models="pareto/nbd")


def test_a_backtest_has_the_columns_of_each_origin(log: pd.DataFrame) -> None:
    found = clv.backtest(
        log, **COLUMNS, horizon="13W", origins=[END, "2024-09-30"], baselines=False, intervals=False,
        covariates=BY_CHANNEL, calendar=clv.Calendar(season=False),
    )  # fmt: skip
    names = found.parameters.index.get_level_values("parameter")
    assert any(name.startswith("cohort") for name in names)
    assert found.parameters.xs("purchase: channel[T.search]", level="parameter")["estimate"].between(-1.2, -0.2).all()


def test_compare_with_a_calendar_takes_the_models_that_have_one(split: Holdout) -> None:
    found = clv.compare(split, calendar=clv.Calendar(season=False), covariates=BY_CHANNEL)
    assert set(found.fits) == {"bg/nbd", "mbg/nbd", "nbd"}
    assert all("purchase: channel[T.search]" in fit.parameters for fit in found.fits.values())
    assert found.table["holdout_mae"].notna().all()
    one = clv.fit(split.calibration, "bg/nbd", calendar=clv.Calendar(season=False), covariates=BY_CHANNEL)
    assert found.table.loc["bg/nbd", "aic"] == pytest.approx(one.aic, rel=PREDICTION)
