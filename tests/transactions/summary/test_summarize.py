"""A log becomes a summary: small cases, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from clvmodels.transactions.summary.summarize import summarize
from tests.reference.tolerances import ONE_ROUNDING


def log(*rows):
    return pd.DataFrame(rows, columns=["id", "day", "paid"])


def row(customers, customer):
    return customers.table.loc[customer].to_dict()


def test_recency_and_t_are_exact_fractions_of_the_unit():
    data = log((1, "2024-01-01", 10.0), (1, "2024-01-04", 20.0), (1, "2024-01-14", 40.0))
    week = summarize(data, customer="id", date="day", amount="paid", observation_end="2024-01-31")
    assert row(week, 1) == {
        "frequency": 2,
        "recency": 13 / 7,
        "T": 30 / 7,
        "monetary_value": 30.0,
        "spend_frequency": 2,
    }
    hour = summarize(data, customer="id", date="day", amount="paid", observation_end="2024-01-31", unit="hour")
    assert row(hour, 1)["T"] == 720.0


def test_observation_end_is_inclusive_and_defaults_to_the_last_day():
    data = log((1, "2024-01-01", 10.0), (1, "2024-01-08", 20.0))
    assert row(summarize(data, customer="id", date="day", observation_end="2024-01-08"), 1)["frequency"] == 1
    assert row(summarize(data, customer="id", date="day", observation_end="2024-01-07"), 1)["frequency"] == 0
    assert summarize(data, customer="id", date="day").observation_end == pd.Timestamp("2024-01-08")


def test_purchases_of_one_day_are_one():
    data = log((1, "2024-01-01 09:00", 1.0), (1, "2024-01-08 09:00", 2.0), (1, "2024-01-08 23:59", 3.0))
    customers = summarize(data, customer="id", date="day", amount="paid")
    assert row(customers, 1)["frequency"] == 1
    assert row(customers, 1)["monetary_value"] == 5.0
    assert customers.report.same_day_orders == 1


def test_orders_worth_nothing_are_purchases_but_no_spend():
    data = log((1, "2024-01-01", 1.0), (1, "2024-01-08", 0.0), (1, "2024-01-15", 4.0), (2, "2024-01-01", 0.0))
    customers = summarize(data, customer="id", date="day", amount="paid")
    assert row(customers, 1)["frequency"] == 2
    assert row(customers, 1)["monetary_value"] == 4.0
    assert row(customers, 1)["spend_frequency"] == 1
    assert np.isnan(row(customers, 2)["monetary_value"])
    assert customers.report.zero_spend_customers == 1


def test_without_amounts_there_is_no_monetary_value():
    customers = summarize(log((1, "2024-01-01", 1.0), (1, "2024-01-08", 2.0)), customer="id", date="day")
    assert np.isnan(row(customers, 1)["monetary_value"])
    assert row(customers, 1)["spend_frequency"] == 0


def test_a_refund_is_credited_to_the_latest_purchases_before_it():
    data = log(
        (1, "2024-01-01", 50.0), (1, "2024-01-08", 20.0), (1, "2024-01-15", 10.0), (1, "2024-01-16", -15.0),
        (1, "2024-01-22", 7.0),
    )  # fmt: skip
    customers = summarize(data, customer="id", date="day", amount="paid")
    # the day of 10 is gone, the day of 20 keeps 15
    assert row(customers, 1) == {"frequency": 2, "recency": 3.0, "T": 3.0, "monetary_value": 11.0, "spend_frequency": 2}
    assert customers.report.cancelled_days == 1
    assert customers.report.refund_days == 1
    dropped = summarize(data, customer="id", date="day", amount="paid", refunds="drop")
    assert row(dropped, 1)["frequency"] == 3
    assert row(dropped, 1)["monetary_value"] == pytest.approx(37 / 3, rel=ONE_ROUNDING)


def test_a_refund_without_a_purchase_before_it_is_reported():
    data = log((1, "2024-01-01", -5.0), (1, "2024-01-08", 20.0), (2, "2024-01-08", -3.0))
    customers = summarize(data, customer="id", date="day", amount="paid")
    assert row(customers, 1)["frequency"] == 0
    assert list(customers.table.index) == [1]
    assert customers.report.amount_unmatched == 8.0
    assert customers.report.customers_excluded == 1


def test_the_dust_of_sums_is_no_purchase():
    data = log((1, "2024-01-01", 9.0), (1, "2024-01-08", 0.1), (1, "2024-01-08", 0.2), (1, "2024-01-08", -0.3))
    assert row(summarize(data, customer="id", date="day", amount="paid"), 1)["frequency"] == 0


def test_an_order_lies_on_the_day_of_its_first_line():
    data = pd.DataFrame(
        {
            "id": [1, 1, 1, 1],
            "order": ["a", "b", "b", None],
            "day": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-09", "2024-01-15"]),
            "pieces": [1, 2, 3, 1],
            "price": [5.0, 1.0, 2.0, 3.0],
        }
    )
    customers = summarize(data, customer="id", date="day", amount=("pieces", "price"), order="order")
    assert row(customers, 1) == {"frequency": 2, "recency": 2.0, "T": 2.0, "monetary_value": 5.5, "spend_frequency": 2}
    assert customers.report.orders == 3
    assert customers.report.lines_used == 4


def test_a_discount_line_in_an_order_is_no_refund():
    data = pd.DataFrame({"id": 1, "order": "a", "day": "2024-01-01", "paid": [9.0, -1.0]})
    customers = summarize(data, customer="id", date="day", amount="paid", order="order", refunds="error")
    assert customers.report.amount_bought == 8.0
    assert customers.report.refund_lines == 1


def test_lines_without_a_customer_are_counted():
    data = log((1.0, "2024-01-01", 10.0), (None, "2024-01-04", 20.0), (2.0, None, 3.0), (1.0, "2024-02-01", 1.0))
    customers = summarize(data, customer="id", date="day", amount="paid", observation_end="2024-01-31")
    report = customers.report
    assert list(customers.table.index) == [1]
    assert customers.table.index.dtype == np.int64
    counted = (report.lines_without_customer, report.lines_without_date, report.lines_after_end, report.lines_used)
    assert counted == (1, 1, 1, 1)
    assert report.imbalances() == []
