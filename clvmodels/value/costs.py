"""Margins and costs: a number for all customers, or one each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError

Array = NDArray[np.float64]


def per_customer(value: Any, ids: pd.Index[Any], name: str) -> float | Array:
    """A margin or cost as one number, or as an array in the order of ``ids``.

    Parameters
    ----------
    value
        A number, a Series indexed by customer_id (in any order), or a sequence with one entry a customer.
    ids
        The customers.
    name
        What it is called in an error.

    Examples
    --------
    >>> per_customer(pd.Series({"b": 0.2, "a": 0.3}), pd.Index(["a", "b"]), "margin")
    array([0.3, 0.2])
    """
    if isinstance(value, pd.Series):
        if not value.index.is_unique:
            raise DataError(f"{name} names some customers twice. Give one value a customer.")
        missing = ids.difference(value.index)
        if len(missing):
            raise DataError(
                f"{name} has no value for {len(missing):,} customers (ids {', '.join(map(str, missing[:3]))}"
                f"{', …' if len(missing) > 3 else ''}). Index it by customer_id."
            )
        value = value.loc[ids]
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be a number or one number a customer, not {value!r}.") from None
    if numbers.ndim > 1 or (numbers.ndim == 1 and len(numbers) != len(ids)):
        raise DataError(f"{name} has shape {numbers.shape}, but there are {len(ids):,} customers.")
    wrong = ~np.isfinite(numbers) if numbers.ndim else not np.isfinite(numbers)
    if np.any(wrong):
        who = (
            f" for {int(np.sum(wrong)):,} customers (ids {', '.join(map(str, ids[wrong][:3]))})" if numbers.ndim else ""
        )
        raise DataError(f"{name} is not a finite number{who}.")
    return numbers if numbers.ndim else float(numbers)


def acquisition(cost: float | None, *, new: bool) -> float:
    """What is spent to win a new customer; existing ones are won."""
    if cost is not None and not new:
        raise ArgumentError('acquisition_cost is for new customers: pass customers="new", or leave it out.')
    return float(cost or 0.0)
