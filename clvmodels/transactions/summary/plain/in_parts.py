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

from clvmodels.transactions.log.engine import quoted, scratch_folder
from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.summary.customer_rows import CustomerRows
from clvmodels.transactions.summary.gaps import longest_gap
from clvmodels.transactions.summary.plain.in_memory import between, codes_of, reduce_lines
from clvmodels.transactions.summary.profile import LARGEST, Profile

LINES_OF_A_PART = 2_000_000
_MOST_PARTS = 500  # files that are open at a time
_SPREAD = 4  # ids a line up to which equal ranges of them make parts of about equal size
_BATCH = 1_000_000
_THREADS = 2  # parts in memory at a time; sorting leaves the other threads alone
_NUMBERS = (nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32)


@dataclass(frozen=True, eq=False)
class _Part:
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
    """Counts of a first look at the lines; the smallest and the largest id if they are numbers."""

    lines: int
    first_day: int
    last_day: int
    low: int | None
    high: int | None

    @property
    def parts(self) -> int:
        """How many parts there are to be."""
        return -(-self.lines // LINES_OF_A_PART)

    @property
    def in_order(self) -> bool:
        """Whether ids are so dense that each part is a range of them."""
        return self.low is not None and self.high is not None and self.high - self.low < _SPREAD * self.lines

    def part(self) -> str:
        """The number of the part to which a customer belongs, in SQL."""
        if self.in_order and self.low is not None and self.high is not None:
            width = -(-(self.high - self.low + 1) // self.parts)
            return f"CAST((customer - {self.low}) // {width} AS USMALLINT)"
        return f"CAST(hash(customer) % {self.parts} AS USMALLINT)"


def rows_in_parts(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Columns, end: int | None, split: int | None
) -> tuple[list[CustomerRows], Profile, int, pd.Index[Any]] | None:
    """Rows (before and after ``split``, if there is one), profile, number of copies, customers who have them.

    None if the log is not that plain, or is not DuckDB's.
    """
    lines = _lines(frame, columns)
    look = None if lines is None else _look(lines, bool(columns.amount))
    if lines is None or look is None or look.parts > _MOST_PARTS:
        return None
    end = look.last_day if end is None else end
    if end < look.first_day or (split is not None and not look.first_day <= split < end):
        return None  # the chain raises an error that says so
    borders = [look.first_day - 1, end] if split is None else [look.first_day - 1, split, end]
    reduce = partial(_reduced, borders=borders, has_amounts=bool(columns.amount))
    with scratch_folder() as folder, ThreadPoolExecutor(_THREADS) as threads:
        found = list(threads.map(reduce, _split(lines, look, folder)))
    rows = [_together([part.rows[place] for part in found], look.in_order) for place in range(len(borders) - 1)]
    periods = [part for part in rows if part is not None]
    if len(periods) < len(rows):
        return None
    copied = pd.Index(np.concatenate([part.copied for part in found]))
    return periods, _profile(look, end, periods, found), sum(part.copies for part in found), copied


def _profile(look: _Look, end: int, periods: Sequence[CustomerRows], parts: Sequence[_Part]) -> Profile:
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


def _split(lines: Any, look: _Look, folder: Path) -> list[Any]:
    """The lines as tables of Arrow, or as files of them: each has all lines of its customers."""
    import pyarrow as pa

    if look.parts == 1:
        return [lines.to_arrow_table()]
    batches = lines.project(f"*, {look.part()} AS part").to_arrow_reader(_BATCH)
    schema = pa.schema([field for field in batches.schema if field.name != "part"])
    files = [folder / str(part) for part in range(look.parts)]
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_stream(str(file), schema)) for file in files]
        for batch in batches:
            part = batch.column("part").to_numpy()
            ordered = batch.select(schema.names).take(pa.array(np.argsort(part, kind="stable")))
            borders = np.cumsum(np.bincount(part, minlength=look.parts))
            for writer, begin, until in zip(writers, [0, *borders[:-1]], borders, strict=True):
                if until > begin:
                    writer.write_batch(ordered.slice(begin, until - begin))
    return files


def _reduced(part: Any, borders: Sequence[int], has_amounts: bool) -> _Part:
    """The rows of one part, which is read and then removed."""
    import pyarrow as pa

    table = part
    if isinstance(part, Path):
        with pa.ipc.open_stream(str(part)) as stream:
            table = stream.read_all()
        part.unlink()
    day = table["day"].to_numpy().astype(np.int64)
    amount = table["amount"].to_numpy() if has_amounts else None
    none: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    rows: list[dict[str, Any] | None] = []
    alike = [np.flatnonzero(day > borders[-1])]
    coded = codes_of(nw.from_native(table["customer"], series_only=True)) if len(day) else None
    if coded is None:
        return _Part([None] * (len(borders) - 1), 0, pd.Index(none), none)
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
    return _Part(rows, int(again.sum()), copied, np.unique(day[day <= borders[-1]]))


def _together(parts: Sequence[dict[str, Any] | None], in_order: bool) -> CustomerRows | None:
    """The rows of all parts, sorted by id."""
    found = [part for part in parts if part is not None]
    if not found:
        return None
    names = list(found[0])
    columns = {name: np.concatenate([part.pop(name) for part in found]) for name in names if name != "customer"}
    ids = found[0]["customer"].append([part["customer"] for part in found[1:]])
    if not in_order and len(found) > 1:
        order = ids.argsort()
        ids, columns = ids[order], {name: column[order] for name, column in columns.items()}
    return CustomerRows.of(pd.Index(ids, name="customer_id"), columns)
