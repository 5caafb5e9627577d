"""Opening a log: whatever holds the transactions, its columns are known and can be read."""

from __future__ import annotations

import os
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, ColumnError, DataError
from clvmodels.transactions.log.databases.connections import (
    is_address,
    is_database_file,
    open_address,
    open_connection,
    open_database_file,
)
from clvmodels.transactions.log.databases.streams import arrow_source, stream_source
from clvmodels.transactions.log.files import open_files
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.source import Source


def open_log(log: Log) -> Source:
    """The source of a log: eager if the data are in memory, lazy if an engine holds them.

    Raises
    ------
    ArgumentError
        Nothing is known that reads such data, or ``query`` is missing or has no meaning for them.
    DataError
        The data can't be read; the message says why.
    """
    data = log.data
    if isinstance(data, list | tuple) and len(data) == 1 and isinstance(data[0], str | os.PathLike):
        data = data[0]
    if is_address(data):
        return open_address(data, log.query)
    if is_database_file(data):
        return open_database_file(data, log.query)
    connection = open_connection(data, log.query)
    if connection is not None:
        return connection
    if log.query is not None:
        raise ArgumentError("query= is for databases: an address, a connection, an engine or a database file.")
    paths = [data] if isinstance(data, str | os.PathLike) else data
    if isinstance(paths, list | tuple) and paths and all(isinstance(path, str | os.PathLike) for path in paths):
        return open_files(paths, header=log.header, sheet=log.sheet)
    return _open_frame(data)


def _open_frame(data: Any) -> Source:
    try:
        frame = nw.from_native(data)
        names = frame.collect_schema().names()
    except nw.exceptions.DuplicateError as error:
        found = " ".join(str(error).split())
        raise ColumnError(f"The log has two columns of one name. Rename one of them: {found}") from None
    except TypeError:
        if hasattr(data, "__arrow_c_stream__"):
            return arrow_source(data)
        raise ArgumentError(
            f"A log of type {type(data).__name__} can't be read. Pass a pandas, polars or PyArrow frame, a DuckDB "
            "relation, an Ibis table, a PySpark frame, a connection to a database, or the path of files."
        ) from None
    if frame.implementation.is_ibis() and not _runs_in_database(data):
        columns = list(data.columns)
        return stream_source(
            "The table", columns, lambda wanted: data.select(*wanted.names).to_pyarrow_batches(), _as_is
        )
    return Source(names, lambda wanted: frame.select(*wanted.names))


def _runs_in_database(table: Any) -> bool:
    """Whether the database of an Ibis table has what a summary needs; SQLite for one has not."""
    from ibis.expr.operations import IsNan

    return bool(table.get_backend().has_operation(IsNan))


def _as_is(error: Exception) -> Exception:
    return DataError(f"The database says: {str(error).splitlines()[0][:400]}")
