"""A fit and its file remember how the log was read: another log needs no further words, or is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError, ColumnError, FileFormatError
from clvmodels.transactions.log.columns import remembered

COLUMNS = {"customer": "Wer", "date": "Wann", "amount": "Stück * Preis", "order": "Beleg"}
READING = {"unit": "day", "currency": "EUR", "refunds": "drop", "skip": "Status=storniert"}


@pytest.fixture(scope="module")
def log():
    lines = clv.datasets.load_cdnow(sample=True)
    new = lines.set_axis(["Wer", "Wann", "Stück", "Preis"], axis=1)
    return new.assign(Beleg=range(len(new)), Preis=new["Preis"] / new["Stück"], Status="bezahlt", Land="AT")


@pytest.fixture(scope="module")
def path(log, tmp_path_factory):
    customers = clv.summarize(
        log,
        **COLUMNS,
        unit="day",
        currency="EUR",
        refunds="drop",
        skip="Status=storniert",
        observation_end="1997-09-30",
    )
    path = tmp_path_factory.mktemp("models") / "model.json"
    clv.fit(customers, "bg/nbd").save(path)
    return path


def test_a_loaded_fit_reads_another_log_as_its_own(log, path):
    fit = clv.load(path)
    assert fit.log.data is None
    customers = fit.read(log, observation_end="1997-12-31")
    known = clv.summarize(
        log,
        **COLUMNS,
        unit="day",
        currency="EUR",
        refunds="drop",
        skip="Status=storniert",
        observation_end="1997-12-31",
    )
    pd.testing.assert_frame_equal(customers.table, known.table)
    assert (customers.unit, customers.currency, customers.report.refunds) == ("day", "EUR", "drop")
    assert len(fit.expected_purchases("1 year", customers)) == 2357


def test_columns_of_the_same_kind_can_be_named(log, path):
    customers = clv.load(path).read(log.rename(columns={"Wer": "Kunde"}), customer="Kunde")
    assert customers.log.customer == "Kunde"


@pytest.mark.parametrize(
    ("change", "told", "error", "says"),
    [
        (
            {"Wer": "Kunde"},
            {},
            ColumnError,
            "'Wer' not found.*a log with customer Wer, date Wann, amount Stück",
        ),
        ({"Preis": "Betrag"}, {}, ColumnError, "'Preis' not found"),
        ({"Status": "Stand"}, {}, ColumnError, "'Status' not found"),
        ({}, {"currency": "USD"}, ArgumentError, "fitted to amounts in EUR, not in USD"),
    ],
)
def test_a_log_that_does_not_fit_is_refused(log, path, change, told, error, says):
    with pytest.raises(error, match=says):
        clv.load(path).read(log.rename(columns=change), **told)


def test_dates_and_amounts_are_read_as_those_of_the_fit(tmp_path):
    known = clv.datasets.load_cdnow(sample=True)
    lines = pd.DataFrame({"Kunde": known["customer_id"], "Datum": known["date"].dt.strftime("%d/%m/%Y")})
    lines["Betrag"] = [f"{amount:.2f}".replace(".", ",") for amount in known["amount"]]
    clv.fit(clv.summarize(lines), "bg/nbd").save(tmp_path / "m.json")
    fit = clv.load(tmp_path / "m.json")
    assert (fit.log.date_format, fit.log.decimal) == ("day first", ",")
    early = lines[known["date"].dt.day <= 12]  # such dates tell nothing by themselves
    customers = fit.read(early)
    truth = clv.summarize(known[known["date"].dt.day <= 12], amount="amount", customer="customer_id", date="date")
    pd.testing.assert_frame_equal(customers.table, truth.table)
    with pytest.raises(ClvError, match="date"):
        fit.read(lines.assign(Datum=known["date"].dt.strftime("%m/%d/%Y")))
    with pytest.raises(ClvError, match="no number"):
        fit.read(lines.assign(Betrag="1,234.50"))


def test_columns_that_the_model_knows_customers_by_come_along(log, tmp_path):
    lines = log.assign(Land=["AT" if who % 2 else "DE" for who in log["Wer"]])
    customers = clv.summarize(lines, **COLUMNS, keep="Land", observation_end="1997-09-30")
    clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="Land")).save(tmp_path / "m.json")
    assert clv.load(tmp_path / "m.json").read(lines).table.columns[-1] == "Land"


def test_a_model_of_a_table_asks_as_ever(log, tmp_path):
    customers = clv.Customers.from_frame(clv.summarize(log, **COLUMNS).to_frame(), unit="week")
    clv.fit(customers, "nbd").save(tmp_path / "m.json")
    fit = clv.load(tmp_path / "m.json")
    assert fit.log is None
    assert len(fit.read(log, **COLUMNS)) == 2357
    assert json.loads((tmp_path / "m.json").read_text())["fits"][0]["log"] is None


def test_files_without_it_are_read(path, tmp_path):
    content = json.loads(path.read_text())
    del content["fits"][0]["log"]
    (tmp_path / "old.json").write_text(json.dumps(content))
    assert clv.load(tmp_path / "old.json").log is None


@pytest.mark.parametrize(
    "entry",
    [
        5, [], {}, {"customer": "a"}, {"customer": 1, "date": "b"}, {"customer": "a", "date": "b", "data": "x"},
        {"customer": "a", "date": "b", "amount": [1]}, {"customer": "a", "date": "b", "refunds": "keep"},
        {"customer": "a", "date": "b", "skip": {"a": 1}}, {"customer": "a", "date": "b", "header": "no"},
    ],
)  # fmt: skip
def test_what_a_file_says_of_its_log_is_checked(path, tmp_path, entry):
    content = json.loads(path.read_text())
    content["fits"][0]["log"] = entry
    (tmp_path / "bad.json").write_text(json.dumps(content))
    with pytest.raises(FileFormatError, match="damaged"):
        clv.load(tmp_path / "bad.json")


def test_neither_data_nor_their_place_are_remembered(path, log):
    secret = "postgresql://ann:s3cret@shop.example/db"
    read = clv.Log(secret, customer="a", date="b", sheet="March", amount=("c", "d"), skip=["x=1"])
    entry = remembered.to_json(remembered.without_data(read))
    assert entry == {"customer": "a", "date": "b", "amount": ["c", "d"], "skip": ["x=1"]}
    assert remembered.to_json(remembered.from_json(entry)) == entry
    assert set(json.loads(path.read_text())["fits"][0]["log"]) == {*COLUMNS, "refunds", "currency", "skip"}
