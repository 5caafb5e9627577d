"""Opening a log: whatever holds the transactions, its columns are known and can be read."""

from __future__ import annotations

import os
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError
from clvmodels.transactions.log.files import open_files
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.source import Source


def open_log(log: Log) -> Source:
    """The source of a log: eager if the data are in memory, lazy if an engine holds them."""
    data = log.data
    paths = [data] if isinstance(data, str | os.PathLike) else data
    if isinstance(paths, list | tuple) and paths and all(isinstance(path, str | os.PathLike) for path in paths):
        return open_files(paths, header=log.header, sheet=log.sheet)
    frame = _frame(data)
    return Source(frame.collect_schema().names(), lambda wanted: frame.select(*wanted.names))


def _frame(data: Any) -> Any:
    try:
        return nw.from_native(data)
    except TypeError:
        raise ArgumentError(
            f"A log of type {type(data).__name__} can't be read. Pass a pandas, polars or PyArrow frame, a DuckDB "
            "relation, an Ibis table, a PySpark frame, or the path of CSV or Parquet files."
        ) from None
