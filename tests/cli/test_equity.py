"""`clv equity`: what is printed and written, and what the errors say."""

import pandas as pd
import pytest

import clvmodels as clv

LOG = clv.datasets.path("cdnow_sample")
QUICK = ["--observation-end", "1997-09-30", "--purchase-model", "bg/nbd", "--spend-model", "gamma-gamma"]
EXACT = 1e-9  # the same numbers, written and read


def test_equity_writes_cohorts_and_says_what_they_add_to(clv, tmp_path):
    pd.DataFrame({"new_customers": [100.0] * 4}).to_csv(tmp_path / "plan.csv", index=False)
    options = [
        "--by",
        "quarter",
        "--horizon",
        "1Y",
        "--counts",
        "plan.csv",
        "--acquisition-cost",
        "20",
        "--margin",
        ".3",
    ]
    result = clv("equity", LOG, *QUICK, *options, "--currency", "USD")
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(tmp_path / "equity.csv")
    assert table["new_customers"].tolist() == [100.0] * 4
    net = (table["value"] - table["cost"]) * table["discount"]
    assert net.tolist() == pytest.approx(table["discounted_net"].tolist(), rel=EXACT)
    words = " ".join(result.stdout.split())
    assert "Value today [USD]" in words
    assert "Customers to come" in words
    assert "each counted over 3 years" in words
    assert "Wrote equity.csv: 4 quarters of new customers." in words
    assert "acquisition cost ± 10 %" in words
    assert "no cost of acquisition was given" not in words


def test_equity_of_one_cohort_says_that_nobody_is_to_come(clv):
    result = clv("equity", LOG, *QUICK, "--output", "e.parquet", "--horizon", "6M")
    assert result.exit_code == 0, result.stderr
    words = " ".join(result.stdout.split())
    assert "Nobody has been new since 1997-03-25" in words
    assert "--counts" in words or "counts" in words
    assert "no cost of acquisition was given" in words


def test_equity_refuses_what_has_no_meaning(clv, tmp_path):
    (tmp_path / "short.csv").write_text("new_customers\n5\n")
    (tmp_path / "other.csv").write_text("n\n5\n")
    for words, message in (
        (["--horizon", "life"], "Pass a --horizon such as 3Y"),
        (["--value-horizon", "life", "--discount-rate", "0"], "--value-horizon with an end"),
        (["--counts", "nowhere.csv"], "--counts nowhere.csv: there is no such file"),
        (["--counts", "short.csv"], "1 number, and the horizon"),
        (["--counts", "other.csv"], "no column 'new_customers'"),
        (["--counts", "lastyear"], "must be one of"),
        (["--counts", "short.csv", "--output", "short.csv"], "is read as well"),
        (["--amount", "none"], "needs amounts"),
        (["--acquisition-cost", "-1"], "-1 is no cost"),
        (["--margin", "0"], "margin must be"),
    ):
        result = clv("equity", LOG, *QUICK, *words)
        assert result.exit_code == 2, (words, result.stdout)
        assert message in " ".join(result.stderr.split()), (words, result.stderr)
