"""A log in a database stays there: its lazy customers have the summary, the fit and the scores of a file's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.scoring.columns import OF_THE_BASE
from tests.transactions.log.databases.test_databases import COLUMNS, close, local

KINDS = ["SQLite file", "DuckDB file", "DuckDB connection", "Ibis, DuckDB", "Ibis, SQLite"]
SAME = 1e-9  # sums of amounts in another order

type Expected = tuple[list[Any], clv.Customers, pd.DataFrame]


@pytest.fixture(scope="module")
def expected(folder: Path, cdnow_bgnbd: Any, cdnow_spend: Any) -> Expected:
    """Fits of others, which every log can be scored by; customers of the file, and their scores."""
    customers, fits = clv.summarize(folder / "log.csv", **COLUMNS), [cdnow_bgnbd, cdnow_spend]
    return fits, customers, clv.score(customers, fits).drop(columns=list(OF_THE_BASE))


def assert_scored_in_place(data: Any, query: str | None, expected: Expected) -> None:
    (fits, customers, scores), lazy = expected, clv.summarize_lazy(data, query=query, **COLUMNS)
    found = lazy.distinct("purchases").histories()
    assert (len(found), found.weight.sum()) == (len(customers.histories()), len(customers))
    tables = lazy.frame.collect("pyarrow").to_native(), clv.score(lazy, fits).read_all()
    for table, like in zip(tables, (customers.table, scores), strict=True):
        ours = table.to_pandas().set_index("customer_id").sort_index()
        assert list(ours) == list(like)
        numbers = list(like.select_dtypes("number"))
        loose = {"check_dtype": False, "check_index_type": False}
        pd.testing.assert_frame_equal(ours[numbers], like[numbers], rtol=SAME, **loose)


@pytest.mark.parametrize("kind", KINDS)
def test_customers_of_a_database_are_scored_in_place(folder: Path, kind: str, expected: Expected) -> None:
    data, query = local(kind, folder)
    assert_scored_in_place(data, query, expected)
    close(data)


@pytest.mark.parametrize("kind", ["address", "Ibis"])
def test_customers_of_postgresql_are_scored_in_place(postgresql: Any, kind: str, expected: Expected) -> None:
    if kind == "address":
        assert_scored_in_place(postgresql.address(), "orders", expected)
        return
    data = ibis.connect(postgresql.address()).table("orders")
    assert_scored_in_place(data, None, expected)
    close(data)
