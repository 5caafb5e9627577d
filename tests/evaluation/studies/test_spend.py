"""The claim that spend is better predicted from every purchase: CDNOW and Online Retail II, several origins each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import clvmodels as clv
from clvmodels.evaluation.studies import spend
from tests.reference.tolerances import SUMMATION


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return clv.datasets.load_cdnow(sample=True)


def test_scores_by_hand(log: pd.DataFrame) -> None:
    read = {"customer": "customer_id", "date": "date", "amount": "amount", "unit": "week", "keep_purchases": True}
    before = clv.summarize(log, **read, observation_end="1997-09-30")
    later = clv.summarize(log, **read).purchases
    later = later[(later["day"] > "1997-09-30") & (later["spend"] > 0)]
    after = clv.Customers(before.table, "week", purchases=later)
    for name in spend.MODELS:
        fit = clv.fit(before, name)
        found = spend.score(fit, before, after)
        actual = later.groupby("customer_id")["spend"].mean()
        expected = fit.expected_spend().loc[actual.index]
        error = expected - actual
        assert found["customers"] == len(actual)
        assert found["mae"] == pytest.approx(error.abs().mean(), rel=SUMMATION)
        assert found["rmse"] == pytest.approx(np.sqrt((error**2).mean()), rel=SUMMATION)
        # errors of both signs cancel: the sum has fewer digits than its terms
        assert found["bias"] == pytest.approx(error.sum() / actual.sum(), rel=1e-9)
        assert found["spearman"] == pytest.approx(
            stats.spearmanr(expected, actual).statistic, rel=1e-4
        )  # ties of means
        assert np.isfinite(found["log_score"])


def test_the_log_score_of_one_customer_is_the_integral_over_the_rate() -> None:
    log = pd.DataFrame({"id": [1, 1, 1], "day": ["2024-01-01", "2024-01-09", "2024-02-01"], "paid": [10.0, 14.0, 30.0]})
    read = {"customer": "id", "date": "day", "amount": "paid", "unit": "week", "keep_purchases": True}
    before, whole = clv.summarize(log, **read, observation_end="2024-01-20"), clv.summarize(log, **read)
    after = clv.Customers(before.table, "week", purchases=whole.purchases.iloc[2:])
    sample = clv.summarize(clv.datasets.load_cdnow(sample=True), customer="customer_id", date="date", amount="amount",
                           keep_purchases=True)  # fmt: skip
    fit = clv.fit(sample, "gamma-gamma-amounts")
    p, q, v = fit.parameters.values()
    rate = stats.gamma(2 * p + q, scale=1.0 / (v + 24.0))
    density, _ = integrate.quad(lambda nu: stats.gamma.pdf(30.0, p, scale=1.0 / nu) * rate.pdf(nu), 0.0, 3.0)
    # scipy's quad, good to 1e-8
    assert spend.score(fit, before, after)["log_score"] == pytest.approx(np.log(density), rel=1e-7)


@pytest.mark.slow
def test_amounts_predict_better_than_means_at_every_origin() -> None:
    tables = dict(spend.run())
    assert len(tables) == 9
    for name, table in tables.items():
        means, amounts = table.loc["gamma-gamma"], table.loc["gamma-gamma-amounts"]
        for lower in ("mae", "rmse"):
            assert amounts[lower] < means[lower], (name, lower)
        for higher in ("spearman", "log_score"):
            assert amounts[higher] > means[higher], (name, higher)
        assert abs(amounts["bias"]) < abs(means["bias"]) + 0.05, name  # what it costs
