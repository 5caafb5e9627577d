"""`clv value`: what is printed and written, and what the errors say."""

import pandas as pd
import pytest

import clvmodels as clv

LOG = clv.datasets.path("cdnow_sample")
COSTS = "date,cost,kind\n1997-01-31,20000,acquisition\n1997-02-28,3000,serving\n"


def test_value_writes_periods_and_customers(clv, tmp_path):
    (tmp_path / "costs.csv").write_text(COSTS)
    options = ["--cost-per-purchase", "5", "--margin", "0.3", "--currency", "USD", "--customers-output", "each.parquet"]
    result = clv("value", LOG, "--costs", "costs.csv", *options)
    assert result.exit_code == 0, result.stderr
    table, each = pd.read_csv(tmp_path / "value.csv"), pd.read_parquet(tmp_path / "each.parquet")
    assert len(table) == 6
    assert table["cost_of_acquisition"].tolist() == [20000.0, 0, 0, 0, 0, 0]
    assert table.loc[0, "cost_of_serving"] == 3000.0 + 5.0 * table.loc[0, "orders"]
    assert len(each) == 2357
    assert "1997 Q1" in result.stdout
    # 20,000 over 2,357 new customers
    assert "A new customer is worth" in result.stdout
    assert "and costs 8.49" in " ".join(result.stdout.split())
    assert "Wrote value.csv: 6 rows." in result.stdout


def test_value_by_group_and_year(clv, tmp_path):
    log = pd.DataFrame(
        {"id": [1, 1, 2, 3], "day": ["2023-01-05", "2024-01-05", "2024-02-01", "2024-12-20"], "paid": [20.0, 40, 50, 4]}
    ).assign(channel=["a", "a", "b", "b"])
    log.to_csv(tmp_path / "log.csv", index=False)
    options = ["--customer", "id", "--date", "day", "--amount", "paid", "--period", "year", "--group", "channel"]
    result = clv("value", "log.csv", *options)
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(tmp_path / "value.csv")
    assert table["value_per_customer"].tolist() == [20.0, 40.0, 27.0]
    assert "2024 b" in result.stdout
    assert "no costs were given" in result.stdout
    assert "A new customer" not in result.stdout
    cohorts = clv("value", "log.csv", *options[:-1], "cohort", "--output", "c.csv")
    assert cohorts.exit_code == 0, cohorts.stderr
    assert pd.read_csv(tmp_path / "c.csv")["cohort"].tolist() == [2023, 2023, 2024]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--costs", "nowhere.csv"], "there is no such file"),
        (["--costs", "bad.csv"], "no column 'date'"),
        (["--costs", "broken.parquet"], "can't be read as a table"),
        (["--costs", "kinds.csv"], "not 'fun'"),
        (["--acquisition-cost", "-1"], "is no cost"),
        (["--period", "week"], "week"),
        (["--group", "channel"], "channel"),
        (["--amount", "none"], "needs amounts"),
        (["--customers-output", "value.csv"], "name the same file"),
        (["--output", "costs.csv", "--costs", "costs.csv"], "is read as well"),
        (["--interval", "90"], "90 is no level"),
        (["--horizon", "life", "--discount-rate", "0"], "can be infinite"),
        (["--purchase-model", "gamma-gamma"], "is a model of spend"),
    ],
)
def test_value_refuses_what_has_no_meaning(clv, tmp_path, words, message):
    (tmp_path / "bad.csv").write_text("day,cost\n1997-01-31,20000\n")
    (tmp_path / "costs.csv").write_text(COSTS)
    (tmp_path / "kinds.csv").write_text(COSTS.replace("serving", "fun"))
    (tmp_path / "broken.parquet").write_text("nothing")
    result = clv("value", LOG, *words)
    assert result.exit_code in (1, 2), (words, result.stdout)
    assert message in " ".join(result.stderr.split()), (words, result.stderr)
    assert "Traceback" not in result.stderr
