"""Opening a log: whatever holds the transactions becomes one lazy narwhals frame on the engine that runs it."""

from __future__ import annotations

import datetime as dt
import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError

Frame = nw.LazyFrame[Any]
_READERS = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


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


def to_engine(frame: nw.DataFrame[Any] | Frame) -> Frame:
    """The frame as a lazy one. Data in memory go to DuckDB through Arrow; polars keeps its own engine."""
    if isinstance(frame, nw.LazyFrame):
        return frame
    if frame.implementation.is_polars():
        return frame.lazy()
    import duckdb

    names = [_object_column(frame[name]) for name in frame.columns]
    table = (
        nw.DataFrame.to_arrow(frame.with_columns(*names))
        if not frame.implementation.is_pyarrow()
        else frame.to_native()
    )
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    return nw.from_native(connection.from_arrow(table))


def _object_column(series: nw.Series[Any]) -> nw.Series[Any]:
    """A column of Python objects as one that Arrow knows."""
    if series.dtype != nw.Object:
        return series
    values = series.to_list()
    moments = [value for value in values if isinstance(value, dt.datetime)]
    if moments:
        zones = {None if value.tzinfo is None else str(value.tzinfo) for value in moments}
        if len(zones) > 1:
            shown = ", ".join(sorted("none" if zone is None else zone for zone in zones)[:3])
            raise DataError(
                f"Column {series.name!r} mixes time zones ({shown}). Bring them to one first, such as with "
                f"pd.to_datetime(log[{series.name!r}], utc=True), and pass timezone= for the calendar day."
            )
    return series


def _read(paths: Sequence[str | os.PathLike[str]], text: Sequence[str]) -> Frame:
    import duckdb

    files = [file for path in paths for file in _expand(os.fspath(path))]
    kinds = {_kind(file) for file in files}
    if len(kinds) > 1:
        raise ArgumentError("The files are partly CSV and partly Parquet. Pass files of one type.")
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    try:
        if kinds == {"parquet"}:
            return nw.from_native(connection.read_parquet(files))
        columns = connection.read_csv(files).columns
        types = {name: "VARCHAR" for name in text if name in columns}
        return nw.from_native(connection.read_csv(files, dtype=types) if types else connection.read_csv(files))
    except duckdb.Error as error:
        raise DataError(f"{files[0]} can't be read: {str(error).splitlines()[0]}") from None


def _expand(path: str) -> list[str]:
    if "://" in path:
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
