"""Cohorts with a history: by hand, by pandas, and costs in every form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.value.economics import past_and_future

EXACT = 1e-9  # the same sums in another order
OF_A_SAMPLE = 0.03  # of a width, from half of the customers
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
TERMS: dict[str, Any] = {"horizon": "1Y", "annual_discount_rate": 0.10, "margin": 0.30, "by": "month"}
COHORTS = ["1997-01", "1997-02", "1997-03"]


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    path = clv.datasets.path("cdnow_sample")
    return clv.summarize(path, **COLUMNS, unit="week", observation_end="1997-09-30", keep_purchases=True)


@pytest.fixture(scope="module")
def fits(customers: clv.Customers) -> tuple[clv.Fit, clv.Fit]:
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


def test_margin_to_date_by_hand() -> None:
    """Two of January (100 then 50 after 365 days; 20), one of February (40): margin .5, 1 an order, 10 % a year."""
    log = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 3],
            "date": ["2023-01-10", "2024-01-10", "2023-01-20", "2023-02-05"],
            "amount": [100.0, 50.0, 20.0, 40.0],
        }
    )
    customers = clv.summarize(log, **COLUMNS, unit="day", keep_purchases=True, observation_end="2024-12-31")
    purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 30.9, "a": 0.793, "b": 2.426}, unit="day")
    spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    found = clv.cohort_economics(
        purchases, spend, customers, acquisition_cost={"2023-01": 25.0, "2023-02": 19.0}, cost_per_purchase=1.0,
        **(TERMS | {"margin": 0.5}),
    ).table  # fmt: skip
    later = 24.0 * 1.1 ** (-365.0 / 365.25)
    assert found["realised_margin"].tolist() == pytest.approx([(49.0 + later + 9.0) / 2.0, 19.0], rel=EXACT)
    assert found["customers"].tolist() == [2, 1]
    assert found["paid_back"].tolist() == [True, True]
    value = clv.lifetime_value(
        purchases, spend, customers, horizon="1Y", annual_discount_rate=0.10, margin=0.5, cost_per_purchase=1.0
    )["lifetime_value"]
    back = 1.1 ** -(customers.table["T"] / 365.25)
    assert found.loc["2023-01", "residual_value"] == pytest.approx((value * back)[[1, 2]].mean(), rel=EXACT)
    assert found["clv"].to_numpy() == pytest.approx((found["realised_margin"] + found["residual_value"]).to_numpy())
    assert found["net_value"].to_numpy() == pytest.approx((found["clv"] - found["cac"]).to_numpy())


def test_without_discounting_margins_are_those_of_the_log(
    customers: clv.Customers, fits: tuple[clv.Fit, clv.Fit]
) -> None:
    found = clv.cohort_economics(*fits, acquisition_cost=20.0, **(TERMS | {"annual_discount_rate": 0.0})).table
    log = clv.datasets.load_cdnow(sample=True)
    log["date"] = pd.to_datetime(log["date"])
    log = log[log["date"] <= "1997-09-30"]
    first = log.groupby("customer_id")["date"].transform("min").dt.to_period("M").astype(str)
    number = log.groupby(first)["customer_id"].nunique()
    assert found["realised_margin"].to_dict() == pytest.approx(
        (0.3 * log.groupby(first)["amount"].sum() / number).to_dict()
    )
    assert found["customers"].to_dict() == number.to_dict()
    value = clv.lifetime_value(*fits, horizon="1Y", annual_discount_rate=0.0, margin=0.3)["lifetime_value"].sum()
    assert (found["residual_value"] * found["customers"]).sum() == pytest.approx(value, rel=EXACT)


def test_ranges_are_those_of_draws(customers: clv.Customers, fits: tuple[clv.Fit, clv.Fit]) -> None:
    """All cohorts as one have the range of the total of `lifetime_value`, moved by what is realised."""
    options = TERMS | {"by": "year", "annual_discount_rate": 0.0}
    row = clv.cohort_economics(*fits, acquisition_cost=20.0, interval=0.90, **options).table.loc["1997"]
    whole = clv.lifetime_value(*fits, horizon="1Y", annual_discount_rate=0.0, margin=0.3, interval=0.90)
    total = whole.attrs["total"]["lifetime_value"]
    width = (total["upper"] - total["lower"]) / row["customers"]
    # 200 of the 1,000 draws
    assert row["clv_upper"] - row["clv_lower"] == pytest.approx(width, rel=0.15)
    assert row["clv_lower"] < row["clv"] < row["clv_upper"]
    assert row["clv_to_cac_lower"] == pytest.approx(row["clv_lower"] / 20.0)
    assert row["probability_clv_exceeds_cac"] == 1.0


def test_a_sample_shows_how_far_draws_vary(fits: tuple[clv.Fit, clv.Fit], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = clv.cohort_economics(*fits, acquisition_cost=20.0, interval=0.90, **TERMS).table
    monkeypatch.setattr(past_and_future, "_SAMPLE", 1_200)
    some = clv.cohort_economics(*fits, acquisition_cost=20.0, interval=0.90, **TERMS).table
    assert some["clv"].tolist() == whole["clv"].tolist()  # of all customers
    width = (whole["clv_upper"] - whole["clv_lower"]).to_numpy()
    assert np.abs(some["clv_lower"] - whole["clv_lower"]).to_numpy().max() < 10 * OF_A_SAMPLE * width.max()


def test_costs_of_cohorts_in_every_form(fits: tuple[clv.Fit, clv.Fit]) -> None:
    by_name = dict(zip(COHORTS, [10.0, 20.0, 60.0], strict=True))
    series = pd.Series([10.0, 20.0, 60.0], index=pd.PeriodIndex(COHORTS, freq="M"))
    levels = pd.DataFrame(
        {
            "group": pd.PeriodIndex([*COHORTS, "1997-03"], freq="M"),
            "spend": [1_000.0, 2_000.0, 3_000.0, 9_000.0],
            "customers": [100, 100, 80, 120],
        }
    )
    first, second, third = (
        clv.cohort_economics(*fits, acquisition_cost=cost, **TERMS) for cost in (by_name, series, levels)
    )
    pd.testing.assert_frame_equal(first.table, second.table)
    assert third.table["cac"].tolist() == [10.0, 20.0, 60.0]
    assert third.table.loc["1997-03", "marginal_cac"] == 150.0  # 6,000 more for 40 more
    assert first.table["paid_back"].tolist() == [True, True, False]
    assert first.summary().startswith("2 of 3 cohorts have paid back what winning a customer cost, and no more will.")
    assert "<table" in first._repr_html_()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"by": "week"}, ArgumentError, 'by must be "month"'),
        ({"acquisition_cost": 0.0}, DataError, "above 0"),
        ({"acquisition_cost": {"1997-01": 5.0}}, DataError, "no entry for '1997-02'"),
        ({"acquisition_cost": "5"}, ArgumentError, "acquisition_cost must be a number"),
        ({"margin": float("nan")}, ArgumentError, "margin must be"),
        ({"cost_per_purchase": -1.0}, ArgumentError, "cost_per_purchase must be"),
        ({"interval": 2.0}, ArgumentError, "interval must be"),
        ({"annual_discount_rate": -1.0}, ArgumentError, "annual_discount_rate must be"),
    ],
)
def test_what_is_no_input(fits: tuple[clv.Fit, clv.Fit], change: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        clv.cohort_economics(*fits, **({"acquisition_cost": 20.0} | TERMS | change))


def test_purchases_are_needed(fits: tuple[clv.Fit, clv.Fit]) -> None:
    plain = clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS, unit="week")
    with pytest.raises(ArgumentError, match="keep_purchases=True"):
        clv.cohort_economics(*fits, plain, acquisition_cost=20.0, **TERMS)
    nobody = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    with pytest.raises(ArgumentError, match="Pass customers="):
        clv.cohort_economics(nobody, fits[1], acquisition_cost=20.0, **TERMS)
