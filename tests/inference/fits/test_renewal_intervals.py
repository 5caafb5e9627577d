"""Intervals of predictions of renewals: over draws of the parameters, from likelihood, Laplace or NUTS alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from tests.reference.tolerances import STANDARD_ERRORS, SUMMATION

YEARS = {"old": [1000, 869, 743, 653, 593, 551, 517, 491], "young": [500, 430, 360]}


@pytest.fixture(scope="module")
def subscriptions() -> clv.Subscriptions:
    return clv.Subscriptions.from_survival(YEARS, unit="year")


@pytest.fixture(scope="module", params=[("sbg", "mle"), ("bdw", "mle"), ("sbg", "laplace")], ids="-".join)
def fit(request: pytest.FixtureRequest, subscriptions: clv.Subscriptions) -> clv.Fit:
    model, method = request.param
    return clv.fit(subscriptions, model, method=method)


def test_bounds_are_quantiles_over_the_draws(fit: clv.Fit) -> None:
    each = [
        clv.predictions(fit.model, row.to_dict(), customers=fit.customers, unit=fit.unit)
        for _, row in fit.draws().head(200).iterrows()
    ]
    curve = fit.survival_curve(12, interval=0.9)
    assert curve["survival"].equals(fit.survival_curve(12))
    assert (curve["survival_lower"] <= curve["survival_upper"]).all()
    values = np.array([one.survival_curve(12).to_numpy() for one in each])
    # 200 of 1,000 draws: their 5 % quantile is off by a fifth of a standard deviation at most
    spread = values.std(axis=0) + 1e-12
    for side, q in (("lower", 0.05), ("upper", 0.95)):
        off = (curve[f"survival_{side}"].to_numpy() - np.quantile(values, q, axis=0)) / spread
        assert np.abs(off).max() < 0.6


def test_every_prediction_has_an_interval_around_it(fit: clv.Fit) -> None:
    answers = {
        "survival": fit.survival("5Y", interval=0.9),
        "retention": fit.retention(interval=0.9),
        "churn_risk": fit.churn_risk(interval=0.9),
        "discounted_lifetime": fit.discounted_lifetime(0.1, interval=0.9),
        "expected_customers": fit.expected_customers(5, interval=0.9).loc[1:],
    }
    answers |= {"retention ": fit.retention_curve(10, interval=0.9)}
    for name, table in answers.items():
        key = name.strip()
        assert list(table.columns) == [key, f"{key}_lower", f"{key}_upper"]
        assert (table[f"{key}_lower"] < table[key]).all()
        assert (table[key] < table[f"{key}_upper"]).all()
    point = fit.churn_risk()
    total = answers["churn_risk"].attrs["total"]["churn_risk"]
    assert total["estimate"] == pytest.approx(float(point @ [491, 360]), rel=SUMMATION)
    assert total["lower"] < total["estimate"] < total["upper"]
    known = fit.expected_customers(5, interval=0.9).loc[0]
    assert (known == 491 + 360).all()  # who is there now is certain


def test_intervals_need_identified_parameters_and_a_level(fit: clv.Fit) -> None:
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        fit.churn_risk(interval=90)
    with pytest.raises(ArgumentError, match="one horizon at a time"):
        fit.survival([1, 2], interval=0.9)
    with pytest.warns(clv.errors.IdentificationWarning):
        weak = clv.fit(clv.Subscriptions.from_survival([100, 60], unit="year"), "sbg")
    with pytest.raises(UnsupportedPrediction, match="not identified"):
        weak.churn_risk(interval=0.9)


@pytest.mark.slow
def test_intervals_cover() -> None:
    """S(12) from 6 periods of 1,000 customers, 80 times: 90 % intervals cover 90 % ± 4.5 standard errors."""
    truth = {"alpha": 0.8, "beta": 2.5}
    sbg = clv.models.get("sbg")
    true = float(np.exp(sbg.log_survival(np.zeros(1), 12.0, **truth))[0])  # type: ignore[attr-defined]
    covered = []
    for seed in range(80):
        n, lost = sbg.simulate(np.random.default_rng(seed), np.full(1000, 6.0), **truth)  # type: ignore[attr-defined]
        table = pd.DataFrame({"periods": n.astype(int), "lost": lost == 1, "active": lost == 0, "customers": 1})
        curve = clv.fit(clv.Subscriptions(table.assign(segment="all"), "month"), "sbg").survival_curve(12, interval=0.9)
        covered.append(curve.loc[12, "survival_lower"] < true < curve.loc[12, "survival_upper"])
    assert np.mean(covered) == pytest.approx(0.9, abs=STANDARD_ERRORS * np.sqrt(0.09 / 80))
