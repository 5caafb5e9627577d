"""The baselines on a log that one can do by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.evaluation.holdout import baselines
from clvmodels.evaluation.snapshots.inner_holdouts import InnerHoldout
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.log.log import Log

# ann: days 0, 28, 70 (10, 20, 30); bob: day 0 twice (4 + 4); cleo: day 56 (5) and day 80 (7). It is day 84.
LOG = pd.DataFrame(
    {
        "id": ["ann", "ann", "ann", "bob", "bob", "cleo", "cleo"],
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta([0, 28, 70, 0, 0, 56, 80], unit="D"),
        "paid": [10.0, 20.0, 30.0, 4.0, 4.0, 5.0, 7.0],
    }
)
COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}
FIRST = pd.Timestamp("2024-01-01")
EXACT = {"rel": 1e-12}


@pytest.fixture
def today():
    return Snapshot(Log(LOG, **COLUMNS), "week", FIRST + pd.Timedelta(days=84))


def test_last_period_is_what_the_last_days_held(today):
    spend = baselines.last_period_spend(today, 28, [])
    assert spend.count.tolist() == [1, 0, 1]  # after day 56: the first purchase of cleo is too old
    assert spend.value.tolist() == [30, 0, 7]
    count = baselines.last_period_count(today, 28, [])
    assert count.value == pytest.approx(np.array([1, 0, 1]) * 37 / 2, **EXACT)


def test_first_purchases_count_in_the_last_period(today):
    prediction = baselines.last_period_spend(today, 29, [])
    assert prediction.count.tolist() == [1, 0, 2]
    assert prediction.value.tolist() == [30, 0, 12]


def test_a_period_longer_than_the_log_is_all_of_it(today):
    prediction = baselines.last_period_spend(today, 1000, [])
    assert prediction.count.tolist() == [3, 1, 2]
    assert prediction.value.tolist() == [60, 8, 12]


def test_past_rate_and_total(today):
    rate = baselines.past_rate(today, 42, [])
    assert rate.count == pytest.approx([2 / 84 * 42, 0, 1 / 28 * 42], **EXACT)
    assert rate.value == pytest.approx([1.0 * 20, 0, 1.5 * 6], **EXACT)
    total = baselines.past_total(today, 42, [])
    assert total.value.tolist() == [60, 8, 12]
    assert total.ranks_only


def test_pooled_mean_gives_everybody_the_same(today):
    prediction = baselines.pooled_mean(today, 42, [])
    assert prediction.count == pytest.approx(np.full(3, 3 / (84 + 84 + 28) * 42), **EXACT)
    assert prediction.value == pytest.approx(prediction.count * 80 / 6, **EXACT)


def test_hiatus_without_an_inner_holdout_takes_the_horizon_for_threshold(today):
    assert baselines.hiatus(today, 14, []).probability.tolist() == [1, 0, 1]  # silent for 14, 84 and 4 days
    assert baselines.hiatus(today, 13, []).probability.tolist() == [0, 0, 1]
    assert baselines.hiatus(today, 13, []).count == pytest.approx([0, 0, 13 / 28], **EXACT)


def test_hiatus_learns_its_threshold():
    """Who bought within the last 10 days buys again, nobody else does."""
    n = 60
    first, gap = np.zeros(n, dtype=int), np.arange(n)
    days = [*first, *(100 - gap), *(100 + 1 + np.arange(11))]
    ids = [*range(n), *range(n), *range(11)]
    log = pd.DataFrame({"id": ids, "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"), "paid": 1.0})
    bound = Log(log, **COLUMNS)
    then, today = (Snapshot(bound, "week", FIRST + pd.Timedelta(days=day)) for day in (100, 130))
    prediction = baselines.hiatus(today, 30, [InnerHoldout(then, 30)])
    gap_now = (today.column("T") - today.column("recency")) * 7
    # the candidates are 50 quantiles of the gaps 0 to 59, so that the threshold lies within 1.2 days of 10
    assert prediction.probability[gap_now <= 10].all()
    assert not prediction.probability[gap_now > 11.2].any()


def test_without_amounts_a_purchase_is_worth_one():
    today = Snapshot(Log(LOG, customer="id", date="day"), "week", FIRST + pd.Timedelta(days=84))
    assert baselines.past_total(today, 28, []).value.tolist() == [3, 1, 2]
    assert baselines.last_period_spend(today, 28, []).value.tolist() == [1, 0, 1]


def test_snapshot_is_the_summary(today):
    expected = clv.summarize(LOG, **COLUMNS, observation_end=today.end)
    assert today.customers.table.equals(expected.table)
    assert today.days == 84
