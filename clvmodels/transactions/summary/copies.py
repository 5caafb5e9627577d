"""Lines that are exact copies of another one, in every column of the log: found, and left out if that is wanted.

Files that overlap, or an export that ran twice, double the spend without any other trace. A log of days may hold a few
copies by chance, two equal lines of one customer and day; with order numbers there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.engine import as_number, collect, connect, quoted, to_arrow, to_engine
from clvmodels.transactions.log.lines import Columns, read_columns
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.readers import open_log
from clvmodels.transactions.log.source import Wanted

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
_FEW = 10_000  # customers who are looked for by name


@dataclass(frozen=True)
class Copies:
    """Lines that are exact copies of another one, beyond the first of each.

    Attributes
    ----------
    number : int
        How many.
    dropped : bool
        Whether they were left out.
    across : int
        Those of them whose other line stands in another file.
    timed : bool
        Whether the lines have times of day, so that two purchases are hardly ever alike.
    """

    number: int = 0
    dropped: bool = False
    across: int = 0
    timed: bool = False


def read_lines_once(log: Log, keep: Sequence[str] = ()) -> tuple[Frame, Columns, Copies]:
    """The data of the log, without copies if they are to be left out; the names of its columns; what was left out.

    Raises
    ------
    ArgumentError
        Copies are to be left out, and there are no order numbers to tell them from purchases that are alike.
    """
    frame, columns = read_columns(log, keep)
    if log.duplicates != "drop":
        return frame, columns, Copies()
    if log.order is None:
        raise ArgumentError(
            'duplicates="drop" needs order=, the column with the order number: without it two equal lines may be two '
            "purchases."
        )
    number = _number_of_copies(log, frame, columns)
    return (_without_copies(log, columns), columns, Copies(number, True)) if number else (frame, columns, Copies())


def _known(log: Log, frame: Frame, columns: Columns, number: int) -> Copies:
    """So many copies, and what tells them from purchases that are alike."""
    if number == 0:
        return Copies()
    files = isinstance(log.data, list | tuple) and len(log.data) > 1
    each = [replace(log, data=[path]) for path in log.data] if files else []
    inside = sum(_number_of_copies(one, *read_columns(one, columns.keep)) for one in each)
    return Copies(number, across=number - inside if files else 0, timed=_have_times(frame, columns.date))


def _have_times(frame: Frame, date: str) -> bool:
    """Whether any date has a time of day other than midnight."""
    dtype, moment = frame.collect_schema()[date], nw.col(date)
    if dtype == nw.String:
        timed = moment.str.contains(r"\d:\d\d") & ~moment.str.contains(r"\b0?0:00(?::00(?:\.0+)?)?\b")
    elif dtype == nw.Datetime:
        timed = moment.dt.hour() + moment.dt.minute() + moment.dt.second() > 0
    else:
        return False
    found = collect(to_engine(frame.select(timed=as_number(timed)), None, None).select(n=nw.col("timed").sum()))
    return bool(found["n"][0])


def count_copies(log: Log, frame: Frame, columns: Columns, among: NDArray[np.int64] | None = None) -> Copies:
    """How many lines are copies.

    Parameters
    ----------
    log, frame, columns
        What was read, and how.
    among : ndarray of int64, optional
        Numbers of the lines to look at, of a frame in memory: all that share customer and day with another one.
    """
    if among is None or not isinstance(frame, nw.DataFrame):
        return _known(log, frame, columns, _number_of_copies(log, frame, columns))
    some = frame.select(*columns.names)[among] if len(among) < len(frame) / 4 else frame
    return _known(log, frame, columns, _number_of_copies(log, some, columns) if len(among) else 0)


def count_copies_of(log: Log, frame: Frame, columns: Columns, number: int, customers: Any) -> Copies:
    """The same where it is known how many lines are copies in the columns that are read, and whose they are."""
    if number:
        few = customers if len(customers) <= _FEW else None
        number = _in_every_column(log, columns, number, few)
    return _known(log, frame, columns, number)


def _number_of_copies(log: Log, frame: Frame, columns: Columns) -> int:
    """Lines that are copies in every column; all columns are read only if those that are read have copies."""
    return _in_every_column(log, columns, _repeated(frame, columns.names, columns.customer))


def _in_every_column(log: Log, columns: Columns, number: int, customers: Any = None) -> int:
    """How many of the lines that are copies in some columns are so in all; looked for among some customers' lines."""
    source = open_log(log)
    others = [name for name in dict.fromkeys(source.columns) if name not in columns.names]
    if number == 0 or not others:
        return number
    every = [*columns.names, *others]
    try:
        lines = source.read(Wanted(columns.customer, tuple(every[1:])))
        if customers is not None:
            lines = lines.filter(nw.col(columns.customer).is_in(customers.tolist()))
        return _repeated(lines, every, columns.customer)
    except DataError:  # a column that is of no use, and can't be compared
        return number


def _repeated(frame: Frame, names: Sequence[str], customer: str) -> int:
    """Lines of known customers that are equal to another one in these columns, beyond the first of each."""
    if isinstance(frame, nw.LazyFrame) and not frame.implementation.is_duckdb():
        groups = frame.filter(~nw.col(customer).is_null()).group_by(*names).agg(clv_lines=nw.len().cast(nw.Int64))
        found = collect(groups.filter(nw.col("clv_lines") > 1).select(n=(nw.col("clv_lines") - 1).sum()))
        return int(found["n"][0] or 0)
    columns = ", ".join(map(quoted, names))
    known = _relation(frame.select(*names)).filter(f"{quoted(customer)} IS NOT NULL")
    ((number,),) = known.aggregate(f"count(*) - count(DISTINCT hash({columns}))").fetchall()
    return int(number)


def _relation(frame: Frame) -> Any:
    return connect().from_arrow(to_arrow(frame)) if isinstance(frame, nw.DataFrame) else frame.to_native()


def _without_copies(log: Log, columns: Columns) -> Frame:
    """The columns that are read, of each line but copies."""
    source = open_log(log)
    others = [name for name in dict.fromkeys(source.columns) if name not in columns.names]
    every = source.read(
        Wanted(columns.customer, (*columns.text, *others), (*columns.amount, *columns.minus), columns.keep)
    )
    if isinstance(every, nw.LazyFrame) and not every.implementation.is_duckdb():
        return every.unique().select(*columns.names)
    distinct = _relation(every).distinct().project(", ".join(map(quoted, columns.names)))
    if isinstance(every, nw.LazyFrame):
        return nw.from_native(distinct)
    return nw.from_native(distinct.to_arrow_table(), eager_only=True)
