"""Customers of an earlier day are those that the log until that day gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.forecasting.timeline.past_periods import past_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, sampled_customers
from tests.reference.tolerances import SUMMATION

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    return clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS, keep_purchases=True)


@pytest.mark.parametrize("day", ["1997-01-01", "1997-03-10", "1997-09-30", "1998-06-30"])
def test_earlier_customers_are_those_of_the_log_until_then(customers: clv.Customers, day: str) -> None:
    record = PurchaseRecord.of(customers)
    assert record is not None
    earlier = record.until(pd.Timestamp(day))
    summary = clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS, observation_end=day, keep_purchases=True)
    pd.testing.assert_frame_equal(earlier.table, summary.table)
    assert earlier.purchases is not None
    assert summary.purchases is not None
    pd.testing.assert_frame_equal(earlier.purchases, summary.purchases, check_dtype=False)


def test_the_order_of_the_customers_does_not_matter(customers: clv.Customers) -> None:
    turned = PurchaseRecord.of(replace(customers, table=customers.table[::-1]))
    assert turned is not None
    day = pd.Timestamp("1997-09-30")
    straight = PurchaseRecord.of(customers)
    assert straight is not None
    pd.testing.assert_frame_equal(turned.until(day).table.sort_index(), straight.until(day).table)


def test_customers_without_purchases_or_without_a_day_have_no_record(customers: clv.Customers) -> None:
    assert PurchaseRecord.of(replace(customers, purchases=None)) is None
    assert PurchaseRecord.of(replace(customers, observation_end=None)) is None


def test_a_sample_keeps_its_purchases_and_nobody_elses(customers: clv.Customers) -> None:
    some = sampled_customers(customers, 100, 3)
    assert len(some) == 100
    assert some.purchases is not None
    counts = some.purchases.groupby("customer_id").size()
    assert (counts == some.table["frequency"] + 1).all()
    assert sampled_customers(customers, 100, 3).table.equals(some.table)
    assert sampled_customers(customers, 10_000, 3) is customers


def test_past_periods_sum_to_the_log(customers: clv.Customers) -> None:
    record = PurchaseRecord.of(customers)
    for by in ("week", "month", "quarter"):
        past = past_periods(record, by)
        assert past["purchases"].sum() == customers.table["frequency"].sum()
        assert past["first_purchases"].sum() == len(customers)
        assert (past["buyers"] <= past["purchases"]).all()
        spent = np.nansum(customers.table["monetary_value"] * customers.table["spend_frequency"])
        assert past["revenue"].sum() == pytest.approx(spent, rel=1e-12)  # sums in another order
    march = past_periods(record, "month").loc["1997-03-31"]
    log = clv.datasets.load_cdnow(sample=True)
    days = log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    again = days[days["date"] > days.groupby("customer_id")["date"].transform("min")]
    inside = again[(again["date"] >= "1997-03-01") & (again["date"] <= "1997-03-31")]
    assert march["purchases"] == len(inside)
    assert march["buyers"] == inside["customer_id"].nunique()
    assert march["revenue"] == pytest.approx(inside["amount"].sum(), rel=SUMMATION)
