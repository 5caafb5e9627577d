"""`clv report`: a file, and its summary in the terminal."""

import io

import pandas as pd
import pytest
from rich.console import Console

import clvmodels
from clvmodels import datasets
from clvmodels.cli.terminal import Terminal
from clvmodels.reporting import pdf
from tests.reporting.page import read

SAMPLE = datasets.path("cdnow_sample")


@pytest.mark.slow
def test_the_report_is_that_of_python(clv, tmp_path):
    log = tmp_path / "log.csv"
    datasets.load_cdnow(sample=True).query("customer_id < 800").to_csv(log, index=False)
    activities = pd.DataFrame({"name": ["call"], "cost": [2.0], "effect": [0.1]})
    activities.to_csv(tmp_path / "a.csv", index=False)
    campaign = ["--activities", "a.csv", "--budget", "50"]
    options = ["--currency", "USD", "--margin", "0.3", *campaign]
    result = clv("report", log, *options, "--title", "CDNOW", "--output", "r.html")
    assert (result.exit_code, result.stderr) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {"log.csv", "a.csv", "r.html"}
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    python = clvmodels.report(
        log, **columns, currency="USD", margin=0.3, title="CDNOW", activities=activities, budget=50.0,
        output=tmp_path / "python.html",
    )  # fmt: skip
    assert (tmp_path / "r.html").read_bytes() == python.read_bytes()
    # what is printed is the summary of the page
    sentence = "The best tenth of the customers hold"
    printed = result.stdout[result.stdout.index(sentence) :].split(".")[0]
    page = read(python).text
    assert " ".join(printed.split()) in page
    # and clv target plans the same campaign
    planned = " ".join(clv("target", log, *options).stdout.split())
    assert planned[planned.index("get an activity") : planned.index(" The effect of")] in page


@pytest.mark.slow
def test_without_amounts_there_are_purchases_only(clv):
    result = clv("report", SAMPLE, "--amount", "none", "--horizon", "90D")
    assert result.exit_code == 0
    assert "neither spend nor value" in result.stderr
    page = read("report.html")
    assert "The 15 customers with most purchases to come" in page.tables
    assert "USD" not in page.text
    head = page.tables["The model and its alternatives on the holdout"][0]
    assert head == ["", "Purchases", "Rank correlation", "Purchases found", "Who buys (AUC)"]


def test_warnings_have_no_python_in_them(clv):
    days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    pd.DataFrame({"customer_id": range(60), "date": days}).to_csv("log.csv", index=False)
    result = clv("report", "log.csv")
    assert result.exit_code == 0
    assert "Nobody bought again" in result.stderr
    page = read("report.html").text
    assert "weak priors hold them" in page
    for text in (result.stderr, page):
        assert "priors=" not in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--horizon", "life"], "--horizon with an end"),
        (["--output", "r.docx"], "must end in .html or .pdf"),
        (["--budget", "5"], "there are no activities"),
        (["--spend-model", "bg/nbd"], "is a model of purchases"),
        (["--calibration-end", "yesterday"], "is not a date"),
    ],
)
def test_what_cannot_be_meant_is_refused(clv, tmp_path, words, sentence):
    result = clv("report", SAMPLE, *words)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split()).replace("│ ", "")
    assert list(tmp_path.iterdir()) == []


def test_a_pdf_needs_a_browser(clv, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    result = clv("report", SAMPLE, "--format", "pdf")
    assert result.exit_code == 2
    assert "Install one, or write HTML" in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_whoever_watches_sees_the_step_and_a_pipe_sees_nothing():
    for watched in (True, False):
        terminal, file = Terminal(), io.StringIO()
        terminal.err = Console(file=file, force_terminal=watched, width=60)
        with terminal.steps() as step:
            step("Reading [bold]log.csv[/]")
        assert ("Reading [bold]log.csv[/] …" in file.getvalue()) == watched
        assert bool(file.getvalue()) == watched
