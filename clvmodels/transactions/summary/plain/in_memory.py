"""A fast path for the plainest logs: in memory, with nothing missing, without order numbers and refunds.

Such a log needs no engine: its lines are sorted once by customer and day. The chain in `purchase_days` is the
definition; this gives the same answer several times faster, and the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.summary.customer_rows import CustomerRows
from clvmodels.transactions.summary.gaps import longest_gap
from clvmodels.transactions.summary.profile import LARGEST, Profile

type Lines = NDArray[np.int64]
"""Numbers of lines, from 0."""

_KEY_BITS = 63
_WIDE = 2**32


def fast_rows(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Columns, end: int | None, split: int | None
) -> tuple[list[CustomerRows], Profile, Lines] | None:
    """Rows (before and after ``split``, if there is one), profile, and the lines among which copies may be.

    None if the log is not that plain.
    """
    if not isinstance(frame, nw.DataFrame) or columns.order is not None or len(frame) == 0:
        return None
    day = _days(frame[columns.date]) if columns.day is None else _counted(frame[columns.day])
    amount = _amounts(frame, tuple(map(columns.number, columns.amount)))
    coded = codes_of(frame[columns.customer])
    if day is None or coded is None or (columns.amount and amount is None):
        return None
    code, ids = coded
    first_day, last_day = int(day.min()), int(day.max())
    end = last_day if end is None else end
    if end < first_day or (split is not None and not first_day <= split < end):
        return None  # the chain raises an error that says so
    borders = [first_day - 1, end] if split is None else [first_day - 1, split, end]
    rows, alike = [], [np.flatnonzero(day > end)]
    for after, until in pairwise(borders):
        part = between(day, after, until)
        reduced = reduce_lines(code[part], day[part], None if amount is None else amount[part])
        if reduced is None:
            return None
        same_day = reduced.pop("same_day")
        alike.append(same_day if isinstance(part, slice) else np.flatnonzero(part)[same_day])
        customer = pd.Index(ids(reduced.pop("code")), name="customer_id")
        rows.append(CustomerRows.of(customer, reduced))
    used = sum(int(part.orders.sum()) for part in rows)
    profile = Profile(
        lines=len(day),
        without_customer=0,
        without_date=0,
        after_end=len(day) - used,
        used=used,
        dates_unreadable=0,
        first_day=first_day,
        last_day=last_day,
        gap=longest_gap(day[day <= end]),
        end=end,
    )
    return rows, profile, np.concatenate(alike)


def between(day: NDArray[np.int64], after: int, until: int) -> slice | NDArray[np.bool_]:
    inside = (day > after) & (day <= until)
    return slice(None) if inside.all() else inside


def _days(series: nw.Series[Any]) -> NDArray[np.int64] | None:
    dtype = series.dtype
    local = dtype == nw.Date or (isinstance(dtype, nw.Datetime) and dtype.time_zone is None)
    if not local or series.null_count():
        return None
    values = series.to_numpy()
    return values.astype("M8[D]").astype(np.int64) if values.dtype.kind == "M" else None


def _counted(series: nw.Series[Any]) -> NDArray[np.int64] | None:
    """Days that are counted already; None if one is missing."""
    return None if series.null_count() else series.to_numpy().astype(np.int64, copy=False)


def _amounts(frame: nw.DataFrame[Any], names: tuple[str, ...]) -> NDArray[np.float64] | None:
    amount: NDArray[np.float64] | None = None
    for name in names:
        series = frame[name]
        if not (series.dtype.is_integer() or series.dtype.is_float()) or series.null_count():
            return None
        factor = series.to_numpy().astype(np.float64, copy=False)
        amount = factor if amount is None else amount * factor
    if amount is not None and amount.min() >= 0 and amount.max() < LARGEST:  # both are False for NaN
        return amount
    return None


def codes_of(series: nw.Series[Any]) -> tuple[NDArray[np.int64], Callable[[NDArray[np.int64]], Any]] | None:
    """Numbers in the order of the ids, and the way back from numbers to ids."""
    if series.null_count():
        return None
    if series.dtype.is_integer():
        values = series.to_numpy()
        low = int(values.min())
        if int(values.max()) - low < _WIDE:
            return values.astype(np.int64) - low, lambda code: (code + low).astype(values.dtype)
        place, names = pd.factorize(values, sort=True)
        return place.astype(np.int64), lambda code: names[code]
    if series.dtype == nw.String:
        place, found = pd.factorize(series.to_pandas())
        order = np.argsort(np.asarray(found, dtype=object))
        ids = pd.Index(found)[order].astype("str")
        if ids[0] != "":
            rank = np.empty(len(order), dtype=np.int64)
            rank[order] = np.arange(len(order))
            return rank[place], lambda code: ids[code].array
    return None


def reduce_lines(
    code: NDArray[np.int64], day: NDArray[np.int64], amount: NDArray[np.float64] | None
) -> dict[str, NDArray[Any]] | None:
    """Sort by customer and day, sum over equal days, then over equal customers; None if it can't be done.

    With the lines that share customer and day with another one.

    Customer, day and number of the line are packed into one whole number, which sorts faster than they would apart.
    """
    if len(day) == 0:
        return None
    first = int(day.min())
    line_bits, day_bits = len(day).bit_length(), (int(day.max()) - first).bit_length()
    if int(code.max()).bit_length() + day_bits + line_bits > _KEY_BITS:
        return None
    key = ((code << day_bits) | (day - first)) << line_bits
    key |= np.arange(len(key))
    key.sort()
    line = key & ((1 << line_bits) - 1)
    key >>= line_bits
    day_starts = _starts(key)
    lines = np.append(day_starts, len(key))
    key = key[day_starts]
    day, code = (key & ((1 << day_bits) - 1)) + first, key >> day_bits
    starts = _starts(code)
    ends = np.append(starts[1:], len(day))
    rows: dict[str, NDArray[Any]] = {
        "code": code[starts],
        "first_day": day[starts],
        "last_day": day[ends - 1],
        "purchase_days": ends - starts,
        "day_sum": np.add.reduceat(day, starts),
        "orders": lines[ends] - lines[starts],
        "same_day": line[np.repeat(np.diff(lines) > 1, np.diff(lines))],
    }
    if amount is not None:
        spend = np.add.reduceat(amount[line], day_starts)
        rows["spend"] = np.add.reduceat(spend, starts)
        spend[starts] = 0.0  # what is left is the repeat purchases
        rows["repeat_spend"] = np.add.reduceat(spend, starts)
        rows["repeat_spend_days"] = np.add.reduceat((spend > 0).astype(np.int64), starts)
    return rows


def _starts(values: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where a run of equal values begins."""
    new = np.empty(len(values), dtype=bool)
    new[0] = True
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return np.flatnonzero(new)
