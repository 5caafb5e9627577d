"""`clv check`: the measures, a sentence, and an exit code that a script can read."""

import pandas as pd

import clvmodels as package

LOG = package.datasets.path("cdnow_sample")


def test_drift_is_said_in_a_sentence_and_in_the_exit_code(clv, tmp_path):
    assert clv("fit", LOG, "--observation-end", "1997-09-30").exit_code == 0
    found = clv("check", LOG, "--against", "model.json", "--output", "drift.csv")
    assert found.exit_code == 3, found.stderr
    words = " ".join(found.stdout.split())
    assert "Buyers among known customers: 684 instead of 617 (+11 %" in words
    table = pd.read_csv(tmp_path / "drift.csv", index_col="measure")
    assert table.loc["purchases of known customers", "now"] == 1882
    early = clv("check", LOG, "--against", "model.json", "--observation-end", "1997-10-31")
    assert early.exit_code == 0, early.stderr
    assert "No drift found since 1997-09-30" in " ".join(early.stdout.split())


def test_what_is_wrong_is_said(clv):
    assert clv("check", LOG).exit_code == 2
    assert clv("check", LOG, "--against", "nothing.json").exit_code == 1
    assert clv("fit", LOG).exit_code == 0
    result = clv("check", LOG, "--against", "model.json")
    assert result.exit_code == 1
    assert "Pass a log that goes on after it" in " ".join(result.stderr.split())
