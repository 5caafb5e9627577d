"""One currency of several is chosen, or all are brought to one by rates; the same from every source of a log."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError, DataError
from clvmodels.transactions.summary.activity import purchases_by_day
from tests.reference.tolerances import SUMMATION

COLUMNS: dict[str, Any] = {"customer": "id", "date": "day", "amount": "paid"}
RATES = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17}
SAME = {"rel": 1e-12}  # sums of the same doubles, in another order


def log(seed: int = 1, number: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": rng.integers(1, 40, number),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, number), "D"),
            "paid": rng.integers(0, 2000, number) / 100,
            "Currency": rng.choice([*RATES], number),
        }
    )


def converted(frame: pd.DataFrame) -> pd.DataFrame:
    """The same log, converted by hand."""
    return frame.assign(paid=frame["paid"] * frame["Currency"].map(RATES)).drop(columns="Currency")


def chosen(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines in USD."""
    return frame[frame["Currency"] == "USD"].drop(columns="Currency")


SOURCES = ["pandas", "polars", "polars lazy", "csv", "json", "xlsx", "parquet", "duckdb", "ibis", "sqlite", "stream"]


def source(kind: str, frame: pd.DataFrame, folder: Path) -> Any:
    texts = frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d"))
    path = folder / f"log.{kind}"
    if kind == "csv":
        texts.to_csv(path, index=False)
    elif kind == "json":
        texts.to_json(path, orient="records")
    elif kind == "xlsx":
        texts.to_excel(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "sqlite":
        with sqlite3.connect(path) as connection:
            texts.to_sql("log", connection, index=False)
        connection.close()
    else:
        table = pa.Table.from_pandas(frame)
        return {
            "pandas": lambda: frame,
            "polars": lambda: pl.from_pandas(frame),
            "polars lazy": lambda: pl.from_pandas(frame).lazy(),
            "duckdb": lambda: duckdb.connect().from_arrow(table),
            "ibis": lambda: ibis.memtable(table),
            "stream": lambda: pa.RecordBatchReader.from_batches(table.schema, table.to_batches()),
        }[kind]()
    return path


@pytest.mark.parametrize("kind", SOURCES)
def test_rates_and_choice_are_the_same_from_everywhere(kind: str, tmp_path: Path) -> None:
    frame = log()
    data = source(kind, frame, tmp_path)
    by_rates = clv.summarize(data, **COLUMNS, rates=RATES)
    one = clv.summarize(data, **COLUMNS, currency="Currency=usd")
    assert (by_rates.currency, one.currency) == ("EUR", "usd")
    for found, by_hand in [(by_rates, converted(frame)), (one, chosen(frame))]:
        expected = clv.summarize(by_hand, **COLUMNS)
        pd.testing.assert_frame_equal(found.table, expected.table, check_index_type=False, rtol=SUMMATION)
        assert found.report is not None
        assert not found.report.imbalances()
        assert found.report.currencies is None
    assert one.report is not None
    assert one.report.lines_in_other_currency == (frame["Currency"] != "USD").sum()
    assert ("  in another currency", f"-{one.report.lines_in_other_currency:,}") in one.report.rows()


def test_text_amounts_products_and_what_is_taken_off_are_converted() -> None:
    frame = log().assign(n=2, back=0.5, paid=lambda f: f["paid"].map("$ {:.2f}".format))
    found = clv.summarize(frame, **COLUMNS | {"amount": "n * paid - back"}, rates=RATES)
    value = 2 * log()["paid"] - 0.5  # some of them are refunds
    by_hand = clv.summarize(converted(log().assign(paid=value)), **COLUMNS)
    pd.testing.assert_frame_equal(found.table, by_hand.table, rtol=SUMMATION)


def test_an_order_of_several_lines_has_one_currency_on_its_first_line() -> None:
    frame = pd.DataFrame(
        {
            "id": ["a", "a", "b", "c"],
            "day": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-02-01", "2024-03-01"]),
            "order": [1, 1, 2, 3],
            "total": [10.0, None, 20.0, 5.0],
            "Currency": ["USD", None, "EUR", "USD"],
        }
    )
    how = {"customer": "id", "date": "day", "amount": "total", "order": "order", "amount_per": "order"}
    for words, spent in [({"rates": {"EUR": 1, "USD": 0.5}}, 27.5), ({"currency": "Currency=USD"}, 15.0)]:
        report = clv.summarize(frame, **how, **words).report
        assert report is not None
        assert report.amount_spent == pytest.approx(spent, **SAME)
        assert not report.imbalances()


def test_days_are_converted_as_customers_are() -> None:
    days = purchases_by_day(log(), **COLUMNS, refunds="drop", rates=RATES)
    by_hand = purchases_by_day(converted(log()), **COLUMNS, refunds="drop")
    pd.testing.assert_frame_equal(days, by_hand, rtol=SUMMATION)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ({"rates": RATES}, "EUR"),
        ({"rates": RATES, "currency": "Currency"}, "EUR"),
        ({"rates": RATES, "currency": "€"}, "€"),
        ({"rates": {"eur": 1.1, " usd ": 1, "gbp": 1.3}}, "USD"),
        ({"rates": {"EUR": 1.1, "GBP": 1.3}, "currency": "Currency=USD"}, "USD"),
        ({"rates": {"EUR": 150, "USD": 140, "GBP": 190}, "currency": "JPY"}, "JPY"),
        ({"rates": {"EUR": 1, "USD": 1, "GBP": 1}, "currency": "EUR"}, "EUR"),
    ],
)
def test_the_currency_of_the_result(words: dict[str, Any], label: str) -> None:
    assert clv.summarize(log(), **COLUMNS, **words).currency == label


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"rates": {"EUR": 1, "GBP": 2}}, DataError, r"says nothing of USD in \d+ lines \(column 'Currency'\)"),
        ({"rates": {"EUR": 1}}, DataError, r"(USD|GBP) in \d+ lines, (USD|GBP) in \d+ \("),
        ({"rates": {"EUR": 2, "USD": 3, "GBP": 1.5}}, ArgumentError, "None of the rates is worth 1"),
        ({"rates": {"EUR": 1, "USD": 1, "GBP": 2}}, ArgumentError, "EUR, USD are worth 1"),
        ({"rates": {"EUR": 1, "USD": 2}, "currency": "USD"}, ArgumentError, "one USD is worth 2"),
        ({"rates": RATES, "amount": None, "currency": "Currency"}, ArgumentError, "needs amount="),
        ({"rates": RATES, "currency": "Money=EUR"}, DataError, "Column 'Money' not found"),
        ({"currency": "Currency="}, ArgumentError, "not of the form"),
        ({"currency": "Currency=JPY"}, DataError, "400 have another currency than JPY"),
        *(
            ({"rates": rates}, ArgumentError, "rates")
            for rates in [
                5, {}, "EUR=1", {"EUR": 0}, {"EUR": -1}, {"EUR": np.nan}, {"EUR": np.inf}, {"EUR": "1"}, {"": 1},
                {"EUR": 1, "eur": 2}, {"EUR": None},
            ]
        ),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(words: dict[str, Any], error: type[ClvError], says: str) -> None:
    with pytest.raises(error, match=says):
        clv.summarize(log(), **COLUMNS | words)


