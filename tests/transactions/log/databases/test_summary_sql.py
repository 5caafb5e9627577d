"""The SELECT that `summary_sql` writes gives the numbers of `summarize`, on the engines that are here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.transactions.summary.sql.dialects import DIALECTS
from tests.reference.tolerances import SUMMATION

sqlglot = pytest.importorskip("sqlglot")

LOG = {"customer": "customer_id", "date": "time"}
CASES: dict[str, dict[str, Any]] = {
    "lines, net": {"amount": "paid"},
    "lines, drop": {"amount": "paid", "refunds": "drop", "unit": "day", "observation_end": "2023-09-01"},
    "orders, net": {"amount": "paid", "order": "order", "unit": "month"},
    "orders, drop": {"amount": "paid", "order": "order", "refunds": "drop", "unit": "hour"},
    "no amount": {"unit": "year"},
    "product": {"amount": "paid * visits", "order": "order"},
    "kept": {"amount": "paid - visits", "keep": ["channel", "visits"], "order": "order"},
    "skipped": {"amount": "paid", "skip": ["channel=Web,shop", "visits=3"]},
    "amount an order": {"amount": "visits", "order": "unique", "amount_per": "order"},
}


@pytest.fixture(scope="module")
def lines(log: pd.DataFrame) -> pd.DataFrame:
    """The log with an order a line, so that an amount can be that of the order."""
    return log.assign(unique=[f"L{place}" for place in range(len(log))])


def assert_same(found: pd.DataFrame, customers: clv.Customers) -> None:
    found = found.rename(columns={"t": "T"}).set_index("customer_id").sort_index()
    expected = customers.table.rename_axis("customer_id")
    assert list(found) == list(expected)
    # The engine adds in another order; beyond that nothing differs.
    pd.testing.assert_frame_equal(
        found, expected, check_dtype=False, check_index_type=False, rtol=SUMMATION, atol=0, check_names=False
    )


@pytest.mark.parametrize("case", CASES)
def test_duckdb_gives_the_numbers_of_python(lines: pd.DataFrame, case: str) -> None:
    with duckdb.connect() as connection:
        connection.register("orders", lines)
        found = connection.sql(clv.summary_sql("orders", **LOG, **CASES[case])).df()
    assert_same(found, clv.summarize(lines, **LOG, **CASES[case]))


@pytest.mark.parametrize("case", [case for case in CASES if case != "amount an order"])
def test_postgresql_gives_the_numbers_of_python(postgresql: Any, log: pd.DataFrame, case: str) -> None:
    import psycopg

    query = clv.summary_sql("public.orders", dialect="postgres", **LOG, **CASES[case])
    with psycopg.connect(postgresql.address()) as connection, connection.cursor() as cursor:
        cursor.execute(query.encode())
        found = pd.DataFrame(cursor.fetchall(), columns=[one.name for one in cursor.description or ()])
    assert_same(found.astype({"monetary_value": float}), clv.summarize(log, **LOG, **CASES[case]))


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_the_day_is_that_of_the_time_zone(postgresql: Any, dialect: str) -> None:
    moments = pd.to_datetime(["2024-01-01 23:30", "2024-07-01 22:30", "2024-07-02 03:00"]).tz_localize("UTC")
    query = clv.summary_sql("moments", dialect=dialect, customer="id", date="at", unit="day", timezone="Europe/Berlin")
    if dialect == "duckdb":
        with duckdb.connect() as connection:
            connection.register("moments", pd.DataFrame({"id": 1, "at": moments}))
            ((*_, frequency, _, age, _, _),) = connection.sql(query).fetchall()
    else:
        import psycopg

        with psycopg.connect(postgresql.address()) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE moments (id int, at timestamptz)")
            cursor.executemany("INSERT INTO moments VALUES (1, %s)", [(at,) for at in moments.to_pydatetime()])
            ((*_, frequency, _, age, _, _),) = cursor.execute(query.encode()).fetchall()
    assert (frequency, age) == (1, 182.0)  # 2 January to 2 July; the last two are one day


@pytest.mark.slow
def test_spark_gives_the_numbers_of_python(spark: Any, log: pd.DataFrame, folder: Path) -> None:
    spark.read.parquet(str(folder / "log.parquet")).createOrReplaceTempView("orders")
    case = CASES["kept"] | CASES["skipped"] | {"unit": "month"}
    found = spark.sql(clv.summary_sql("orders", dialect="spark", **LOG, **case)).toArrow().to_pandas()
    assert_same(found, clv.summarize(log, **LOG, **case))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_query(dialect: str, case: str) -> None:
    query = clv.summary_sql("shop.orders", dialect=dialect, **LOG, **CASES[case])
    parsed = sqlglot.parse_one(query, read=dialect)
    assert parsed.named_selects[:4] == ["customer_id", "frequency", "recency", "T"]
    assert [table.db for table in parsed.find_all(sqlglot.exp.Table) if table.name == "orders"] == ["shop"]
    assert not list(parsed.find_all(sqlglot.exp.Command))  # what it can't parse
    if dialect == "bigquery":
        assert "LAG(" not in query  # which takes no negative offsets there


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"customer": None}, "name its columns by customer= and date="),
        ({"dialect": "oracle"}, "dialect must be one of duckdb, postgres"),
        ({"table": "orders; DROP TABLE orders"}, "is not the name of a table"),
        ({"table": "orders WHERE paid > 0"}, "is not the name of a table"),
        ({"refunds": "error"}, "SQL can't refuse refunds"),
        ({"duplicates": "drop", "order": "order"}, "duplicates= has no place in SQL: leave out copies in a view"),
        ({"currency": "money=EUR"}, "currency= has no place in SQL"),
        ({"date_format": "%d.%m.%Y"}, "turn dates that are text into dates"),
        ({"timezone": "Europe/Atlantis"}, "Unknown time zone"),
        ({"keep": "T"}, "would hide the column"),
    ],
)
def test_what_sql_cannot_say_is_refused_in_words(arguments: dict[str, Any], message: str) -> None:
    arguments = {"table": "orders", **LOG, "amount": "paid", **arguments}
    with pytest.raises(clv.errors.ArgumentError, match=re.escape(message)):
        clv.summary_sql(**arguments)


def test_names_are_quoted_where_the_dialect_needs_it() -> None:
    columns = {"customer": "CustomerId", "date": "end", "amount": 'the "sum"'}
    query = clv.summary_sql("orders", dialect="snowflake", **columns)
    assert '"CustomerId"' in query
    assert '"end"' in query
    assert '"the ""sum"""' in query
    plain = clv.summary_sql("orders", dialect="snowflake", customer="id", date="day").split("WITH")[1]
    assert '"' not in plain.replace('"T"', "")
