"""Lines that stand in a log twice: found, counted, pointed out, and left out on request."""

from __future__ import annotations

import duckdb
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app
from clvmodels.errors import ArgumentError

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}
KINDS = ["pandas", "polars", "polars lazy", "duckdb", "csv"]


def january() -> pd.DataFrame:
    """Two orders; the first has two lines that differ in the product only."""
    return pd.DataFrame(
        {
            "id": ["ann", "ann", "bob"], "day": ["2024-01-01", "2024-01-01", "2024-01-05"], "order": ["A", "A", "B"],
            "product": ["tea", "jam", "tea"], "paid": [2.0, 2.0, 3.0],
        }
    )  # fmt: skip


def hand_over(frame: pd.DataFrame, kind: str, folder):
    frame.to_csv(folder / "log.csv", index=False)
    if kind == "csv":
        return folder / "log.csv"
    if kind == "duckdb":
        return duckdb.connect().read_csv(str(folder / "log.csv"))
    polars = pl.from_pandas(frame)
    return {"pandas": frame, "polars": polars, "polars lazy": polars.lazy()}[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_differ_in_any_column_are_no_copies(kind: str, tmp_path) -> None:
    customers = clv.summarize(hand_over(january(), kind, tmp_path), **COLUMNS)
    assert customers.report.lines_copied == 0
    assert "copies of lines" not in {finding.name for finding in customers.check()}


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_found_counted_and_pointed_out(kind: str, tmp_path) -> None:
    log = hand_over(pd.concat([january(), january()]), kind, tmp_path)
    customers = clv.summarize(log, **COLUMNS)
    assert customers.report.lines_copied == 3
    assert customers.report.amount_bought == 14.0
    assert ("  of these exact copies of another line", "3") in customers.report.rows()
    assert "3 lines are exact copies of another one (50.0% of 6)" in customers.check()["copies of lines"].sentence


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_left_out_on_request(kind: str, tmp_path) -> None:
    log = hand_over(pd.concat([january(), january()]), kind, tmp_path)
    customers = clv.summarize(log, **COLUMNS, order="order", duplicates="drop")
    assert (customers.report.lines, customers.report.lines_copied_dropped) == (6, 3)
    assert customers.report.amount_bought == 7.0
    assert customers.report.imbalances() == []
    assert clv.plots.purchases_by_day(log, **COLUMNS, order="order", duplicates="drop")["spend"].sum() == 7.0


def test_without_order_numbers_they_are_not_left_out() -> None:
    with pytest.raises(ArgumentError, match="needs order="):
        clv.summarize(january(), **COLUMNS, duplicates="drop")
    with pytest.raises(ArgumentError, match='"keep" or "drop"'):
        clv.summarize(january(), **COLUMNS, duplicates="no")


def test_copies_in_two_files_are_pointed_out_in_a_shell(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    january().to_csv("jan.csv", index=False)
    pd.concat([january().tail(1), january().assign(day="2024-02-03")]).to_csv("feb.csv", index=False)
    words = ["summarize", "jan.csv", "feb.csv", "--customer", "id", "--date", "day", "--amount", "paid"]
    result = CliRunner().invoke(app, [*words, "--order", "order"])
    assert result.exit_code == 0, result.stderr
    assert "Warning: 1 line is an exact copy of another one" in " ".join(result.stderr.split())
    assert "--duplicates" in result.stderr
