"""Any log at all: the summary is the naive one, and the report adds up."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clvmodels.errors import DataError
from clvmodels.transactions.summary.holdout import holdout_split
from clvmodels.transactions.summary.summarize import summarize
from tests.reference.tolerances import SUMMATION
from tests.transactions.summary.naive import summarize_lines

QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
COLUMNS = {"customer": "customer", "date": "day", "amount": "amount"}


NO_ORDER = st.none()
ANYONE = st.integers(1, 3)


def lines(orders=NO_ORDER, customers=ANYONE, low=-30):
    line = st.tuples(customers, st.integers(0, 12), orders, st.integers(low, 30))
    return st.lists(line, min_size=1, max_size=25)


def to_frame(rows, engine="pandas"):
    """A pandas frame, which goes the short way if it is plain, or a lazy polars one, which takes the chain.

    Whole numbers of cents as amounts, so that sums leave dust.
    """
    start = pd.Timestamp("2024-02-25")
    frame = pd.DataFrame(
        {
            "customer": pd.array([customer for customer, *_ in rows], dtype="Int64"),
            "day": pd.Series(
                [None if day is None else start + pd.Timedelta(days=day) for _, day, *_ in rows], dtype="M8[us]"
            ),
            "order": pd.Series([order for *_, order, _ in rows], dtype="str"),
            "amount": [amount / 100 for *_, amount in rows],
        }
    )
    return frame if engine == "pandas" else pl.from_pandas(frame).lazy()


def assert_naive(rows, end, engine="pandas", **arguments):
    expected, unmatched = summarize_lines(rows, end, arguments.get("refunds", "net"))
    stop = pd.Timestamp("2024-02-25") + pd.Timedelta(days=end)
    try:
        customers = summarize(to_frame(rows, engine), **COLUMNS, **arguments, unit="day", observation_end=stop)
    except DataError:
        assert not expected
        return
    assert list(customers.table.index) == sorted(expected)
    for customer, (days, first, last, spend, spend_days) in expected.items():
        row = customers.table.loc[customer]
        assert (row["frequency"], row["recency"], row["T"]) == (days - 1, last - first, end - first)
        assert row["spend_frequency"] == spend_days
        if spend_days:
            assert row["monetary_value"] == pytest.approx(spend / spend_days / 100, rel=SUMMATION)
    report = customers.report
    assert report.imbalances() == []
    assert report.lines == len(rows)
    assert report.purchase_days == sum(days for days, *_ in expected.values())
    # sums of cents
    assert report.amount_unmatched == pytest.approx(unmatched / 100, abs=1e-9)


SOMEONE = st.one_of(st.none(), st.integers(1, 3))


@pytest.mark.parametrize("engine", ["pandas", "polars"])
@pytest.mark.parametrize("refunds", ["net", "drop"])
@QUICK
@given(rows=lines(customers=SOMEONE), end=st.integers(0, 12))
def test_law_lines_with_refunds_are_summarized_as_by_hand(engine, refunds, rows, end):
    assert_naive(rows, end, engine, refunds=refunds)


@pytest.mark.parametrize("refunds", ["net", "drop"])
@QUICK
@given(rows=lines(st.one_of(st.none(), st.sampled_from("abcd")), customers=SOMEONE), end=st.integers(0, 12))
def test_law_orders_with_refunds_are_summarized_as_by_hand(refunds, rows, end):
    assert_naive(rows, end, refunds=refunds, order="order")


@pytest.mark.parametrize("engine", ["pandas", "polars"])
@QUICK
@given(rows=lines(low=0), end=st.integers(0, 12))
def test_law_a_plain_log_is_summarized_as_by_hand(engine, rows, end):
    assert_naive(rows, end, engine)


@QUICK
@given(rows=lines(), split=st.integers(1, 10))
def test_law_nothing_after_the_calibration_has_an_influence_on_it(rows, split):
    rows = [*rows, (9, 0, None, 30), (9, 12, None, -500)]
    end = pd.Timestamp("2024-02-25") + pd.Timedelta(days=split)
    before = summarize(to_frame(rows), **COLUMNS, observation_end=end)
    held = holdout_split(to_frame(rows), **COLUMNS, calibration_end=end)
    pd.testing.assert_frame_equal(before.table, held.calibration.table)
    assert before.report == held.calibration.report
    later, _ = summarize_lines([row for row in rows if row[1] > split], 12)
    for customer, row in held.table.iterrows():
        assert row["frequency"] == (later[customer][0] if customer in later else 0)
    assert held.new_customers == len(set(later) - set(before.table.index))
    assert held.report.imbalances() == []


@pytest.mark.parametrize("ids", [["b", "a", "ä", "a"], [2**62, -5, 2**62, 7], [3, 1, 2, 3]])
def test_the_short_way_and_the_chain_keep_ids_and_their_order(ids):
    frame = pd.DataFrame({"customer": ids, "day": pd.date_range("2024-01-01", periods=4), "amount": 1.0})
    short, chain = (summarize(log, **COLUMNS).table for log in (frame, pl.from_pandas(frame).lazy()))
    pd.testing.assert_frame_equal(short, chain)
    assert list(short.index) == sorted(set(ids))
