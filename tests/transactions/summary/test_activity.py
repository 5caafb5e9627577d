"""Purchases by day and cohorts, held against pandas on the same log and against the summary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.summary.activity import cohort_activity, purchases_by_day
from tests.reference.tolerances import SUMMATION

ONLINE_RETAIL = {"customer": "customer_id", "date": "timestamp", "amount": "amount", "order": "order_id"}


@pytest.fixture(scope="module")
def cdnow_log() -> pd.DataFrame:
    return clv.datasets.load_cdnow(sample=True)


def test_days_add_up_to_the_summary_and_the_holdout_with_orders_and_refunds() -> None:
    log = clv.datasets.load_online_retail()
    split = clv.holdout_split(log, calibration_end="2011-06-10", **ONLINE_RETAIL)
    days = purchases_by_day(log, calibration_end="2011-06-10", **ONLINE_RETAIL)
    assert days["customers"].sum() == len(split.table)
    assert days.loc[:"2011-06-10", "purchases"].sum() == split.calibration.table["frequency"].sum()
    assert days.loc["2011-06-11":, "purchases"].sum() == split.table["frequency"].sum()
    # sums of the same 53,000 amounts in another order
    assert days.loc["2011-06-11":, "spend"].sum() == pytest.approx(split.table["spend"].sum(), rel=1e-12)


def test_every_day_of_the_observation_has_a_row(cdnow_log: pd.DataFrame) -> None:
    days = purchases_by_day(cdnow_log, customer="customer_id", date="date", observation_end="1998-07-10")
    assert days.index.equals(pd.date_range("1997-01-01", "1998-07-10", name="date").astype(days.index.dtype))
    assert days["spend"].isna().all()
    assert days.loc["1998-07-01":, "purchases"].sum() == 0


@pytest.mark.parametrize("period", ["month", "quarter", "year"])
def test_cohorts_equal_pandas(cdnow_log: pd.DataFrame, period: str) -> None:
    table = cohort_activity(cdnow_log, customer="customer_id", date="date", amount="amount", period=period)
    days = cdnow_log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    letter = period[0].upper()
    days["period"] = days["date"].dt.to_period(letter)
    days["cohort"] = days.groupby("customer_id")["date"].transform("min").dt.to_period(letter)
    days["age"] = [then.ordinal - first.ordinal for then, first in zip(days["period"], days["cohort"], strict=True)]
    days["cohort"] = days["cohort"].dt.start_time
    groups = days.groupby(["cohort", "age"])
    filled = table[table["purchases"] > 0]
    assert filled["customers"].tolist() == groups["customer_id"].nunique().tolist()
    assert filled["purchases"].tolist() == groups.size().tolist()
    assert filled["spend"].to_numpy() == pytest.approx(groups["amount"].sum().to_numpy(), rel=SUMMATION)
    assert filled.index.tolist() == groups.size().index.tolist()


def test_months_of_four_hundred_years_are_those_of_the_calendar() -> None:
    dates = pd.date_range("1880-01-01", "2280-12-31", freq="D").astype("datetime64[s]")
    days = pd.DataFrame({"id": np.arange(len(dates)), "day": dates})
    table = cohort_activity(days, customer="id", date="day")
    first = table.xs(0, level="age")
    assert first["customers"].tolist() == first.index.days_in_month.tolist()
    assert first.index.equals(pd.date_range("1880-01-01", "2280-12-01", freq="MS").astype(first.index.dtype))


def test_a_period_that_is_cut_short_is_not_whole_and_an_empty_one_is_there() -> None:
    log = pd.DataFrame({"id": [1, 1], "day": ["2024-01-31", "2024-03-05"]})
    table = cohort_activity(log, customer="id", date="day")
    assert table["customers"].tolist() == [1, 0, 1]
    assert table["whole"].tolist() == [True, True, False]


def test_errors_say_what_to_do() -> None:
    log = pd.DataFrame({"id": [1], "day": ["2024-01-31"]})
    with pytest.raises(ArgumentError, match='period must be "month", "quarter" or "year"'):
        cohort_activity(log, customer="id", date="day", period="week")
    with pytest.raises(ArgumentError, match='refunds must be "net" or "drop"'):
        purchases_by_day(log, customer="id", date="day", refunds="error")
    with pytest.raises(DataError, match="until the end of the calibration"):
        purchases_by_day(log, customer="id", date="day", calibration_end="2023-01-01")
