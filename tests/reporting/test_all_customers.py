"""What the list of all customers holds: every customer, the days of their purchases, or the best of very many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.segments.value_risk import value_risk_table
from clvmodels.reporting.packed import unpacked
from clvmodels.reporting.sections import all_customers
from tests.reporting.conftest import COLUMNS, LOG

HALF_OF_A_LAST_DIGIT = 0.5001  # what rounding to the digits of a column may take, with a little for binary fractions


@pytest.fixture(scope="module")
def data(page):
    return unpacked(page.data)


@pytest.fixture(scope="module")
def value():
    made = clv.forecast(LOG, **COLUMNS, currency="USD", horizon="1Y")
    table = made.lifetime_value(annual_discount_rate=0.10, margin=0.30)
    return table.sort_values("lifetime_value", ascending=False, kind="stable")


def listed(data, name):
    (column,) = [one for one in data["columns"] if one["name"] == name]
    return np.array(column["values"]) / 10 ** column["digits"], HALF_OF_A_LAST_DIGIT / 10 ** column["digits"]


def test_every_customer_is_in_it_with_what_is_expected(data, value):
    assert data["ids"] == [str(name) for name in value.index]
    assert data["total"] == len(value)
    for name in ("lifetime_value", "purchase_probability", "expected_purchases", "expected_spend"):
        found, within = listed(data, name)
        np.testing.assert_allclose(found, value[name], rtol=0, atol=within)


def test_groups_are_those_of_the_table(data, value):
    names = [name for name, _ in data["groups"]]
    found = pd.Series(listed(data, "group")[0]).value_counts()
    expected = value_risk_table(value)["customers"]
    assert {name: int(found.get(place, 0)) for place, name in enumerate(names)} == expected.to_dict()


def test_days_of_purchases_are_those_of_the_log(data):
    """Taken apart as the script does it: days ago of the first purchase, then the gaps."""
    log = pd.read_csv(LOG, parse_dates=["date"]).drop_duplicates(["customer_id", "date"])
    days = {str(name): sorted(dates) for name, dates in log.groupby("customer_id")["date"]}
    end, gaps = pd.Timestamp(0) + pd.Timedelta(days=data["end"]), iter(data["gaps"])
    for name, first, count in zip(data["ids"], data["first"], listed(data, "purchases")[0], strict=True):
        found = [end - pd.Timedelta(days=first)]
        for _ in range(int(count) - 1):
            found.append(found[-1] + pd.Timedelta(days=next(gaps)))
        assert found == days[name]
    assert next(gaps, None) is None


def test_of_very_many_only_the_best_are_in_the_page_and_it_says_so(study, monkeypatch):
    monkeypatch.setattr(all_customers, "MOST_CUSTOMERS", 100)
    (block,) = all_customers.section(study).blocks
    data = unpacked(block.data)
    assert block.about.startswith("The best 100 of 2,357 customers by value")
    assert data["ids"] == [str(name) for name in study.ranked.index[:100]]
    assert len(data["gaps"]) == study.customers.table.loc[study.ranked.index[:100], "frequency"].sum()


def test_of_very_many_purchases_only_those_of_the_best_have_days(study, monkeypatch):
    monkeypatch.setattr(all_customers, "MOST_PURCHASES", 500)
    data = unpacked(all_customers.section(study).blocks[0].data)
    counts = listed(data, "purchases")[0]
    inside = np.cumsum(counts) <= 500
    assert len(data["ids"]) == 2357
    assert len(data["gaps"]) == (counts - 1)[inside].sum() > 0


def test_without_purchases_there_are_no_days(study):
    ids = study.ranked.index
    frequency = study.customers.table.loc[ids, "frequency"].to_numpy()
    assert all_customers.purchase_gaps(study, ids, frequency + 1) is None  # of other customers
    assert all_customers.purchase_gaps(study, ids, frequency) is not None
