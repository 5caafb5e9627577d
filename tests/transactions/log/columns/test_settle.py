"""What the values of a log say of its columns: a guess that they speak against is refused or pointed out."""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, LogWarning
from clvmodels.transactions.log.columns.settle import bound_log, settle

DAYS = ["2024-01-01", "2024-01-01", "2024-01-08", "2024-01-08", "2024-01-15", "2024-01-22"]


def orders(amounts, name="amount", **columns):
    """Six lines of four orders."""
    rows = {"customer_id": list("aabbac"), "date": DAYS, "order_id": [1, 1, 2, 2, 3, 4], name: amounts}
    return pd.DataFrame(rows | columns)


def spend(customers):
    return customers.purchases.groupby("customer_id")["spend"].sum().to_dict()


def test_nothing_is_guessed_where_customer_and_date_are_named():
    log = orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0], status="cancelled")
    assert clv.summarize(log, customer="customer_id", date="date").report.amount_bought is None
    bound = clv.Log(log, customer="customer_id", date="date")
    assert bound_log(bound) is bound


def test_python_guesses_as_the_shell_does():
    customers = clv.summarize(orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0]))
    assert customers.report.guessed == (
        *(("customer", "customer_id"), ("date", "date"), ("amount", "amount"), ("order", "order_id")),
    )
    assert "Columns by their names: customer is customer_id" in str(customers.report)
    assert "customer is customer_id" in customers.report._repr_html_()
    named = clv.summarize(orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0]), customer="customer_id")
    assert [role for role, _ in named.report.guessed] == ["date", "amount", "order"]


def test_every_function_that_reads_a_log_guesses():
    log = clv.datasets.path("cdnow_sample")
    assert len(clv.holdout_split(log, calibration_end="1997-09-30").table) == 2357
    assert clv.summarize_opportunities(log, opportunity="month").report.guessed
    assert clv.evaluate(log, calibration_end="1997-09-30", intervals=False).table.notna().any().all()


def test_the_total_of_an_order_on_each_of_its_lines_counts_once():
    customers = clv.summarize(orders([12.0, 12.0, 8.0, 8.0, 9.0, 4.0], "order_total"), keep_purchases=True)
    assert spend(customers) == {"a": 21.0, "b": 8.0, "c": 4.0}
    assert customers.report.lines_of_same_order == 2
    assert "order_total is the total of the order" in str(customers.report)


def test_the_total_of_an_order_on_its_first_line_counts_once():
    customers = clv.summarize(orders([12.0, None, 8.0, None, 9.0, 4.0], "total"), keep_purchases=True)
    assert spend(customers) == {"a": 21.0, "b": 8.0, "c": 4.0}


def test_amounts_of_lines_are_summed():
    customers = clv.summarize(orders([12.0, 1.0, 8.0, 8.0, 9.0, 4.0], "order_total"), keep_purchases=True)
    assert spend(customers) == {"a": 22.0, "b": 16.0, "c": 4.0}


def test_an_amount_that_may_be_the_total_of_its_order_is_asked_about():
    log = orders([12.0, 12.0, 8.0, 8.0, 9.0, 4.0])
    with pytest.raises(ArgumentError, match=r"in each of the 2 orders .*amount_per="):
        clv.summarize(log)
    once = clv.summarize(log, amount_per="order", keep_purchases=True)
    each = clv.summarize(log, amount_per="line", keep_purchases=True)
    assert (spend(once)["a"], spend(each)["a"]) == (21.0, 33.0)
    with pytest.warns(LogWarning, match="the same on all lines of an order"):  # the amount was named, so it is summed
        settle(clv.Log(log, amount="amount"))


def test_an_order_with_two_totals_is_no_order():
    log = orders([12.0, 11.0, 8.0, 8.0, 9.0, 4.0])
    with pytest.raises(DataError, match=r"1 order with more than one amount on their lines, such as order 1: 11"):
        clv.summarize(log, amount_per="order")
    log.loc[1, ["customer_id", "amount"]] = ["b", 12.0]
    with pytest.raises(DataError, match=r"more than one customer on their lines, such as order 1: a and b"):
        clv.summarize(log, amount_per="order")
    log["order_id"] = log["order_id"].where(log["order_id"] > 2)
    with pytest.raises(DataError, match="4 lines have no order number"):
        clv.summarize(log, amount_per="order")


