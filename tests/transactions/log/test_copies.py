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


def _month(month: str) -> pd.DataFrame:
    """A thousand lines of a month, each of a customer of its own."""
    days = pd.date_range(f"{month}-01", f"{month}-20").strftime("%Y-%m-%d")
    ids = [f"{month} {place}" for place in range(1_000)]
    return pd.DataFrame({"id": ids, "day": [days[place % 20] for place in range(1_000)], "paid": 5.0})


def _copies(customers: clv.Customers) -> str:
    """What is pointed out of copies."""
    return next((finding.sentence for finding in customers.check() if finding.name == "copies of lines"), "")


def test_an_overlap_of_two_files_by_a_day_is_pointed_out_however_small(tmp_path) -> None:
    january, february = _month("2024-01"), _month("2024-02")
    last = january.tail(10)  # .5 % of the lines
    january.to_csv(tmp_path / "jan.csv", index=False)
    pd.concat([last, february]).to_csv(tmp_path / "feb.csv", index=False)
    customers = clv.summarize([tmp_path / "jan.csv", tmp_path / "feb.csv"], **COLUMNS)
    assert (customers.report.lines_copied, customers.report.lines_copied_across) == (10, 10)
    assert "10 lines are exact copies of another one (0.50% of 2,010, 10 of them in another file)" in _copies(customers)


def test_a_few_equal_lines_of_one_log_of_days_may_be_purchases_alike(tmp_path) -> None:
    january = _month("2024-01")
    log = pd.concat([january, january.head(5)])
    customers = clv.summarize(log, **COLUMNS)
    assert (customers.report.lines_copied, customers.report.lines_copied_across) == (5, 0)
    assert _copies(customers) == ""
    assert _copies(clv.summarize(pd.concat([january, january.head(20)]), **COLUMNS)) != ""
    log.to_csv(tmp_path / "log.csv", index=False)  # of one file and one without copies, none is in another file
    _month("2024-02").to_csv(tmp_path / "feb.csv", index=False)
    customers = clv.summarize([tmp_path / "log.csv", tmp_path / "feb.csv"], **COLUMNS)
    assert (customers.report.lines_copied, customers.report.lines_copied_across) == (5, 0)
    assert _copies(customers) == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("time", "pointed_out"), [("T10:11:12", True), ("T00:00:00", False), ("", False)])
def test_equal_lines_of_the_same_second_are_pointed_out(kind: str, time: str, pointed_out: bool, tmp_path) -> None:
    january = _month("2024-01")
    log = pd.concat([january, january.head(5)])
    log = log.assign(day=pd.to_datetime(log["day"] + time)) if kind == "pandas" else log.assign(day=log["day"] + time)
    customers = clv.summarize(hand_over(log, kind, tmp_path), **COLUMNS)
    assert customers.report.lines_copied == 5
    assert bool(_copies(customers)) is pointed_out
