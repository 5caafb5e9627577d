"""A log in a database gives the summary of the same log in a file, over every kind of connection."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels.cli import app
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.databases import rows
from tests.engines.test_engines import assert_same

COLUMNS = {"customer": "customer_id", "date": "time", "amount": "paid"}
QUERY = "SELECT * FROM orders  -- all of them\n;"
CASES = {
    "lines": {},
    "orders, kept": {"order": "order", "keep": ["channel", "visits", "name"], "keep_purchases": True},
    "no amount": {"amount": None, "observation_end": "2023-09-01"},
}


class Stream:
    """Something that gives an Arrow stream, and nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def local(kind: str, folder: Path) -> tuple[Any, str | None]:
    """The log as something that needs no server, and the query."""
    table = pa.Table.from_pandas(pd.read_parquet(folder / "log.parquet"), preserve_index=False)
    if kind == "RecordBatchReader":
        return table.to_reader(max_chunksize=100), None
    if kind == "Arrow stream":
        return Stream(table), None
    if kind == "SQLite file":
        return folder / "shop.sqlite", QUERY
    if kind == "SQLite file with one table":
        return str(folder / "shop.sqlite"), None
    if kind == "SQLite address":
        return f"sqlite:///{folder / 'shop.sqlite'}", "orders"
    if kind == "sqlite3":
        return sqlite3.connect(folder / "shop.sqlite"), "orders"
    if kind == "SQLAlchemy, SQLite":
        return pytest.importorskip("sqlalchemy").create_engine(f"sqlite:///{folder / 'shop.sqlite'}"), QUERY
    if kind == "ADBC, SQLite":
        return pytest.importorskip("adbc_driver_sqlite.dbapi").connect(str(folder / "shop.sqlite")), QUERY
    if kind == "DuckDB file":
        return folder / "shop.duckdb", None
    if kind == "DuckDB address":
        return f"duckdb:///{folder / 'shop.duckdb'}", QUERY
    if kind == "DuckDB connection":
        return duckdb.connect(str(folder / "shop.duckdb"), read_only=True), QUERY
    if kind == "Ibis, DuckDB":
        return ibis.duckdb.connect(folder / "shop.duckdb", read_only=True), "orders"
    return ibis.sqlite.connect(folder / "shop.sqlite").table("orders"), None


LOCAL = [
    "RecordBatchReader", "Arrow stream", "SQLite file", "SQLite file with one table", "SQLite address", "sqlite3",
    "SQLAlchemy, SQLite", "ADBC, SQLite", "Ibis, SQLite", "DuckDB connection", "Ibis, DuckDB", "DuckDB file",
    "DuckDB address",
]  # fmt: skip


def close(data: Any) -> None:
    data = data.get_backend() if isinstance(data, ibis.Table) else data
    for name in ("dispose", "close", "disconnect"):
        if callable(getattr(data, name, None)):
            getattr(data, name)()
            return


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", LOCAL)
def test_a_database_gives_the_summary_of_a_file(folder: Path, kind: str, case: str) -> None:
    arguments = COLUMNS | CASES[case]
    data, query = local(kind, folder)
    assert_same(clv.summarize(folder / "log.csv", **arguments), clv.summarize(data, query=query, **arguments))
    close(data)


def remote(kind: str, server: Any) -> tuple[Any, str | None]:
    """The log in PostgreSQL, and the query."""
    if kind == "address":
        return server.address(), QUERY
    if kind == "address of SQLAlchemy":
        return server.address("postgresql+psycopg"), "orders"
    if kind == "ADBC":
        return pytest.importorskip("adbc_driver_postgresql.dbapi").connect(server.address()), QUERY
    if kind == "psycopg":
        return pytest.importorskip("psycopg").connect(server.address()), QUERY
    if kind == "engine":
        return pytest.importorskip("sqlalchemy").create_engine(server.address("postgresql+psycopg")), QUERY
    engine = pytest.importorskip("sqlalchemy").create_engine(server.address("postgresql+psycopg"))
    return engine.connect(), "public.orders"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["address", "address of SQLAlchemy", "ADBC", "psycopg", "engine", "connection"])
def test_postgresql_gives_the_summary_of_a_file(folder: Path, postgresql: Any, kind: str, case: str) -> None:
    arguments = COLUMNS | CASES[case]
    data, query = remote(kind, postgresql)
    assert_same(clv.summarize(folder / "log.csv", **arguments), clv.summarize(data, query=query, **arguments))
    close(data)
    if kind == "connection":
        data.engine.dispose()


@pytest.mark.parametrize("kind", ["address", "address of SQLAlchemy"])
def test_times_with_a_zone_are_days_of_the_zone_asked_for(postgresql: Any, kind: str) -> None:
    address, _ = remote(kind, postgresql)
    query = (
        "SELECT 1 AS id, timestamptz '2024-01-01 23:30+00' AS at UNION ALL SELECT 1, timestamptz '2024-02-01 12:00+00'"
    )
    columns = {"customer": "id", "date": "at", "unit": "day"}
    assert clv.summarize(address, query=query, **columns).table.loc[1, "T"] == 31.0
    assert clv.summarize(address, query=query, timezone="Europe/Berlin", **columns).table.loc[1, "T"] == 30.0


def test_a_table_by_its_name_or_in_quotes(postgresql: Any) -> None:
    for query in ("My Orders", 'public."My Orders"'):
        customers = clv.summarize(postgresql.address(), query=query, **COLUMNS)
        assert customers.report is not None
        assert customers.report.lines == 10


