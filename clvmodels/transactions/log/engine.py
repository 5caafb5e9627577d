"""The engine that runs a log: DuckDB for files and for frames in memory, else the one that holds the data."""

from __future__ import annotations

import datetime as dt
import glob
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.files import private_folder
from clvmodels.transactions.log.timezones import to_local_time

Frame = nw.LazyFrame[Any]

# Nothing is downloaded or loaded that was not asked for, and half of the memory is left to what comes after; lines that
# need more wait in a private folder.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "memory_limit": "50%",
    "preserve_insertion_order": False,
}


def to_engine(frame: nw.DataFrame[Any] | Frame, date: str | None, timezone: str | None) -> Frame:
    """The frame as a lazy one, with the column ``date``, if there is one, in local time.

    Data in memory go to DuckDB through Arrow, mostly without a copy; polars keeps its own engine.
    """
    if isinstance(frame, nw.LazyFrame):
        return to_local_time(frame, date, timezone)
    if frame.implementation.is_polars():
        return to_local_time(frame.lazy(), date, timezone)
    return in_duckdb(to_local_time(nw.from_native(to_arrow(frame)), date, timezone))


def in_duckdb(table: nw.DataFrame[Any]) -> Frame:
    """An Arrow table as a lazy frame of DuckDB."""
    return nw.from_native(connect().from_arrow(table.to_native()))


def collect(frame: Frame) -> nw.DataFrame[Any]:
    """Run the frame on its engine; the answer is a PyArrow table."""
    import duckdb

    try:
        return frame.collect("pyarrow")
    except duckdb.Error as error:
        raise DataError(f"DuckDB can't read the log: {' '.join(str(error).splitlines()[:3])}") from error


def connect() -> Any:
    """A connection to a DuckDB of our own, so that no setting or table of the user's is touched."""
    return _database().cursor()


def connect_in_order() -> Any:
    """The same for queries whose answers have the order of their lines."""
    return _database(in_order=True).cursor()


@cache
def _database(in_order: bool = False) -> Any:
    import duckdb

    settings = SETTINGS | {"preserve_insertion_order": in_order}
    database = duckdb.connect(config=settings | {"temp_directory": str(private_folder() / "duckdb")})
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # a day is the same on every machine
    return database


@contextmanager
def with_memory(limit: int) -> Iterator[None]:
    """Let DuckDB take no more than so many bytes within a block."""
    _database().execute(f"SET GLOBAL memory_limit = '{limit}B'")
    try:
        yield
    finally:
        _database().execute("SET GLOBAL memory_limit = '{}'".format(SETTINGS["memory_limit"]))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A private folder for files that are needed within a block."""
    with tempfile.TemporaryDirectory(dir=private_folder()) as folder:
        yield Path(folder)


def as_number(condition: nw.Expr) -> nw.Expr:
    """A condition as 1 or 0, also where it is null; PostgreSQL casts none to a number."""
    return nw.when(condition).then(nw.lit(1, dtype=nw.Int64)).otherwise(nw.lit(0, dtype=nw.Int64))


def quoted(name: str) -> str:
    """A name as DuckDB takes it in SQL.

    Examples
    --------
    >>> quoted('5" vinyl')
    '"5"" vinyl"'
    """
    return f'"{name.replace('"', '""')}"'


def literal(text: str) -> str:
    """A text as DuckDB takes it in SQL.

    Examples
    --------
    >>> literal("Ann's")
    "'Ann''s'"
    """
    return f"'{text.replace("'", "''")}'"


def escape_pattern(path: str) -> str:
    """A path in which DuckDB takes no sign for a pattern.

    Examples
    --------
    >>> escape_pattern("sales[1].csv")
    'sales[[]1].csv'
    """
    return path if "://" in path else glob.escape(path)


def to_arrow(frame: nw.DataFrame[Any]) -> Any:
    """The frame as an Arrow table; an error for columns of mixed types or zones."""
    import pyarrow as pa

    for name in frame.columns:
        if frame[name].dtype == nw.Object:
            _check_zones(frame[name])
    try:
        return frame.to_arrow()
    except pa.ArrowException as error:
        raise DataError(f"The log mixes types within a column: {str(error).splitlines()[0]}") from None


def _check_zones(series: nw.Series[Any]) -> None:
    """Raise if a column of Python timestamps mixes time zones; Arrow would shift some of them in silence."""
    moments = (value for value in series.to_list() if isinstance(value, dt.datetime))
    zones = {None if value.tzinfo is None else str(value.tzinfo) for value in moments}
    if len(zones) > 1:
        shown = ", ".join(sorted("none" if zone is None else zone for zone in zones)[:3])
        raise DataError(
            f"Column {series.name!r} mixes time zones ({shown}). Bring them to one first, for example with "
            f"pd.to_datetime(log[{series.name!r}], utc=True), and pass timezone= for the calendar day."
        )
