"""The short way for the plainest log: in memory, with nothing missing, without order numbers and refunds.

Such a log needs no engine: its lines are sorted once by customer and day. The chain in `purchases` is the definition;
this is the same answer several times faster, and the tests hold the two together.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.transactions.lines import Columns
from clvmodels.transactions.profile import LARGEST, Profile

_MOST_KEYS = 2**62


def plain_rows(frame: Any, columns: Columns, end: int | None) -> tuple[dict[str, Any], Profile] | None:
    """Rows and profile as `summary.read_ledgers` makes them, or None if the log is not that plain."""
    if not isinstance(frame, nw.DataFrame) or columns.order is not None or len(frame) == 0:
        return None
    day, amount = _days(frame[columns.date]), _amounts(frame, columns.amount)
    if day is None or (columns.amount and amount is None):
        return None
    coded = _codes(frame[columns.customer])
    if coded is None:
        return None
    code, ids = coded
    first_day, last_day, lines = int(day.min()), int(day.max()), len(day)
    end = last_day if end is None else end
    if end < first_day:
        return None
    if end < last_day:
        used = day <= end
        day, code = day[used], code[used]
        amount = None if amount is None else amount[used]
    days = int(day.max()) - first_day + 1
    if (int(code.max()) + 1) * days > _MOST_KEYS:
        return None
    rows = _reduce(code * days + (day - first_day), days, first_day, amount)
    rows["customer"] = ids(rows.pop("code"))
    used_lines = len(day)
    return rows, Profile(
        lines=lines,
        without_customer=0,
        without_date=0,
        after_end=lines - used_lines,
        used=used_lines,
        dates_unreadable=0,
        first_day=first_day,
        last_day=last_day,
        end=end,
    )


def _days(series: nw.Series[Any]) -> NDArray[np.int64] | None:
    dtype = series.dtype
    local = dtype == nw.Date or (isinstance(dtype, nw.Datetime) and dtype.time_zone is None)
    if not local or series.null_count():
        return None
    values = series.to_numpy()
    return values.astype("M8[D]").astype(np.int64) if values.dtype.kind == "M" else None


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


def _codes(series: nw.Series[Any]) -> tuple[NDArray[np.int64], Any] | None:
    """Numbers in the order of the ids, and the way back from numbers to ids."""
    if series.null_count():
        return None
    if series.dtype.is_integer():
        values = series.to_numpy()
        low = int(values.min())
        if int(values.max()) - low < _MOST_KEYS:
            return values.astype(np.int64) - low, lambda code: (code + low).astype(values.dtype)
    if series.dtype == nw.String:
        code, names = pd.factorize(series.to_native() if series.implementation.is_pandas() else series.to_pandas())
        order = np.argsort(np.asarray(names, dtype=object))
        names = pd.Index(names)[order].astype("str")
        if names[0] != "":
            place = np.empty(len(order), dtype=np.int64)
            place[order] = np.arange(len(order))
            return place[code], lambda code: names[code].array
    return None


def _reduce(key: NDArray[np.int64], days: int, first_day: int, amount: NDArray[np.float64] | None) -> dict[str, Any]:
    """Sort by customer and day, sum over equal days, then over equal customers."""
    order = np.argsort(key)
    key = key[order]
    day_starts = _starts(key)
    key = key[day_starts]
    code = key // days
    day = key - code * days + first_day
    starts = _starts(code)
    ends = np.append(starts[1:], len(day))
    lines = np.append(day_starts, len(order))
    rows: dict[str, Any] = {
        "code": code[starts],
        "first": day[starts],
        "last": day[ends - 1],
        "purchase_days": ends - starts,
        "day_sum": np.add.reduceat(day, starts),
        "orders": lines[ends] - lines[starts],
    }
    if amount is not None:
        spend = np.add.reduceat(amount[order], day_starts)
        rows["spend"] = np.add.reduceat(spend, starts)
        spend[starts] = 0.0  # what is left is the repeat purchases
        rows["repeat_spend"] = np.add.reduceat(spend, starts)
        rows["repeat"] = np.add.reduceat((spend > 0).astype(np.int64), starts)
    return rows


def _starts(values: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where a run of equal values begins."""
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
