"""What the shell says of bad input is for somebody who has never seen Python."""

from __future__ import annotations

import os
import re

import pytest
from typer.testing import CliRunner

from clvmodels.cli import app
from clvmodels.cli.words import in_shell_words
from tests.cli.provoked import COMMANDS, make_files

ARGUMENTS = (
    "customer|date|amount|order|refunds|timezone|currency|unit|observation_end|calibration_end|keep|keep_purchases|skip"
    "|amount_per|header|sheet|customers|horizon|annual_discount_rate|margin|model|models|spend|priors|method|seed|draws"
    "|interval|by|level|weights|kind|date_format|decimal|unreadable_dates"
)
OF_PYTHON = {
    "pandas": r"\bpd\.|pandas|DataFrame|\bSeries\b|dtype|\.str\.|to_numeric|to_datetime",
    "arguments": rf"\b({ARGUMENTS})=",
    "underscores": r"\b(observation_end|calibration_end|annual_discount_rate|keep_purchases|spend_frequency)\b",
    "classes": r"\b[A-Z][a-zA-Z]+(Error|Exception|Warning)\b|\b(List|Struct|Datetime)\(|\b(Int64|Float64|Boolean)\b",
    "values": r"\bNone\b|\bNaN\b|\bTrue\b|\bFalse\b|\bnan\b(?! is not between)",
    "calls": r"\bclvmodels\.\w|\bclv\.\w|\w\(\)",
    "traces": r"Traceback|File \"|line \d+ column|\(char \d",
    "other libraries": r"\b(Invalid Input|Binder|Conversion|IO) Error|Value error|unable to parse|duckdb|narwhals",
    "lists": r"\['|\[\"",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each command says: exit code, and messages."""
    folder, here = tmp_path_factory.mktemp("provoked"), os.getcwd()
    try:
        os.chdir(folder)
        make_files(folder)
        run = CliRunner(env={"COLUMNS": "200"})
        run.invoke(app, ["fit", "good.csv", "--currency", "EUR", "-o", "good.json", "--purchase-model", "nbd"])
        results = {command: run.invoke(app, command.split()) for command in COMMANDS}
    finally:
        os.chdir(here)
    return results


def _messages(result):
    lines = [line.strip("│ ") for line in result.stderr.splitlines()]
    return [line for line in lines if line and not line.startswith(("Usage:", "Try", "╭", "╰"))]


def test_every_command_has_something_to_say(said):
    silent = [command for command, result in said.items() if not _messages(result) and result.exit_code]
    assert silent == [""]  # that shows the help
    messages = {line for result in said.values() for line in _messages(result)}
    assert len(messages) > 90


def test_errors_are_errors(said):
    for command, result in said.items():
        assert result.exit_code in (0, 1, 2), command
        assert result.exception is None or isinstance(result.exception, SystemExit), command
        assert (result.exit_code == 0) == (
            "Error: " not in result.stderr and "─ Error ─" not in result.stderr
        ) or not command


@pytest.mark.parametrize("kind", OF_PYTHON)
def test_nothing_of_python_is_said(said, kind):
    found = {
        command: line
        for command, result in said.items()
        for line in _messages(result)
        if re.search(OF_PYTHON[kind], line)
    }
    assert found == {}


def test_each_message_ends_as_a_sentence(said):
    ends = (".", "?", "'none'", "LOG'.")
    cut = {line for result in said.values() for line in _messages(result) if not line.endswith(ends)}
    assert {line for line in cut if "Parquet file" not in line and "No such option" not in line} == set()


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Column 'a' holds Datetime(time_unit='us'), not numbers.", "Column 'a' holds times, not numbers."),
        ("'b.csv' lacks ['cost', 'x'] besides.", "'b.csv' lacks 'cost', 'x' besides."),
        ("b can't be read: Invalid Input Error: too small", "b can't be read: too small"),
        (
            "Make numbers of it first, for example with pd.to_numeric(log['a'].str.replace(',', '.')).",
            "Make numbers of it first.",
        ),
        ("customer 0 on 2024-01-01: None. Fill them.", "customer 0 on 2024-01-01: nothing. Fill them."),
    ],
)
def test_sentences_of_the_package_in_the_words_of_the_shell(sentence, words):
    assert in_shell_words(sentence) == words
