"""Every row of the table of forms, as a frame, as a file and through the shell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app
from clvmodels.cli.words import in_options
from clvmodels.errors import DataError
from tests.transactions.log.file_forms import GOOD, REFUSED
from tests.transactions.log.forms_table import ROWS, Row

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}


def lines(row: Row) -> pd.DataFrame:
    """The log; a line of each customer that is bought later, so that no refund leaves a customer without purchase."""
    ids = [f"c{place}" for place in range(len(row.dates))]
    return pd.DataFrame({"id": ids, "day": row.dates, "paid": row.amounts})


def check(row: Row, log) -> None:
    """The days and amounts are those of the row, or the error is."""
    arguments = COLUMNS | dict(row.arguments) | {"refunds": "drop"}
    if row.says:
        with pytest.raises(DataError) as caught:
            clv.summarize(log, **arguments)
        assert row.says in str(caught.value)
        assert "pd." not in str(caught.value)
        return
    customers = clv.summarize(log, **arguments, keep_purchases=True)
    bought = [place for place, amount in enumerate(row.sums) if amount >= 0]
    assert customers.purchases["customer_id"].tolist() == [f"c{place}" for place in bought]
    assert customers.purchases["day"].dt.strftime("%Y-%m-%d").tolist() == [row.days[place] for place in bought]
    assert customers.purchases["spend"].tolist() == [row.sums[place] for place in bought]
    assert customers.report.amount_refunded == -sum(amount for amount in row.sums if amount < 0)
    assert row.notes in " ".join(customers.reading.sentences())
    assert customers.report.imbalances() == []


@pytest.mark.parametrize("kind", ["pandas", "polars", "polars lazy", "csv"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_table_of_forms(row: Row, kind: str, tmp_path) -> None:
    frame = lines(row)
    if kind == "csv":
        frame.to_csv(tmp_path / "log.csv", index=False, sep=";")
    check(row, {"pandas": frame, "polars": pl.from_pandas(frame), "polars lazy": pl.from_pandas(frame).lazy(),
                "csv": tmp_path / "log.csv"}[kind])  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_table_of_forms_in_a_shell(row: Row, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    lines(row).to_csv("log.csv", index=False, sep=";")
    options = [word for name, value in row.arguments.items() for word in (f"--{name.replace('_', '-')}", value)]
    words = ["summarize", "log.csv", "--customer", "id", "--date", "day", "--amount", "paid", "--refunds", "drop"]
    result = CliRunner().invoke(app, [*words, *options, "--unit", "day", "--output", "customers.parquet"])
    if row.says:
        assert result.exit_code == 1
        assert in_options(row.says) in " ".join(result.stderr.split())
        assert "Traceback" not in result.stderr
        assert not Path("customers.parquet").exists()
    else:
        assert result.exit_code == 0, result.stderr
        check_table(row, pd.read_parquet("customers.parquet"))
        said = " ".join(result.stdout.split())
        assert f"Amount bought {sum(amount for amount in row.sums if amount > 0):,.2f} " in said
        assert row.notes in said


def check_table(row: Row, table: pd.DataFrame) -> None:
    """The customers are those of the row, with the time since the day of each one's line."""
    bought = [place for place, amount in enumerate(row.sums) if amount >= 0]
    assert table["customer_id"].tolist() == [f"c{place}" for place in bought]
    ages = pd.to_datetime(max(row.days)) - pd.to_datetime([row.days[place] for place in bought])
    assert table["T"].tolist() == ages.days.tolist()


def test_the_tables_of_forms_are_large_enough() -> None:
    """Files and frames together; each goes through Python and through a shell."""
    assert len(ROWS) + len(GOOD) + len(REFUSED) >= 120


def test_a_few_unreadable_dates_are_left_out_counted_and_shown(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    frame = pd.DataFrame({"id": [f"c{place % 50}" for place in range(1000)], "paid": 1.0})
    frame["day"] = [f"2005-01-{1 + place % 28:02d}T10:00:00Z" for place in range(1000)]
    frame.loc[7, "day"] = "soon"
    report = clv.summarize(frame, **COLUMNS).report
    assert (report.lines_date_unreadable, report.lines_used) == (1, 999)
    assert report.unreadable_dates == ("customer c7: 'soon'",)
    assert report.imbalances() == []
    with pytest.raises(DataError, match="1 of 1,000 lines have no readable date"):
        clv.summarize(frame, **COLUMNS, unreadable_dates=0.0)
    frame.to_csv("log.csv", index=False)
    result = CliRunner().invoke(app, ["summarize", "log.csv", "--timezone", "Europe/Berlin"])
    assert result.exit_code == 0
    said = " ".join(result.stderr.split())
    assert "Warning: Lines left out, whose date can't be read: 1 (customer c7: 'soon')" in said
    assert "days are those of Europe/Berlin" in " ".join(result.stdout.split())
