"""The total of an order that stands on each of its lines is pointed out where every column was named, too."""

from __future__ import annotations

import warnings

import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import LogWarning

COLUMNS = {"customer": "id", "date": "day", "amount": "total"}
LINES = pd.DataFrame(
    {
        "id": ["ann", "ann", "bob", "bob", "cleo"], "day": ["2024-01-01"] * 5, "Order ID": [1, 1, 2, 2, 3],
        "item": ["tea", "jam", "tea", "cup", "tea"], "total": [9.0, 9.0, 4.0, 4.0, 5.0],
    }
)  # fmt: skip


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "csv"])
def test_a_total_on_each_line_of_its_order_is_pointed_out(kind: str, tmp_path) -> None:
    LINES.to_csv(tmp_path / "log.csv", index=False)
    polars = pl.from_pandas(LINES)
    log = {"pandas": LINES, "polars": polars, "lazy": polars.lazy(), "csv": tmp_path / "log.csv"}[kind]
    with pytest.warns(LogWarning, match="the same on all lines of an order, in each of the 2 orders") as caught:
        customers = clv.summarize(log, **COLUMNS)
    assert customers.report.amount_bought == 31.0
    assert "pass order='Order ID' and amount_per=\"order\"" in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.warns(LogWarning, match='pass amount_per="order", or it counts once a line'):
        clv.summarize(log, **COLUMNS, order="Order ID")


@pytest.mark.parametrize("more", [{"amount_per": "line"}, {"amount_per": "order", "order": "Order ID"}])
def test_whoever_says_what_the_amount_is_hears_nothing(more: dict[str, str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clv.summarize(LINES, **COLUMNS, **more)


def test_amounts_that_differ_within_an_order_or_lines_that_are_copies_are_no_totals() -> None:
    single = LINES.drop_duplicates("Order ID")
    for log in (LINES.assign(total=[1.0, 2.0, 3.0, 4.0, 5.0]), pd.concat([single, single]), single):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            clv.summarize(log, **COLUMNS)
