"""Arrow streams as a source of columns: read once, batch by batch, into DuckDB, which keeps on disk what is large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import narwhals.stable.v2 as nw

from clvmodels.errors import ClvError, DataError
from clvmodels.transactions.log.engine import connect, quoted
from clvmodels.transactions.log.source import Source, Wanted
from clvmodels.transactions.log.text_columns import SMALL, Reading, TextSource, read_text

_NAME = "stream"
_read: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def stream_source(
    name: str, columns: Sequence[str], stream: Callable[[Wanted], Any], explain: Callable[[Exception], Exception]
) -> Source:
    """A source of the answer to a query.

    Parameters
    ----------
    name : str
        What it is called in messages.
    columns : sequence of str
        Names of its columns.
    stream : callable
        Gives a new RecordBatchReader of the wanted columns, in their order.
    explain : callable
        Makes a sentence of an error.
    """

    def reading(_: Path, wanted: Wanted) -> Reading:
        schema, tables = _plain(explained(lambda: stream(wanted), explain))
        places = {one: f"c{place}" for place, one in enumerate(wanted.names)}
        typed = frozenset(one for one, place in places.items() if _has_type(schema.field(place).type))
        texts = {one: place if one in typed else f"CAST({place} AS VARCHAR)" for one, place in places.items()}
        return Reading(_NAME, texts, typed, _parts(tables, explain))

    text = TextSource(name, columns, SMALL + 1, (), reading, explain)
    return Source(columns, lambda wanted: read_text([text], wanted), is_text=True)


def arrow_source(data: Any) -> Source:
    """Whatever gives an Arrow stream, perhaps but once: all of its columns are kept for further readings."""
    relation = _kept(data)
    frame = nw.from_native(relation)
    return Source(relation.columns, lambda wanted: frame.select(*wanted.names))


def _kept(data: Any) -> Any:
    """The stream as a table of DuckDB, made at the first reading."""
    import pyarrow as pa

    with suppress(TypeError):  # what can't be remembered is read again
        if data in _read:
            return _read[data]

    def explain(error: Exception) -> DataError:
        return DataError(f"The Arrow stream can't be read: {str(error).splitlines()[0]}")

    reader = explained(lambda: pa.RecordBatchReader.from_stream(data), explain)
    names, (_, tables) = reader.schema.names, _plain(reader)
    connection = connect()
    columns = ", ".join(f"c{place} AS {quoted(name)}" for place, name in enumerate(names))
    verbs = chain(["CREATE TEMP TABLE log AS"], repeat("INSERT INTO log"))
    for part in _parts(tables, explain):
        connection.register(_NAME, part[_NAME])
        explained(lambda: connection.execute(f"{next(verbs)} SELECT {columns} FROM {_NAME}").fetchall(), explain)
        connection.unregister(_NAME)
    relation = connection.table("log")
    with suppress(TypeError):
        _read[data] = relation
    return relation


def _parts(tables: Iterator[Any], explain: Callable[[Exception], Exception]) -> Iterator[dict[str, Any]]:
    """The tables one after the other; what goes wrong in between is explained."""
    while (table := explained(lambda: next(tables, None), explain)) is not None:
        yield {_NAME: table}


def explained[T](run: Callable[[], T], explain: Callable[[Exception], Exception]) -> T:
    """What is run; its errors become a sentence, and nothing else of them is kept, which may hold a password."""
    try:
        return run()
    except ClvError:
        raise
    except Exception as problem:
        error = explain(problem)
    raise error


def _plain(reader: Any) -> tuple[Any, Iterator[Any]]:
    """Schema and tables of a stream, the columns as c0, c1, …; the first table has no rows.

    Types that only a database knows, such as numeric, become what they are stored in.
    """
    import pyarrow as pa

    kinds = [_stored(field.type) for field in reader.schema]
    schema = pa.schema([pa.field(f"c{place}", kind) for place, kind in enumerate(kinds)])

    def tables() -> Iterator[Any]:
        yield schema.empty_table()
        for batch in reader:
            columns = [one.storage if isinstance(one, pa.ExtensionArray) else one for one in batch.columns]
            yield pa.Table.from_arrays(
                [one.cast(kind) for one, kind in zip(columns, kinds, strict=True)], schema=schema
            )

    return schema, tables()


def _stored(kind: Any) -> Any:
    """The type that a type of a database is stored in; numeric comes as text."""
    import pyarrow as pa

    if getattr(kind, "type_name", None) == "numeric":
        return pa.float64()
    return getattr(kind, "storage_type", kind)


def _has_type(kind: Any) -> bool:
    """Whether a column holds numbers, dates or yes and no, rather than text or something else."""
    import pyarrow as pa

    is_ = pa.types
    return bool(
        is_.is_integer(kind)
        or is_.is_floating(kind)
        or is_.is_decimal(kind)
        or is_.is_boolean(kind)
        or is_.is_date(kind)
        or is_.is_timestamp(kind)
    )
