"""Which rows of a table of customers are meant: by a condition, by ids, or by a slice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.validation import name_ids


def rows_of(ids: pd.Index[Any], chosen: Any) -> NDArray[np.intp]:
    """The numbers of the rows that are chosen, in the order of the table for a condition, else as they are named.

    Parameters
    ----------
    ids : pandas.Index
        Of the customers.
    chosen
        A pandas Series of booleans, aligned by its index; an array or list of booleans, one a customer; ids, or one
        id; or a slice of rows.

    Raises
    ------
    ArgumentError
        A condition has another length, is missing for a customer, or what is chosen is none of these.
    DataError
        An id is not among the customers.

    Examples
    --------
    >>> ids = pd.Index(["ann", "bob", "cleo"])
    >>> rows_of(ids, pd.Series([True, False, True], index=["cleo", "bob", "ann"]))
    array([0, 2])
    >>> rows_of(ids, ["cleo", "ann"])
    array([2, 0])
    """
    if isinstance(chosen, slice):
        return np.arange(len(ids))[chosen]
    if isinstance(chosen, pd.DataFrame):
        raise ArgumentError("Customers are chosen by a condition of one value a customer, or by ids, not by a table.")
    values = chosen if isinstance(chosen, pd.Series | pd.Index) else _listed(chosen)
    if pd.api.types.is_bool_dtype(values.dtype):
        return _where(ids, values, aligned=isinstance(chosen, pd.Series))
    if values.dtype == object and len(values) and all(isinstance(value, bool | np.bool_) for value in values):
        return _where(ids, values.astype(bool), aligned=isinstance(chosen, pd.Series))
    rows = ids.get_indexer(pd.Index(values))
    if (rows < 0).any():
        lost = pd.Index(values)[rows < 0]
        raise DataError(f"{len(lost):,} of the ids are not among the {len(ids):,} customers ({name_ids(lost)}).")
    if len(np.unique(rows)) < len(rows):
        twice = ids[rows][pd.Index(rows).duplicated()]
        raise DataError(f"Customers are chosen twice ({name_ids(twice)}). Name each once.")
    return rows.astype(np.intp)


def _listed(chosen: Any) -> pd.Series[Any]:
    one = isinstance(chosen, str) or np.ndim(chosen) == 0
    values = [chosen] if one else list(chosen)
    return pd.Series(values, dtype=None if values else object)


def _where(ids: pd.Index[Any], condition: Any, *, aligned: bool) -> NDArray[np.intp]:
    """Rows where a condition holds."""
    if aligned and not condition.index.equals(ids):
        if not condition.index.is_unique:
            raise ArgumentError("The index of the condition names customers twice.")
        condition = condition.reindex(ids)
    if len(condition) != len(ids):
        raise ArgumentError(f"The condition has {len(condition):,} values; there are {len(ids):,} customers.")
    missing = np.asarray(pd.isna(condition))
    if missing.any():
        raise DataError(f"The condition is missing for {int(missing.sum()):,} customers ({name_ids(ids[missing])}).")
    return np.flatnonzero(np.asarray(condition, dtype=bool))
