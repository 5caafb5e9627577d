"""A plain log in parts: equal to the same log in memory, whatever its ids, and left to the chain if it isn't plain."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.transactions.summary.plain import in_parts

NAMES = {"customer": "customer_id", "date": "date", "amount": "amount"}
SUMS = 1e-12  # amounts are added up in another order


@pytest.fixture
def log():
    """Lines in no order, some twice, some on one day."""
    log = clv.datasets.simulate_log(300, purchases={"r": 1.0, "alpha": 1.0, "a": 0.3, "b": 5.0}, seed=4)
    log = pd.concat([log, log.iloc[::97]], ignore_index=True)
    return log.sample(frac=1.0, random_state=1, ignore_index=True)


IDS = {
    "dense": lambda ids: ids,
    "sparse": lambda ids: ids * 10_000_019 - 10**9,
    "int32": lambda ids: ids.astype("int32"),
    "text": lambda ids: "é" + (ids * 7 % 301).astype("str"),
}


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("lines", [100, 10**6], ids=["parts", "one part"])
@pytest.mark.parametrize("end", [None, "2024-06-30"])
def test_a_file_in_parts_is_summarized_as_in_memory(log, tmp_path, monkeypatch, ids, lines, end):
    monkeypatch.setattr(in_parts, "LINES_OF_A_PART", lines)
    monkeypatch.setattr(in_parts, "_BATCH", 250)
    log["customer_id"] = IDS[ids](log["customer_id"])
    log.to_parquet(tmp_path / "log.parquet")
    assert _parts_of(tmp_path / "log.parquet") is not None  # it goes this way
    found = clv.summarize(tmp_path / "log.parquet", observation_end=end, **NAMES)
    expected = clv.summarize(log, observation_end=end, **NAMES)
    pd.testing.assert_frame_equal(found.table, expected.table, rtol=SUMS, check_index_type=False, check_dtype=False)
    amounts = [name for name in vars(expected.report) if name.startswith("amount")]
    for name, value in vars(expected.report).items():
        wanted = pytest.approx(value, rel=SUMS) if name in amounts and value is not None else value
        assert getattr(found.report, name) == wanted, name
    assert found.report.lines_copied == expected.report.lines_copied > 0


def test_a_calibration_in_parts_is_as_in_memory(log, tmp_path, monkeypatch):
    monkeypatch.setattr(in_parts, "LINES_OF_A_PART", 500)
    log.to_parquet(tmp_path / "log.parquet")
    ways = (tmp_path / "log.parquet", log)
    found, expected = (clv.holdout_split(way, calibration_end="2024-03-31", **NAMES) for way in ways)
    pd.testing.assert_frame_equal(found.calibration.table, expected.calibration.table, rtol=SUMS)
    pd.testing.assert_frame_equal(found.table, expected.table, rtol=SUMS)


def test_copies_are_compared_in_columns_that_are_not_read(log, tmp_path):
    log["order"] = np.arange(len(log))
    log.to_parquet(tmp_path / "log.parquet")
    assert clv.summarize(tmp_path / "log.parquet", **NAMES).report.lines_copied == 0
    log["order"] = 1
    log.to_parquet(tmp_path / "log.parquet")
    assert clv.summarize(tmp_path / "log.parquet", **NAMES).report.lines_copied > 0


@pytest.mark.parametrize(
    ("column", "value"), [("amount", -1.0), ("amount", None), ("customer_id", None), ("date", None), ("amount", np.inf)]
)
def test_a_log_that_is_not_plain_is_left_to_the_chain(log, tmp_path, column, value):
    log[column] = log[column].astype("Int64" if column == "customer_id" else log[column].dtype)
    log.loc[7, column] = value
    log.to_parquet(tmp_path / "log.parquet")
    assert _parts_of(tmp_path / "log.parquet") is None


def test_parts_leave_no_files(log, tmp_path, monkeypatch):
    monkeypatch.setattr(in_parts, "LINES_OF_A_PART", 100)
    held = []
    monkeypatch.setattr(in_parts, "reduce_part", lambda part, **_: held.append(part) or 1 / 0)
    log.to_parquet(tmp_path / "log.parquet")
    with pytest.raises(ZeroDivisionError):
        _parts_of(tmp_path / "log.parquet")
    assert held
    assert not any(part.parent.exists() for part in held)


def _parts_of(path):
    import narwhals.stable.v2 as nw

    from clvmodels.transactions.log.lines import Columns

    frame = nw.from_native(duckdb.read_parquet(str(path)))
    return in_parts.rows_in_parts(frame, Columns("customer_id", "date", ("amount",), None), None, None)