def test_a_large_answer_comes_in_parts(folder: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rows, "ROWS", 7)
    customers = clv.summarize(folder / "shop.sqlite", **COLUMNS, keep=["channel"])
    assert_same(clv.summarize(folder / "log.csv", **COLUMNS, keep=["channel"]), customers)


def test_every_function_can_read_a_stream_that_is_read_but_once(folder: Path) -> None:
    reader = pa.Table.from_pandas(pd.read_parquet(folder / "log.parquet")).to_reader()
    first, second = (clv.summarize(reader, **COLUMNS) for _ in range(2))
    assert_same(first, second)
    split = clv.holdout_split(reader, **COLUMNS, calibration_end="2023-06-30")
    assert len(split.table) > 0


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ([1, 2.0, "3"], [1, 2, 3]),
        ([1, "0007", 7], ["0007", "1", "7"]),
        ([1.5, "1.50", 2], ["1.5", "1.50", "2"]),
        ([" a ", "a", "b"], ["a", "b"]),
    ],
)
def test_ids_of_any_type_are_what_they_are_in_a_file(tmp_path: Path, values: list[object], ids: list[object]) -> None:
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection, connection:
        connection.execute("CREATE TABLE log (id, day, paid)")
        connection.executemany("INSERT INTO log VALUES (?, '2024-01-01', 1)", [(value,) for value in values])
    customers = clv.summarize(tmp_path / "log.db", customer="id", date="day", amount="paid")
    assert customers.table.index.tolist() == ids


def write_sqlite(path: Path, script: str) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(script)
    return path


@pytest.mark.parametrize(
    ("script", "arguments", "error", "says"),
    [
        ("CREATE TABLE a (x); CREATE TABLE b (x)", {}, ArgumentError, "2 tables: a, b. Pass query=, the name of one"),
        ("", {}, ArgumentError, "has 0 tables"),
        ("CREATE TABLE a (x)", {"query": "b"}, DataError, "The database says: no such table: b"),
        ("CREATE TABLE a (x)", {"query": "SELECT 1 +"}, DataError, "The database says:"),
        ("CREATE TABLE a (x)", {"query": "DROP TABLE a"}, ArgumentError, "read and never written"),
        ("CREATE TABLE a (x)", {"query": " ; "}, ArgumentError, "Pass query=, a SELECT or the name of a table"),
        ("CREATE TABLE a (x)", {}, DataError, "'customer_id' not found. Columns: x"),
        ("CREATE TABLE a (customer_id, time, paid)", {}, DataError, "it has no lines"),
        (
            "CREATE TABLE a (customer_id, time, paid); INSERT INTO a VALUES (1, '2024-01-01', 'much')",
            {},
            DataError,
            "much",
        ),
    ],
)  # fmt: skip
def test_what_a_database_cannot_answer_is_said(
    tmp_path: Path, script: str, arguments: Any, error: Any, says: str
) -> None:
    path = write_sqlite(tmp_path / "log.db", f"CREATE TABLE gone (x); DROP TABLE gone; {script};")
    with pytest.raises(error, match=says):
        clv.summarize(path, **COLUMNS, **arguments)


def test_other_things_that_are_no_database_are_refused(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_text("nothing")
    with pytest.raises(DataError, match="neither a SQLite nor a DuckDB database"):
        clv.summarize(tmp_path / "log.db", **COLUMNS)
    with pytest.raises(ArgumentError, match="query= is for databases"):
        clv.summarize(pd.DataFrame({"a": [1]}), **COLUMNS, query="a")
    with (
        duckdb.connect(str(tmp_path / "open.duckdb")),
        pytest.raises(DataError, match="is open in this process already"),
    ):
        clv.summarize(tmp_path / "open.duckdb", **COLUMNS)
    with pytest.raises(ArgumentError, match="is a file somewhere else"):
        clv.summarize("https://ann:s3cret@shop.example/log.csv", **COLUMNS)
    with pytest.raises(DataError, match="The database says"):
        clv.summarize("nosuchdatabase://shop.example/db", **COLUMNS, query="orders")


def test_a_shell_reads_a_database(folder: Path, postgresql: Any, tmp_path: Path) -> None:
    options = [f"--{name}={value}" for name, value in COLUMNS.items()]
    tables = []
    for place, words in enumerate(
        ([str(folder / "log.csv")], [postgresql.address(), "--query", QUERY], [str(folder / "shop.sqlite")])
    ):
        output = tmp_path / f"{place}.parquet"
        result = CliRunner().invoke(app, ["score", *words, *options, "--output", str(output)])
        assert result.exit_code == 0, result.output
        tables.append(pd.read_parquet(output))
    for other in tables[1:]:  # sums of floats in another order, and a fit to them
        pd.testing.assert_frame_equal(tables[0], other, rtol=1e-6)
    result = CliRunner().invoke(app, ["summarize", postgresql.address(), *options])
    assert result.exit_code == 2
    assert "Pass --query, a SELECT or the name of a table" in result.output


@pytest.mark.slow
def test_spark_answers_a_query(spark, folder: Path) -> None:
    spark.read.parquet(str(folder / "log.parquet")).createOrReplaceTempView("orders")
    assert_same(clv.summarize(folder / "log.csv", **COLUMNS), clv.summarize(spark, query="orders", **COLUMNS))
