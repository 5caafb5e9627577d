"""`clv forecast`: what is printed and written, and what the errors say."""

import pandas as pd

import clvmodels as clv

LOG = clv.datasets.path("cdnow_sample")


def test_forecast_writes_periods_and_customers(clv, tmp_path):
    options = ["--observation-end", "1997-09-30", "--horizon", "39W", "--currency", "USD"]
    result = clv("forecast", LOG, *options, "--customers-output", "each.parquet")
    assert result.exit_code == 0, result.stderr
    table, each = pd.read_csv(tmp_path / "forecast.csv"), pd.read_parquet(tmp_path / "each.parquet")
    assert len(table) == 9
    assert len(each) == 2357
    assert abs(table["purchases"].sum() - each["expected_purchases"].sum()) < 1e-6
    assert abs(table["revenue"].sum() - each["value"].sum()) < 1e-6
    assert "earlier dates it was off by" in result.stdout
    assert "Oct 1997" in result.stdout
    assert "Wrote forecast.csv: 9 months." in result.stdout


def test_forecast_by_quarter_as_parquet(clv, tmp_path):
    result = clv("forecast", LOG, "--by", "quarter", "--horizon", "6M", "--output", "f.parquet", "--amount", "none")
    assert result.exit_code == 0, result.stderr
    table = pd.read_parquet(tmp_path / "f.parquet")
    assert table["whole"].tolist() == [True, True]
    assert "revenue" not in table


def test_forecast_has_customers_to_come_in_columns_of_their_own(clv, tmp_path):
    result = clv("forecast", LOG, "--horizon", "3M", "--purchase-model", "bg/nbd", "--new-customers")
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(tmp_path / "forecast.csv")
    assert {"new_customers", "new_customers_upper", "new_purchases", "new_revenue_lower"} <= set(table)
    assert (table["new_customers"] == 0).all()  # the log is of one cohort
    assert "Customers still to come" in result.stdout


def test_forecast_refuses_what_has_no_meaning(clv):
    for words, message in (
        (["--horizon", "life"], "needs a --horizon with an end"),
        (["--interval", "90"], "90 is no level"),
        (["--customers-output", "forecast.csv"], "name the same file"),
        (["--purchase-model", "gamma-gamma"], "is a model of spend"),
        (["--output", "f.xlsx2"], "must end in"),
    ):
        result = clv("forecast", LOG, *words)
        assert result.exit_code == 2, (words, result.stdout)
        assert message in " ".join(result.stderr.split()), (words, result.stderr)


def test_evaluate_compares_a_forecast_with_what_came(clv):
    result = clv("evaluate", LOG, "--calibration-end", "1998-03-31", "--forecast")
    assert result.exit_code == 0, result.stderr
    assert "Forecast of purchases by MBG/NBD with a calendar of tenure and cohort" in " ".join(result.stdout.split())
