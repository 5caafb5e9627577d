"""What is odd about a log is pointed out: a month without a line, customers from before it began."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}


def log(days: np.ndarray, ids: np.ndarray | None = None) -> pd.DataFrame:
    """Lines on these days of 2023."""
    dates = (pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d")
    ids = np.arange(len(days)) % 50 if ids is None else ids
    return pd.DataFrame({"id": ids, "day": dates, "paid": np.arange(len(days)) / 4.0 + 1})


@pytest.mark.parametrize("kind", ["pandas", "polars lazy", "with orders"])
def test_a_month_without_lines_is_pointed_out(kind: str) -> None:
    days = np.arange(300)
    lines = log(days[(days < 100) | (days > 135)])
    frame = pl.from_pandas(lines).lazy() if kind == "polars lazy" else lines.assign(order=range(len(lines)))
    customers = clv.summarize(frame, **COLUMNS, order="order" if kind == "with orders" else None)
    assert customers.report.gap == ("2023-04-10", "2023-05-17")
    sentence = customers.check()["gap in the log"].sentence
    assert "no line between 2023-04-10 and 2023-05-17, 36 days in which about 36 lines" in sentence


@pytest.mark.parametrize("step", [1, 40])
def test_gaps_that_are_usual_at_the_pace_of_the_log_are_not(step: int) -> None:
    customers = clv.summarize(log(np.arange(0, 300, step)), **COLUMNS)
    assert "gap in the log" not in {finding.name for finding in customers.check()}


def test_gap_after_the_end_of_the_observation_is_none() -> None:
    days = np.arange(300)
    lines = log(days[(days < 100) | (days > 160)])
    for frame in (lines, pl.from_pandas(lines).lazy()):
        assert clv.summarize(frame, **COLUMNS, observation_end="2023-04-10").report.gap is None


def test_both_are_pointed_out_in_a_shell(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    days = np.concatenate([np.arange(300) // 15, np.arange(40, 300)])
    ids = np.concatenate([np.arange(300), np.arange(260) % 250])
    ids[-40:] = np.arange(1000, 1040)
    lines = log(days, ids)
    lines[(days < 100) | (days > 140)].to_csv("log.csv", index=False)
    result = CliRunner().invoke(app, ["summarize", "log.csv"])
    assert result.exit_code == 0, result.stderr
    said = " ".join(result.stderr.split())
    assert "Warning: There is no line between" in said
    assert "many had bought before the log began" in said