def test_an_id_that_numbers_the_lines_is_no_customer():
    log = pd.DataFrame({"id": range(6), "date": DAYS, "amount": 5.0, "wer": list("aabbac")})
    with pytest.raises(ArgumentError, match=r"'id' is different on each of the 6 lines.*: id, date, amount, wer"):
        clv.summarize(log)
    assert len(clv.summarize(log, customer="id")) == 6
    assert len(clv.summarize(log.assign(id=log["wer"]))) == 3


def test_names_of_persons_are_no_ids():
    log = orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0]).drop(columns="customer_id")
    log["Customer"] = ["Ann Lee", "Ann Lee", "Zoë O'Hara", "Zoë O'Hara", "Ann Lee", "van Dyk, J."]
    with pytest.warns(LogWarning, match="'Customer' seems to hold names: customers who share one are read as one"):
        clv.summarize(log)
    with pytest.raises(ArgumentError, match=r"'Customer' seems to hold names.*customer='Email' or customer='Customer'"):
        clv.summarize(log.assign(Email="a@example.com"))
    assert len(clv.summarize(log.assign(Customer=list("aabbac"), Email="a@example.com"))) == 3


@pytest.mark.parametrize("column", ["status", "Order Status", "financial_status", "Statut", "Bestellstatus"])
def test_lines_that_are_no_purchases_are_pointed_out(column):
    log = orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0], **{column: ["paid"] * 4 + ["Cancelled", "refunded"]})
    says = rf"{column!r} says 'Cancelled' in 1 line and 'refunded' in 1 line.*skip=\"{column}=Cancelled,refunded\""
    with pytest.warns(LogWarning, match=says):
        assert len(clv.summarize(log)) == 3
    customers = clv.summarize(log, skip=f"{column}=cancelled,refunded")
    assert (len(customers), customers.report.lines_skipped, customers.report.lines) == (2, 2, 6)
    assert ("  that are no purchases", "-2") in customers.report.rows()
    assert customers.report.imbalances() == []


def test_a_column_of_yes_and_no_says_what_is_no_purchase():
    log = orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0], is_test=[False] * 5 + [True])
    with pytest.warns(LogWarning, match=r"'is_test' says 'true' in 1 line"):
        clv.summarize(log)
    assert len(clv.summarize(log, skip="is_test=true")) == 2


def test_guests_are_not_one_customer():
    days = [f"2024-01-{day:02}" for day in range(1, 21)]
    log = pd.DataFrame({"customer_id": [0] * 12 + list(range(11, 19)), "date": days, "amount": 5.0})
    with pytest.warns(LogWarning, match=r"Customer '0' \(column 'customer_id'\) has 12 of 20 lines"):
        clv.summarize(log)
    clv.summarize(log.assign(customer_id=[0, 0, 0, *range(1, 18)]))  # a customer as others are


@pytest.mark.parametrize(
    ("skip", "error", "says"),
    [
        ("status", ArgumentError, 'not of the form "COLUMN=VALUE"'),
        ("=x", ArgumentError, 'not of the form "COLUMN=VALUE"'),
        ("status=", ArgumentError, 'not of the form "COLUMN=VALUE"'),
        ("staus=x", DataError, "'staus' not found.*Pass skip='status'"),
        ("status=paid", DataError, "All 6 lines are left out"),
    ],
)
def test_what_is_to_be_skipped_is_checked(skip, error, says):
    with pytest.raises(error, match=says):
        clv.summarize(orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0], status="paid"), skip=skip)


def test_several_columns_say_what_is_skipped():
    log = orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0], status=["paid"] * 5 + [" VOID "], gone=[None] * 4 + ["2024-02-01", ""])
    customers = clv.summarize(log, skip=["status=void", "gone=*"])
    assert (customers.report.lines_skipped, customers.report.orders) == (2, 2)


def test_amounts_less_what_was_given_back():
    log = orders([5.0, 7.0, 5.0, 6.0, 9.0, 9.0], "total", back=[0.0, 2.0, None, 6.0, None, 1.0])
    customers = clv.summarize(log, amount="total - back", keep_purchases=True)
    assert spend(customers) == {"a": 19.0, "b": 5.0, "c": 8.0}


def test_amount_per_order_needs_an_order():
    with pytest.raises(ArgumentError, match="needs order="):
        clv.Log("log.csv", customer="a", date="b", amount_per="order")
    with pytest.raises(ArgumentError, match='"line" or "order"'):
        clv.Log("log.csv", amount_per="basket")
