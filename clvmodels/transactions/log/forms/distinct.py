"""Values of a column in memory, each once: forms are found and read where they differ, not in every line.

A log of a million lines has some hundreds of days and some thousands of amounts. Times of day differ in almost every
line, and matter only where the calendar day is that of another zone: else texts that differ in them alone are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clvmodels.transactions.log.engine import connect_in_order, quoted

COUNT = "clv lines"  # the column with the number of lines that have a value
_SAMPLE = 100_000  # lines that tell how many values differ
_SOME, _NEARLY_ALL = 0.3, 0.9  # shares of them

_ISO_TIME = r"^\d{4}-\d\d-\d\d[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"

# A text without its time of day; what stands after it stays. With its length it tells how the time is written.
_CLOCK = r"([ Tt])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_WITHOUT_CLOCK = f"concat(regexp_replace(t, '{_CLOCK}', '\\1~'), strlen(t))"


@dataclass(frozen=True)
class Distinct:
    """The distinct values of a column.

    Attributes
    ----------
    table : pyarrow.Table
        Each value, under the name of the column, with the number of its lines.
    place : pyarrow.Array or None
        For each line the row of its value; None if each line has a row of its own.
    """

    table: Any
    place: Any

    def lines(self, text: str) -> Any:
        """Values as a relation of DuckDB: ``t``, the text that ``text`` makes of them, and how many lines have it."""
        return connect_in_order().from_arrow(self.table).project(f"{text} AS t, {quoted(COUNT)}")

    def spread(self, values: Any) -> Any:
        """For each line what was made of its value."""
        return values if self.place is None else values.take(self.place)


def distinct_values(table: Any, name: str) -> Distinct:
    """The distinct values of a column, in the order in which they occur; each by itself if nearly all of them differ.

    Parameters
    ----------
    table : pyarrow.Table
        The log.
    name : str
        The column.
    """
    column = _plain(table.column(name))
    return _each(column, name) if _share_that_differs(column) > _NEARLY_ALL else _distinct(column, name)


def distinct_days(table: Any, name: str, text: str) -> Distinct:
    """The same of dates, of which those that differ in the time of day alone are one: the first of them.

    Parameters
    ----------
    table : pyarrow.Table
        The log.
    name : str
        The column.
    text : str
        The column as text, in SQL.
    """
    import pyarrow as pa

    column = _plain(table.column(name))
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if not is_text or _share_that_differs(column) < _SOME:
        return distinct_values(table, name)
    of_lines = _without_iso_times(column, name)
    values = column.take(_first_places(of_lines))
    texts = connect_in_order().from_arrow(pa.table({name: values})).project(f"{text} AS t")
    keys = _distinct(texts.project(f"coalesce({_WITHOUT_CLOCK}, '') AS k").to_arrow_table().column(0), name)
    return _of(values.take(_first_places(keys)), keys.place.take(of_lines.place), name)


def _without_iso_times(column: Any, name: str) -> Distinct:
    """Distinct texts, those that begin as in 2005-12-31 10:11:12 without the time of day."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_iso = pc.fill_null(pc.match_substring_regex(column, _ISO_TIME), False)
    iso, others = column.filter(is_iso), _distinct(column.filter(pc.invert(is_iso)), name)
    days, rest = (pc.utf8_slice_codeunits(iso, *ends) for ends in ((0, 11), (19, None)))
    found = _distinct(pc.binary_join_element_wise(days, rest, pa.scalar("", column.type)), name)
    place, chosen = np.empty(len(column), dtype=np.int32), np.asarray(is_iso)
    place[chosen] = np.asarray(found.place)
    place[~chosen] = np.asarray(others.place) + len(found.table)
    values = pa.chunked_array([*found.table.column(name).chunks, *others.table.column(name).chunks], column.type)
    return _of(values, pa.array(place), name)


def _share_that_differs(column: Any) -> float:
    """The share of the values that are different ones, among the first."""
    start = column.slice(0, _SAMPLE)
    return len(start.unique()) / max(len(start), 1)


def _first_places(values: Distinct) -> Any:
    """For each value the first line that has it."""
    place = np.asarray(values.place)
    first = np.empty(len(values.table), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]  # of several assignments the last one stays
    return first


def _each(column: Any, name: str) -> Distinct:
    import pyarrow as pa

    return Distinct(pa.table({name: column, COUNT: np.ones(len(column), dtype=np.int64)}), None)


def _distinct(column: Any, name: str) -> Distinct:
    import pyarrow as pa

    chunks = column.dictionary_encode(null_encoding="encode").unify_dictionaries().chunks
    if not chunks:
        return Distinct(_each(column, name).table, pa.array([], pa.int32()))
    place = pa.chunked_array([chunk.indices for chunk in chunks]).combine_chunks()
    return _of(chunks[0].dictionary, place, name)


def _of(values: Any, place: Any, name: str) -> Distinct:
    import pyarrow as pa

    number = np.bincount(np.asarray(place), minlength=len(values))
    return Distinct(pa.table({name: values, COUNT: number}), place)


def _plain(column: Any) -> Any:
    """A column in one piece, if it fits into one, and in a type that can be encoded."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    return pa.chunked_array(pa.table({"c": column}).combine_chunks().column(0).chunks, type=column.type)
