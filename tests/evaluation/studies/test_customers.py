"""The study of single customers with and without a calendar scores what the package says of them."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.evaluation.studies import customers
from clvmodels.evaluation.studies.forecasts import Origin
from tests.reference.tolerances import PREDICTION

END, DAYS = pd.Timestamp("1998-03-31"), 91


def test_one_origin_is_scored_as_forecast_and_fits_have_it() -> None:
    log = clv.Log(clv.datasets.load_cdnow(sample=True), customer="customer_id", date="date", amount="amount")
    found = customers.of_origin(Origin("sample", log, END, DAYS)).set_index("rule")
    split = clv.holdout_split(log, calibration_end=END, observation_end=END + pd.Timedelta(days=DAYS),
                              keep_purchases=True)  # fmt: skip
    actual = split.table["frequency"].to_numpy()
    each = clv.forecast(split.calibration, horizon=f"{DAYS}D").customers
    plain = clv.fit(split.calibration, "mbg/nbd")
    expected = {
        "forecast": (each["expected_purchases"], each["purchase_probability"]),
        "mbg/nbd": (plain.expected_purchases(13), plain.purchase_probability(13)),
    }
    for rule, (purchases, probability) in expected.items():
        bought = np.where(actual > 0, probability, 1.0 - probability)
        assert found.loc[rule, "mae"] == pytest.approx(np.abs(actual - purchases).mean(), rel=PREDICTION)
        assert found.loc[rule, "log_score"] == pytest.approx(-np.log(bought).mean(), rel=PREDICTION)
        assert found.loc[rule, "bias"] == pytest.approx(purchases.sum() / actual.sum() - 1.0, rel=PREDICTION)


def test_the_absolute_error_favours_a_total_that_is_too_low_and_the_deviance_does_not() -> None:
    actual = np.random.default_rng(3).poisson(0.2, 4_000).astype(float)
    right, low = (customers.scores(actual, np.full(4_000, mean), np.full(4_000, 0.18)) for mean in (0.2, 0.1))
    assert low["mae"] < right["mae"]
    assert low["deviance"] > right["deviance"]
    assert low["mae_at_total"] == pytest.approx(right["mae_at_total"], rel=PREDICTION)
