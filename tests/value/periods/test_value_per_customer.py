"""Value per customer by period: worked examples, Online Retail II, the base, groups, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.value.periods.ratios import Ratio, ratio_table

COLUMNS = {"customer": "id", "date": "day", "amount": "paid", "order": "order"}
# The worked examples are exact; sums of a few floating-point numbers differ in the last digits.
EXACT = 1e-12
CENTS = 5e-3  # figures that are stated to the cent
MONTE_CARLO = 0.04  # four standard errors of a share of .9 over 1,000 runs


@pytest.fixture
def log() -> pd.DataFrame:
    """Orders (customer, month, amount): (1, 1, 20) (1, 1, 30) (2, 1, 10) (1, 2, 40) (3, 2, 6) (3, 2, 6) (3, 2, 8)."""
    days = ["2024-01-01", "2024-01-01", "2024-01-03", "2024-02-01", "2024-02-02", "2024-02-02", "2024-02-04"]
    return pd.DataFrame(
        {"id": [1, 1, 2, 1, 3, 3, 3], "order": range(7), "day": days, "paid": [20.0, 30.0, 10.0, 40.0, 6.0, 6.0, 8.0]}
    )


def past(log: pd.DataFrame, **options: object) -> clv.PastValue:
    return clv.value_per_customer(log, observation_end="2024-02-29", **COLUMNS, **options)


def test_revenue_less_costs_over_the_customers_of_the_month(log: pd.DataFrame) -> None:
    value = past(log, costs=clv.Costs(per_order=2.0, per_new_customer=5.0))
    table = value.table
    assert list(table.index) == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-29")]
    for name, expected in {
        "customers": [2, 2],
        "new_customers": [2, 1],
        "revenue": [60.0, 60.0],
        "average_order_value": [20.0, 15.0],
        "purchase_frequency": [1.5, 2.0],
        "revenue_per_customer": [30.0, 30.0],
        "cost_of_serving": [6.0, 8.0],
        "cost_of_acquisition": [10.0, 5.0],
        "value_per_customer": [22.0, 23.5],
    }.items():
        assert table[name].tolist() == pytest.approx(expected, rel=EXACT), name
    assert value.total["value_per_customer"] == pytest.approx(91.0 / 3.0, rel=EXACT)  # not the mean of the months
    assert table["complete"].all()


def test_margin_comes_before_costs(log: pd.DataFrame) -> None:
    value = past(log, costs=clv.Costs(per_order=2.0, per_new_customer=5.0), margin=0.5)
    assert value.table["value_per_customer"].tolist() == pytest.approx([7.0, 8.5], rel=EXACT)


def test_customers_who_cost_more_than_they_earn(log: pd.DataFrame) -> None:
    serving = pd.Series({3: 4.0, 1: 2.0, 2: 2.0})
    customers = past(log, costs=clv.Costs(per_order=serving), margin=0.5).customers
    assert customers.loc[[1, 2, 3], "profit"].tolist() == pytest.approx([39.0, 3.0, -2.0], rel=EXACT)
    assert customers.loc[[1, 2, 3], "break_even_cost"].tolist() == pytest.approx([15.0, 5.0, 10.0 / 3.0], rel=EXACT)
    assert customers["cumulative_profit"].tolist() == pytest.approx([39.0, 42.0, 40.0], rel=EXACT)
    assert customers["unprofitable"].tolist() == [False, False, True]


def test_online_retail_third_quarter_of_2011() -> None:
    orders = pd.read_parquet(clv.datasets.path("online_retail"))
    value = clv.value_per_customer(
        orders[orders["amount"] > 0], customer="customer_id", date="timestamp", amount="amount", order="order_id",
        period="quarter",
    )  # fmt: skip
    row = value.table.loc["2011-09-30"]
    assert row["revenue"] == pytest.approx(2_198_273.29, abs=CENTS)
    assert row[["orders", "customers", "new_customers"]].tolist() == [4_366, 2_161, 397]
    assert row["average_order_value"] == pytest.approx(503.50, abs=CENTS)
    assert row["purchase_frequency"] == pytest.approx(2.020, abs=5e-4)  # three decimals
    assert row["revenue_per_customer"] == pytest.approx(1_017.25, abs=CENTS)
    assert not value.table["complete"].iloc[-1]
    assert "lines without a customer" in value.summary()


def test_known_customers_count_whether_or_not_they_buy(log: pd.DataFrame) -> None:
    table = past(log, base="known", costs=clv.Costs(per_customer=1.0), interval=0.9).table
    assert table["customers"].tolist() == [2, 3]
    assert table["value_per_customer"].tolist() == pytest.approx([29.0, 19.0], rel=EXACT)
    # Revenue of the second month: 40, 20 and, of customer 2, nothing.
    half = 1.6448536269514722 * np.std([40.0, 20.0, 0.0], ddof=1) / np.sqrt(3)
    bounds = table.loc["2024-02-29", ["revenue_per_customer_lower", "revenue_per_customer_upper"]]
    assert bounds.tolist() == pytest.approx([20.0 - half, 20.0 + half], rel=EXACT)


def test_groups_add_up_and_cohorts_are_named_by_first_purchase(log: pd.DataFrame) -> None:
    log = log.assign(channel=np.where(log["id"] == 3, "web", "shop"))
    spent = pd.DataFrame({"date": ["2024-02-10", "2024-02-11"], "cost": [4.0, 2.0], "channel": ["web", "shop"]})
    spent["kind"] = ["acquisition", "serving"]
    whole = past(log, costs=clv.Costs(table=spent.drop(columns="channel"))).table
    by_channel = past(log, costs=clv.Costs(table=spent), by="channel").table
    for name in ("orders", "revenue", "cost_of_serving", "cost_of_acquisition", "value"):
        assert by_channel[name].groupby("period").sum().tolist() == pytest.approx(whole[name].tolist(), rel=EXACT)
    assert by_channel.loc[("2024-02-29", "web"), "cost_of_acquisition"].item() == 4.0
    cohorts = past(log, by="cohort").table["revenue"]
    assert cohorts.tolist() == [60.0, 40.0, 20.0]
    assert cohorts.index.get_level_values("cohort").astype(str).tolist() == ["2024-01", "2024-01", "2024-02"]


def test_refunds_are_taken_off_the_purchase_and_counted_nowhere_else(log: pd.DataFrame) -> None:
    refund = pd.DataFrame({"id": [1], "order": [99], "day": ["2024-02-05"], "paid": [-40.0]})
    table = past(pd.concat([log, refund])).table
    assert table["revenue"].tolist() == [60.0, 20.0]
    assert table["orders"].tolist() == [3, 3]


def test_intervals_cover_as_often_as_they_say() -> None:
    """Average order value of 400 customers with 1 + Poisson(2) orders and customer-specific means."""
    rng, covered, runs = np.random.default_rng(7), 0, 1_000
    for _ in range(runs):
        orders = 1 + rng.poisson(2.0, 400)
        means = rng.gamma(4.0, 5.0, 400)
        rows = pd.DataFrame({"period": 0, "orders": orders, "revenue": rng.gamma(2.0 * orders, means / 2.0)})
        one = pd.Series({0: 400}).rename_axis("period")
        ratio = Ratio("average_order_value", "revenue", "orders")
        row = ratio_table(rows, ["period"], [ratio], customers=one, fixed_cost=0.0 * one, level=0.90).iloc[0]
        covered += row["average_order_value_lower"] < 20.0 < row["average_order_value_upper"]
    assert covered / runs == pytest.approx(0.89, abs=MONTE_CARLO)  # slightly short: a ratio of skewed sums


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"period": "fortnight"}, 'period must be "month", "quarter" or "year"'),
        ({"base": "all"}, 'base must be "active" or "known"'),
        ({"interval": 90}, "interval must be a level"),
        ({"amount": None}, "needs the amounts"),
        ({"by": "shop"}, "'shop'"),
    ],
)
def test_arguments_without_meaning_are_refused(log: pd.DataFrame, options: dict[str, object], sentence: str) -> None:
    with pytest.raises((ArgumentError, DataError), match=sentence):
        clv.value_per_customer(log, **(COLUMNS | options))


def test_customers_need_purchases_and_amounts(log: pd.DataFrame) -> None:
    plain = clv.summarize(log, **COLUMNS)
    with pytest.raises(DataError, match="keep_purchases=True"):
        clv.value_per_customer(plain)
    kept = clv.summarize(log, keep_purchases=True, **COLUMNS)
    assert clv.value_per_customer(kept).total["revenue"] == 120.0
    with pytest.raises(DataError, match="no column 'channel'"):
        clv.value_per_customer(kept, by="channel")
    nothing = clv.summarize(log, keep_purchases=True, customer="id", date="day")
    with pytest.raises(DataError, match="no amounts"):
        clv.value_per_customer(nothing)


@pytest.mark.parametrize(
    ("costs", "sentence"),
    [
        ({"per_customer": -1.0}, "per_customer must be"),
        ({"per_new_customer": float("nan")}, "per_new_customer must be"),
        ({"table": pd.DataFrame({"date": ["2024-01-01"]})}, "no column 'cost'"),
        ({"table": pd.DataFrame({"date": ["soon"], "cost": [1.0]})}, "no readable date in row 0"),
        ({"table": pd.DataFrame({"date": ["2024-01-01"], "cost": [np.inf]})}, "no cost of 0 or more in row 0"),
        ({"table": pd.DataFrame({"date": ["2024-01-01"], "cost": [1.0], "kind": ["rent"]})}, "not 'rent'"),
    ],
)
def test_costs_that_are_none_are_refused(costs: dict[str, object], sentence: str) -> None:
    with pytest.raises((ArgumentError, DataError), match=sentence):
        clv.Costs(**costs)


def test_costs_by_customer_must_be_complete_and_not_negative(log: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="no value for 1 customers"):
        past(log, costs=clv.Costs(per_order=pd.Series({1: 2.0, 2: 2.0})))
    with pytest.raises(DataError, match="negative for customer 2"):
        past(log, costs=clv.Costs(per_order=pd.Series({1: 2.0, 2: -2.0, 3: 1.0})))
    spent = pd.DataFrame({"date": ["2024-01-01"], "cost": [1.0]})
    with pytest.raises(DataError, match="no column 'cohort'"):
        past(log, by="cohort", costs=clv.Costs(table=spent))
