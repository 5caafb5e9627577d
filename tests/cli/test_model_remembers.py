"""``clv score NEW --model m.json`` needs no further words, and refuses what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import clvmodels


@pytest.fixture
def model(clv):
    """A log with names of its own, a model of it, and the scores that need every word."""
    log = clvmodels.datasets.load_cdnow(sample=True).set_axis(["Wer", "Wann", "Stück", "Preis"], axis=1)
    log.to_csv("old.csv", index=False)
    columns = ["--customer", "Wer", "--date", "Wann", "--amount", "Preis", "--refunds", "drop"]
    end = ["--observation-end", "1997-09-30"]
    result = clv("fit", "old.csv", *columns, *end, "--unit", "day", "--currency", "EUR", "-o", "m.json")
    assert result.exit_code == 0, result.stderr
    assert clv("score", "old.csv", "--model", "m.json", *columns, *end, "-o", "known.csv").exit_code == 0
    return end


def test_a_new_log_needs_no_words(clv, model):
    result = clv("score", "old.csv", "--model", "m.json", *model, "-o", "new.csv")
    assert result.exit_code == 0, result.stderr
    assert "as in the model; --customer names another" in result.stdout
    assert "[EUR]" in result.stdout
    pd.testing.assert_frame_equal(pd.read_csv("new.csv"), pd.read_csv("known.csv"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--currency", "USD"], "fitted to amounts in EUR, not in USD"),
        (["--unit", "week"], "fitted in days, not in weeks. Leave --unit out."),
        (["--customer", "Kunde"], "'Kunde' not found"),
    ],
)
def test_what_does_not_fit_is_refused(clv, model, words, says):
    result = clv("score", "old.csv", "--model", "m.json", *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "currency=" not in result.stderr


def test_a_log_without_its_columns_is_refused(clv, model):
    pd.read_csv("old.csv").rename(columns={"Wer": "Kundennummer"}).to_csv("other.csv", index=False)
    result = clv("score", "other.csv", "--model", "m.json")
    assert result.exit_code == 2
    assert "'Wer' not found" in result.stderr
    assert "The model was fitted to a log with customer Wer, date Wann, amount Preis." in result.stderr
    assert clv("score", "other.csv", "--model", "m.json", "--customer", "Kundennummer").exit_code == 0


def test_an_older_file_is_asked_for_columns(clv, model):
    content = json.loads(Path("m.json").read_text())
    for entry in content["fits"]:
        del entry["log"]
    Path("m.json").write_text(json.dumps(content))
    result = clv("score", "old.csv", "--model", "m.json")
    assert result.exit_code == 2
    assert "Which column holds the customer?" in result.stderr


def test_rates_are_remembered_and_named_in_the_words_of_the_shell(clv):
    log = clvmodels.datasets.load_cdnow(sample=True)
    log["Currency"] = ["USD", "EUR", "EUR"] * (len(log) // 3) + ["EUR"] * (len(log) % 3)
    log.to_csv("old.csv", index=False)
    end = ["--observation-end", "1997-09-30"]
    result = clv("fit", "old.csv", *end, "--rates", "EUR=1, USD=0.92", "-o", "m.json")
    assert result.exit_code == 0, result.stderr
    assert "Amounts are in EUR by the rates that were given (column Currency): 1 USD is 0.92." in " ".join(
        result.stdout.split()
    )
    scored = clv("score", "old.csv", "--model", "m.json", *end)
    assert scored.exit_code == 0, scored.stderr
    assert "[EUR]" in scored.stdout
    missing = clv("summarize", "old.csv", "--rates", "EUR=1")
    assert missing.exit_code == 1
    assert "--rates says nothing of USD in 2,306 lines (column 'Currency')" in " ".join(missing.stderr.split())
    for wrong in ("EUR", "EUR=1,USD=0,92", "EUR=x", "=1", "", "EUR=1,EUR=2", "EUR=nan"):
        assert clv("summarize", "old.csv", "--rates", wrong).exit_code == 2
    one = clv("summarize", "old.csv", "--currency", "Currency=USD")
    assert one.exit_code == 0, one.stderr
    assert "in another currency" in one.stdout
