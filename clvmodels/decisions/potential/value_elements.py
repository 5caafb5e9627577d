"""Amounts that are known as low, most likely and high: triangular or PERT distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta, qmc, triang

from clvmodels.arguments import finite, shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import check_columns

SHAPES = ("triangular", "pert")
_COLUMNS = ["low", "mode", "high"]


def read_elements(elements: Any) -> pd.DataFrame:
    """Columns low, mode and high, one row an element of value.

    Raises
    ------
    ArgumentError, DataError
        There is none, one stands twice, or its three amounts are not in order.
    """
    table = _table(elements)
    if table.empty:
        raise DataError("There are no elements of value.")
    if not table.index.is_unique or table.index.hasnans:
        raise DataError("Each element of value needs a name of its own.")
    wrong = ~(np.isfinite(table).all(axis=1) & (table["low"] <= table["mode"]) & (table["mode"] <= table["high"]))
    if wrong.any():
        raise DataError(
            f"Element {table.index[wrong][0]!r} must have finite amounts with low ≤ mode ≤ high, not "
            f"{table[wrong].iloc[0].tolist()}."
        )
    return table.rename_axis("element")


def _table(elements: Any) -> pd.DataFrame:
    """The three amounts of each element, from a dict or a frame."""
    if isinstance(elements, Mapping):
        rows = [_three(name, one) for name, one in elements.items()]
        return pd.DataFrame(rows, columns=_COLUMNS, index=pd.Index(list(elements)))
    frame = to_pandas(elements, "Elements of value")
    check_columns(list(frame.columns), ("element", *_COLUMNS))
    return pd.DataFrame({name: numbers(frame, name) for name in _COLUMNS}, index=pd.Index(frame["element"]))


def _three(name: Any, one: Any) -> tuple[float, float, float]:
    """Three amounts, or one that is certain."""
    parts = tuple(one) if isinstance(one, tuple | list) else (one,) * 3
    if len(parts) != 3:
        raise ArgumentError(f"Element {name!r} must be a number, or low, mode and high, not {shortly(one)}.")
    low, mode, high = (finite(f"element {name!r}", part, "a finite amount") for part in parts)
    return low, mode, high


def amounts_at(table: pd.DataFrame, levels: Array, shape: str) -> Array:
    """The amount of each element (columns) at levels of probability, one level for all or one each."""
    low, mode, high = (table[name].to_numpy(dtype=np.float64) for name in _COLUMNS)
    width = np.where(high > low, high - low, 1.0)
    peak = np.where(high > low, (mode - low) / width, 0.5)
    if shape == "triangular":
        standard = triang.ppf(levels, peak)
    else:
        standard = beta.ppf(levels, 1.0 + 4.0 * peak, 5.0 - 4.0 * peak)
    return np.asarray(low + (high - low) * standard)


def moments(table: pd.DataFrame, shape: str) -> tuple[Array, Array]:
    """Mean and standard deviation of each element."""
    low, mode, high = (table[name].to_numpy(dtype=np.float64) for name in _COLUMNS)
    if shape == "triangular":
        variance = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18.0
        return (low + mode + high) / 3.0, np.sqrt(np.maximum(variance, 0.0))
    mean = (low + 4.0 * mode + high) / 6.0
    return mean, np.sqrt(np.maximum((mean - low) * (high - mean) / 7.0, 0.0))


def spread_points(count: int, dimensions: int) -> Array:
    """Points that fill the unit cube evenly, always the same: 2 to the power of ``count`` of them."""
    points = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(0)).random_base2(count)
    return np.clip(points, 1e-12, 1.0 - 1e-12)
