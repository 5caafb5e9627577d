"""Connections to databases, and addresses and files of them, each with a query, as sources."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.passwords import hide, without_passwords
from clvmodels.transactions.log.databases.query import empty, select
from clvmodels.transactions.log.databases.rows import ROWS, batches, fetched
from clvmodels.transactions.log.databases.streams import explained, stream_source
from clvmodels.transactions.log.engine import SETTINGS, quoted
from clvmodels.transactions.log.source import Source, Wanted

type _Opened = Callable[[], AbstractContextManager[Any]]
"""Opens a connection of ours, which is closed after each use, or hands out one of the user's, which is not."""

_REMOTE_FILES = ("http", "https", "s3", "gs", "ftp", "hdfs", "abfs", "az")
ENDINGS = (".db", ".db3", ".sqlite", ".sqlite3", ".duckdb", ".ddb")


def is_address(data: Any) -> bool:
    """Whether this is the address of a database, such as "postgresql://ann@shop.example/db"."""
    return isinstance(data, str) and "://" in data and not Path(data).exists()


def is_database_file(data: Any) -> bool:
    """Whether this is the path of a SQLite or DuckDB file."""
    return isinstance(data, str | os.PathLike) and os.fspath(data).lower().endswith(ENDINGS) and Path(data).is_file()


def open_address(address: str, query: str | None) -> Source:
    """A query on the database at an address.

    Raises
    ------
    ArgumentError
        No driver is installed for it, or there is no query.
    DataError
        The database can't be reached, or can't answer.
    """
    scheme, _, rest = address.partition("://")
    kind = scheme.lower()
    if kind in _REMOTE_FILES:
        raise ArgumentError(
            f"{without_passwords(address)!r} is a file somewhere else. Download it first, or pass a frame or a DuckDB "
            "relation that reads it."
        )
    if kind in ("sqlite", "duckdb"):
        return open_database_file(unquote(rest.partition("?")[0]).removeprefix("/"), query)
    if kind in ("postgresql", "postgres"):
        driver = _postgresql_driver()
        if driver is not None:
            return _adbc(lambda: closing(driver.connect(address)), select(query), address)
    try:
        import sqlalchemy
    except ImportError:
        raise ArgumentError(
            "Databases are read by SQLAlchemy and ADBC: pip install 'clvmodels[sql]'. Or pass a connection to one."
        ) from None
    address = address.replace("postgres://", "postgresql://", 1)
    engine = _said(lambda: sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool), address)
    return _sqlalchemy(engine, select(query), address)


def _postgresql_driver() -> Any:
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        return None
    return dbapi


def open_database_file(path: str | os.PathLike[str], query: str | None) -> Source:
    """A query on a SQLite or DuckDB file; one with a single table needs none.

    Raises
    ------
    DataError
        It is neither, or can't answer.
    """
    name = os.fspath(path)
    if not Path(name).is_file():
        raise DataError(f"File {name!r} not found.")
    with Path(name).open("rb") as file:
        start = file.read(16)
    if start == b"SQLite format 3\0":
        read_only = f"file:{quote(os.path.abspath(name))}?mode=ro"
        return _sqlite(lambda: closing(sqlite3.connect(read_only, uri=True)), query, name)
    if start[8:12] == b"DUCK":
        return _duckdb_file(name, query)
    raise DataError(f"{name} is neither a SQLite nor a DuckDB database.")


def open_connection(data: Any, query: str | None) -> Source | None:
    """A query on a connection, an engine or a session; None if it is none of these."""
    module = type(data).__module__.partition(".")[0]
    if module == "sqlalchemy":
        return _sqlalchemy(data, select(query), "")
    if isinstance(data, sqlite3.Connection):
        return _sqlite(lambda: nullcontext(data), query, "The SQLite database")
    if hasattr(data, "adbc_get_info"):
        return _adbc(lambda: nullcontext(data), select(query), "")
    if module in ("duckdb", "_duckdb") and hasattr(data, "execute"):
        return _native(lambda: data.sql(select(query)))
    if module == "ibis" and type(data).__name__ == "Backend":
        if data.name == "duckdb":
            return _native(lambda: data.con.sql(select(query)))
        return _native(lambda: data.table(query) if query in data.list_tables() else data.sql(select(query)))
    if module == "pyspark" and hasattr(data, "createDataFrame"):
        return _native(lambda: data.sql(select(query)))
    if callable(getattr(data, "cursor", None)):
        return _cursor(lambda: nullcontext(data), select(query))
    return None


def _native(run: Callable[[], Any]) -> Source:
    """A query that stays on its engine."""
    frame = _said(lambda: nw.from_native(run()), "")
    return Source(frame.collect_schema().names(), lambda wanted: frame.select(*wanted.names))


