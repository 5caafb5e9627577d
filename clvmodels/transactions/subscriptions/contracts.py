"""Contracts of subscribers: one row a customer with a start and an end, as days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import DataError
from clvmodels.transactions.frames import customer_ids, to_pandas
from clvmodels.transactions.validation import check_columns, check_ids, name_ids

NEVER = np.iinfo(np.int64).max
_DAY = "datetime64[D]"


def read_contracts(df: Any, start: str, end: str, segment: str | None, customer_id: str | None) -> pd.DataFrame:
    """``start``, ``end`` (days since 1970-01-01; `NEVER` if there is none) and ``segment``, indexed by customer.

    Raises
    ------
    DataError
        A column or a date is missing or can't be read, or an end lies before its start.
    """
    frame = to_pandas(df)
    check_columns(list(frame.columns), [name for name in (start, end, segment, customer_id) if name is not None])
    if len(frame) == 0:
        raise DataError("There are no customers: the table is empty.")
    ids = customer_ids(frame, customer_id)
    check_ids(ids)
    first, last = _days(frame[start], ids), _days(frame[end], ids)
    _refuse(first == NEVER, ids, f"no {start}", "Fill or remove them.")
    _refuse(last < first, ids, f"{end} before {start}", "Are the columns exchanged?")
    names = np.full(len(frame), "all", dtype=object) if segment is None else frame[segment].to_numpy(dtype=object)
    _refuse(pd.isna(names), ids, f"no {segment}", "Fill them, for example with 'unknown'.")
    return pd.DataFrame({"start": first, "end": last, "segment": names}, index=ids)


def _days(column: pd.Series[Any], ids: pd.Index[Any]) -> NDArray[np.int64]:
    """Dates, timestamps, ISO texts or YYYYMMDD numbers as days."""
    empty = column.isna().to_numpy()
    texts = column
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):  # 19970131, with gaps a float
        texts = column.astype("string").str.removesuffix(".0")
    if not pd.api.types.is_datetime64_any_dtype(texts):
        texts = pd.to_datetime(texts.astype("string"), format="ISO8601", errors="coerce")
    if texts.dt.tz is not None:
        texts = texts.dt.tz_localize(None)  # the day as the column's own zone has it
    unread = texts.isna().to_numpy() & ~empty
    if unread.any():
        example = column[unread].iloc[0]
        _refuse(unread, ids, f"a {column.name} that is not a date, such as '{example}'", "Write dates as 1997-09-30.")
    days = texts.to_numpy(dtype="datetime64[s]").astype(_DAY).astype(np.int64)
    return np.where(empty, NEVER, days)


def _refuse(bad: Any, ids: pd.Index[Any], found: str, remedy: str) -> None:
    if np.any(bad):
        rows = np.flatnonzero(bad)
        who = "1 customer has" if len(rows) == 1 else f"{len(rows):,} customers have"
        raise DataError(f"{who} {found} ({name_ids(ids[rows])}). {remedy}")
