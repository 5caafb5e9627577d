"""Columns about customers from a table of their own, put in the order of the customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.safe_text import restored
from clvmodels.transactions.validation import check_columns, check_ids, name_ids


def columns_of(
    frame: pd.DataFrame, table: pd.DataFrame, customer_id: str | None, own: str | None = None
) -> pd.DataFrame:
    """The columns of ``frame`` for the customers of ``table``, in the order and with the index of ``table``.

    ``own`` is what the log calls the customer.

    Raises
    ------
    DataError
        A customer is missing in the frame or stands in it twice.
    ArgumentError
        The frame has no ids, or a column that is there already.
    """
    columns = _indexed(frame, customer_id, own)
    taken = [name for name in columns.columns if name in table.columns]
    if taken:
        raise ArgumentError(
            f"The customers have {', '.join(map(repr, taken))} already. Leave it out of the frame, or rename it."
        )
    check_ids(columns.index)
    place = _places(table.index, columns.index)
    if (place < 0).any():
        lost = table.index[place < 0]
        who = "1 customer is" if len(lost) == 1 else f"{len(lost):,} customers are"
        raise DataError(f"{who} missing in the frame ({name_ids(lost)}).{_types(table.index, columns.index)}")
    return columns.iloc[place].set_axis(table.index)


def _places(ours: pd.Index[Any], theirs: pd.Index[Any]) -> NDArray[np.intp]:
    """Where each of our ids stands in theirs, -1 if nowhere; ids of a CSV file may have the apostrophe of a formula."""
    place = theirs.get_indexer(ours)
    for mine, other in ((ours, _restored(theirs)), (_restored(ours), theirs)):
        if (place < 0).any() and mine.is_unique and other.is_unique:
            place = np.where(place < 0, other.get_indexer(mine), place)
    return place


def _restored(ids: pd.Index[Any]) -> pd.Index[Any]:
    """Ids without the apostrophe that a CSV file gives those that a spreadsheet would run."""
    if pd.api.types.is_numeric_dtype(ids.dtype):
        return ids
    return pd.Index([restored(one) if isinstance(one, str) else one for one in ids])


def _indexed(frame: pd.DataFrame, customer_id: str | None, own: str | None) -> pd.DataFrame:
    if customer_id is not None:
        check_columns(list(frame.columns), (customer_id,))
        return frame.set_index(customer_id)
    known = ("customer_id", *([own] if own else []))
    for name in known:
        if name in frame.columns:
            return frame.set_index(name)
    if isinstance(frame.index, pd.RangeIndex) and frame.index.name not in known:  # numbers of rows are no ids
        raise ArgumentError(
            f"The frame doesn't say which customer a row is of. Pass customer_id=, one of {list(frame.columns)}."
        )
    return frame


def _types(ours: pd.Index[Any], theirs: pd.Index[Any]) -> str:
    if ours.dtype == theirs.dtype:
        return " Add them, with empty cells where nothing is known."
    return f" Ids are {ours.dtype} here and {theirs.dtype} in the frame: bring them to one type."
