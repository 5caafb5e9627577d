"""The unit is only a unit: CDNOW in days, weeks and hours, in dollars and in cents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.transactions.units import discount_rate_per_unit, span_in_units
from tests.reference.tolerances import ABSOLUTE_QUADRATURE, ONE_ROUNDING, SEARCH

PER_WEEK = {"hour": 168.0, "day": 7.0, "week": 1.0, "month": 7.0 / (365.25 / 12), "year": 7.0 / 365.25}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return clv.datasets.load_cdnow(sample=True)


def _summary(log: pd.DataFrame, unit: str) -> clv.Customers:
    return clv.summarize(
        log, customer="customer_id", date="date", amount="amount", unit=unit, observation_end="1997-09-30"
    )


@pytest.mark.parametrize("unit", ["hour", "day", "month", "year"])
def test_time_unit_changes_nothing_but_the_scale(
    log: pd.DataFrame, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit, unit: str
) -> None:
    customers = _summary(log, unit)
    fit, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
    rescaled = {
        name: value * (PER_WEEK[unit] if name == "alpha" else 1) for name, value in cdnow_bgnbd.parameters.items()
    }
    assert fit.parameters == pytest.approx(rescaled, rel=SEARCH)
    # an inverse: the condition of the Hessian times a rounding of it
    assert fit.covariance_log == pytest.approx(cdnow_bgnbd.covariance_log, rel=1e-6)
    repeats = customers.table["frequency"].sum()  # each has a density per unit of time
    # a sum of some 1e4 less one as large
    assert fit.log_likelihood == pytest.approx(cdnow_bgnbd.log_likelihood - repeats * np.log(PER_WEEK[unit]), rel=1e-10)
    options = {"horizon": "39W", "annual_discount_rate": 0.1, "margin": 0.3, "retention_cost_per_year": 2.0}
    expected = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options)
    pd.testing.assert_frame_equal(
        clv.lifetime_value(fit, spend, **options), expected, rtol=SEARCH, atol=ABSOLUTE_QUADRATURE
    )
    # customers in one unit, model in another
    pd.testing.assert_frame_equal(
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, customers, **options), expected, rtol=1e-10, atol=1e-10
    )


def test_cents_change_nothing_but_the_scale(log: pd.DataFrame, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    customers = _summary(log.assign(amount=log["amount"] * 100), "week")
    spend = clv.fit(customers, "gamma-gamma")
    p, q, v = cdnow_spend.parameters.values()
    assert spend.parameters == pytest.approx({"p": p, "q": q, "v": 100 * v}, rel=SEARCH)
    expected = clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon=None, annual_discount_rate=0.1)
    value = clv.lifetime_value(cdnow_bgnbd, spend, customers, horizon=None, annual_discount_rate=0.1)
    assert value["lifetime_value"].to_numpy() == pytest.approx(100 * expected["lifetime_value"].to_numpy(), rel=SEARCH)


@pytest.mark.parametrize(
    ("span", "unit", "expected"),
    [("90D", "day", 90.0), ("39W", "week", 39.0), ("12M", "year", 1.0), ("1y", "day", 365.25), (3, "hour", 3.0)],
)
def test_spans(span: str | int, unit: str, expected: float) -> None:
    assert span_in_units(span, unit) == pytest.approx(expected, rel=ONE_ROUNDING)


@pytest.mark.parametrize("span", ["1 moon", "-3D", "", -1, float("nan"), float("inf"), None])
def test_spans_that_are_none(span: object) -> None:
    with pytest.raises(ArgumentError, match="horizon"):
        span_in_units(span, "week")  # type: ignore[arg-type]


def test_rates_and_units_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="annual_discount_rate"):
        discount_rate_per_unit(-0.1, "week")
    with pytest.raises(ArgumentError, match="Unknown unit 'weeks'"):
        span_in_units(1, "weeks")
