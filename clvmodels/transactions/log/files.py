"""CSV and Parquet files, read by DuckDB piece by piece, or into memory where they are small.

In CSV a column has no type, and one guessed from the first lines may not fit the others: 0007 would become 7, 12.10 the
same customer as 12.1, and an amount of 5.75 become 6 if those before it are whole. So ids, dates and order numbers are
read as text, amounts as numbers with a fraction. Ids become whole numbers only if each is written as one.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.engine import Frame, connect

# How a whole number is written: without leading zeros and within 64 bits.
WHOLE_NUMBER = r"^(0|-?[1-9]\d{0,17})$"

_READERS = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip

# Bytes of CSV that are read into memory at once, for the fast path; more stays with DuckDB.
_SMALL_FILES = 32 * 2**20


def read_files(
    paths: Sequence[str | os.PathLike[str]], *, ids: str | None, text: Sequence[str], numbers: Sequence[str]
) -> nw.DataFrame[Any] | Frame:
    """The lines of all files, joined by the names of the columns.

    Parameters
    ----------
    paths : sequence of path
        Files, or patterns of their names.
    ids : str or None
        Column of a CSV file with the customers' ids. It is read as text; of a small file it becomes a column of whole
        numbers if each id is written as one.
    text, numbers : sequence of str
        Columns of a CSV file to be read as text, whatever they look like, and as numbers with a fraction.
    """
    import duckdb

    files = [file for path in paths for file in _expand(os.fspath(path))]
    _check_once(files)
    kinds = {_kind(file) for file in files}
    if len(kinds) > 1:
        raise ArgumentError("The files are partly CSV and partly Parquet. Pass files of one type.")
    connection = connect()
    read = connection.read_parquet if kinds == {"parquet"} else connection.read_csv
    names = [file if "://" in file else glob.escape(file) for file in files]  # DuckDB takes [1] for a pattern too
    try:
        _check_headers(files, [read([name]).columns for name in names] if len(names) > 1 else [])
        log = read(names, union_by_name=True)
        if kinds == {"parquet"}:
            return nw.from_native(log)
        types = _csv_types(log, [*([ids] if ids else []), *text], numbers)
        log = connection.read_csv(names, union_by_name=True, dtype=types) if types else log
        if ids is not None and ids in log.columns:
            name = f'"{ids.replace('"', '""')}"'
            log = log.project(f"* REPLACE (nullif(trim({name}), '') AS {name})")
        return _in_memory(log, files, ids)
    except duckdb.Error as error:
        raise DataError(f"{files[0]} can't be read: {str(error).splitlines()[0]}") from None


def is_csv(data: Any) -> bool:
    """Whether a log is one or more CSV files."""
    paths = [data] if isinstance(data, str | os.PathLike) else data if isinstance(data, list | tuple) else []
    return (
        bool(paths)
        and all(isinstance(path, str | os.PathLike) for path in paths)
        and _kind(_expand(os.fspath(paths[0]))[0]) == "csv"
    )


def _csv_types(log: Any, text: Sequence[str], numbers: Sequence[str]) -> dict[str, str]:
    """The types that DuckDB must not guess."""
    guessed = dict(zip(log.columns, map(str, log.types), strict=True))
    whole = [name for name in numbers if "INT" in guessed.get(name, "")]
    return {name: "VARCHAR" for name in text if name in guessed} | dict.fromkeys(whole, "DOUBLE")


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


def _in_memory(log: Any, files: Sequence[str], ids: str | None) -> nw.DataFrame[Any] | Frame:
    """A small log as a table; as it is, if it is large, or has a value for which the chain raises an error."""
    import duckdb

    if sum(os.path.getsize(file) for file in files) > _SMALL_FILES:
        return nw.from_native(log)
    try:
        table = log.to_arrow_table()
    except duckdb.ConversionException:
        return nw.from_native(log)
    if ids in table.column_names:
        place = table.column_names.index(ids)
        table = table.set_column(place, ids, _whole_or_text(table.column(place)))
    return nw.from_native(table, eager_only=True)


def _whole_or_text(ids: Any) -> Any:
    """An Arrow column of ids as whole numbers, if each is written as one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return ids.cast(pa.int64()) if pc.all(pc.match_substring_regex(ids, WHOLE_NUMBER)).as_py() else ids


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
