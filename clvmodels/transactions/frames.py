"""Tables of customers that users pass in, in any frame."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, ColumnError, DataError
from clvmodels.transactions.validation import check_columns

# Names of columns that hold ids: "id", "customerId", "Client ID", "user", "Kundennummer", …
_ID = re.compile(
    r"(?i:^|[^a-z])(?i:id|uuid)$|[a-z](Id|ID)$|(?i:^e-?mail$)"
    r"|(?i:^(customer|client|user|member|account|subscriber|kunden?)[ _.-]?(number|nummer|nr|no|code|key)?$)"
)


def to_pandas(df: Any, what: str = "A table of customers") -> pd.DataFrame:
    """A pandas, polars or PyArrow frame as pandas; ``what`` it is to be in the error for anything else."""
    if isinstance(df, pd.DataFrame):
        return df
    import narwhals.stable.v2 as nw

    try:
        return nw.from_native(df, eager_only=True).to_pandas()
    except TypeError:
        raise ArgumentError(
            f"{what} can't be made from {type(df).__name__}. Pass a pandas, polars or PyArrow frame."
        ) from None


def customer_column(frame: pd.DataFrame) -> str | None:
    """The one column that is called like the id of a customer, in a table whose index only numbers the rows."""
    numbered = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    likely = [str(name) for name in frame.columns if _ID.search(str(name)) and frame[name].is_unique]
    return likely[0] if numbered and len(likely) == 1 and "customer_id" not in frame.columns else None


def customer_ids(frame: pd.DataFrame, customer_id: str | None) -> pd.Index[Any]:
    """The ids: those of the column, by default ``customer_id``, else the index.

    Raises
    ------
    ArgumentError
        The rows are only numbered, and a column looks like the ids.
    """
    if customer_id is None and "customer_id" in frame.columns:
        customer_id = "customer_id"
    if customer_id is not None:
        check_columns(list(frame.columns), (customer_id,))
        return pd.Index(frame[customer_id], name="customer_id")
    if isinstance(frame.index, pd.RangeIndex) and frame.index.name is None:
        likely = [name for name in frame.columns if _ID.search(str(name)) and frame[name].is_unique]
        if likely:
            raise ArgumentError(
                f"Column {likely[0]!r} looks like the ids of the customers. Pass customer_id={likely[0]!r}; or leave "
                "that column out, and customers are numbered."
            )
    return frame.index.rename("customer_id")


def numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column as float64 of our own; an error that shows a value that is no number."""
    if isinstance(frame[name], pd.DataFrame):
        raise ColumnError(f"There are two columns {name!r}. Rename one of them.")
    try:
        return np.array(frame[name].to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        example = next((value for value in frame[name] if isinstance(value, str)), frame[name].iloc[0])
        raise DataError(f"Column {name!r} holds {example!r}, which is not a number.") from None


def one_row_each(frame: pd.DataFrame, weights: str) -> pd.DataFrame:
    """A table of counts as one row a customer."""
    check_columns(list(frame.columns), (weights,))
    counts = numbers(frame, weights)
    wrong = ~(np.isfinite(counts) & (counts >= 0) & (np.floor(counts) == counts))
    if wrong.any():
        raise DataError(f"Column {weights!r} holds {counts[wrong][0]:g}, which is no number of customers.")
    rows = np.repeat(np.arange(len(frame)), counts.astype(np.intp))
    return frame.drop(columns=weights).iloc[rows].reset_index(drop=True)
