"""Opening a log: whatever holds the transactions becomes one lazy narwhals frame on the engine that runs it."""

from __future__ import annotations

import datetime as dt
import glob
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.timezones import to_local_time

Frame = nw.LazyFrame[Any]
_READERS = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


# Bytes of CSV that are read into memory at once, for the fast path; more stays with DuckDB.
_SMALL_FILES = 32 * 2**20


def open_log(log: Any, *, text: Sequence[str] = ()) -> nw.DataFrame[Any] | Frame:
    """The log as a narwhals frame: eager if the data are in memory, lazy if an engine holds them.

    Parameters
    ----------
    log
        pandas, polars or PyArrow frame, DuckDB relation, Ibis table, PySpark frame; or the path or glob, or a list of
        them, of CSV or Parquet files, which DuckDB reads piece by piece.
    text
        Columns to read from CSV as text, whatever they look like: dates and order numbers.
    """
    if isinstance(log, str | os.PathLike):
        return _read([log], text)
    if isinstance(log, list | tuple) and log and all(isinstance(part, str | os.PathLike) for part in log):
        return _read(log, text)
    try:
        return nw.from_native(log)
    except TypeError:
        raise ArgumentError(
            f"A log of type {type(log).__name__} can't be read. Pass a pandas, polars or PyArrow frame, a DuckDB "
            "relation, an Ibis table, a PySpark frame, or the path of CSV or Parquet files."
        ) from None


def to_engine(frame: nw.DataFrame[Any] | Frame, date: str, timezone: str | None) -> Frame:
    """The frame as a lazy one, with ``date`` in local time.

    Data in memory go to DuckDB through Arrow, mostly without a copy; polars keeps its own engine.
    """
    if isinstance(frame, nw.LazyFrame):
        return to_local_time(frame, date, timezone)
    if frame.implementation.is_polars():
        return to_local_time(frame.lazy(), date, timezone)
    return in_duckdb(to_local_time(nw.from_native(_to_arrow(frame)), date, timezone))


def in_duckdb(table: nw.DataFrame[Any]) -> Frame:
    """An Arrow table as a lazy frame of DuckDB."""
    return nw.from_native(_connect().from_arrow(table.to_native()))


def collect(frame: Frame) -> nw.DataFrame[Any]:
    """Run the frame on its engine; the answer is a PyArrow table."""
    import duckdb

    try:
        return frame.collect("pyarrow")
    except duckdb.Error as error:
        raise DataError(f"DuckDB can't read the log: {' '.join(str(error).splitlines()[:3])}") from error


def _connect() -> Any:
    """A connection to a DuckDB of our own, so that no setting or table of the user's is touched."""
    return _database().cursor()


@cache
def _database() -> Any:
    import duckdb

    return duckdb.connect(config={"preserve_insertion_order": False})


def _to_arrow(frame: nw.DataFrame[Any]) -> Any:
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


def _read(paths: Sequence[str | os.PathLike[str]], text: Sequence[str]) -> Frame:
    import duckdb

    files = [file for path in paths for file in _expand(os.fspath(path))]
    _check_once(files)
    kinds = {_kind(file) for file in files}
    if len(kinds) > 1:
        raise ArgumentError("The files are partly CSV and partly Parquet. Pass files of one type.")
    connection = _connect()
    read = connection.read_parquet if kinds == {"parquet"} else connection.read_csv
    names = [file if "://" in file else glob.escape(file) for file in files]  # DuckDB takes [1] for a pattern too
    try:
        _check_headers(files, [read([name]).columns for name in names] if len(names) > 1 else [])
        if kinds == {"parquet"}:
            return nw.from_native(connection.read_parquet(names, union_by_name=True))
        log = connection.read_csv(names, union_by_name=True)
        types = {name: "VARCHAR" for name in text if name in log.columns}
        log = connection.read_csv(names, union_by_name=True, dtype=types) if types else log
        return nw.from_native(_in_memory(log, files))
    except duckdb.Error as error:
        raise DataError(f"{files[0]} can't be read: {str(error).splitlines()[0]}") from None


def _check_once(files: Sequence[str]) -> None:
    """Raise if a file is named twice: its lines would count twice."""
    seen: set[str] = set()
    for file in files:
        real = file if "://" in file else os.path.realpath(file)
        if real in seen:
            raise DataError(f"File {file!r} is named twice. Name each file once, or its purchases count twice.")
        seen.add(real)


def _check_headers(files: Sequence[str], headers: Sequence[Sequence[str]]) -> None:
    """Raise if files differ in their columns; their order doesn't matter."""
    for file, header in zip(files, headers, strict=False):
        lacking, more = set(headers[0]) - set(header), set(header) - set(headers[0])
        if lacking or more:
            found = [f"lacks {sorted(lacking)}"] * bool(lacking) + [f"has {sorted(more)} besides"] * bool(more)
            raise DataError(
                f"The files differ in their columns: {file!r} {' and '.join(found)}, compared with {files[0]!r}. "
                "Give all files the same header, or read those with another one by themselves."
            )


def _in_memory(log: Any, files: Sequence[str]) -> Any:
    """A small log as a table; as it is, if it is large, or has a value for which the chain raises an error."""
    import duckdb

    if sum(os.path.getsize(file) for file in files) > _SMALL_FILES:
        return log
    try:
        return log.to_arrow_table()
    except duckdb.ConversionException:
        return log


def _expand(path: str) -> list[str]:
    if "://" in path or Path(path).is_file():  # a file is that file, even if its name looks like a pattern
        return [path]
    if any(sign in path for sign in "*?["):
        files = sorted(glob.glob(path, recursive=True))
        if not files:
            raise DataError(f"No file matches {path!r}.")
        return files
    if Path(path).is_dir():
        raise DataError(f'{path!r} is a folder. Pass the files in it, such as "{path.rstrip("/")}/*.parquet".')
    if not Path(path).exists():
        raise DataError(f"File {path!r} not found.")
    return [path]


def _kind(path: str) -> str:
    for ending, kind in _READERS.items():
        if path.lower().endswith(ending):
            return kind
    raise ArgumentError(
        f"{path!r} is not a type that can be read here. Pass CSV (.csv, .csv.gz, .tsv) or Parquet (.parquet)."
    )
