"""A state to which a log is added in pieces gives the customers of the whole log."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, FileFormatError
from clvmodels.transactions.summary.state import update
from tests.engines.test_engines import make_log
from tests.reference.tolerances import SUMMATION

COLUMNS = {"customer": "customer_id", "date": "time", "amount": "paid"}
ENDS = ("2023-03-31", "2023-04-15", "2023-07-31", "2023-08-01", "2023-10-31")


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """300 days of lines, 15 % of them refunds, some without a customer."""
    return make_log()


def pieces(log: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    days = log["time"].dt.normalize()
    starts = [pd.Timestamp.min, *(pd.Timestamp(end) + pd.Timedelta(days=1) for end in ENDS[:-1])]
    return [(end, log[(days >= start) & (days <= pd.Timestamp(end))]) for start, end in zip(starts, ENDS, strict=True)]


def assert_same(state: clv.State, customers: clv.Customers, unit: str = "week") -> None:
    found = state.customers(unit)
    assert found.observation_end == customers.observation_end
    # Counts and dates are equal; sums were added in another order.
    pd.testing.assert_frame_equal(
        found.table, customers.table, rtol=SUMMATION, atol=0, check_index_type=False, check_dtype=False
    )
    for name in ("frequency", "recency", "T", "spend_frequency"):
        assert (found.table[name].to_numpy() == customers.table[name].to_numpy()).all()
    np.testing.assert_allclose(found.mean_purchase_time, customers.mean_purchase_time, rtol=SUMMATION)


@pytest.mark.parametrize(
    ("rules", "open_days", "positive"),
    [
        ({}, 400, False),  # every refund reaches back as far as it likes
        ({"refunds": "drop"}, 5, False),
        ({}, 1, True),  # without refunds nothing has to stay open
        ({"amount": None}, 30, False),
        ({"skip": "channel=web", "timezone": "UTC"}, 400, False),
    ],
)
def test_pieces_give_the_customers_of_the_whole(tmp_path, log, rules: dict[str, Any], open_days: int, positive: bool):
    lines = log[log["paid"] >= 0] if positive else log
    path = tmp_path / "state.parquet"
    for end, piece in pieces(lines):
        keywords = COLUMNS | rules if not path.exists() else {}
        state = clv.update_state(path, piece, observation_end=end, open_days=open_days, **keywords)
        so_far = lines[lines["time"].dt.normalize() <= pd.Timestamp(end)]
        assert_same(state, clv.summarize(so_far, observation_end=end, **(COLUMNS | rules)))
    assert state.updates == len(ENDS)
    assert [file.name for file in tmp_path.iterdir()] == ["state.parquet"]


def test_refunds_within_the_open_days_are_set_against_them(tmp_path):
    """Bought on day 1, 40 and 70; the refunds of day 75 take back the last purchase and a part of the one before."""
    path = tmp_path / "state.parquet"
    day = {number: pd.Timestamp("2024-01-01") + pd.Timedelta(days=number - 1) for number in (1, 40, 70, 75, 80)}
    first = pd.DataFrame({"customer_id": "ann", "time": [day[1], day[40], day[70]], "paid": [100.0, 50.0, 20.0]})
    second = pd.DataFrame({"customer_id": "ann", "time": [day[75], day[80]], "paid": [-30.0, 7.0]})
    clv.update_state(path, first, open_days=40, **COLUMNS)
    state = clv.update_state(path, second)
    row = state.customers("day").table.loc["ann"]
    assert row[["frequency", "recency", "T"]].tolist() == [2, 79, 79]
    assert row["monetary_value"] == (40.0 + 7.0) / 2
    assert_same(state, clv.summarize(pd.concat([first, second]), **COLUMNS))


def test_late_lines_are_refused_unless_they_are_said_to_be_late(tmp_path, log):
    lines = log[log["paid"] >= 0]
    late = lines["time"].dt.normalize().between("2023-07-20", "2023-07-24")
    path = tmp_path / "state.parquet"
    (_, first), (_, second), (_, third), *_ = pieces(lines[~late])
    clv.update_state(path, pd.concat([first, second, third]), observation_end="2023-07-31", **COLUMNS)
    before = path.read_bytes()
    with pytest.raises(DataError, match=r'from 2023-07-20 on lie before .* 2023-07-31\. .* late="add"'):
        clv.update_state(path, lines[late])
    assert path.read_bytes() == before
    state = clv.update_state(path, lines[late], late="add")
    whole = lines[lines["time"].dt.normalize() <= pd.Timestamp("2023-07-31")]
    assert_same(state, clv.summarize(whole, observation_end="2023-07-31", **COLUMNS))
    assert state.lines_late == state.lines_added == late.sum() - lines.loc[late, "customer_id"].isna().sum()


def test_a_correction_is_the_old_amount_taken_back_and_the_new_one(tmp_path):
    path = tmp_path / "state.parquet"
    lines = pd.DataFrame({"customer_id": [1, 1], "time": ["2024-01-05", "2024-01-20"], "paid": [10.0, 20.0]})
    clv.update_state(path, lines, observation_end="2024-01-31", **COLUMNS)
    correction = pd.DataFrame({"customer_id": [1, 1], "time": ["2024-01-20"] * 2, "paid": [-20.0, 2.0]})
    assert clv.update_state(path, correction, late="add").customers().table.loc[1, "monetary_value"] == 2.0


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"time": ["2024-01-10"], "paid": [5.0]}, "1 line of 1 customer (such as 1) from 2024-01-10 on lie before"),
        ({"time": ["2024-06-03"], "paid": [-5.0]}, "Refunds of 1 customer (such as 1) concern what was bought before"),
    ],
)
def test_what_concerns_closed_days_is_refused(tmp_path, lines, message):
    path = tmp_path / "state.parquet"
    known = pd.DataFrame({"customer_id": [1, 1, 2], "time": ["2024-01-05", "2024-02-20", "2024-06-01"], "paid": 10.0})
    clv.update_state(path, known, **COLUMNS)
    before = path.read_bytes()
    with pytest.raises(DataError, match=re.escape(message)):
        clv.update_state(path, pd.DataFrame({"customer_id": [1], **lines}), late="add")
    assert path.read_bytes() == before
    if lines["paid"] == [5.0]:  # nobody knew this customer, so that nothing is closed
        state = clv.update_state(path, pd.DataFrame({"customer_id": [3], **lines}), late="add")
        assert len(state.customers()) == 3


def test_engines_and_files_go_on_with_one_another(tmp_path, log):
    lines = log[log["paid"] >= 0]
    (_, first), (end, second), *_ = pieces(lines)
    first.to_csv(tmp_path / "first.csv", index=False)
    clv.update_state(tmp_path / "a.parquet", str(tmp_path / "first.csv"), **COLUMNS)
    state = clv.update_state(tmp_path / "a.parquet", pl.from_pandas(second), observation_end=end)
    expected = clv.summarize(pd.concat([first, second]), observation_end=end, **COLUMNS)
    assert_same(state, expected)
    assert_same(
        clv.load_state(tmp_path / "a.parquet"),
        clv.summarize(pd.concat([first, second]), observation_end=end, unit="month", **COLUMNS),
        "month",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"order": "order"}, "Leave order= out"),
        ({"refunds": "error"}, 'Pass refunds="net" or "drop"'),
        ({"refunds": "drop"}, "differs from what the state was made with"),
        ({"amount": None}, "amount= differs"),
        ({"currency": "EUR"}, "The state is in"),
        ({"late": "maybe"}, 'late must be "refuse" or "add"'),
        ({"open_days": 0}, "open_days must be"),
        ({"observation_end": "2023-01-31"}, "lies before 2023-03-31, until which the state was observed"),
    ],
)
def test_what_a_state_cannot_take_is_refused_in_words(tmp_path, log, arguments, message):
    path = tmp_path / "state.parquet"
    (end, first), (_, second), *_ = pieces(log)
    clv.update_state(path, first, observation_end=end, **COLUMNS)
    with pytest.raises(ArgumentError, match=re.escape(message)):
        clv.update_state(path, second, **arguments)


def test_a_file_that_is_no_state_is_left_alone(tmp_path, log):
    log.to_parquet(tmp_path / "log.parquet")
    before = (tmp_path / "log.parquet").read_bytes()
    for call in (clv.load_state, lambda path: clv.update_state(path, log, **COLUMNS)):
        with pytest.raises(FileFormatError, match="is no state"):
            call(tmp_path / "log.parquet")
    assert (tmp_path / "log.parquet").read_bytes() == before
    with pytest.raises(FileFormatError, match="There is no file"):
        clv.load_state(tmp_path / "nothing.parquet")


def test_the_metadata_say_how_the_log_is_read(tmp_path, log):
    path = tmp_path / "state.parquet"
    clv.update_state(path, log[log["paid"] >= 0], currency="GBP", **COLUMNS)
    header = json.loads(pq.read_metadata(path).metadata[b"clvmodels_state"])
    assert header["log"] == {**COLUMNS, "currency": "GBP"}
    assert header["lines"] == (log["paid"].ge(0) & log["customer_id"].notna()).sum()
    damaged = pq.read_table(path).replace_schema_metadata({b"clvmodels_state": b'{"version": 1, "log": 3}'})
    pq.write_table(damaged, path)
    with pytest.raises(FileFormatError, match="damaged"):
        clv.load_state(path)


def test_of_two_updates_at_once_one_is_refused(tmp_path, log, monkeypatch):
    """Both read the same state; the one that comes second would lose the lines of the first."""
    path = tmp_path / "state.parquet"
    lines = log[log["paid"] >= 0]
    (_, first), (_, second), (_, third), *_ = pieces(lines)
    clv.update_state(path, first, **COLUMNS)
    write, meanwhile = update._write, threading.Event()

    def slowly(*arguments: Any) -> None:
        write(*arguments)
        if not meanwhile.is_set():
            meanwhile.set()
            clv.update_state(path, second)

    monkeypatch.setattr(update, "_write", slowly)
    with pytest.raises(DataError, match="was changed while it was read"):
        clv.update_state(path, third)
    end = second["time"].max()
    assert_same(clv.load_state(path), clv.summarize(pd.concat([first, second]), observation_end=end, **COLUMNS))


def test_what_a_killed_update_left_behind_is_removed(tmp_path, log):
    for name in (".state.parquet.0123abcd.part", "tmp_.state.parquet.0123abcd.part"):  # ours, and DuckDB's beside it
        (tmp_path / name).write_bytes(b"half a file")
    clv.update_state(tmp_path / "state.parquet", log, **COLUMNS)
    assert [file.name for file in tmp_path.iterdir()] == ["state.parquet"]
