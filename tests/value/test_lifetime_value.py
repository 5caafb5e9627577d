"""Value: what it is made of, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from clvmodels.value.attrition_risk import attrition_risk
from tests.reference.tolerances import ABSOLUTE_PREDICTION, ABSOLUTE_SUMMATION, PREDICTION, ROUNDING, SUMMATION

COLUMNS = [
    "probability_alive",
    "purchase_probability",
    "attrition_risk",
    "expected_purchases",
    "expected_spend",
    "lifetime_value",
]


def test_value_is_margin_times_spend_times_discounted_purchases(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    value = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    assert list(value.columns) == COLUMNS
    purchases = cdnow_bgnbd.discounted_expected_purchases(0.10, "1Y")
    expected = 0.30 * cdnow_spend.expected_spend() * purchases
    assert value["lifetime_value"].to_numpy() == pytest.approx(expected.to_numpy(), rel=ROUNDING)
    assert (value["attrition_risk"] + value["purchase_probability"]).to_numpy() == pytest.approx(1.0, rel=ROUNDING)
    assert np.isfinite(value).all(axis=None)
    assert (value >= 0).all(axis=None)
    assert value.attrs["horizon"] == "1Y"


def test_monthly_sum_of_other_packages_is_near(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    """Their value: purchases of each month, discounted at its end; ours lies half a month of discounting above."""
    months = cdnow_bgnbd.expected_purchases([f"{k}M" for k in range(13)])
    factor = 1.10 ** (-(np.arange(12) + 1) / 12)
    theirs = cdnow_spend.expected_spend() * (np.diff(months, axis=1) @ factor)
    ours = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon="12M", annual_discount_rate=0.10)["lifetime_value"]
    # purchases fall within a month, so that its middle is not quite their mean time
    assert (ours / theirs).mean() == pytest.approx(1.10 ** (0.5 / 12), rel=1e-4)


def test_costs(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    options = {"horizon": "2Y", "annual_discount_rate": 0.10}
    plain = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options)["lifetime_value"]
    dear = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, cost_per_purchase=3.0, retention_cost_per_year=5.0)[
        "lifetime_value"
    ]
    purchases = cdnow_bgnbd.discounted_expected_purchases(0.10, "2Y")
    weeks_alive = cdnow_bgnbd.discounted_time_alive(0.10, "2Y")
    expected = plain - 3.0 * purchases - 5.0 * weeks_alive * 7 / 365.25
    assert dear.to_numpy() == pytest.approx(expected.to_numpy(), rel=SUMMATION, abs=ABSOLUTE_SUMMATION)
    # a one-time buyer is alive with certainty now, and stays so until the next purchase: at most 2 years, discounted
    assert float(weeks_alive.max()) < 2 * 365.25 / 7


def test_margin_and_costs_by_customer(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.10}
    plain = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options)["lifetime_value"]
    margin = pd.Series(np.linspace(0.1, 0.5, len(plain)), index=plain.index)
    value = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, margin=margin.sample(frac=1, random_state=1))
    assert value["lifetime_value"].to_numpy() == pytest.approx((plain * margin).to_numpy(), rel=ROUNDING)
    value = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, margin=margin.to_numpy())
    assert value["lifetime_value"].to_numpy() == pytest.approx((plain * margin).to_numpy(), rel=ROUNDING)
    with pytest.raises(DataError, match="no value for 1 customers"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, margin=margin.iloc[1:])
    with pytest.raises(DataError, match="shape"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, cost_per_purchase=[1.0, 2.0])
    with pytest.raises(DataError, match="not a finite number"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, margin=float("nan"))
    with pytest.raises(ArgumentError, match="must be a number"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, margin="30 %")


def test_value_by_year_adds_up(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    options = {"horizon": "30M", "annual_discount_rate": 0.10, "retention_cost_per_year": 4.0, "yearly": True}
    for who, more in ((None, {}), ("new", {"acquisition_cost": 7.0})):
        value = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, who, **options, **more)
        years = value[[f"lifetime_value_year_{k}" for k in (1, 2, 3)]].sum(axis=1)
        assert years.to_numpy() == pytest.approx(
            value["lifetime_value"].to_numpy(), rel=PREDICTION, abs=ABSOLUTE_PREDICTION
        )
    with pytest.raises(ArgumentError, match="with an end"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon=None, annual_discount_rate=0.1, yearly=True)


def test_new_customer_brings_the_first_purchase_and_costs_the_acquisition(
    cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit
) -> None:
    value = clv.lifetime_value(
        cdnow_bgnbd, cdnow_spend, "new", horizon=None, annual_discount_rate=0.1, margin=0.5, acquisition_cost=12.0
    )
    spend = float(cdnow_spend.expected_spend("new").iloc[0])
    later = float(cdnow_bgnbd.discounted_expected_purchases(0.1, customers="new").iloc[0])
    assert float(value["lifetime_value"].iloc[0]) == pytest.approx(0.5 * spend * (1 + later) - 12.0)
    with pytest.raises(ArgumentError, match="new customers"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon="1Y", annual_discount_rate=0.1, acquisition_cost=1.0)
    for cost in (float("nan"), float("inf")):
        with pytest.raises(ArgumentError, match="acquisition_cost must be a number, not"):
            clv.lifetime_value(
                cdnow_bgnbd, cdnow_spend, "new", horizon=None, annual_discount_rate=0.1, acquisition_cost=cost
            )


def test_for_life_counts_have_a_horizon_of_their_own(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    value = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon=None, annual_discount_rate=0.1, risk_horizon="26W")
    pd.testing.assert_series_equal(value["expected_purchases"], cdnow_bgnbd.expected_purchases("26W"))
    pd.testing.assert_series_equal(value["attrition_risk"], attrition_risk(cdnow_bgnbd, horizon="26W"))
    within = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon="10Y", annual_discount_rate=0.1)
    assert (value["lifetime_value"] > within["lifetime_value"]).all()
    with pytest.raises(ArgumentError, match="can be infinite"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon=None, annual_discount_rate=0.0)


def test_fits_in_the_wrong_place(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    with pytest.raises(UnsupportedPrediction, match="purchases must be"):
        clv.lifetime_value(cdnow_spend, cdnow_bgnbd, horizon="1Y", annual_discount_rate=0.1)


def test_customers_without_amounts_are_not_valued_in_silence(
    cdnow: clv.Customers, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit
) -> None:
    bare = clv.Customers.from_frame(cdnow.table[["frequency", "recency", "T"]], unit="week")
    with pytest.raises(DataError, match="carry no amounts"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, bare, horizon="1Y", annual_discount_rate=0.1)
