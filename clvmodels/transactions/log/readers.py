"""Opening a log: whatever holds the transactions becomes one narwhals frame on the engine that runs it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError
from clvmodels.transactions.log.files import read_files


def open_log(
    data: Any, *, ids: str | None = None, text: Sequence[str] = (), numbers: Sequence[str] = ()
) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    """The log as a narwhals frame: eager if the data are in memory, lazy if an engine holds them.

    Parameters
    ----------
    data : frame, path or list of paths
        As in `clvmodels.Log`.
    ids, text, numbers
        Types of columns in CSV, see `read_files`.
    """
    paths = [data] if isinstance(data, str | os.PathLike) else data
    if isinstance(paths, list | tuple) and paths and all(isinstance(path, str | os.PathLike) for path in paths):
        return read_files(paths, ids=ids, text=text, numbers=numbers)
    try:
        return nw.from_native(data)
    except TypeError:
        raise ArgumentError(
            f"A log of type {type(data).__name__} can't be read. Pass a pandas, polars or PyArrow frame, a DuckDB "
            "relation, an Ibis table, a PySpark frame, or the path of CSV or Parquet files."
        ) from None
