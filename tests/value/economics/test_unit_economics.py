"""Unit economics: worked examples, groups, subscribers, costs from spending."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError

PRINTED = 5e-3  # figures that are stated to two digits
PRINTED_1 = 0.05  # to one digit
OF_DRAWS = 0.5  # weeks: quantiles of 200 draws
TERMS = {"annual_discount_rate": 0.10, "margin": 0.30}


@pytest.fixture(scope="module")
def purchases() -> clv.Fit:
    return clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})


@pytest.fixture(scope="module")
def spend() -> clv.Fit:
    return clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})


@pytest.mark.parametrize(("weeks", "value"), [(0, 10.566), (13, 16.152), (26, 19.908), (52, 25.262), (260, 42.908)])
def test_value_of_a_new_customer(purchases: clv.Fit, spend: clv.Fit, weeks: int, value: float) -> None:
    found = clv.unit_economics(purchases, spend, acquisition_cost=20.0, horizon=weeks, **TERMS).table.loc["all"]
    assert found["clv"] == pytest.approx(value, abs=PRINTED)
    assert found["net_value"] == pytest.approx(value - 20.0, abs=PRINTED)
    assert found["clv_to_cac"] == pytest.approx(value / 20.0, abs=PRINTED)


@pytest.mark.parametrize(("cost", "weeks"), [(10, 0.0), (15, 9.74), (20, 26.37), (30, 84.6), (60, np.inf)])
def test_payback(purchases: clv.Fit, spend: clv.Fit, cost: float, weeks: float) -> None:
    found = clv.unit_economics(purchases, spend, acquisition_cost=float(cost), horizon="1Y", latest=5_000, **TERMS)
    assert found.table.loc["all", "payback"] == pytest.approx(weeks, abs=PRINTED_1)
    if np.isinf(weeks):
        assert "not paid back within 5,000 weeks" in found.summary()


def test_intervals_of_the_fitted_sample(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    found = clv.unit_economics(cdnow_bgnbd, cdnow_spend, acquisition_cost=20.0, horizon="5Y", interval=0.90, **TERMS)
    row = found.table.loc["all"]
    assert row[["payback", "payback_lower", "payback_upper"]].tolist() == pytest.approx(
        [26.5, 22.1, 31.5], abs=OF_DRAWS
    )
    assert row["clv_to_cac_lower"] < row["clv_to_cac"] < row["clv_to_cac_upper"]
    assert row["clv_to_cac_lower"] == pytest.approx(row["clv_lower"] / 20.0)
    assert row["probability_clv_exceeds_cac"] == 1.0
    assert row["never_pays_back"] == 0.0


def test_retention_cost_can_outweigh_what_is_earned(purchases: clv.Fit, spend: clv.Fit) -> None:
    """Earnings rise at first and fall later, so that the first crossing counts and a later one may never come."""
    options = {"acquisition_cost": 11.0, "retention_cost_per_year": 20.0, **TERMS}
    found = clv.unit_economics(purchases, spend, horizon="5Y", **options).table.loc["all"]
    assert 0.0 < found["payback"] < 10.0
    assert found["clv"] < 11.0


def test_subscribers_pay_back_with_a_payment() -> None:
    renewals = clv.predictions("sbg", {"alpha": 0.704, "beta": 1.182}, unit="month")
    found = [
        clv.unit_economics(renewals, 20.0, acquisition_cost=cost, horizon=12, annual_discount_rate=0.0).table.loc["all"]
        for cost in (20.0, 32.52, 32.54, 50.0)
    ]
    assert [row["payback"] for row in found] == [0.0, 1.0, 2.0, 4.0]  # cumulative 20, 32.53, 42.01, 49.77, 56.41


def test_groups_have_rows_and_costs_of_their_own(purchases: clv.Fit, spend: clv.Fit) -> None:
    other = clv.predictions("bg/nbd", {"r": 0.5, "alpha": 4.414, "a": 0.793, "b": 2.426})
    costs = pd.DataFrame(
        {"group": ["web", "web", "shop"], "spend": [10_000.0, 12_000.0, 3_000.0], "customers": [1_000, 1_100, 200]}
    )
    fits = {"shop": other, "web": purchases}
    table = clv.unit_economics(fits, spend, acquisition_cost=costs, horizon="1Y", **TERMS).table
    assert list(table.index) == ["shop", "web"]
    assert table["cac"].tolist() == pytest.approx([15.0, 22_000 / 2_100])
    assert table.loc["web", "marginal_cac"] == pytest.approx(20.0)
    assert np.isnan(table.loc["shop", "marginal_cac"])
    alone = clv.unit_economics(other, spend, acquisition_cost=15.0, horizon="1Y", **TERMS).table.loc["all"]
    assert table.loc["shop", "clv"] == alone["clv"]


def test_what_has_no_meaning_is_refused(purchases: clv.Fit, spend: clv.Fit) -> None:
    def ask(cost: object, **fits: object) -> None:
        clv.unit_economics(
            **({"purchases": purchases, "spend": spend} | fits), acquisition_cost=cost, horizon="1Y", **TERMS
        )

    for cost, sentence in [
        (0.0, "above 0"),
        (np.nan, "above 0"),
        (pd.DataFrame({"spend": [1.0]}), "no column 'customers'"),
        (pd.DataFrame({"spend": [1.0], "customers": [0]}), "no spending with customers"),
        (pd.DataFrame({"spend": [1.0, 2.0], "customers": [3, 2]}), "no more customers"),
    ]:
        with pytest.raises(DataError, match=sentence):
            ask(cost)
    with pytest.raises(ArgumentError, match="must be a number"):
        ask("20")
    with pytest.raises(DataError, match="no entry for 'web'"):
        ask({"shop": 1.0}, purchases={"web": purchases})
    with pytest.raises(ArgumentError, match="spend has groups"):
        ask(1.0, spend={"web": spend})


def test_names_of_groups_are_text_in_a_notebook(purchases: clv.Fit, spend: clv.Fit) -> None:
    found = clv.unit_economics({"<b>web": purchases}, spend, acquisition_cost=15.0, horizon="1Y", **TERMS)
    page = found._repr_html_()
    assert "<b>" not in page
    assert page.count("&lt;b&gt;web") == 2  # in the sentence and in the table
