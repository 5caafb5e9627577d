"""Rows of Python objects, as cursors give them, in Arrow batches: dates and amounts with their types, the rest as text.

Databases hand the same number over as int, float, Decimal or text, SQLite each value of a column as it likes. As text
they go the way of a file, whose columns get the type that all rows bear out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from clvmodels.errors import DataError

ROWS = 50_000  # rows that are held in memory at a time

_EXACT = 2.0**53


def batches(columns: Sequence[str], parts: Iterable[Sequence[Sequence[Any]]], numbers: Sequence[str] = ()) -> Any:
    """A RecordBatchReader over lists of rows, which are fetched as they are read.

    Raises
    ------
    DataError
        A column mixes dates with other values, or amounts that are numbers with text.
    """
    import pyarrow as pa

    parts = iter(parts)
    first = list(next(parts, []))
    kinds = [_kind((row[place] for row in first), name in numbers) for place, name in enumerate(columns)]
    schema = pa.schema([pa.field(f"c{place}", kind) for place, kind in enumerate(kinds)])

    def each() -> Iterator[Any]:
        yield _batch(first, columns, schema)
        for rows in parts:
            yield _batch(rows, columns, schema)

    return pa.RecordBatchReader.from_batches(schema, each())


def fetched(fetch: Callable[[int], Sequence[Sequence[Any]]]) -> Iterator[Sequence[Sequence[Any]]]:
    """Lists of rows of a cursor until there are no more."""
    while rows := fetch(ROWS):
        yield rows


def _kind(values: Iterable[Any], may_be_number: bool) -> Any:
    """The Arrow type of a column, by its first values."""
    import pyarrow as pa

    present = [value for value in values if value is not None]
    if may_be_number and all(isinstance(value, int | float | Decimal) for value in present):
        return pa.float64()
    if present and all(isinstance(value, dt.datetime) for value in present):
        return pa.timestamp("us", tz="UTC" if present[0].tzinfo is not None else None)
    if present and all(isinstance(value, dt.date) and not isinstance(value, dt.datetime) for value in present):
        return pa.date32()
    return pa.string()


def _batch(rows: Sequence[Sequence[Any]], columns: Sequence[str], schema: Any) -> Any:
    import pyarrow as pa

    arrays = []
    for place, field in enumerate(schema):
        values = [row[place] for row in rows]
        try:
            _check_moments(values, field.type)
            if pa.types.is_floating(field.type):
                values = [None if value is None else _number(value) for value in values]
            arrays.append(pa.array(map(text_of, values) if pa.types.is_string(field.type) else values, field.type))
        except (pa.ArrowException, TypeError, ValueError):
            raise DataError(
                f"Column {columns[place]!r} mixes dates or numbers with other values. Make one type of it in the query."
            ) from None
    return pa.record_batch(arrays, schema=schema)


def _number(value: Any) -> float:
    if isinstance(value, str | bool):
        raise TypeError("no number")
    return float(value)


def _check_moments(values: Sequence[Any], kind: Any) -> None:
    """Raise where times with and without a zone are mixed, which Arrow would take for one another."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        aware = kind.tz is not None
        if any(
            not isinstance(one, dt.datetime) or (one.tzinfo is not None) != aware for one in values if one is not None
        ):
            raise ValueError("mixed")


def text_of(value: Any) -> str | None:
    """A value of a database as it would be written in a file.

    Examples
    --------
    >>> [text_of(value) for value in (7, 7.0, Decimal("1E+2"), "007", True, None)]
    ['7', '7', '100', '007', 'true', None]
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return bytes(value).decode() if isinstance(value, bytes | bytearray | memoryview) else str(value)
