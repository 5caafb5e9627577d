"""Numbers of new customers by period: parts of months, given numbers, logs of one cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.equity.parts.arrivals import Arrivals, arrivals, closed
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from tests.decisions.equity.conftest import COLUMNS


def _even(end: str) -> tuple[clv.Customers, PurchaseRecord]:
    """One new customer a day, and a purchase of each a week later."""
    days = pd.date_range("2022-01-01", end)
    first = pd.DataFrame({"customer_id": np.arange(len(days)), "date": days, "amount": 1.0})
    again = first.assign(date=first["date"] + pd.Timedelta(days=7))
    log = pd.concat([first, again[again["date"] <= end]])
    customers = clv.summarize(log, **COLUMNS, unit="week", keep_purchases=True, observation_end=end)
    record = PurchaseRecord.of(customers)
    assert record is not None
    return customers, record


def test_parts_of_months_have_parts_of_their_customers() -> None:
    customers, record = _even("2023-04-10")
    found = arrivals(customers, record, "recent_mean", pd.Timestamp("2023-07-04"), "month", draws=500, seed=0)
    assert found.periods["days"].tolist() == [20, 31, 30, 4]
    # the mean of January to March is 30 a month
    assert found.mean.tolist() == pytest.approx([30 * 20 / 30, 30.0, 30.0, 30 * 4 / 31])
    assert found.draws.mean(axis=0) == pytest.approx(found.mean, rel=0.1)  # 500 draws, level ± 20 %
    assert found.method == "recent_mean"


def test_given_numbers_vary_by_chance_alone() -> None:
    customers, record = _even("2023-04-30")
    found = arrivals(customers, record, [100.0, 400.0], pd.Timestamp("2023-06-30"), "month", draws=20_000, seed=0)
    assert found.mean.tolist() == [100.0, 400.0]
    assert found.draws.var(axis=0) == pytest.approx([100.0, 400.0], rel=0.05)  # Poisson, 20,000 draws


def test_days_on_which_customers_come_lie_in_their_period() -> None:
    end = pd.Timestamp("2023-04-10")
    periods = calendar_periods(end, pd.Timestamp("2023-07-04"), "month")
    days, period = Arrivals(periods, np.ones(4), np.ones((1, 4)), "given").days()
    assert np.bincount(period).tolist() == [2, 3, 3, 1]
    assert np.all(np.diff(days) > 0)
    for number, (first, last) in enumerate(zip(periods["first_day"], periods.index, strict=True)):
        inside = days[period == number]
        assert day_number(first) <= inside.min()
        assert inside.max() <= day_number(last)
        middle = (day_number(first) + day_number(last)) / 2
        assert inside.mean() == pytest.approx(middle, abs=1.0)  # whole days


def test_a_log_of_one_cohort_is_told() -> None:
    _, record = _even("2023-04-30")
    assert closed(record) is None
    early = _even("2022-03-31")[0]
    log = early.purchases.rename(columns={"day": "date", "spend": "amount"})[["customer_id", "date", "amount"]]
    later = clv.summarize(log, **COLUMNS, unit="week", keep_purchases=True, observation_end="2022-06-30")
    silent = PurchaseRecord.of(later)
    assert silent is not None
    sentence = closed(silent)
    assert sentence is not None
    assert "Nobody has been new since 2022-03-31, 91 days before the end" in sentence
    found = arrivals(later, silent, "auto", pd.Timestamp("2022-12-31"), "month", draws=10, seed=0)
    assert not found.draws.any()


def test_a_log_that_begins_with_old_customers_is_told_from_one_that_begins_with_new_ones() -> None:
    """The same business, seen from its third year on: those who return then are no new customers."""
    log = clv.datasets.simulate_log(
        4_000, start="2020-01-01", end="2023-12-31", purchases={"a": 0.05, "b": 2.4}, seed=8
    )
    until = pd.Timestamp("2024-06-30")
    found = []
    for part in (log, log[log["date"] >= "2022-01-01"]):
        customers = clv.summarize(part, **COLUMNS, unit="week", keep_purchases=True)
        record = PurchaseRecord.of(customers)
        found.append(arrivals(customers, record, "auto", until, "month", draws=10, seed=0))
    begins_new, begins_old = found
    assert begins_new.notes == ()
    assert "begin with old customers" in begins_old.notes[0]
    # 4,000 in four years are 500 in half a year; the log that begins in 2022 shows 1,000 more in its first half year
    assert begins_new.mean.sum() == pytest.approx(500.0, rel=0.15)
    assert begins_old.mean.sum() == pytest.approx(500.0, rel=0.25)  # the trend of a year of counts
