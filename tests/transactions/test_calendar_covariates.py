"""Tables of covariates by period: what they may look like, and what their errors say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.calendar_covariates import read_varying

WEEKS = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=4, freq="7D"), "campaign": [0, 1, 0, 1]})


def _by_customer() -> pd.DataFrame:
    return pd.concat([WEEKS.assign(customer_id=name) for name in ("b", "a")], ignore_index=True)


@pytest.mark.parametrize(
    "table",
    [
        WEEKS,
        WEEKS.iloc[::-1],
        WEEKS.set_index("date"),
        WEEKS.assign(date=WEEKS["date"].dt.strftime("%Y-%m-%d")),
        WEEKS.assign(date=WEEKS["date"].dt.tz_localize("Europe/Berlin")),
        WEEKS.assign(date=[stamp.date() for stamp in WEEKS["date"]]),
        pl.from_pandas(WEEKS),
        pl.from_pandas(WEEKS).to_arrow(),
    ],
)
def test_one_table_in_many_forms(table: Any) -> None:
    read = read_varying(table)
    assert (read.begin.date(), read.end.date()) == (dt.date(2024, 1, 1), dt.date(2024, 1, 28))
    np.testing.assert_array_equal(np.diff(read.starts), 7.0)
    np.testing.assert_array_equal(read.frame["campaign"].to_numpy()[read.places[0]], [0, 1, 0, 1])
    assert read.ids is None


def test_rows_by_customer_in_any_order() -> None:
    shuffled = (
        _by_customer()
        .sample(frac=1.0, random_state=1)
        .assign(campaign=lambda t: t["campaign"] + (t["customer_id"] == "a"))
    )
    read = read_varying(shuffled.set_index(["customer_id", "date"]))
    assert read.ids is not None
    found = pd.DataFrame(read.frame["campaign"].to_numpy()[read.places], index=read.ids)
    np.testing.assert_array_equal(found.loc["a"], [1, 2, 1, 2])
    np.testing.assert_array_equal(found.loc["b"], [0, 1, 0, 1])


def test_months_end_with_the_month() -> None:
    months = pd.DataFrame({"date": pd.period_range("2023-11", periods=4, freq="M"), "season": ["a", "b", "a", "a"]})
    assert read_varying(months).end.date() == dt.date(2024, 2, 29)


def test_periods_of_any_length_end_as_they_go() -> None:
    table = pd.DataFrame({"date": ["2024-01-01", "2024-01-11", "2024-01-14"], "price": [1.0, 2.0, 1.5]})
    assert read_varying(table).end.date() == dt.date(2024, 1, 16)


def test_customers_may_come_later_but_not_with_gaps() -> None:
    table = _by_customer()
    later = table[~((table["customer_id"] == "a") & (table["date"] < "2024-01-15"))]
    np.testing.assert_array_equal(read_varying(later).places[1, :2], [-1, -1])
    gap = table[~((table["customer_id"] == "a") & (table["date"] == "2024-01-15"))]
    with pytest.raises(
        DataError, match=r"lacks 1 rows of 1 customers \(ids? a\); the first is that of a on 2024-01-15"
    ):
        read_varying(gap)


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (WEEKS.rename(columns={"date": "week"}), ArgumentError, "no column 'date'.*Columns: week, campaign"),
        (WEEKS[["date"]], ArgumentError, "holds no covariates"),
        (WEEKS.iloc[:1], DataError, "a single period"),
        (WEEKS.assign(date="soon"), DataError, "can't be read as dates"),
        (WEEKS.assign(date="01/02/2024"), DataError, "can't be read as dates"),
        (WEEKS.assign(date=[20240101, 20240108, 20240115, 20240122]), DataError, "holds numbers such as"),
        (WEEKS.assign(date=[pd.NaT, *WEEKS["date"][1:]]), DataError, "empty in 1 rows"),
        (pd.concat([WEEKS, WEEKS]), DataError, "4 rows more than once, the first on 2024-01-01.*add customer_id"),
        (_by_customer().assign(customer_id="a"), DataError, "more than once, the first on 2024-01-01 for customer a"),
        (_by_customer().assign(customer_id=[None] + ["a"] * 7), DataError, "1 rows without a customer_id"),
        (
            WEEKS.assign(campaign=[0, None, 1, None]),
            DataError,
            "'campaign'.*no value in 2 rows, the first on 2024-01-08",
        ),
        ([1, 2], ArgumentError, "A table of covariates by period can't be made from list"),
    ],
)
def test_what_is_wrong_is_named(table: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_varying(table)