def _duckdb_file(name: str, query: str | None) -> Source:
    import duckdb

    try:
        connection = duckdb.connect(name, read_only=True, config=SETTINGS)
    except duckdb.Error as error:
        if "different configuration" in str(error):
            raise DataError(f"{name} is open in this process already. Pass that connection instead.") from None
        raise _explain(name)(error) from None
    tables = [row[0] for row in connection.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
    tables += [row[0] for row in connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()]
    return _native(lambda: connection.sql(_only_table(query, tables, name)))


def _only_table(query: str | None, tables: Sequence[str], name: str) -> str:
    """The query, or the only table there is."""
    if query is not None or len(tables) != 1:
        if query is None:
            raise ArgumentError(
                f"{name} has {len(tables)} tables{': ' if tables else ''}{', '.join(tables)}. Pass query=, the name of "
                "one or a SELECT."
            )
        return select(query)
    return f"SELECT * FROM {quoted(tables[0])}"


def _sqlite(opened: _Opened, query: str | None, name: str) -> Source:
    listed = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"

    def tables() -> list[str]:
        with opened() as connection:
            return [row[0] for row in connection.execute(listed).fetchall()]

    return _cursor(opened, _only_table(query, _said(tables, ""), name))


def _cursor(opened: _Opened, query: str) -> Source:
    """A connection as Python's database interface has it."""

    def columns() -> list[str]:
        with opened() as connection, closing(connection.cursor()) as cursor:
            cursor.execute(empty(query))
            return [column[0] for column in cursor.description]

    def stream(wanted: Wanted) -> Any:
        def parts() -> Iterator[Sequence[Sequence[Any]]]:
            with opened() as connection, closing(_server_side(connection)) as cursor:
                cursor.execute(_projected(query, wanted))
                yield from fetched(cursor.fetchmany)

        return batches(wanted.names, parts(), wanted.numbers)

    return stream_source("The answer to the query", _said(columns, ""), stream, _explain(""))


def _server_side(connection: Any) -> Any:
    """A cursor that doesn't fetch everything at once; psycopg's needs a name."""
    is_psycopg = type(connection).__module__.startswith("psycopg")
    return connection.cursor("clvmodels") if is_psycopg else connection.cursor()


def _projected(query: str, wanted: Wanted) -> str:
    return f"SELECT {', '.join(map(quoted, wanted.names))} FROM ({query}\n) AS log"


def _adbc(opened: _Opened, query: str, address: str) -> Source:
    """A connection that answers in Arrow."""

    def answer(text: str) -> Generator[Any]:
        with opened() as connection, closing(connection.cursor()) as cursor:
            cursor.execute(text)
            reader = cursor.fetch_record_batch()
            yield reader.schema
            yield from reader

    def columns() -> list[str]:
        with closing(answer(empty(query))) as parts:
            return list(next(parts).names)

    def stream(wanted: Wanted) -> Any:
        import pyarrow as pa

        parts = answer(_projected(query, wanted))
        return pa.RecordBatchReader.from_batches(next(parts), parts)

    return stream_source("The answer to the query", _said(columns, address), stream, _explain(address))


def _sqlalchemy(bind: Any, query: str, address: str) -> Source:
    """An engine, a connection or a session of SQLAlchemy."""
    import sqlalchemy

    address = address or _address_of(bind)

    def connect() -> AbstractContextManager[Any]:
        if isinstance(bind, sqlalchemy.Engine):
            return bind.connect()
        return nullcontext(bind if isinstance(bind, sqlalchemy.Connection) else bind.connection())

    def columns() -> list[str]:
        with connect() as connection:
            return list(connection.execute(sqlalchemy.text(empty(_escaped(query)))).keys())

    def stream(wanted: Wanted) -> Any:
        def parts() -> Iterator[Any]:
            names: list[Any] = [sqlalchemy.column(name) for name in wanted.names]
            log = sqlalchemy.text(_escaped(f"{query}\n")).columns(*names).subquery("log")
            with connect() as connection:
                streamed = {"stream_results": True}
                answer = connection.execute(sqlalchemy.select(*log.columns), execution_options=streamed)
                yield from answer.partitions(ROWS)

        return batches(wanted.names, parts(), wanted.numbers)

    return stream_source("The answer to the query", _said(columns, address), stream, _explain(address))


def _escaped(query: str) -> str:
    """A query in which SQLAlchemy takes no word behind a colon for a parameter."""
    return query.replace(":", "\\:")


def _address_of(bind: Any) -> str:
    engine = getattr(bind, "engine", bind)
    url = getattr(engine, "url", None)
    return "" if url is None else url.render_as_string(hide_password=False)


def _said[T](run: Callable[[], T], address: str) -> T:
    """What a driver answers; its errors become a sentence without a password."""
    return explained(run, _explain(address))


def _explain(address: str) -> Callable[[Exception], DataError]:
    def explain(error: Exception) -> DataError:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = next((line for line in lines if "Python exception" not in line), type(error).__name__)
        return DataError(f"The database says: {hide(said, address)[:400]}")

    return explain
