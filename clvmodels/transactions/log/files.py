"""Files of a log: each by its ending, several joined by the names of their columns."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import stat
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.files import private_folder
from clvmodels.transactions.log.encodings import COMPRESSIONS, compression_of, open_bytes
from clvmodels.transactions.log.engine import connect, escape_pattern
from clvmodels.transactions.log.excel import open_excel
from clvmodels.transactions.log.json_files import open_json
from clvmodels.transactions.log.source import Source
from clvmodels.transactions.log.text_columns import TextSource, read_text
from clvmodels.transactions.log.text_files import open_text

_TEXT, _JSON, _EXCEL, _PARQUET, _ARROW = "text", "JSON", "Excel", "Parquet", "Arrow"
_KINDS = {
    ".csv": _TEXT, ".tsv": _TEXT, ".tab": _TEXT, ".txt": _TEXT,
    ".json": _JSON, ".ndjson": _JSON, ".jsonl": _JSON,
    ".xlsx": _EXCEL, ".xlsm": _EXCEL, ".xlsb": _EXCEL, ".xls": _EXCEL, ".ods": _EXCEL,
    ".parquet": _PARQUET, ".pq": _PARQUET,
    ".feather": _ARROW, ".arrow": _ARROW, ".ipc": _ARROW,
}  # fmt: skip


def open_files(paths: Sequence[str | os.PathLike[str]], *, header: bool = True, sheet: str | None = None) -> Source:
    """The lines of all files, joined by the names of the columns.

    Parameters
    ----------
    paths : sequence of path
        Files, or patterns of their names.
    header : bool, default True
        Whether the first line of a text file or a sheet has the names of the columns; otherwise they are "1", "2" …
    sheet : str, optional
        Name of the sheet of an Excel workbook.

    Raises
    ------
    DataError
        A file is not there, can't be read, is named twice, or has other columns than the others.
    ArgumentError
        A file is of a type that is not known, or files with and without types of columns are mixed.
    """
    files = [file for path in paths for file in _expand(os.fspath(path))]
    _check_once(files)
    kinds = {file: _kind(file) for file in files}
    typed = {kind for kind in kinds.values() if kind in (_PARQUET, _ARROW)}
    if len(typed) > 1 or (typed and len(set(kinds.values())) > 1):
        raise ArgumentError("The files are partly text and partly Parquet or Arrow. Pass files of one type.")
    if typed:
        return _open_typed(files, typed.pop())
    sources = [_open(file, kinds[file], header, sheet) for file in files]
    _check_headers(files, [source.columns for source in sources])
    notes = tuple(dict.fromkeys(note for source in sources for note in source.notes))
    return Source(sources[0].columns, lambda wanted: read_text(sources, wanted), is_text=True, notes=notes)


def _open(file: str, kind: str, header: bool, sheet: str | None) -> TextSource:
    if kind == _TEXT:
        return open_text(file, header)
    return open_json(file) if kind == _JSON else open_excel(file, header, sheet)


def _open_typed(files: Sequence[str], kind: str) -> Source:
    """Files whose columns have types."""
    import duckdb

    plain = [_uncompressed(file, os.stat(file).st_mtime_ns) if compression_of(file) else file for file in files]
    connection = connect()
    try:
        if kind == _PARQUET:
            names = [escape_pattern(file) for file in plain]  # DuckDB takes [1] for a pattern
            _check_headers(files, [connection.read_parquet([name]).columns for name in names] if len(names) > 1 else [])
            frame: Any = nw.from_native(connection.read_parquet(names, union_by_name=True))
        else:
            frame = nw.from_native(_arrow_table(files, plain))
    except duckdb.Error as error:
        raise DataError(f"{files[0]} can't be read: {str(error).splitlines()[0]}") from None
    return Source(frame.collect_schema().names(), lambda wanted: frame.select(*wanted.names))


def _arrow_table(files: Sequence[str], plain: Sequence[str]) -> Any:
    """Arrow or Feather files as one table, mapped into memory rather than read where they are not compressed."""
    import pyarrow as pa
    from pyarrow import feather

    tables = []
    for file, path in zip(files, plain, strict=True):
        try:
            with Path(path).open("rb") as opened:
                start = opened.read(4)
            if start in (b"ARRO", b"FEA1"):
                tables.append(feather.read_table(path, memory_map=True))
            else:
                with pa.memory_map(path) as source:
                    tables.append(pa.ipc.open_stream(source).read_all())
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{file} can't be read as an Arrow file: {str(error).splitlines()[0]}.") from None
    _check_headers(files, [table.column_names for table in tables])
    if len(set(tables[0].column_names)) < len(tables[0].column_names):
        raise DataError(f"{files[0]} has two columns with one name. Rename one of them.")
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise DataError(f"The files differ in the types of their columns: {str(error).splitlines()[0]}.") from None


@lru_cache(maxsize=64)
def _uncompressed(file: str, _: int) -> str:
    """A copy of a compressed file that is not, kept as long as the process."""
    path = private_folder() / secrets.token_hex(8)
    with open_bytes(file, compression_of(file)) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    return str(path)


def _check_once(files: Sequence[str]) -> None:
    """Raise if a file is named twice: its lines would count twice."""
    seen: set[str] = set()
    for file in files:
        real = os.path.realpath(file)
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


def _expand(path: str) -> list[str]:
    """The file, or the files that a pattern means."""
    if Path(path).is_file():  # a file is that file, even if its name looks like a pattern
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
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise DataError(f"{path!r} is a pipe or a device, which can be read only once. Write it to a file first.")
    return [path]


def _kind(path: str) -> str:
    """What a file is, by its ending."""
    name = path.lower()
    for ending in COMPRESSIONS:
        name = name.removesuffix(ending)
    kind = _KINDS.get(os.path.splitext(name)[1])
    if kind is None:
        raise ArgumentError(
            f"{path!r} is not a type that can be read here. Pass CSV (.csv, .tsv, .txt), Excel (.xlsx), JSON (.json, "
            ".ndjson), Parquet (.parquet) or Arrow files (.feather, .arrow); all of them may be compressed (.gz, .zst)."
        )
    return kind
