"""What customers take with them from the log: columns, and every purchase day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.holdout import holdout_split
from clvmodels.transactions.summary.summarize import summarize
from tests.transactions.summary.test_any_log import COLUMNS, QUICK, SOMEONE, lines, to_frame

READ = {"customer": "id", "date": "day", "amount": "paid"}


def log(*rows):
    return pd.DataFrame(rows, columns=["id", "day", "paid", "channel"])


def channels(data, **arguments):
    return summarize(data, **READ, keep=["channel"], **arguments).table["channel"].to_dict()


def test_a_customer_keeps_the_value_of_the_first_purchase():
    data = log(
        (1, "2024-01-08", 5.0, "app"), (1, "2024-01-01", 5.0, "web"), (2, "2024-01-02", 5.0, "shop"),
        (2, "2024-01-03", 5.0, "shop"),
    )  # fmt: skip
    customers = summarize(data, **READ, keep=["channel", "day"])
    assert customers.table["channel"].to_dict() == {1: "web", 2: "shop"}
    assert customers.table["day"].to_dict() == {1: "2024-01-01", 2: "2024-01-02"}
    assert list(customers.table.columns[-3:]) == ["spend_frequency", "channel", "day"]
    assert customers.report.several_values == {"channel": 1, "day": 2}
    assert "  of these with more than one channel" in str(customers.report)
    assert customers.report.imbalances() == []


def test_of_several_values_on_the_first_day_the_smallest_counts_and_a_gap_only_alone():
    assert channels(log((1, "2024-01-01", 5.0, "web"), (1, "2024-01-01", 5.0, "app"))) == {1: "app"}
    assert channels(log((1, "2024-01-01", 5.0, None), (1, "2024-01-01", 5.0, "web"))) == {1: "web"}
    alone = channels(log((1, "2024-01-01", 5.0, None), (1, "2024-01-02", 5.0, "web")))
    assert pd.isna(alone[1])


def test_refunds_have_no_say():
    data = log(
        (1, "2024-01-01", 5.0, "web"), (1, "2024-01-02", -5.0, "app"), (1, "2024-01-03", 5.0, "shop"),
        (1, "2024-01-03", -1.0, "app"),
    )  # fmt: skip
    assert channels(data) == {1: "shop"}  # the first purchase was taken back
    assert channels(data, refunds="drop") == {1: "web"}


def test_a_discount_line_belongs_to_its_order_and_the_order_to_its_first_day():
    data = log((1, "2024-01-01", -1.0, "web"), (1, "2024-01-02", 9.0, "web"), (1, "2024-01-02", 3.0, "app"))
    assert channels(data.assign(order=["a", "a", "b"]), order="order") == {1: "web"}


def test_nothing_after_the_calibration_has_an_influence_on_what_is_kept():
    data = log((1, "2024-01-01", 5.0, "web"), (1, "2024-02-01", 5.0, "app"), (2, "2024-02-01", 5.0, "app"))
    split = holdout_split(data, **READ, calibration_end="2024-01-10", keep="channel", keep_purchases=True)
    assert split.calibration.table["channel"].to_dict() == {1: "web"}
    assert split.calibration.report.several_values == {"channel": 0}
    assert split.calibration.purchases["day"].tolist() == [pd.Timestamp("2024-01-01")]


@pytest.mark.parametrize("name", ["frequency", "customer_id", "monetary_value"])
def test_a_kept_column_hides_none_of_the_summary(name):
    with pytest.raises(ArgumentError, match=f"keep='{name}' would hide"):
        summarize(log((1, "2024-01-01", 5.0, "web")).rename(columns={"channel": name}), **READ, keep=name)


def test_a_kept_column_must_be_there_and_be_plain():
    data = log((1, "2024-01-01", 5.0, "web"))
    with pytest.raises(DataError, match=r"'chanel' not found.*keep='channel'"):
        summarize(data, **READ, keep="chanel")
    with pytest.raises(DataError, match=r"'channel' holds List.*text, numbers"):
        summarize(pl.from_pandas(data).with_columns(channel=pl.lit([[1, 2]])), **READ, keep="channel")


@QUICK
@given(rows=lines(st.one_of(st.none(), st.sampled_from("abcd")), customers=SOMEONE), end=st.integers(0, 12))
def test_law_the_summary_of_the_purchases_is_the_summary(rows, end):
    stop = {"observation_end": pd.Timestamp("2024-02-25") + pd.Timedelta(days=end), "unit": "day"}
    try:
        plain = summarize(to_frame(rows), **COLUMNS, order="order", **stop)
    except DataError:
        return
    customers = summarize(to_frame(rows), **COLUMNS, order="order", **stop, keep_purchases=True)
    pd.testing.assert_frame_equal(customers.table, plain.table)
    assert customers.report == plain.report
    again = summarize(customers.purchases, customer="customer_id", date="day", amount="spend", **stop)
    pd.testing.assert_frame_equal(again.table, plain.table, rtol=1e-12)  # sums of cents, in another order
    assert again.report.purchase_days == len(customers.purchases) == plain.report.purchase_days


def test_purchases_are_those_of_the_calendar_of_the_zone_and_have_no_spend_without_amounts():
    times = pd.to_datetime(["2024-01-01 23:30", "2024-01-01 09:00"]).tz_localize("UTC")
    data = pd.DataFrame({"id": ["b", "a"], "time": times})
    customers = summarize(data, customer="id", date="time", timezone="Europe/Berlin", keep_purchases=True)
    assert customers.purchases["day"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]
    assert customers.purchases["customer_id"].tolist() == ["a", "b"]
    assert customers.purchases["spend"].isna().all()
    assert summarize(data, customer="id", date="time").purchases is None


def make_customers():
    table = pd.DataFrame({"customer_id": ["a", "b"], "frequency": [1, 0], "recency": [1.0, 0.0], "T": 2.0})
    table["tier"] = pd.Categorical(["gold", "basic"], categories=["gold", "basic", "none"], ordered=True)
    return Customers.from_frame(table.assign(count=[2, 1]), unit="week", keep=["tier"])


def test_a_table_from_elsewhere_keeps_its_columns_as_they_are():
    customers = make_customers()
    assert customers.table["tier"].cat.ordered
    assert list(customers.table["tier"].cat.categories) == ["gold", "basic", "none"]
    frame = customers.to_frame().assign(number=[2, 1])
    many = Customers.from_frame(frame.drop(columns="customer_id"), unit="week", weights="number", keep="tier")
    assert many.table["tier"].tolist() == ["gold", "gold", "basic"]
    with pytest.raises(DataError, match="'region' not found"):
        Customers.from_frame(frame, unit="week", keep=["region"])


@pytest.mark.parametrize("kind", ["indexed", "column", "other name", "polars", "arrow"])
def test_join_puts_the_columns_in_the_order_of_the_customers(kind):
    about = pd.DataFrame({"customer_id": ["c", "b", "a"], "gender": ["x", "f", None], "age": [1, 40, 30]})
    if kind == "indexed":
        joined = make_customers().join(about.set_index("customer_id").rename_axis(None))
    elif kind == "other name":
        joined = make_customers().join(about.rename(columns={"customer_id": "id"}), customer_id="id")
    else:
        frame = pl.from_pandas(about)
        joined = make_customers().join({"column": about, "polars": frame, "arrow": frame.to_arrow()}[kind])
    assert list(joined.table.columns[-3:]) == ["tier", "gender", "age"]
    assert joined.table["age"].to_dict() == {"a": 30, "b": 40}
    assert joined.table["gender"].isna().tolist() == [True, False]
    assert joined.table["age"].dtype == np.int64
    assert len(joined.histories()) == 2


def test_join_keeps_what_else_is_known():
    data = log((1, "2024-01-01", 5.0, "web"), (1, "2024-02-01", 5.0, "app"))
    customers = summarize(data, **READ, currency="EUR", keep_purchases=True)
    joined = customers.join(pd.DataFrame({"customer_id": [1], "age": [30]}))
    assert joined.report is customers.report
    pd.testing.assert_frame_equal(joined.purchases, customers.purchases)
    assert np.shares_memory(joined.purchases["spend"], customers.purchases["spend"])
    assert (joined.currency, joined.observation_end) == ("EUR", customers.observation_end)


@pytest.mark.parametrize(
    ("frame", "error", "message"),
    [
        ({"customer_id": ["a"], "age": [1]}, DataError, r"1 customer is missing in the frame \(id b\)"),
        ({"customer_id": [1, 2], "age": [1, 2]}, DataError, r"2 customers are missing .*Ids are str here and int64"),
        ({"customer_id": ["a", "b", "b"], "age": 1}, DataError, r"1 customer has more than one row \(id b\)"),
        ({"customer_id": ["a", "b"], "T": 1}, ArgumentError, "have 'T' already"),
        ({"customer_id": ["a", "b"], "tier": 1}, ArgumentError, "have 'tier' already"),
        ({"id": ["a", "b"], "age": 1}, ArgumentError, r"Pass customer_id=, one of \['id', 'age'\]"),
    ],
)
def test_join_names_what_is_wrong(frame, error, message):
    with pytest.raises(error, match=message):
        make_customers().join(pd.DataFrame(frame))
