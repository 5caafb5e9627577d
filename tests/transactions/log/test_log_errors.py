"""Logs that can't be used as they are: what was found, where, and what to do."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.summary.holdout import holdout_split
from clvmodels.transactions.summary.summarize import summarize

COLUMNS = {"customer": "cust_id", "date": "date", "amount": "paid"}


def log(**columns):
    rows = {"cust_id": [1, 2, 3], "date": ["2024-01-01", "2024-01-08", "2024-01-15"], "paid": [1.0, 2.0, 3.0]}
    return pd.DataFrame(rows).assign(**columns)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"paid": [1.0, np.nan, np.inf]},
            r"2 of 3 lines have an amount that is missing, NaN or infinite: customer 2 on",
        ),
        ({"paid": ["12.50", "1", "two"]}, r"1 of 3 lines have an amount that is .* no number: customer 3 on .*: two"),
        ({"paid": [True, False, True]}, r"'paid' holds Boolean, not numbers"),
        ({"date": ["01/02/2024", "2024-01-08", "2024-02-30"]}, r"such as '01/02/2024', and no line tells"),
        ({"date": ["31/01/2024", "2024-01-08", "2024-02-30"]}, r"1 of 3 lines .*'date': customer 3: '2024-02-30'"),
        ({"date": [1.5, 2.5, 3.5]}, r"3 of 3 lines have no readable date .* '1.5'"),
        ({"date": [1704067200, 1704067200, 20240101]}, r"1 of 3 lines have no readable date .*20240101"),
        ({"cust_id": None}, r"'cust_id' holds no customer: all 3 lines"),
        ({"date": pd.Series([pd.NaT] * 3, dtype="M8[us]")}, r"No line has both a customer \('cust_id'\) and a date"),
        ({"paid": -1.0}, r"No customer has a purchase left"),
    ],
)
def test_logs_that_cannot_be_used_say_why(columns, message):
    with pytest.raises(DataError, match=message):
        summarize(log(**columns), **COLUMNS)


def test_an_empty_log_is_refused():
    with pytest.raises(DataError, match="empty"):
        summarize(log().iloc[:0], **COLUMNS)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"customer": "customer"}, DataError, r"'customer' not found. Columns: .* Pass customer='cust_id'"),
        ({"amount": "pay"}, DataError, r"'pay' not found.*Pass amount='paid'"),
        ({"amount": "paid * price"}, DataError, r"'price' not found"),
        ({"order": "invoice"}, DataError, r"'invoice' not found"),
        ({"customer": "date"}, ArgumentError, r"'date' can't be both customer= and date=. Pass another date="),
        ({"amount": "cust_id"}, ArgumentError, r"'cust_id' can't be both customer= and amount="),
        ({"order": "cust_id"}, ArgumentError, r"'cust_id' can't be both customer= and order="),
        ({"unit": "weeks"}, ArgumentError, r"Unknown unit 'weeks'"),
        ({"refunds": "keep"}, ArgumentError, r'refunds must be "net", "drop" or "error"'),
        ({"observation_end": "2023-12-31"}, DataError, r"2023-12-31 lies before .* from 2024-01-01 to 2024-01-15"),
        ({"observation_end": "soon"}, ArgumentError, r"observation_end 'soon' is not a date"),
        ({"observation_end": 20240101}, ArgumentError, r"observation_end must be a date"),
        ({"timezone": "Mars/Olympus"}, ArgumentError, r"Unknown time zone 'Mars/Olympus'"),
    ],
)
def test_arguments_without_a_meaning_say_what_to_pass(arguments, error, message):
    with pytest.raises(error, match=message):
        summarize(log(), **COLUMNS | arguments)


def test_refunds_can_be_an_error():
    with pytest.raises(DataError, match=r"1 lines have a negative amount: customer 3 on 2024-01-15: -2.0"):
        summarize(log(paid=[1.0, 2.0, -2.0]), **COLUMNS, refunds="error")


def test_mixed_time_zones_are_refused():
    zones = [dt.UTC, dt.timezone(dt.timedelta(hours=2)), None]
    times = pd.Series([dt.datetime(2024, 1, 1, tzinfo=zone) for zone in zones], dtype=object)
    with pytest.raises(DataError, match=r"mixes time zones \(UTC, UTC\+02:00, none\)"):
        summarize(log(date=times), **COLUMNS)


def test_a_calibration_outside_of_the_log_is_refused():
    for end in ("2023-12-31", "2024-01-15", "2025-01-01"):
        with pytest.raises(DataError, match="from 2024-01-01 to 2024-01-15"):
            holdout_split(log(), **COLUMNS, calibration_end=end)
    with pytest.raises(ArgumentError, match="nothing is held out"):
        holdout_split(log(), **COLUMNS, calibration_end="2024-01-08", observation_end="2024-01-08")


def test_files_that_are_not_there_or_not_known(tmp_path):
    with pytest.raises(DataError, match="not found"):
        summarize(tmp_path / "log.csv", **COLUMNS)
    with pytest.raises(DataError, match="No file matches"):
        summarize(str(tmp_path / "*.csv"), **COLUMNS)
    with pytest.raises(DataError, match="folder"):
        summarize(tmp_path, **COLUMNS)
    (tmp_path / "log.pdf").touch()
    with pytest.raises(ArgumentError, match="not a type that can be read"):
        summarize(tmp_path / "log.pdf", **COLUMNS)
    (tmp_path / "log.parquet").write_text("nothing")
    with pytest.raises(DataError, match="can't be read"):
        summarize(tmp_path / "log.parquet", **COLUMNS)
    (tmp_path / "log.csv").touch()
    with pytest.raises((ArgumentError, DataError)):
        summarize([tmp_path / "log.csv", tmp_path / "log.parquet"], **COLUMNS)


def test_something_that_is_no_log_is_refused():
    with pytest.raises(ArgumentError, match="type dict"):
        summarize({"a": 1}, **COLUMNS)


def test_dates_in_a_file_are_never_guessed(tmp_path):
    log(date=["01/02/2024", "02/02/2024", "03/02/2024"]).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match="no line tells whether the day or the month comes first"):
        summarize(tmp_path / "log.csv", **COLUMNS)


def test_a_file_with_a_stray_text_among_the_amounts_says_so(tmp_path):
    lines = ["cust_id,date,paid", *["1,2024-01-01,1.5"] * 30_000, "1,2024-01-02,much"]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    with pytest.raises(DataError, match="much"):
        summarize(tmp_path / "log.csv", **COLUMNS)
