"""Columns that come as text, since nothing says what they hold, in the types that all rows bear out.

A type guessed from the first rows may not fit the others: 0007 would become 7, 12.10 the same customer as 12.1, and an
amount of 5.75 become 6 if those before it are whole. So ids, dates and order numbers stay text, without the spaces
around an id, and so do amounts, whose forms are read later, unless a source knows them as numbers; other columns become
numbers, dates or yes/no only if each value is. Ids become whole numbers if each is written as one, without leading
zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.log.engine import Frame, connect, literal, quoted, scratch_folder
from clvmodels.transactions.log.source import Wanted

# How a whole number is written: without leading zeros and within 64 bits.
WHOLE_NUMBER = r"^(0|-?[1-9]\d{0,17})$"

SMALL = 32 * 2**20  # bytes of text that are read into memory at once, for the fast path; more stays with DuckDB

# Types of a column that customers keep, the narrowest first, and how a value of each is written.
_KEPT = {
    "BIGINT": WHOLE_NUMBER,
    "DOUBLE": r"^-?(0|[1-9]\d*|0?)(\.\d*)?([eE][+-]?\d+)?$",
    "BOOLEAN": r"^([Tt]rue|TRUE|[Ff]alse|FALSE)$",
    "DATE": r"^\d{4}-\d\d-\d\d$",
    "TIMESTAMP": r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$",
}


@dataclass(frozen=True)
class Reading:
    """What stands behind FROM, and each column as an expression."""

    source: str
    columns: Mapping[str, str]
    typed: frozenset[str] = frozenset()
    """Columns that are no text but numbers, dates or yes and no."""
    parts: Iterable[Mapping[str, Any]] = ({},)
    """Arrow tables that the source is, by the names under which it knows them; a large one comes in several parts."""


@dataclass(frozen=True)
class TextSource:
    """A file, or the answer to a query, whose columns are read as text.

    Attributes
    ----------
    name : str
        What it is called in messages.
    columns : sequence of str
        Names of the columns; one that occurs twice can't be chosen.
    size : int
        About how many bytes of text it has.
    notes : tuple of str
        What was found out about how it is written, in words.
    reading : callable
        How DuckDB reads it; takes a folder for what must be written to be read, and what is wanted.
    explain : callable
        Makes a sentence of an error of DuckDB.
    """

    name: str
    columns: Sequence[str]
    size: int
    notes: tuple[str, ...]
    reading: Callable[[Path, Wanted], Reading]
    explain: Callable[[Exception], Exception]


def read_text(sources: Sequence[TextSource], wanted: Wanted) -> nw.DataFrame[Any] | Frame:
    """The wanted columns of all sources: in memory if they are small, otherwise with DuckDB.

    Raises
    ------
    DataError
        A source can't be read; the message says where.
    """
    _check_names(sources, wanted)
    small = sum(source.size for source in sources) <= SMALL
    load = _load_arrow if small else _load_table
    relation = load(connect(), sources, wanted)
    types = _types(relation, wanted)
    if types:
        relation = relation.project(", ".join(_cast(name, types.get(name)) for name in wanted.names))
    if not small:
        return nw.from_native(relation)
    table = relation.to_arrow_table()
    place = table.column_names.index(wanted.ids)
    ids = _whole_or_text(table.column(place))
    return nw.from_native(table.set_column(place, wanted.ids, ids), eager_only=True)


def _check_names(sources: Sequence[TextSource], wanted: Wanted) -> None:
    """Raise if a wanted name is that of two columns."""
    for name in wanted.names:
        for source in sources:
            if list(source.columns).count(name) > 1:
                raise DataError(f"{source.name} has two columns with the name {name!r}. Rename one of them.")
    if len({name.lower() for name in wanted.names}) < len(wanted.names):
        raise DataError(
            f"Among the columns {', '.join(map(repr, wanted.names))} two differ only in capital letters. Rename one."
        )


def _selection(reading: Reading, wanted: Wanted) -> str:
    """The wanted columns as a query: ids as text without the spaces around them, amounts that are numbers as such."""
    parts = []
    for name in wanted.names:
        column, is_typed = reading.columns[name], name in reading.typed
        if name == wanted.ids:
            column = _without_fraction(column) if is_typed else f"nullif(trim({column}), '')"
        elif name in wanted.numbers and is_typed:
            column = f"CAST({column} AS DOUBLE)"
        parts.append(f"{column} AS {quoted(name)}")
    return f"SELECT {', '.join(parts)} FROM {reading.source}"


def _without_fraction(number: str) -> str:
    """A number as text; 7.0 is 7."""
    return f"regexp_replace(CAST({number} AS VARCHAR), '\\.0+$', '')"


def _load_arrow(connection: Any, sources: Sequence[TextSource], wanted: Wanted) -> Any:
    import pyarrow as pa

    tables = _each(connection, sources, wanted, lambda query: connection.sql(query).to_arrow_table())
    return connection.from_arrow(pa.concat_tables(_alike(tables)))


def _alike(tables: Sequence[Any]) -> list[Any]:
    """Tables with the same types: a column that is text in one of them is text in all."""
    import pyarrow as pa

    kinds = {name: {table.schema.field(name).type for table in tables} for name in tables[0].column_names}
    mixed = [name for name, found in kinds.items() if len(found) > 1]
    schema = pa.schema([pa.field(one.name, pa.string() if one.name in mixed else one.type) for one in tables[0].schema])
    return [table.cast(schema) for table in tables] if mixed else list(tables)


def _load_table(connection: Any, sources: Sequence[TextSource], wanted: Wanted) -> Any:
    """A table of the connection, which goes away with it; what doesn't fit into memory is in the private folder."""
    verbs = chain(["CREATE OR REPLACE TEMP TABLE log AS"], repeat("INSERT INTO log"))
    _each(connection, sources, wanted, lambda query: connection.execute(f"{next(verbs)} {query}").fetchall())
    return connection.table("log")


