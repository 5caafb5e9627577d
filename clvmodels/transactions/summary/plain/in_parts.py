"""A plain log of any length that DuckDB holds, split by customer into parts that the way in memory takes one by one.

The lines are read twice: once to see that the log is plain, once to be split. The parts lie in files of a private
folder, so that memory holds a few of them and the rows of the customers, however many lines there are. Sorting whole
numbers costs about half of what two hash aggregations over all lines do.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.transactions.log.engine import literal, quoted, scratch_folder
from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.summary.customer_rows import CustomerRows
from clvmodels.transactions.summary.gaps import longest_gap
from clvmodels.transactions.summary.plain.in_memory import between, codes_of, reduce_lines
from clvmodels.transactions.summary.profile import LARGEST, Profile

LINES_OF_A_PART = 2_000_000
_MOST_PARTS = 500  # files that are open at a time
_SPREAD = 4  # ids a line up to which equal ranges of them make parts of about equal size
_SAMPLED_LINES = 200_000  # whose customers show where ids lie
_BATCH = 1_000_000
THREADS = 2  # parts in memory at a time; sorting leaves the other threads alone
_NUMBERS = (nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32)


@dataclass(frozen=True, eq=False)
class Part:
    """What one part of the log comes to.

    ``rows`` are the columns of the customers, one dictionary a period (None if it has no line), with the ids as
    ``customer``. ``copies`` counts the lines that are equal to another one in all columns that are read, ``copied`` are
    their customers, ``days`` the days with lines until the end.
    """

    rows: list[dict[str, Any] | None]
    copies: int
    copied: pd.Index[Any]
    days: NDArray[np.int64]


@dataclass(frozen=True)
class _Look:
    """Counts of a first look at the lines."""

    lines: int
    first_day: int
    last_day: int
    low: int | None
    high: int | None


@dataclass(frozen=True, eq=False)
class PlainLines:
    """The lines of a plain log: a relation of DuckDB with ``customer``, ``day``, ``amount`` and a hash of the ``line``.

    Attributes
    ----------
    relation
        The lines, which are read again at each look.
    look
        Counts of a first look at them.
    has_amounts : bool
        Whether amounts mean something.
    """

    relation: Any
    look: _Look
    has_amounts: bool

    @classmethod
    def of(cls, frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Columns) -> PlainLines | None:
        """The lines, after a first look at them; None if the log is not that plain, or is not DuckDB's."""
        relation = _lines(frame, columns)
        look = None if relation is None else _look(relation, bool(columns.amount))
        return None if look is None else cls(relation, look, bool(columns.amount))

    def borders(self, end: int | None, split: int | None = None) -> list[int] | None:
        """The last days before and of each period; None if there is nothing in one of them."""
        end = self.look.last_day if end is None else end
        if end < self.look.first_day or (split is not None and not self.look.first_day <= split < end):
            return None
        return [self.look.first_day - 1, end] if split is None else [self.look.first_day - 1, split, end]

    def split(self, folder: Path, most: int) -> list[Path]:
        """Files with all lines of their customers, in the order of the ids, of about so many lines each at most."""
        import pyarrow as pa

        cuts = self._cuts(-(-self.look.lines // most))
        part = f"CAST({_place(cuts, 0)} AS USMALLINT) AS part"
        batches = self.relation.project(f"*, {part}").to_arrow_reader(_BATCH)
        schema = pa.schema([field for field in batches.schema if field.name != "part"])
        files = [folder / f"{place:05}.lines" for place in range(len(cuts) + 1)]
        with ExitStack() as stack:
            writers = [stack.enter_context(pa.ipc.new_stream(str(file), schema)) for file in files]
            for batch in batches:
                places = batch.column("part").to_numpy()
                ordered = batch.select(schema.names).take(pa.array(np.argsort(places, kind="stable")))
                ends = np.cumsum(np.bincount(places, minlength=len(files)))
                for writer, begin, until in zip(writers, [0, *ends[:-1]], ends, strict=True):
                    if until > begin:
                        writer.write_batch(ordered.slice(begin, until - begin))
        return files

    def _cuts(self, parts: int) -> list[Any]:
        """The first ids of all parts but the first: of equal ranges where ids are dense, else by a sample of ids."""
        parts, look = min(parts, _MOST_PARTS), self.look
        if look.low is not None and look.high is not None and look.high - look.low < _SPREAD * look.lines:
            width = -(-(look.high - look.low + 1) // parts)
            return list(range(look.low + width, look.high + 1, width))
        one_in = max(1, look.lines // _SAMPLED_LINES)
        some = self.relation.filter(f"hash(customer) % {one_in} = 0").project("customer").distinct().fetchall()
        ids = sorted(one for (one,) in some)
        return sorted({ids[place * len(ids) // parts] for place in range(1, parts)}) if ids else []


def _place(cuts: Sequence[Any], first: int) -> str:
    """The number of the part to which a customer belongs, in SQL: a tree of comparisons."""
    if not cuts:
        return str(first)
    middle = len(cuts) // 2
    cut = literal(cuts[middle]) if isinstance(cuts[middle], str) else str(cuts[middle])
    below, above = _place(cuts[:middle], first), _place(cuts[middle + 1 :], first + middle + 1)
    return f"CASE WHEN customer < {cut} THEN {below} ELSE {above} END"


def rows_in_parts(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Columns, end: int | None, split: int | None
) -> tuple[list[CustomerRows], Profile, int, pd.Index[Any]] | None:
    """Rows (before and after ``split``, if there is one), profile, number of copies, customers who have them.

    None if the log is not that plain, or is not DuckDB's.
    """
    lines = PlainLines.of(frame, columns)
    borders = None if lines is None else lines.borders(end, split)
    if lines is None or borders is None:
        return None  # the chain raises an error where there is one
    reduce = partial(reduce_part, borders=borders, has_amounts=lines.has_amounts)
    with scratch_folder() as folder, ThreadPoolExecutor(THREADS) as threads:
        if lines.look.lines <= LINES_OF_A_PART:
            parts = [lines.relation.to_arrow_table()]
        else:
            parts = lines.split(folder, LINES_OF_A_PART)
        found = list(threads.map(reduce, parts))
    rows = [_together([part.rows[place] for part in found]) for place in range(len(borders) - 1)]
    periods = [part for part in rows if part is not None]
    if len(periods) < len(rows):
        return None
    copied = pd.Index(np.concatenate([part.copied for part in found]))
    copies = sum(part.copies for part in found)
    return periods, _profile(lines.look, borders[-1], periods, found), copies, copied


def _profile(look: _Look, end: int, periods: Sequence[CustomerRows], parts: Sequence[Part]) -> Profile:
    """The profile of a log of which nothing is missing."""
    used = sum(int(part.orders.sum()) for part in periods)
    return Profile(
        lines=look.lines,
        without_customer=0,
        without_date=0,
        after_end=look.lines - used,
        used=used,
        dates_unreadable=0,
        first_day=look.first_day,
        last_day=look.last_day,
        gap=longest_gap(np.concatenate([part.days for part in parts])),
        end=end,
    )


def _lines(frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Columns) -> Any | None:
    """Columns ``customer``, ``day``, ``amount`` and ``line``, a hash of all that is read; None if they can't be."""
    if not isinstance(frame, nw.LazyFrame) or not frame.implementation.is_duckdb() or columns.order is not None:
        return None
    if columns.ids_as_text:
        return None  # each look at text takes as long as all else
    schema = frame.collect_schema()
    day = _day(schema, columns)
    if day is None or schema[columns.customer] not in (*_NUMBERS, nw.String):
        return None
    names = [columns.number(name) for name in columns.amount]
    if not all(schema[name].is_integer() or schema[name].is_float() for name in names):
        return None
    amount = " * ".join(f"CAST({quoted(name)} AS DOUBLE)" for name in names) if names else "0.0::DOUBLE"
    line = ", ".join(map(quoted, columns.names))
    customer = quoted(columns.customer)
    return frame.to_native().project(f"{customer} AS customer, {day} AS day, {amount} AS amount, hash({line}) AS line")


def _day(schema: Any, columns: Columns) -> str | None:
    """The day since 1970-01-01 in SQL; null where there is none."""
    if columns.day is not None:
        return f"CAST({quoted(columns.day)} AS INTEGER)"
    dtype, date = schema[columns.date], quoted(columns.date)
    if dtype == nw.Date or (isinstance(dtype, nw.Datetime) and dtype.time_zone is None):
        return f"CASE WHEN isfinite({date}) THEN datediff('day', DATE '1970-01-01', {date})::INTEGER END"
    return None


def _look(lines: Any, has_amounts: bool) -> _Look | None:
    """Counts, if nothing is missing and no amount is negative, infinite or too large."""
    is_text = str(lines.types[0]) == "VARCHAR"
    unusable = ["customer IS NULL", "day IS NULL", *(["customer = ''"] if is_text else [])]
    if has_amounts:
        unusable.append(f"coalesce(NOT (amount >= 0 AND amount < {LARGEST}), true)")
    ends = "NULL, NULL" if is_text else "min(customer)::BIGINT, max(customer)::BIGINT"
    counts = f"count(*), count(*) FILTER ({' OR '.join(unusable)}), min(day), max(day), {ends}"
    ((number, odd, first, last, low, high),) = lines.aggregate(counts).fetchall()
    return None if number == 0 or odd else _Look(number, first, last, low, high)


def reduce_part(part: Any, borders: Sequence[int], has_amounts: bool) -> Part:
    """The rows of one part: a table, or a file with it."""
    import pyarrow as pa

    table = part
    if isinstance(part, Path):
        with pa.ipc.open_stream(str(part)) as stream:
            table = stream.read_all()
    day = table["day"].to_numpy().astype(np.int64)
    amount = table["amount"].to_numpy() if has_amounts else None
    none: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    rows: list[dict[str, Any] | None] = []
    alike = [np.flatnonzero(day > borders[-1])]
    coded = codes_of(nw.from_native(table["customer"], series_only=True)) if len(day) else None
    if coded is None:
        return Part([None] * (len(borders) - 1), 0, pd.Index(none), none)
    code, ids = coded
    for after, until in pairwise(borders):
        inside = between(day, after, until)
        found = reduce_lines(code[inside], day[inside], None if amount is None else amount[inside])
        if found is None:
            rows.append(None)
            continue
        same_day = found.pop("same_day")
        alike.append(same_day if isinstance(inside, slice) else np.flatnonzero(inside)[same_day])
        rows.append({"customer": pd.Index(ids(found.pop("code"))), **found})
    places = np.concatenate(alike)
    again = pd.Series(table["line"].to_numpy()[places]).duplicated().to_numpy()
    copied = pd.Index(ids(np.unique(code[places[again]])))
    return Part(rows, int(again.sum()), copied, np.unique(day[day <= borders[-1]]))


def _together(parts: Sequence[dict[str, Any] | None]) -> CustomerRows | None:
    """The rows of all parts, which are in the order of the ids."""
    found = [part for part in parts if part is not None]
    if not found:
        return None
    names = list(found[0])
    columns = {name: np.concatenate([part.pop(name) for part in found]) for name in names if name != "customer"}
    ids = found[0]["customer"].append([part["customer"] for part in found[1:]])
    return CustomerRows.of(pd.Index(ids, name="customer_id"), columns)
