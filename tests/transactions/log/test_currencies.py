"""Amounts of several currencies are not added up unseen."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app
from clvmodels.errors import DataError

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}


def log(name: str = "Currency", codes: tuple[str, ...] = ("EUR", "EUR", "USD")) -> pd.DataFrame:
    days = ["2024-01-01", "2024-01-05", "2024-02-01"]
    return pd.DataFrame({"id": ["a", "b", "a"], "day": days, "paid": [1.0, 2.0, 4.0], name: codes})


@pytest.mark.parametrize("kind", ["pandas", "polars lazy", "csv"])
def test_a_column_with_several_is_pointed_out(kind: str, tmp_path) -> None:
    log().to_csv(tmp_path / "log.csv", index=False)
    data = {"pandas": log(), "polars lazy": pl.from_pandas(log()).lazy(), "csv": tmp_path / "log.csv"}[kind]
    sentence = clv.summarize(data, **COLUMNS).check()["currencies"].sentence
    assert "'Currency' holds 2 currencies (EUR in 2 lines, USD in 1)" in sentence
    assert 'currency="Currency=EUR"' in sentence
    assert "rates=" in sentence


def test_a_column_of_codes_with_another_name_is_pointed_out() -> None:
    assert "'paid in' holds 2" in clv.summarize(log("paid in"), **COLUMNS).check()["currencies"].sentence


@pytest.mark.parametrize("frame", [log(codes=("EUR",) * 3), log("country", ("DEU", "FRA", "FRA"))], ids=["one", "none"])
def test_one_currency_is_none_to_speak_of(frame) -> None:
    assert "currencies" not in {finding.name for finding in clv.summarize(frame, **COLUMNS).check()}


def test_signs_with_the_amounts_are_currencies_too() -> None:
    frame = log().drop(columns="Currency").assign(paid=["$1.00", "2.00 €", "4.00"])
    assert "in 2 currencies ($, €)" in clv.summarize(frame, **COLUMNS).check()["currencies"].sentence


def test_currency_may_name_the_column() -> None:
    assert clv.summarize(log(codes=("EUR",) * 3), **COLUMNS, currency="Currency").currency == "EUR"
    with pytest.raises(DataError, match=r"holds 2 currencies \(EUR in 2 lines, USD in 1\).*currency=\"Currency=EUR\""):
        clv.summarize(log(), **COLUMNS, currency="Currency")
    kept = clv.summarize(log(), **COLUMNS, currency="Currency", skip="Currency=USD")
    assert (kept.currency, kept.report.amount_bought) == ("EUR", 3.0)


def test_those_that_are_not_skipped_are_still_several() -> None:
    frame = log(codes=("EUR", "GBP", "USD"))
    assert "holds 2 cur" in clv.summarize(frame, **COLUMNS, skip="Currency=usd").check()["currencies"].sentence
    one = clv.summarize(frame, **COLUMNS, skip="Currency=usd,gbp").check()
    assert "currencies" not in {finding.name for finding in one}


def test_several_are_pointed_out_in_a_shell(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    log().to_csv("log.csv", index=False)
    result = CliRunner().invoke(app, ["summarize", "log.csv", "--customer", "id", "--date", "day", "--amount", "paid"])
    said = " ".join(result.stderr.split())
    assert result.exit_code == 0
    assert "Warning: Column 'Currency' holds 2 currencies" in said
    assert '--currency "Currency=EUR"' in said
    assert "--rates" in said
