"""Survival tables: how many customers of a cohort are still there after 0, 1, 2, … periods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, DataError


def survival_frame(counts: Any) -> pd.DataFrame:
    """One column a cohort, one row a period, whatever it comes as."""
    if isinstance(counts, Mapping):
        columns = {name: pd.Series(np.asarray(values, dtype=object)) for name, values in counts.items()}
        return pd.DataFrame(columns)
    if isinstance(counts, pd.DataFrame):
        return counts.reset_index(drop=True)
    if np.ndim(counts) == 1:
        return pd.DataFrame({"all": np.asarray(counts, dtype=object)})
    raise ArgumentError(
        "counts must be a sequence of numbers of customers, a dict of such by cohort, or a frame with a column for "
        f"each cohort, not {type(counts).__name__}."
    )


def check_survival(frame: pd.DataFrame) -> pd.DataFrame:
    """The table as float64, or an error that names cohort and period."""
    if frame.empty:
        raise DataError("There are no counts: the survival table is empty.")
    if not frame.columns.is_unique:
        repeated = list(frame.columns[frame.columns.duplicated()])
        raise DataError(f"Cohorts {repeated} stand more than once. Give each column a name of its own.")
    return pd.DataFrame({name: _checked(name, frame[name]) for name in frame.columns})


def _checked(name: Any, column: pd.Series[Any]) -> pd.Series[float]:
    try:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        example = next((value for value in column if isinstance(value, str)), column.iloc[0])
        raise DataError(f"Cohort {name!r} holds {example!r}, which is not a number of customers.") from None
    known = ~np.isnan(values)
    size = int(known.sum())
    if size == 0 or not known[:size].all():
        period = int(np.argmin(known))
        raise DataError(
            f"Cohort {name!r} has no count after {period} periods but later ones. Counts run from period 0 on without "
            "gaps; leave empty only what has not been observed yet."
        )
    values_known = values[:size]
    odd = ~np.isfinite(values_known) | (values_known < 0) | (np.floor(values_known) != values_known)
    if odd.any():
        period = int(np.argmax(odd))
        hint = " If these are shares, multiply them by the size of the cohort." if values_known[0] <= 1 else ""
        raise DataError(
            f"Cohort {name!r} has {values_known[period]:g} customers after {period} periods, which is not a whole "
            f"number.{hint}"
        )
    rises = np.diff(values_known) > 0
    if rises.any():
        period = int(np.argmax(rises)) + 1
        raise DataError(
            f"Cohort {name!r} grows from {values_known[period - 1]:g} to {values_known[period]:g} customers after "
            f"{period} periods. Each column is one cohort and each row one period: if it is the other way round, pass "
            "the table transposed (df.T); customers who join later are a cohort of their own."
        )
    if values_known[0] == 0:
        raise DataError(f"Cohort {name!r} starts with 0 customers. Leave it out.")
    return pd.Series(values)
