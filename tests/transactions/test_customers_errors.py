"""Tables of customers that can't be: which customers, and what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions


def table(**columns):
    rows = {"customer_id": [17, 204, 951, 4], "frequency": [2, 1, 0, 3], "recency": [3.0, 1.0, 0.0, 2.0], "T": 5.0}
    return pd.DataFrame(rows).assign(**columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"T": 0.5}, r"3 customers have recency > T \(ids 17, 204, 4\)\. Is observation_end before"),
        ({"frequency": [-1, 1, 0, 3]}, r"1 customer has a negative frequency \(id 17\)"),
        ({"frequency": [2.5, 1, 0, 3]}, r"1 customer has a frequency that is not a whole number \(id 17\)"),
        ({"frequency": [0, 1, 0, 3]}, r"1 customer has frequency 0 and recency > 0 \(id 17\)"),
        ({"recency": 0.0}, r"3 customers have repeat purchases and recency 0 \(ids 17, 204, 4\)"),
        ({"recency": [-1.0, 1.0, 0.0, 2.0]}, r"a negative recency \(id 17\)"),
        ({"recency": [np.nan, 1.0, 0.0, 2.0]}, r"a recency that is missing or not finite \(id 17\)"),
        ({"T": np.inf}, r"4 customers have a T that is missing or not finite \(ids 17, 204, 951 and 1 more\)"),
        ({"monetary_value": [-1.0, 1.0, 0.0, 2.0]}, r"a negative monetary_value \(id 17\)"),
        ({"monetary_value": np.inf}, r"an infinite monetary_value"),
        ({"monetary_value": 2.0, "spend_frequency": [3, 1, 0, 3]}, r"spend_frequency > frequency \(id 17\)"),
        ({"monetary_value": 2.0, "spend_frequency": [0.5, 1, 0, 3]}, r"spend_frequency that is not a count \(id 17\)"),
        ({"customer_id": [1, 1, 2, 2]}, r"2 customers have more than one row \(ids 1, 2\)"),
        ({"customer_id": [1, None, 2, 3]}, r"1 rows have no customer id"),
        ({"recency": ["3,0", "1", "0", "2"]}, r"Column 'recency' holds '3,0', which is not a number"),
    ],
)
def test_impossible_customers_are_named(columns, message):
    with pytest.raises(DataError, match=message):
        Customers.from_frame(table(**columns), unit="week")


def test_missing_columns_come_with_a_hint():
    with pytest.raises(DataError, match=r"'T' not found.*rename\(columns=\{'t': 'T'\}\)"):
        Customers.from_frame(table().rename(columns={"T": "t"}), unit="week")


def test_an_empty_table_is_refused():
    with pytest.raises(DataError, match="no customers"):
        Customers.from_frame(table().iloc[:0], unit="week")


def test_the_unit_is_never_guessed():
    with pytest.raises(ArgumentError, match="unit="):
        Customers.from_frame(table())
    with pytest.raises(ArgumentError, match="fortnight"):
        Customers.from_frame(table(), unit="fortnight")


def test_something_that_is_no_table_is_refused():
    with pytest.raises(ArgumentError, match="list"):
        Customers.from_frame([1, 2], unit="week")


def test_tables_of_lifetimes_and_polars_are_read_alike():
    spend = table(monetary_value=[10.0, 20.0, 0.0, np.nan])
    ours = Customers.from_frame(spend, unit="week", observation_end="2024-01-31", currency="EUR")
    indexed = Customers.from_frame(spend.set_index("customer_id"), unit="week")
    other = Customers.from_frame(pl.from_pandas(spend), unit="week")
    pd.testing.assert_frame_equal(ours.table, indexed.table)
    pd.testing.assert_frame_equal(ours.table, other.table)
    assert ours.table["spend_frequency"].tolist() == [2, 1, 0, 0]
    assert ours.table["monetary_value"].isna().tolist() == [False, False, True, True]
    assert "4 customers, in weeks until 2024-01-31, amounts in EUR" in repr(ours)
    assert "<table" in ours._repr_html_()
    pd.testing.assert_frame_equal(Customers.from_frame(ours.to_frame(), unit="week").table, ours.table)


def test_histories_are_those_of_the_table():
    customers = Customers.from_frame(table(frequency=[1, 1, 0, 1], recency=[1.0, 1.0, 0.0, 1.0]), unit="week")
    assert sorted(customers.histories().weight) == [1, 3]
    assert len(customers.spend_histories()) == 0


@pytest.mark.parametrize("name", ["id", "customerId", "Client ID", "user", "Kundennummer", "cust_id"])
def test_a_column_that_looks_like_ids_is_not_passed_over(name):
    frame = pd.DataFrame({name: [17, 4], "frequency": [2, 0], "recency": [3.0, 0.0], "T": [5.0, 5.0]})
    with pytest.raises(ArgumentError, match=rf"'{name}' looks like the ids .* Pass customer_id='{name}'"):
        Customers.from_frame(frame, unit="week")
    assert Customers.from_frame(frame, unit="week", customer_id=name).table.index.tolist() == [17, 4]
    assert Customers.from_frame(frame.set_index(name), unit="week").table.index.tolist() == [17, 4]
    assert Customers.from_frame(frame.drop(columns=name), unit="week").table.index.tolist() == [0, 1]
    contracts = frame.assign(start="2024-01-01", end=None)
    with pytest.raises(ArgumentError, match=f"Pass customer_id='{name}'"):
        Subscriptions.from_frame(contracts, start="start", end="end", observation_end="2024-12-31", unit="month")


@pytest.mark.parametrize("name", ["paid", "grid", "valid", "customer_age", "customers", "segment"])
def test_other_columns_are_no_ids(name):
    frame = pd.DataFrame({name: [17, 4], "frequency": [2, 0], "recency": [3.0, 0.0], "T": [5.0, 5.0]})
    assert Customers.from_frame(frame, unit="week").table.index.tolist() == [0, 1]
