"""Margins and costs: a number for all customers, or one each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import LARGEST_AMOUNT, finite, shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError

type PerCustomer = float | pd.Series[float] | Sequence[float] | Array  # a number for all, or one a customer


@dataclass(frozen=True)
class Costs:
    """What each customer earns and costs.

    Attributes
    ----------
    margin, a_purchase, a_year : ndarray of shape (n,)
        The share of the income that is earned, and what a purchase (or a period) and a year alive cost.
    acquisition : float
        Spent at the very beginning.
    """

    margin: Array
    a_purchase: Array
    a_year: Array
    acquisition: float


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
        value = _in_order(value, ids, name)
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"{name} must be a number or one number a customer, not {shortly(value)}.") from None
    if numbers.ndim > 1 or (numbers.ndim == 1 and len(numbers) != len(ids)):
        raise DataError(f"{name} has shape {numbers.shape}, but there are {len(ids):,} customers.")
    wrong = ~(np.abs(numbers) <= LARGEST_AMOUNT)
    if wrong.any():
        who = f" for {wrong.sum():,} customers (ids {', '.join(map(str, ids[wrong][:3]))})" if numbers.ndim else ""
        raise DataError(f"{name} is not a finite number, or beyond {LARGEST_AMOUNT:.0e}{who}.")
    return numbers if numbers.ndim else float(numbers)


def _in_order(value: pd.Series[float], ids: pd.Index[Any], name: str) -> pd.Series[float]:
    """The values of these customers."""
    if not value.index.is_unique:
        raise DataError(f"{name} names some customers twice. Give one value a customer.")
    missing = ids.difference(value.index)
    if len(missing):
        some = f"{', '.join(map(str, missing[:3]))}{', …' if len(missing) > 3 else ''}"
        raise DataError(f"{name} has no value for {len(missing):,} customers (ids {some}). Index it by customer_id.")
    return value.loc[ids]


def each_customer(value: PerCustomer, ids: pd.Index[Any], name: str) -> Array:
    """A margin or cost as an array of shape (n,) in the order of ``ids``: see `per_customer`."""
    return np.broadcast_to(per_customer(value, ids, name), (len(ids),))


def acquisition(cost: float | None, *, new: bool) -> float:
    """What is spent to win a new customer; existing ones are won."""
    if cost is not None and not new:
        raise ArgumentError('acquisition_cost is for new customers: pass customers="new", or leave it out.')
    return 0.0 if cost is None else finite("acquisition_cost", cost, "a finite number", -LARGEST_AMOUNT, LARGEST_AMOUNT)
