"""A log and its keywords: bound once, shown by every function that takes them."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace

import duckdb
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.transactions.log.log import LogKeywords

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}
KEYWORDS = ["customer", "date", "amount", "order", "refunds", "timezone", "currency"]
KEYWORDS += ["rates", "skip", "amount_per", "header", "sheet", "query", "date_format", "unreadable_dates", "decimal"]
KEYWORDS += ["duplicates"]
FUNCTIONS = [
    clv.summarize,
    clv.summarize_opportunities,
    clv.holdout_split,
    clv.plots.purchases_by_day,
    clv.plots.cohort_activity,
]
ARGUMENTS = {"summarize_opportunities": {"opportunity": "month"}, "holdout_split": {"calibration_end": "2024-02-01"}}


@pytest.fixture
def lines() -> pd.DataFrame:
    days = ["2024-01-01", "2024-01-15", "2024-01-08", "2024-03-05"]
    return pd.DataFrame({"id": ["ann", "ann", "bob", "ann"], "day": days, "paid": [10.0, 20.0, 5.0, 4.0]})


def test_the_keywords_are_the_fields_of_a_log() -> None:
    assert [field.name for field in fields(clv.Log)] == ["data", *KEYWORDS] == ["data", *LogKeywords.__annotations__]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_signature_and_docstring_show_every_keyword(function) -> None:
    parameters = inspect.signature(function).parameters
    defaults = {field.name: field.default for field in fields(clv.Log)}
    assert {name: parameters[name].default for name in KEYWORDS} == {name: defaults[name] for name in KEYWORDS}
    assert "columns" not in parameters
    described = inspect.getdoc(function).partition("Parameters\n----------\n")[2].partition("\n\n")[0].split("\n")
    names = [name for line in described if not line.startswith(" ") for name in line.split(" : ")[0].split(", ")]
    assert names == list(parameters)
    assert list(parameters)[:5] == ["log", "customer", "date", "amount", "order"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_log_says_as_much_as_data_and_keywords(function, lines) -> None:
    arguments = ARGUMENTS.get(function.__name__, {})
    ours = function(clv.Log(lines, **COLUMNS), **arguments)
    theirs = function(lines, **COLUMNS, **arguments)
    tables = [result if isinstance(result, pd.DataFrame) else result.table for result in (ours, theirs)]
    pd.testing.assert_frame_equal(*tables)


def test_a_log_takes_no_keywords_a_second_time(lines) -> None:
    log = clv.Log(lines, **COLUMNS)
    with pytest.raises(ArgumentError, match=r"customer=, currency= can't be given again. Make another Log"):
        clv.summarize(log, customer="id", currency="EUR")
    assert clv.summarize(replace(log, currency="EUR")).currency == "EUR"


def test_an_unknown_keyword_is_named_with_the_closest_one(lines) -> None:
    with pytest.raises(TypeError, match=r"summarize\(\) got an unexpected .* 'costumer'. Did you mean 'customer'\?"):
        clv.summarize(lines, costumer="id")
    with pytest.raises(TypeError, match=r"holdout_split\(\) missing .* 'calibration_end'"):
        clv.holdout_split(lines, **COLUMNS)


def test_refunds_are_checked_where_the_log_is_bound(lines) -> None:
    with pytest.raises(ArgumentError, match=r'refunds must be "net", "drop" or "error", not \'keep\''):
        clv.Log(lines, refunds="keep")


def test_a_log_shows_how_it_is_read_and_not_its_lines(lines) -> None:
    assert repr(clv.Log(lines, **COLUMNS)) == "Log(<DataFrame>, customer='id', date='day', amount='paid')"


def test_the_default_connection_of_duckdb_is_left_alone() -> None:
    duckdb.execute("SELECT * FROM range(100000)")
    assert duckdb.fetchone() == (0,)
    frame = pd.DataFrame({"c": [1, 1], "d": ["01.02.2024", "05.03.2024"], "a": [1.0, 2.0]})
    clv.summarize(frame, customer="c", date="d", amount="a", date_format="%d.%m.%Y")
    assert duckdb.fetchone() == (1,)
    duckdb.fetchall()
