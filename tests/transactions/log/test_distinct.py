"""Each distinct text is read once, and every line has what it would have by itself."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import clvmodels as clv
from clvmodels.transactions.log.forms import distinct
from clvmodels.transactions.log.forms.distinct import COUNT, distinct_days, distinct_values

HEADS = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%b %d, %Y", "%d %B %Y", "%a, %d %b %Y", "%Y%m%d"]
CLOCKS = [
    *(" 10:11", " 9:11", "T10:11:12", " 10:11:12", " 10:11.5", " 10:11:12.5", " 9:11:12.5", " 24:00", " 23:59:60"),
    *(" ab:cd", " 10h15", " 10:115", "", " 10:11 PM", " 10:11:12Z", " 10:11:12-0500", "T10:11:12+02:00", " ~", " 0~"),
]


def texts(seed: int, number: int = 6_000) -> list[str | None]:
    """Days in several forms with times of day, most of them different, some no times at all."""
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2003-12-20") + pd.to_timedelta(rng.integers(0, 30, number), "D")
    found: list[str | None] = []
    for day, head, clock in zip(days, rng.choice(HEADS, number), rng.choice(CLOCKS, number), strict=True):
        text = day.strftime(head) + clock
        if rng.random() < 0.7:
            text = text.replace("10:11", f"{rng.integers(0, 24)}:{rng.integers(0, 60):02d}")
            text = text.replace(
                "9:11", f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}:{rng.integers(0, 60):02d}"
            )
        found.append(text if rng.random() < 0.97 else rng.choice(["", "NULL", " 2004-01-02 1:02 ", "never"]))
    return [None if text == "never" and place % 2 else text for place, text in enumerate(found)]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("timezone", [None, "Asia/Tokyo"])
def test_lines_in_memory_are_read_as_lines_in_duckdb(seed: int, timezone: str | None) -> None:
    number = 6_000
    dates, rng = texts(seed, number), np.random.default_rng(seed)
    paid = [f"{'$' if one % 3 else ''}{one / 100:,.2f}" for one in rng.integers(0, 10**7, number)]
    table = pa.table({"id": np.arange(number), "day": pa.array(dates, pa.string()), "paid": paid})
    how = {"customer": "id", "date": "day", "amount": "paid", "unreadable_dates": 0.99, "timezone": timezone}
    by_value = clv.summarize(table, **how, keep_purchases=True)
    by_line = clv.summarize(duckdb.connect().from_arrow(table), **how, keep_purchases=True)
    assert by_value.reading == by_line.reading
    assert by_value.report.rows() == by_line.report.rows()
    pd.testing.assert_frame_equal(by_value.purchases, by_line.purchases)
    assert by_value.report.lines_used > number / 2
    assert by_value.report.lines_date_unreadable > 0


def test_times_of_day_alone_make_no_new_value() -> None:
    rng = np.random.default_rng(0)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(5 * rng.permutation(86_400), "s")
    table = pa.table({"day": times.strftime("%Y-%m-%d %H:%M:%S")})
    assert len(distinct_days(table, "day", "day").table) == 5
    assert len(distinct_values(table, "day").table) == len(times)
    zoned = pa.table({"day": times.strftime("%Y-%m-%d %H:%M:%S -05:00")})
    assert len(distinct_days(zoned, "day", "day").table) == 5
    minutes = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(5 * 1_440), "min")
    days = distinct_days(pa.table({"day": minutes.strftime("%d.%m.%Y %H:%M")}), "day", "day")
    assert days.table[COUNT].to_pylist() == [1_440] * 5


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["b", "a"], ["a", None, "b"]]),
        pa.chunked_array([["b", "a", "a"], [None, "b"]], pa.large_string()),
        pa.chunked_array([pa.array(["b", "a"]).dictionary_encode(), pa.array(["a", None, "b"]).dictionary_encode()]),
        pa.chunked_array([["b", "a", "a", None, "b"]], pa.string_view()),
        pa.chunked_array([], pa.string()),
    ],
    ids=["text", "large", "dictionary", "view", "empty"],
)
def test_every_line_has_its_value(column: pa.ChunkedArray, monkeypatch) -> None:
    monkeypatch.setattr(distinct, "_NEARLY_ALL", 1.0)
    found = distinct_values(pa.table({"c": column}), "c")
    assert found.spread(found.table["c"]).to_pylist() == column.to_pylist()
    if len(column):
        assert dict(zip(found.table["c"].to_pylist(), found.table[COUNT].to_pylist(), strict=True)) == {
            "b": 2, "a": 2, None: 1,
        }  # fmt: skip
