"""What stands in a log, in its name or in an option never reaches the terminal as anything but text."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from clvmodels.safe_text import restored

HOSTILE = [
    "\x1b[31mred",
    "\x9b2J",
    "\u202eevil",
    "a\nError: all is lost",
    "[bold]b[/bold]",
    ":smile:",
    "\x07",
    "=1+1",
    "@x",
]
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture
def log(tmp_path):
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 7) for day in range(1, 28, 2)]
    rows = [(HOSTILE[i % len(HOSTILE)], day, 5 + i % 7) for i, day in enumerate(days)]
    rows += [(f"ok{i}", day, 4 + i % 3) for i, day in enumerate(days)]
    frame = pd.DataFrame(rows, columns=["customer\x1b[0m_id", "date", "amount\u202e"])
    frame.to_csv(tmp_path / "log\x1b[1m.csv", index=False)
    return "log\x1b[1m.csv"


COLUMNS = ["--customer", "customer\x1b[0m_id", "--amount", "amount\u202e"]


def _shown(result):
    text = result.stdout + result.stderr
    assert CONTROL.search(text) is None
    assert not re.search("^Error: all is lost", text, re.MULTILINE)
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize(
    "words",
    [
        ["summarize"],
        ["score", "--purchase-model", "nbd", "--top", "20"],
        ["fit", "--purchase-model", "nbd", "-o", "m\x1b[31m.json"],
        ["evaluate", "--calibration-end", "2024-04-15", "--purchase-model", "nbd"],
    ],
)
def test_ids_columns_and_files_are_shown_as_text(clv, log, words):
    result = clv(words[0], log, *COLUMNS, "--currency", "E\x1b[31mUR", *words[1:])
    assert result.exit_code == 0, result.stderr
    text = _shown(result)
    assert "\\x1b" in text
    if words[0] == "score":
        assert "[bold]b[/bold]" in text
        assert ":smile:" in text


@pytest.mark.parametrize(
    "words",
    [
        ["score", "no\x1b[31m.csv"],
        ["score", "LOG", "--customer", "no\x1b[31m"],
        ["score", "LOG"],
        ["score", "LOG", *COLUMNS, "-o", "a\x1b[31m.xlsx"],
        ["score", "LOG", *COLUMNS, "--unit", "\x1b[31m"],
        ["score", "LOG", *COLUMNS, "--\x1b[31m"],
        ["score", "LOG", *COLUMNS, "--model", "no\x1b[31m.json"],
        ["score", "LOG", *COLUMNS, "--purchase-model", "\x1b[31m\n"],
        ["score", "LOG", *COLUMNS, "--timezone", "\x1b[31m"],
        ["score", "LOG", *COLUMNS, "--observation-end", "\x1b[31m"],
        ["score", "LOG", *COLUMNS, "--horizon", "\x1b[31m"],
        ["score", "LOG", *COLUMNS, "--skip", "\x1b[31m"],
        ["\x1b[31m"],
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_errors_show_what_they_name_as_text(clv, log, words, debug):
    result = clv(*(["--debug"] if debug else []), *(log if word == "LOG" else word for word in words))
    text = result.stdout + result.stderr
    assert result.exit_code in (1, 2)
    assert CONTROL.search(text) is None


def test_tables_are_safe_for_spreadsheets(clv, log):
    assert clv("summarize", log, *COLUMNS, "-o", "safe.csv").exit_code == 0
    assert clv("summarize", log, *COLUMNS, "-o", "raw.csv", "--as-is").exit_code == 0
    assert clv("summarize", log, *COLUMNS, "-o", "raw.parquet").exit_code == 0
    safe, raw, parquet = pd.read_csv("safe.csv"), pd.read_csv("raw.csv"), pd.read_parquet("raw.parquet")
    assert {"'=1+1", "'@x"} <= set(safe["customer_id"])
    assert {"=1+1", "@x"} <= set(raw["customer_id"])
    assert raw["customer_id"].tolist() == parquet["customer_id"].tolist() == safe["customer_id"].map(restored).tolist()
    assert Path("safe.csv").read_text(encoding="utf-8") != Path("raw.csv").read_text(encoding="utf-8")