def _each(
    connection: Any,
    sources: Sequence[TextSource],
    wanted: Wanted,
    run: Callable[[str], Any],
) -> list[Any]:
    """Run the query of each source; an error of DuckDB becomes the sentence of the source."""
    answers = []
    for source in sources:
        with scratch_folder() as folder:
            reading = source.reading(folder, wanted)
            query = _selection(reading, wanted)
            for tables in reading.parts:
                for name, table in tables.items():
                    connection.register(name, table)
                answers.append(_run(source, run, query))
                for name in tables:
                    connection.unregister(name)
    return answers


def _run(source: TextSource, run: Callable[[str], Any], query: str) -> Any:
    import duckdb

    try:
        return run(query)
    except duckdb.Error as error:
        raise source.explain(error) from None


def _types(relation: Any, wanted: Wanted) -> dict[str, str]:
    """The types of columns still text that hold for each of their values."""
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    others = (wanted.ids, *wanted.text, *wanted.numbers)
    kept = [name for name in wanted.kept if types[name] == "VARCHAR" and name not in others]
    candidates = [(name, kind, pattern) for name in kept for kind, pattern in _KEPT.items()]
    if not candidates:
        return {}
    holds = ", ".join(
        f"count({quoted(name)}) > 0 AND bool_and({quoted(name)} IS NULL OR (regexp_matches({quoted(name)}, "
        f"{literal(pattern)}) AND TRY_CAST({quoted(name)} AS {kind}) IS NOT NULL))"
        for name, kind, pattern in candidates
    )
    (found,) = relation.aggregate(holds).fetchall()
    chosen: dict[str, str] = {}
    for (name, kind, _), held in zip(candidates, found, strict=True):
        if held:
            chosen.setdefault(name, kind)
    return chosen


def _cast(name: str, kind: str | None) -> str:
    return quoted(name) if kind is None else f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}"


def _whole_or_text(ids: Any) -> Any:
    """An Arrow column of ids as whole numbers, if each is written as one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return ids.cast(pa.int64()) if pc.all(pc.match_substring_regex(ids, WHOLE_NUMBER)).as_py() else ids
