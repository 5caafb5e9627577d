"""`clv target`: what is printed and written, and what the errors say."""

import pandas as pd
import pytest

import clvmodels as clv

LOG = clv.datasets.path("cdnow_sample")
QUICK = ["--observation-end", "1997-09-30", "--purchase-model", "bg/nbd", "--spend-model", "gamma-gamma"]
ACTIVITIES = pd.DataFrame({"name": ["call", "letter"], "cost": [2.5, 0.5], "effect": [0.20, 0.05]})


def test_target_writes_a_campaign_with_its_holdout(clv, tmp_path):
    ACTIVITIES.to_csv(tmp_path / "activities.csv", index=False)
    options = ["--activities", "activities.csv", "--budget", "300", "--horizon", "1Y", "--margin", ".3", "--seed", "1"]
    result = clv("target", LOG, *QUICK, *options)
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(tmp_path / "campaign.csv")
    assert set(table["group"]) == {"activity", "holdout", "holdout of the rest"}
    assert set(table["activity"].dropna()) <= {"call", "letter"}
    chosen = table[table["activity"].notna()]
    assert chosen["cost"].sum() <= 300.0
    assert (chosen["incremental_value"] > 0.0).all()
    assert table["customer_id"].is_unique
    words = " ".join(result.stdout.split())
    assert "get an activity" in words
    assert "after that (90 %:" in words  # the effects are taken as known, but the values are not
    assert "assumed, not measured" in words
    assert "customers chosen by value would bring" in words
    assert "held out at random" in words
    assert "Wrote campaign.csv" in words


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (ACTIVITIES.drop(columns="cost"), [], "cost is missing"),
        (ACTIVITIES, ["--budget", "-1"], "budget must be"),
        (ACTIVITIES, ["--holdout", "1"], "holdout must be"),
        (ACTIVITIES, ["--amount", "none"], "needs the value"),
        (ACTIVITIES.assign(effect="nowhere"), [], "no column of the values"),
        (None, [], "there is no such file"),
    ],
)
def test_what_is_wrong_is_said(clv, tmp_path, table, options, message):
    if table is not None:
        table.to_csv(tmp_path / "activities.csv", index=False)
    result = clv("target", LOG, *QUICK, "--activities", "activities.csv", *options)
    assert result.exit_code != 0
    assert message in " ".join(result.stderr.split())
