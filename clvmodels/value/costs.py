"""Margins and costs: a number for all customers, or one each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError

type PerCustomer = float | pd.Series[float] | Sequence[float] | Array  # a number for all, or one a customer


def per_customer(value: PerCustomer, ids: pd.Index[Any], name: str) -> float | Array:
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


def each_customer(value: PerCustomer, ids: pd.Index[Any], name: str) -> Array:
    """A margin or cost as an array of shape (n,) in the order of ``ids``: see `per_customer`."""
    return np.broadcast_to(per_customer(value, ids, name), (len(ids),))


def acquisition(cost: float | None, *, new: bool) -> float:
    """What is spent to win a new customer; existing ones are won."""
    if cost is not None and not new:
        raise ArgumentError('acquisition_cost is for new customers: pass customers="new", or leave it out.')
    spent = float(cost or 0.0)
    if not math.isfinite(spent):
        raise ArgumentError(f"acquisition_cost must be a finite number, not {cost!r}.")
    return spent
