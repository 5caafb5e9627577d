"""Predictions of renewals: they agree with one another, and answer only what has a meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from tests.reference.tolerances import MANY_ROUNDINGS, ONE_ROUNDING, ROUNDING, SUMMATION

LONG_SUM = 1e-11  # sums of 2,000 terms, and Euler and Maclaurin's remainder


@pytest.fixture(scope="module")
def subscriptions() -> clv.Subscriptions:
    years = {"old": [1000, 869, 743, 653, 593, 551, 517, 491], "young": [500, 430, 360], "new": [80]}
    return clv.Subscriptions.from_survival(years, unit="year")


@pytest.fixture(scope="module", params=["sbg", "bdw"])
def fit(request: pytest.FixtureRequest, subscriptions: clv.Subscriptions) -> clv.Fit:
    return clv.fit(subscriptions, request.param)


def test_predictions_agree_with_one_another(fit: clv.Fit) -> None:
    assert list(fit.retention().index) == ["old", "young", "new"]
    curve, retention = fit.survival_curve(20), fit.retention_curve(20)
    assert retention.cumprod().to_numpy() == pytest.approx(curve.to_numpy()[1:], rel=MANY_ROUNDINGS)
    assert fit.retention().to_numpy() == pytest.approx(retention.loc[[8, 3, 1]].to_numpy(), rel=MANY_ROUNDINGS)
    assert (fit.retention() + fit.churn_risk()).to_numpy() == pytest.approx(np.ones(3), rel=ONE_ROUNDING)
    assert (fit.survival("5Y") + fit.churn_risk(5)).to_numpy() == pytest.approx(np.ones(3), rel=ONE_ROUNDING)
    assert fit.survival("5Y")["old"] == pytest.approx(curve[12] / curve[7], rel=MANY_ROUNDINGS)
    assert fit.survival([0, 3], "new").to_numpy()[0] == pytest.approx([1.0, curve[3]], rel=ROUNDING)
    expected = fit.expected_customers(5)
    assert expected[0] == 491 + 360 + 80
    assert expected[5] == pytest.approx(float(fit.survival(5) @ [491, 360, 80]), rel=MANY_ROUNDINGS)
    assert fit.expected_customers(3, "new").to_numpy() == pytest.approx(curve.to_numpy()[:4], rel=MANY_ROUNDINGS)


def test_discounted_lifetime_counts_from_the_next_renewal(fit: clv.Fit) -> None:
    curve = fit.survival_curve(2000).to_numpy()
    discount = 1.1 ** -np.arange(2000.0)
    new = float(curve[:2000] @ discount)
    assert fit.discounted_lifetime(0.1, customers="new").iloc[0] == pytest.approx(new, rel=LONG_SUM)
    old = float(curve[8:] @ discount[: len(curve) - 8] / curve[7])
    assert fit.discounted_lifetime(0.1)["old"] == pytest.approx(old, rel=LONG_SUM)
    assert fit.discounted_lifetime(0.1, until_renewal=1.0)["old"] == pytest.approx(old / 1.1, rel=LONG_SUM)
    assert fit.discounted_lifetime(0.0, horizon=3)["old"] == pytest.approx(curve[8:11].sum() / curve[7], rel=SUMMATION)
    assert fit.discounted_lifetime(0.1, horizon="1Y", customers="new").iloc[0] == 1.0


def test_only_who_is_still_there_is_predicted(fit: clv.Fit) -> None:
    frame = pd.DataFrame(
        {"id": ["ann", "bob", "cat"], "from": "2020-01-01", "to": [None, "2021-01-01", "2023-07-01"]},
    )
    them = clv.Subscriptions.from_frame(
        frame, start="from", end="to", observation_end="2023-08-01", unit="year", customer_id="id"
    )
    risk = fit.churn_risk(customers=them)
    assert list(risk.index) == ["ann"]
    assert risk["ann"] == pytest.approx(1.0 - fit.retention_curve(4)[4], rel=SUMMATION)


def test_a_loaded_fit_predicts(fit: clv.Fit, subscriptions: clv.Subscriptions, tmp_path: Any) -> None:
    fit.save(tmp_path / "renewals.json")
    loaded = clv.load(tmp_path / "renewals.json")
    assert loaded.churn_risk(customers=subscriptions).equals(fit.churn_risk())
    assert loaded.survival_curve(9).equals(fit.survival_curve(9))
    with pytest.raises(ArgumentError, match="carries no data"):
        loaded.churn_risk()


def test_predictions_without_meaning_name_one_that_has(
    fit: clv.Fit, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit
) -> None:
    calls: list[Any] = [
        lambda: fit.probability_alive(),
        lambda: fit.expected_purchases("1Y"),
        lambda: fit.purchase_probability("1Y"),
        lambda: fit.discounted_expected_purchases(0.1),
        lambda: fit.expected_spend(),
        lambda: fit.simulate("1Y"),
    ]
    for call in calls:
        with pytest.raises(UnsupportedPrediction, match=r"is a model of subscriptions and has no .*churn_risk"):
            call()
    with pytest.raises(UnsupportedPrediction, match=r"BG/NBD is a model of purchases .* purchase_probability"):
        cdnow_bgnbd.churn_risk()
    with pytest.raises(UnsupportedPrediction, match="Gamma-Gamma is a model of spend"):
        cdnow_spend.survival_curve(3)


def test_arguments_that_make_no_sense(fit: clv.Fit, subscriptions: clv.Subscriptions, cdnow: clv.Customers) -> None:
    with pytest.raises(ArgumentError, match="whole number of years"):
        fit.survival("18M")
    with pytest.raises(ArgumentError, match="lifetime can be infinite"):
        fit.discounted_lifetime(0.0)
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        fit.discounted_lifetime(0.1, until_renewal=2.0)
    with pytest.raises(ArgumentError, match="first period begins now"):
        fit.discounted_lifetime(0.1, customers="new", until_renewal=0.5)
    with pytest.raises(ArgumentError, match='Subscriptions or "new"'):
        fit.churn_risk(customers="old")
    monthly = clv.Subscriptions(subscriptions.table, "month")
    with pytest.raises(ArgumentError, match="renew each month"):
        fit.churn_risk(customers=monthly)
    with pytest.raises(ArgumentError, match=r"takes clvmodels.Subscriptions, not Customers"):
        clv.fit(cdnow, "sbg")
    with pytest.raises(ArgumentError, match=r"takes clvmodels.Customers, not Subscriptions"):
        clv.fit(subscriptions, "bg/nbd")
