"""Columns about customers from a table of their own, put in the order of the customers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from clvmodels.errors import ArgumentError, DataError
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
    place = columns.index.get_indexer(table.index)
    if (place < 0).any():
        lost = table.index[place < 0]
        who = "1 customer is" if len(lost) == 1 else f"{len(lost):,} customers are"
        raise DataError(f"{who} missing in the frame ({name_ids(lost)}).{_types(table.index, columns.index)}")
    return columns.iloc[place].set_axis(table.index)


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
