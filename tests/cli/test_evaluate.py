"""`clv evaluate`: the table of `clvmodels.evaluate`, in the terminal and as a file."""

import pandas as pd
import pytest

import clvmodels
from clvmodels import datasets
from tests.reference.tolerances import PREDICTION

SAMPLE = datasets.path("cdnow_sample")
SPLIT = ("--calibration-end", "1997-09-30")


def test_the_table_is_that_of_python(clv):
    models = ["bg/nbd", "mbg/nbd"]
    result = clv(
        "evaluate", SAMPLE, *SPLIT, *(word for name in models for word in ("--purchase-model", name)), "-o", "e.csv"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    python = clvmodels.evaluate(SAMPLE, **columns, calibration_end=SPLIT[1], models=models, intervals=False)
    written = pd.read_csv("e.csv", index_col="predictor")
    pd.testing.assert_frame_equal(written, python.table, rtol=PREDICTION)
    said = " ".join(result.stdout.split())
    for sentence in python.verdict:
        assert sentence in said


@pytest.mark.parametrize("width", [60, 80, 120])
def test_as_many_measures_as_there_is_room_for(clv, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    result = clv("evaluate", SAMPLE, *SPLIT)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= width
    table, _ = result.stdout.split("Best at", 1)
    assert ("Brier" in table) == (width == 120)


def test_the_end_of_the_calibration_has_to_be_told(clv):
    result = clv("evaluate", SAMPLE)
    assert result.exit_code == 2
    assert "Pass --calibration-end DATE" in result.stderr


def test_covariates_and_a_calendar_are_those_of_python(clv, tmp_path):
    log = datasets.simulate_log(300, channels={"search": 1.0, "friends": 2.0}, seed=3)
    log.to_csv(tmp_path / "log.csv", index=False)
    result = clv(
        "evaluate", "log.csv", "--calibration-end", "2024-06-30", "--purchase-covariates", "channel",
        "--spend-covariates", "channel", "--calendar", "-o", "e.csv",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    python = clvmodels.evaluate(
        log, customer="customer_id", date="date", amount="amount", calibration_end="2024-06-30", intervals=False,
        covariates=clvmodels.Covariates(purchase="channel", spend="channel"), calendar=clvmodels.Calendar(),
    )  # fmt: skip
    written = pd.read_csv("e.csv", index_col="predictor")
    pd.testing.assert_frame_equal(written, python.table, rtol=PREDICTION)


def test_a_model_with_covariates_is_kept_and_scores(clv, tmp_path):
    datasets.simulate_log(300, channels={"search": 1.0, "friends": 2.0}, seed=3).to_csv(
        tmp_path / "log.csv", index=False
    )
    fitted = clv("fit", "log.csv", "--purchase-covariates", "channel", "--calendar", "-o", "m.json")
    assert fitted.exit_code == 0, fitted.stderr
    assert "purchase: channel[T.search]" in clvmodels.load("m.json", "purchases").parameters
    scored = clv("score", "log.csv", "--model", "m.json", "-o", "s.csv")
    assert scored.exit_code == 0, scored.stderr
    assert pd.read_csv("s.csv")["expected_purchases"].gt(0).all()
