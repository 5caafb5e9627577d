"""Values by customer, as users pass them: a Series or a frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import customer_ids, numbers, to_pandas
from clvmodels.transactions.validation import check_ids, name_ids

VALUE = "lifetime_value"


def customer_values(value: Any) -> pd.Series[float]:
    """A value of each customer: float64, indexed by ``customer_id``, named as its column.

    Parameters
    ----------
    value
        A Series indexed by customer; or a frame with the ids as index or in ``customer_id``, and the values in
        ``lifetime_value``, or in its only column of numbers.

    Raises
    ------
    ArgumentError
        It is neither, or the frame has several columns that could be meant.
    DataError
        An id is missing or stands twice, or a value is missing or not finite.

    Examples
    --------
    >>> customer_values(pd.Series({"a": 10, "b": 5}, name="margin")).to_dict()
    {'a': 10.0, 'b': 5.0}
    """
    frame, ids, name = _of_series(value) if isinstance(value, pd.Series) else _of_frame(value)
    if frame.empty:
        raise DataError("There are no customers: the values are empty.")
    check_ids(ids)
    found = numbers(frame, name)
    wrong = ~np.isfinite(found)
    if wrong.any():
        raise DataError(f"{int(wrong.sum()):,} values are missing or not finite ({name_ids(ids[wrong])}).")
    series = pd.Series(found, index=ids, name=str(name))
    series.attrs = dict(frame.attrs)
    return series


def _of_series(value: pd.Series[Any]) -> tuple[pd.DataFrame, pd.Index[Any], Any]:
    name = "value" if value.name is None else value.name
    return value.to_frame(name), value.index.rename("customer_id"), name


def _of_frame(value: Any) -> tuple[pd.DataFrame, pd.Index[Any], Any]:
    frame = to_pandas(value, "Values by customer")
    return frame, customer_ids(frame, None), _column(frame)


def _column(frame: pd.DataFrame) -> Any:
    """The column of the values."""
    if VALUE in frame:
        return VALUE
    numeric = frame.drop(columns="customer_id", errors="ignore").select_dtypes("number")
    likely = list(numeric.columns)
    if len(likely) != 1:
        raise ArgumentError(
            f"The frame has no column {VALUE!r}. Columns: {list(frame.columns)}. Pass what clv.lifetime_value returns, "
            "or one column as a Series by customer."
        )
    return likely[0]


def by_customer(frame: Any, what: str = "A table by customer") -> pd.DataFrame:
    """A frame indexed by ``customer_id``, from one that has the ids as index or column.

    Raises
    ------
    DataError
        An id is missing or stands twice.
    """
    table = to_pandas(frame, what)
    ids = customer_ids(table, None)
    check_ids(ids)
    found = table.drop(columns="customer_id", errors="ignore").set_axis(ids, axis=0)
    found.attrs = dict(table.attrs)
    return found


def for_all(table: Any, ids: pd.Index[Any], what: str) -> Any:
    """The rows of a Series or frame that these customers have.

    Raises
    ------
    DataError
        One of them has none.
    """
    missing = ids.difference(table.index)
    if len(missing):
        raise DataError(f"{what} has no row for {len(missing):,} customers ({name_ids(missing)}).")
    return table.loc[ids]
