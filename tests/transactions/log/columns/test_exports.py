"""Exports of shop systems come in without a word: the right customers and sums, and what is no purchase left out."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from clvmodels.transactions.summary.activity import purchases_by_day
from clvmodels.transactions.summary.summarize import summarize
from tests.transactions.log.columns.exports import EXPORTS, Export

every = pytest.mark.parametrize("export", EXPORTS.values(), ids=list(EXPORTS))


def _check(export: Export, log: object) -> None:
    customers = summarize(log, keep_purchases=True)
    spend = customers.purchases.groupby("customer_id")["spend"].sum()
    assert {str(name): round(value, 9) for name, value in spend.items()} == export.spend
    report = customers.report
    assert (report.purchase_days, report.lines_skipped, report.lines_of_same_order) == (
        export.purchase_days,
        export.skipped,
        export.further,
    )
    assert report.lines == export.text.count("\n") - 1
    assert report.imbalances() == []
    assert "Read as a" in str(report)
    assert {role for role, _ in report.guessed} >= {"customer", "date", "amount"}


@every
def test_an_export_is_read_from_its_file(export: Export, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export.text)
    _check(export, tmp_path / "export.csv")


@every
def test_an_export_is_read_from_a_frame(export: Export, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export.text)
    _check(export, pd.read_csv(tmp_path / "export.csv", dtype={"ID": str, "increment_id": str}))
    _check(export, pl.read_csv(tmp_path / "export.csv"))
    _check(export, duckdb.connect().read_csv(str(tmp_path / "export.csv")))


@every
def test_the_order_of_the_columns_does_not_matter(export: Export, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export.text)
    frame = pd.read_csv(tmp_path / "export.csv", dtype=str)
    frame[frame.columns[::-1]].to_csv(tmp_path / "turned.csv", index=False)
    _check(export, tmp_path / "turned.csv")


@every
def test_times_with_a_zone_and_amounts_with_a_sign(export: Export, tmp_path: Path) -> None:
    """As Shopify writes times, and Square amounts."""
    text = re.sub(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", r"\1 -0500", export.text)
    text = re.sub(r"(?<=,)(-?)(\d+\.\d\d)(?=,)", r"\1$\2", text)
    assert text != export.text
    (tmp_path / "export.csv").write_text(text)
    _check(export, tmp_path / "export.csv")


@every
def test_purchases_by_day_sum_to_the_same(export: Export, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export.text)
    days = purchases_by_day(tmp_path / "export.csv")
    assert days["spend"].sum() == pytest.approx(sum(export.spend.values()), rel=1e-12)  # sums of a few decimals


@every
def test_what_is_said_is_not_overruled(export: Export, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(export.text)
    skip = "Order Status=none such" if "Order Status" in export.text else None
    customers = summarize(tmp_path / "export.csv", amount="none", skip=skip)
    assert customers.report.amount_bought is None
    assert "amount" not in dict(customers.report.guessed)
