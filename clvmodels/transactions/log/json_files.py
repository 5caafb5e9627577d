"""JSON: a list of objects, or one object a line; their values are read as text, like those of CSV.

A list that is wrapped in an object, as in {"orders": [...], "total": 2}, is found if no other list of objects is in it.

Columns are the keys of all objects, not of the first ones. A number is the text it is written as: 7.0 is 7, since to
JSON they are one number, but "007" in quotes is text.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from clvmodels.errors import DataError
from clvmodels.transactions.log.encodings import Text, scan, write_plain
from clvmodels.transactions.log.engine import connect, escape_pattern, literal, scratch_folder
from clvmodels.transactions.log.source import Wanted
from clvmodels.transactions.log.text_columns import Reading, TextSource

_LARGEST = 2**24  # bytes of an object that is one record
_NUMBERS = "('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE', 'NULL')"


def open_json(path: str) -> TextSource:
    """A file of JSON as a source of text columns.

    Raises
    ------
    DataError
        It is damaged, or holds something else than objects.
    """
    text = scan(path)
    if text.last != ("]" if text.start.lstrip().startswith("[") else "}"):
        raise DataError(f"{path} ends in the middle of a record: it was not copied to its end, or is no JSON.")
    changed = Path(path).stat().st_mtime_ns
    columns, place = _keys(text, changed), _wrapped(text, changed)
    notes = (*([text.note] if text.note else []), *([f"the list {'.'.join(place)!r} in its object"] if place else []))
    return TextSource(
        path,
        columns,
        text.size,
        notes,
        lambda folder, wanted: _reading(text, columns, folder, wanted),
        lambda error: _explain(path, error),
    )


@lru_cache(maxsize=64)
def _wrapped(text: Text, _: int) -> tuple[str, ...]:
    """The keys that lead to the list of objects, if the file is one object with such a list; none if it is not.

    Raises
    ------
    DataError
        There are several lists.
    """
    import duckdb

    if not _may_wrap(text.start):
        return ()
    with scratch_folder() as folder:
        source = _objects(text, folder, text.size + 1)
        try:
            rows = connect().sql(f"SELECT CAST(json_structure(json) AS VARCHAR) FROM {source} LIMIT 2").fetchall()
        except duckdb.Error:  # it is explained where all keys are read
            return ()
    places = _lists_of_objects(json.loads(rows[0][0]), ()) if len(rows) == 1 else []
    if len(places) > 1:
        named = ", ".join(repr(".".join(place)) for place in places[:5])
        raise DataError(
            f"{text.path} is one object with several lists of records ({named}). Write the list of the purchases to a "
            "file of its own."
        )
    return places[0] if places else ()


def _may_wrap(start: str) -> bool:
    """Whether a file that begins like this may be one object, rather than one a line."""
    first, _, others = start.strip().partition("\n")
    if not first.startswith("{"):
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return not others


def _lists_of_objects(structure: Any, place: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The keys that lead to each list of objects which is in no list itself."""
    if isinstance(structure, list):
        return [place] if structure and isinstance(structure[0], dict) else []
    if not isinstance(structure, dict):
        return []
    return [found for key, inner in structure.items() for found in _lists_of_objects(inner, (*place, key))]


def _source(text: Text, folder: Path) -> str:
    place = _wrapped(text, Path(text.path).stat().st_mtime_ns)
    if not place:
        return _objects(text, folder, _LARGEST)
    pointer = literal("".join("/" + _escaped(key) for key in place))
    return f"(SELECT unnest(CAST(json -> {pointer} AS JSON[])) AS json FROM {_objects(text, folder, text.size + 1)})"


def _objects(text: Text, folder: Path, largest: int) -> str:
    """How DuckDB reads the file, object by object."""
    path, compression = text.path, text.compression
    if text.encoding != "utf-8":
        plain = folder / f"{len(list(folder.iterdir()))}.json"
        write_plain(text, plain)
        path, compression = str(plain), None
    return (
        f"read_json_objects({literal(escape_pattern(path))}, format = 'auto', compression = '{compression or 'none'}', "
        f"maximum_object_size = {max(largest, _LARGEST)})"
    )


def _reading(text: Text, columns: tuple[str, ...], folder: Path, wanted: Wanted) -> Reading:
    """How DuckDB reads the file; amounts are numbers where none of them stands in quotes."""
    source = _source(text, folder)
    kinds = [f"bool_and(json_type(json, {_pointer(name)}) IN {_NUMBERS})" for name in wanted.numbers]
    known = connect().sql(f"SELECT {', '.join(kinds)} FROM {source}").fetchall()[0] if kinds else ()
    typed = frozenset(name for name, is_number in zip(wanted.numbers, known, strict=True) if is_number)
    return Reading(source, {name: _value(name) for name in columns}, typed - {wanted.ids})


def _pointer(key: str) -> str:
    return literal("/" + _escaped(key))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _value(key: str) -> str:
    """The value of a key as text; whole numbers without the fraction that they may be written with."""
    pointer = _pointer(key)
    value = f"(json ->> {pointer})"
    return f"CASE json_type(json, {pointer}) WHEN 'DOUBLE' THEN regexp_replace({value}, '\\.0+$', '') ELSE {value} END"


@lru_cache(maxsize=64)
def _keys(text: Text, _: int) -> tuple[str, ...]:
    """The keys of all objects, in the order in which they occur."""
    import duckdb

    with scratch_folder() as folder:
        source = _source(text, folder)
        try:
            others = connect().sql(f"SELECT json FROM {source} WHERE json_type(json) <> 'OBJECT' LIMIT 1").fetchall()
            rows = connect().sql(f"SELECT DISTINCT json_keys(json) FROM {source}").fetchall()
        except duckdb.Error as error:
            raise _explain(text.path, error) from None
    if others:
        raise DataError(
            f"{text.path} holds {others[0][0][:60]!r} where an object was expected. Write one object a purchase: "
            '{"customer": "ann", "date": "2024-03-01", "amount": 12.5}.'
        )
    for (keys,) in rows:
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise DataError(f"{text.path} has an object in which the key {twice!r} stands twice. Rename one of them.")
    if not rows:
        raise DataError(f"{text.path} is empty: it has no records.")
    longest = sorted(rows, key=lambda row: (-len(row[0]), row[0]))
    return tuple(dict.fromkeys(key for (keys,) in longest for key in keys))


def _explain(path: str, error: Exception) -> DataError:
    """What DuckDB has against a record, in a sentence."""
    found = re.search(r"in record/value (\d+): (.*)", str(error))
    if found:  # DuckDB counts from two
        where = f"{path} is no JSON at record {max(1, int(found[1]) - 1):,}"
        return DataError(f"{where}: {found[2].strip().rstrip('.')}. Write the file again, or mend it there.")
    return DataError(f"{path} can't be read: {str(error).splitlines()[0]}")
