"""Errors are a sentence on stderr and an exit code, said before any work where that is possible; no partial file."""

import os
from pathlib import Path

import pandas as pd
import pytest

from clvmodels import datasets
from clvmodels.cli.words import in_options

SAMPLE = str(datasets.path("cdnow_sample"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["score", SAMPLE, "-o", "scores.xlsx"], "must end in .csv or .parquet"),
        (["summarize", SAMPLE, "-o", "customers"], "must end in .csv or .parquet"),
        (["fit", SAMPLE, "-o", "model.pkl"], "must end in .json"),
        (["score", SAMPLE, "-o", "no/such/scores.csv"], "no folder no/such"),
        (["score", SAMPLE, "--customer", "custmer_id"], "Pass --customer customer_id."),
        (["score", SAMPLE, "--purchase-model", "bg/nbdd"], "Did you mean 'bg/nbd'?"),
        (["score", SAMPLE, "--purchase-model", "gamma-gamma"], "is a model of spend"),
        (
            ["evaluate", SAMPLE, "--calibration-end", "1997-09-30", "--purchase-model", "gamma-gamma"],
            "--purchase-model gamma-gamma is a model of spend",
        ),
        (["score", SAMPLE, "--horizon", "life", "--discount-rate", "0"], "Pass a --discount-rate above 0"),
        (["score", SAMPLE, "--model", "model.json", "--spend-model", "gamma-gamma"], "brings its own models"),
    ],
)
def test_wrong_usage_is_2(clv, words, says):
    result = clv(*words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert (result.stdout, os.listdir()) == ("", [])


@pytest.mark.parametrize(
    "words",
    [
        ["score"],
        ["scores", SAMPLE],
        ["score", SAMPLE, "--horizon", "3Q"],
        ["score", SAMPLE, "--horizon", "-1"],
        ["score", SAMPLE, "--horizon", "nan"],
        ["score", SAMPLE, "--discount-rate", "10"],
        ["score", SAMPLE, "--margin", "30"],
        ["score", SAMPLE, "--cost-per-purchase", "-1"],
        ["score", SAMPLE, "--observation-end", "30.09.1997"],
        ["score", SAMPLE, "--unit", "fortnight"],
        ["score", SAMPLE, "--refunds", "keep"],
    ],
)
def test_options_without_a_meaning_are_2(clv, words):
    result = clv(*words)
    assert (result.exit_code, result.stdout, os.listdir()) == (2, "", [])
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["score", "nothing.csv"], "File 'nothing.csv' not found."),
        (["score", "*.csv"], "No file matches"),
        (["score", SAMPLE, "--observation-end", "1996-01-01"], "lies before the first line of the log"),
        (["evaluate", SAMPLE, "--calibration-end", "1999-01-01"], "--calibration-end 1999-01-01 must lie within"),
        (["score", SAMPLE, "--model", SAMPLE], "is not a model file"),
        (["score", SAMPLE, "--model", "model.json"], "There is no file model.json."),
    ],
)
def test_a_problem_with_the_data_is_1(clv, words, says):
    result = clv(*words)
    assert (result.exit_code, os.listdir()) == (1, [])
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_an_error_of_the_package_speaks_of_options(clv):
    log = pd.DataFrame({"cust": [1, 1], "date": ["2024-01-01", "2024-01-08"], "amount": [5.0, -5.0]})
    log.to_csv("log.csv", index=False)
    result = clv("summarize", "log.csv", "--refunds", "error")
    assert result.exit_code == 1
    assert 'Pass --refunds "net"' in result.stderr
    assert in_options("Leave out amount=?") == "Leave out --amount?"


def test_debug_shows_where_an_error_comes_from(clv):
    for words in (["--debug", "score", "nothing.csv"], ["score", "nothing.csv", "--debug"]):
        result = clv(*words)
        assert result.exit_code == 1
        assert "Traceback" in result.stderr
        assert "File 'nothing.csv' not found." in result.stderr


def test_what_nobody_foresaw_is_a_sentence_too(clv, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("clvmodels.transactions.summary.summarize.summarize", fail)
    result = clv("score", SAMPLE)
    assert result.exit_code == 1
    assert result.stderr == "Error: Something went wrong that nobody foresaw (by zero). clv --debug shows where.\n"


def test_the_log_is_not_overwritten(clv):
    datasets.load_cdnow(sample=True).to_csv("log.csv", index=False)
    before = Path("log.csv").read_bytes()
    for log in ("log.csv", "./log.csv", "l*.csv"):
        result = clv("score", log, "-o", "log.csv")
        assert result.exit_code == 2
        assert "is read as well" in result.stderr
    assert Path("log.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("problem", "code", "says"),
    [
        (OSError(28, "No space left on device"), 1, "No space left on device."),
        (KeyboardInterrupt(), 130, "Stopped."),
        (RuntimeError("Query interrupted"), 130, "Stopped."),  # what DuckDB makes of Ctrl-C
    ],
)
@pytest.mark.parametrize(("output", "method"), [("scores.csv", "to_csv"), ("scores.parquet", "to_parquet")])
def test_a_file_is_whole_or_absent(clv, monkeypatch, problem, code, says, output, method):
    def half(_, path, **__):
        path.write_text("customer_id,freq")
        raise problem

    monkeypatch.setattr(pd.DataFrame, method, half)
    result = clv("score", SAMPLE, "-o", output)
    assert (result.exit_code, result.stderr) == (code, f"Error: {says}\n")
    assert os.listdir() == []
    Path(output).write_text("old")
    assert clv("score", SAMPLE, "-o", output).exit_code == code
    assert os.listdir() == [output]
    assert Path(output).read_text() == "old"
