"""The report's cohorts, against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from clvmodels.reporting.sections.cohorts import acquisition, latest
from tests.reporting.conftest import LOG

CAPTION = "Customers by the time of their first purchase"


@pytest.fixture(scope="module")
def table(page):
    head, *rows = page.tables[CAPTION]
    return pd.DataFrame(rows, columns=head).set_index("First purchase")


@pytest.fixture(scope="module")
def days():
    log = pd.read_csv(LOG, parse_dates=["date"])
    log["month"] = log["date"].dt.year * 12 + log["date"].dt.month
    first = log.groupby("customer_id")["month"].transform("min")
    return log.assign(cohort=first, age=log["month"] - first)


def test_sizes_retention_and_spend(table, days):
    sizes = days.groupby("cohort")["customer_id"].nunique()
    assert table["Customers"].tolist() == [f"{size:,}" for size in sizes]
    for age in (1, 3, 6, 12):
        share = days[days["age"] == age].groupby("cohort")["customer_id"].nunique() / sizes
        assert [text.replace("\u00a0", " ") for text in table[f"Bought in month {age}"]] == [
            f"{one:.0%}".replace("%", " %") for one in share
        ]
        if age in (1, 12):
            spent = days[days["age"] <= age].groupby("cohort")["amount"].sum() / sizes
            assert table[f"Spend each to month {age} [USD]"].tolist() == [f"{one:,.2f}" for one in spent]


def test_when_they_came(page, days):
    sizes = days.groupby("cohort")["customer_id"].nunique()
    assert "2,357 customers made their first purchase between January 1997 and March 1997" in page.text
    assert f"most of them in February 1997 ({sizes.max()})" in page.text
    assert "In the 15 months since then nobody is new." in page.text


def cohort_shares(*shares):
    starts = pd.date_range("2024-01-01", periods=len(shares), freq="MS")
    return pd.DataFrame({1: shares}, index=starts)


def test_the_latest_differ_by_more_than_chance_or_not():
    """Standard error of a difference of 30 % with 1,000 and 500 customers: 2.5 points."""
    sizes = np.array([500, 500, 500])
    (said,) = latest(cohort_shares(0.30, 0.30, 0.20), sizes, "month")
    assert said.startswith("Of the customers who came from March 2024 on, 20")
    assert said.endswith("the latest come back in fewer cases, and by more than chance.")
    (said,) = latest(cohort_shares(0.30, 0.30, 0.28), sizes, "month")
    assert said.endswith("no more of a difference than chance makes.")
    (said,) = latest(cohort_shares(0.30, 0.30, 0.40), sizes, "month")
    assert "in more cases" in said
    assert latest(cohort_shares(0.30, 0.30, 0.0), np.array([500, 500, 50]), "month") == ()
    # the last cohort has no whole month behind it
    (said,) = latest(cohort_shares(0.30, 0.20, np.nan), sizes, "month")
    assert said.startswith("Of the customers who came from February 2024 on")


def test_one_cohort_and_customers_who_keep_coming():
    index = pd.MultiIndex.from_tuples([(pd.Timestamp("2024-03-01"), 0)], names=["cohort", "age"])
    one = pd.DataFrame({"customers": [7]}, index=index)
    assert acquisition(one, "month") == "All 7 customers made their first purchase in March 2024."
    pairs = [(pd.Timestamp("2024-03-01"), 0), (pd.Timestamp("2024-03-01"), 1), (pd.Timestamp("2024-04-01"), 0)]
    two = pd.DataFrame({"customers": [7, 1, 9]}, index=pd.MultiIndex.from_tuples(pairs, names=["cohort", "age"]))
    said = acquisition(two, "month")
    assert (
        said
        == "16 customers made their first purchase between March 2024 and April 2024, most of them in April 2024 (9)."
    )
