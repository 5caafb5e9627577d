"""Customers and subscriptions can't be changed from outside, so that nothing computed of them becomes stale."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv


@pytest.fixture
def customers() -> clv.Customers:
    return clv.summarize(
        clv.datasets.load_cdnow(sample=True), customer="customer_id", date="date", amount="amount",
        observation_end="1997-09-30", keep_purchases=True,
    )  # fmt: skip


def _spoil(table: pd.DataFrame) -> None:
    """All the ways in which a frame is edited in place."""
    table["T"] = 1.0
    table.loc[table.index[0], "recency"] = 99.0
    table.iloc[:, 0] = 7
    table.index.name = "spoilt"
    table.insert(0, "new", 0)


def test_editing_the_table_changes_neither_the_customers_nor_what_a_fit_says(customers) -> None:
    before = customers.table
    fit = clv.fit(customers, "bg/nbd")
    expected = fit.expected_purchases(52)
    _spoil(customers.table)
    pd.testing.assert_frame_equal(customers.table, before)
    pd.testing.assert_series_equal(fit.expected_purchases(52), expected)
    again = clv.Customers(customers.table, customers.unit)
    pd.testing.assert_series_equal(fit.expected_purchases(52, customers=again), expected)


def test_histories_and_amounts_stay_those_of_the_table(customers) -> None:
    weight, mean = customers.histories().weight.copy(), customers.purchase_amounts().mean.copy()
    _spoil(customers.table)
    purchases = customers.purchases
    purchases["spend"] = 0.0
    assert np.array_equal(customers.histories().weight, weight)
    fresh = clv.Customers(customers.table, customers.unit, purchases=customers.purchases)
    assert np.array_equal(fresh.histories().weight, weight)
    assert np.array_equal(fresh.purchase_amounts().mean, mean)


def test_another_table_is_another_object_with_numbers_of_its_own(customers) -> None:
    assert len(customers.histories()) > 1  # computed, and not taken along
    fewer = replace(customers, table=customers.table.head(3), purchases=None)
    assert (len(fewer), len(fewer.histories()), fewer.purchases) == (3, 3, None)
    assert fewer.table["T"].tolist() == customers.table["T"].head(3).tolist()
    with pytest.raises(FrozenInstanceError):
        customers.table = fewer.table


def test_the_frame_that_customers_are_made_from_may_be_edited_afterwards() -> None:
    frame = pd.DataFrame({"frequency": [1.0, 0.0], "recency": [2.0, 0.0], "T": [5.0, 5.0], "segment": ["a", "b"]})
    made, given = clv.Customers.from_frame(frame, unit="week", keep="segment"), clv.Customers(frame, "week")
    frame.loc[0, "T"] = 1.0
    frame.loc[0, "segment"] = "b"
    frame["recency"] *= 2
    assert made.table["T"].tolist() == given.table["T"].tolist() == [5.0, 5.0]
    assert made.table["recency"].tolist() == given.table["recency"].tolist() == [2.0, 0.0]
    assert made.table["segment"].tolist() == given.table["segment"].tolist() == ["a", "b"]


def test_arrays_are_read_only(customers) -> None:
    with pytest.raises(ValueError, match="read-only"):
        customers.mean_purchase_time[0] = 1.0


def test_copies_and_pickles_are_read_only_too(customers) -> None:
    for other in (copy.deepcopy(customers), pickle.loads(pickle.dumps(customers))):
        _spoil(other.table)
        pd.testing.assert_frame_equal(other.table, customers.table)


def test_editing_the_table_of_subscriptions_changes_nothing() -> None:
    subscriptions = clv.Subscriptions.from_survival([1000, 631, 468], unit="year")
    fit, table = clv.fit(subscriptions, "sbg"), subscriptions.table
    survival = fit.survival(2)
    spoilt = subscriptions.table
    spoilt["periods"] = 0
    spoilt["lost"] = False
    pd.testing.assert_frame_equal(subscriptions.table, table)
    assert np.array_equal(fit.survival(2), survival)
    assert len(subscriptions.histories()) == 3
