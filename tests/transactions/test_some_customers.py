"""Some of the customers: the first ones, those of a condition, those with these ids; joins by the name of the log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from tests.reference.tolerances import SUMMATION


@pytest.fixture(scope="module")
def customers():
    return clv.summarize(clv.datasets.path("cdnow_sample"), observation_end="1997-09-30", keep_purchases=True)


def test_the_first_customers(customers):
    some = customers.head(3)
    pd.testing.assert_frame_equal(some.table, customers.table.head(3))
    assert (len(customers.head()), some.unit, some.observation_end) == (5, "week", customers.observation_end)
    pd.testing.assert_frame_equal(
        some.purchases, customers.purchases[customers.purchases["customer_id"].isin(some.table.index)]
    )
    np.testing.assert_array_equal(some.mean_purchase_time, customers.mean_purchase_time[:3])
    assert (some.report, some.log) == (None, customers.log)


@pytest.mark.parametrize("kind", ["series", "shuffled series", "array", "list", "ids", "index", "nullable", "object"])
def test_a_condition_and_ids_choose_the_same(customers, kind):
    condition = customers.table["frequency"] > 3
    chosen = {
        "series": condition,
        "shuffled series": condition.sample(frac=1, random_state=1),
        "array": condition.to_numpy(),
        "list": condition.tolist(),
        "ids": condition.index[condition].tolist(),
        "index": condition.index[condition],
        "nullable": condition.astype("boolean"),
        "object": condition.astype(object),
    }[kind]
    pd.testing.assert_frame_equal(customers[chosen].table, customers.table[condition])


def test_some_customers_are_fitted_and_predicted_as_they_are(customers):
    fit = clv.fit(customers, "bg/nbd")
    some = customers[customers.table["frequency"] > 3]
    expected = fit.expected_purchases("1Y")
    pd.testing.assert_series_equal(fit.expected_purchases("1Y", some), expected[some.table.index], rtol=SUMMATION)
    assert clv.fit(some, "nbd").n_customers == len(some)
    ids = customers.table.index[[7, 2]]
    assert customers[ids].table.index.tolist() == ids.tolist()
    assert customers[ids].purchases["customer_id"].unique().tolist() == ids.tolist()
    assert len(customers[2:7]) == 5
    assert len(customers[ids[0]]) == 1


@pytest.mark.parametrize(
    ("chosen", "error", "says"),
    [
        ([True, False], ArgumentError, "condition has 2 values; there are 3 customers"),
        (pd.Series([True], index=["ann"]), DataError, r"condition is missing for 2 customers \(ids bob, cleo\)"),
        (["ann", "dan"], DataError, r"1 of the ids are not among the 3 customers \(id dan\)"),
        (["ann", "ann"], DataError, "chosen twice"),
        ([False] * 3, DataError, "No customer is left"),
        ([], DataError, "No customer is left"),
        (pd.DataFrame({"a": [True] * 3}), ArgumentError, "not by a table"),
        ("frequency", DataError, "not among the 3 customers"),
    ],
)
def test_what_chooses_nobody_is_refused(chosen, error, says):
    table = pd.DataFrame({"frequency": [2, 0, 1], "recency": [3.0, 0.0, 1.0], "T": 5.0}, index=["ann", "bob", "cleo"])
    with pytest.raises(error, match=says):
        clv.Customers.from_frame(table, unit="week")[chosen]


@pytest.mark.parametrize("place", ["column", "index"])
def test_a_join_takes_the_name_that_the_log_has(place):
    log = pd.DataFrame({"Kundennummer": [7, 7, 8], "Datum": ["2024-01-01", "2024-01-08", "2024-01-15"]})
    master = pd.DataFrame({"Kundennummer": [8, 7, 9], "Land": ["AT", "DE", "CH"]})
    joined = clv.summarize(log).join(master if place == "column" else master.set_index("Kundennummer"))
    assert joined.table["Land"].to_dict() == {7: "DE", 8: "AT"}


def test_customers_know_how_their_log_was_read():
    log = pd.DataFrame({"Kundennummer": [7, 7, 8], "Datum": ["2024-01-01", "2024-01-08", "2024-01-15"]})
    read_as = clv.summarize(log, currency="EUR").log
    assert repr(read_as) == "Log(None, customer='Kundennummer', date='Datum', currency='EUR')"
    assert clv.Customers.from_frame(clv.summarize(log).to_frame(), unit="week").log is None
