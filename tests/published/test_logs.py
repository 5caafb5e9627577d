"""CDNOW and Online Retail II: what papers and other packages make of the same logs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

from clvmodels.transactions.summary.holdout import holdout_split
from clvmodels.transactions.summary.summarize import summarize
from tests.reference.tolerances import SUMMATION

DATA = Path(__file__).parents[2] / "data"
CDNOW = {"customer": "customer_id", "date": "date", "amount": "amount"}
LINES = {"customer": "Customer ID", "date": "InvoiceDate", "amount": "Quantity * Price", "order": "Invoice"}


def test_cdnow_sample_at_39_weeks_matches_fader_hardie_lee_2005():
    customers = summarize(DATA / "cdnow_sample.csv", **CDNOW, observation_end="1997-09-30")
    assert len(customers) == 2357
    assert (customers.table["frequency"] > 0).sum() == 946
    assert customers.table["spend_frequency"].gt(0).sum() == 946


def test_cdnow_sample_holdout_counts_days():
    split = holdout_split(DATA / "cdnow_sample.csv", **CDNOW, calibration_end="1997-09-30")
    assert split.duration == 39.0
    assert split.new_customers == 0
    log = pd.read_csv(DATA / "cdnow_sample.csv", parse_dates=["date"])
    later = log[log["date"] > "1997-09-30"].groupby("customer_id").agg({"date": "nunique", "amount": "sum"})
    later = later.reindex(split.table.index, fill_value=0)
    assert (split.table["frequency"] == later["date"]).all()
    assert split.table["spend"].to_numpy() == pytest.approx(later["amount"].to_numpy(), rel=SUMMATION)


@pytest.mark.parametrize("name", ["cdnow_sample.csv", "cdnow.csv"])
def test_cdnow_matches_lifetimes(name):
    log = pd.read_csv(DATA / name, parse_dates=["date"])
    theirs = summary_data_from_transaction_data(
        log, "customer_id", "date", "amount", observation_period_end="1997-09-30"
    )
    ours = summarize(log, **CDNOW, unit="day", observation_end="1997-09-30").table
    for column in ("frequency", "recency", "T"):
        assert (ours[column] == theirs[column]).all()
    # lifetimes takes the mean over all repeat days, also those worth 0, and writes 0 for none
    mean = (ours["monetary_value"] * ours["spend_frequency"] / ours["frequency"]).fillna(0)
    pd.testing.assert_series_equal(mean, theirs["monetary_value"], check_names=False, rtol=SUMMATION)


def test_online_retail_lines_add_up():
    report = summarize(DATA / "online_retail_lines.parquet", **LINES, currency="GBP").report
    assert report.imbalances() == []
    assert report.lines == 1_067_370
    assert report.lines_without_customer == 243_007
    assert report.orders == 44_876
    assert report.customers + report.customers_excluded == 5_942