def test_lines_with_an_amount_and_no_currency_are_refused() -> None:
    frame = log().assign(Currency=lambda f: f["Currency"].where(f.index > 2))
    for words in ({"rates": RATES}, {"currency": "Currency=USD"}):
        with pytest.raises(DataError, match="3 lines with an amount have no currency in column 'Currency'"):
            clv.summarize(frame, **COLUMNS, **words)


def test_text_files_know_the_column_by_its_name_only(tmp_path: Path) -> None:
    frame = log().rename(columns={"Currency": "paid in"})
    frame.to_csv(tmp_path / "log.csv", index=False)
    assert clv.summarize(frame, **COLUMNS, rates=RATES).currency == "EUR"
    with pytest.raises(ArgumentError, match="none looks like one by its name"):
        clv.summarize(tmp_path / "log.csv", **COLUMNS, rates=RATES)
    assert clv.summarize(tmp_path / "log.csv", **COLUMNS, rates=RATES, currency="paid in").currency == "EUR"


def test_a_skipped_currency_needs_no_rate() -> None:
    customers = clv.summarize(log(), **COLUMNS, rates={"EUR": 1, "USD": 2}, skip="Currency=GBP")
    assert customers.report is not None
    assert customers.report.lines_skipped == (log()["Currency"] == "GBP").sum()


def test_a_model_remembers_rates_and_refuses_another_currency(tmp_path: Path) -> None:
    bought = clv.datasets.load_cdnow(sample=True).set_axis(["id", "day", "n", "paid"], axis=1)
    bought["Currency"] = np.random.default_rng(3).choice([*RATES], len(bought))
    fit = clv.fit(clv.summarize(bought, **COLUMNS, rates=RATES), "gamma-gamma")
    fit.save(tmp_path / "m.json")
    loaded = clv.load(tmp_path / "m.json")
    again = loaded.read(log(2))
    expected = clv.summarize(converted(log(2)), **COLUMNS)
    pd.testing.assert_frame_equal(again.table, expected.table, rtol=SUMMATION)
    with pytest.raises(ArgumentError, match="fitted to amounts in EUR, not in USD"):
        loaded.read(log(2), currency="Currency=USD", rates={"EUR": 1.1, "GBP": 1.3})
    with pytest.raises(DataError, match="JPY"):
        loaded.read(log(2).replace({"GBP": "JPY"}))
    content = json.loads((tmp_path / "m.json").read_text())
    for wrong in [{"EUR": "1"}, {}, {"EUR": -1}, [1], {"EUR": [1]}]:
        content["fits"][0]["log"]["rates"] = wrong
        (tmp_path / "bad.json").write_text(json.dumps(content))
        with pytest.raises(ClvError):
            clv.load(tmp_path / "bad.json")
