"""Distinct histories: models see a customer only through a few numbers, and many customers share them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrow_buffers import factorize

_SAMPLE = 20_000


@dataclass(frozen=True)
class Histories:
    """Distinct rows of a summary.

    Attributes
    ----------
    columns : tuple of ndarray, each of shape (m,)
        The distinct rows, column by column.
    weight : ndarray of shape (m,)
        Customers that share each row.
    index : ndarray of shape (n,) or None
        For each customer the row of ``columns`` that is theirs; None if rows and customers are the same.
    """

    columns: tuple[NDArray[np.float64], ...]
    weight: NDArray[np.float64]
    index: NDArray[np.intp] | None

    def __len__(self) -> int:
        return len(self.weight)

    def spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values per distinct row as values per customer.

        Parameters
        ----------
        values : ndarray of shape (m, ...)
            One value, or several, for each distinct row.

        Returns
        -------
        ndarray of shape (n, ...)
            The same for each customer.

        Examples
        --------
        >>> group_histories(np.array([1.0, 0.0, 1.0])).spread(np.array([0.7, 0.2]))
        array([0.7, 0.2, 0.7])
        """
        return values if self.index is None else values[self.index]

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of one value a customer over those who share each distinct row: what `spread` is turned round.

        Parameters
        ----------
        values : ndarray of shape (n,)
            One value for each customer.

        Returns
        -------
        ndarray of shape (m,)
            One sum for each distinct row.

        Examples
        --------
        >>> group_histories(np.array([1.0, 0.0, 1.0])).total(np.array([0.7, 0.2, 0.1])).round(1)
        array([0.8, 0.2])
        """
        return values if self.index is None else np.bincount(self.index, values, len(self))

    def members(self) -> list[NDArray[np.intp]]:
        """For each distinct row, the customers who share it.

        Returns
        -------
        list of ndarray of int
            The places of the customers.

        Examples
        --------
        >>> [places.tolist() for places in group_histories(np.array([1.0, 0.0, 1.0])).members()]
        [[0, 2], [1]]
        """
        if self.index is None:
            return list(np.arange(len(self))[:, None])
        order = np.argsort(self.index, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.index, minlength=len(self)))[:-1])


def group_histories(*columns: NDArray[np.float64], always: bool = False) -> Histories:
    """Group equal rows; the order of first appearance is kept.

    Where nearly all rows of a sample differ, grouping costs more than it saves and the rows are returned as they are,
    unless they are ``always`` to be grouped.

    Examples
    --------
    >>> import numpy as np
    >>> grouped = group_histories(np.array([1.0, 0.0, 1.0]), np.array([2.0, 0.0, 2.0]))
    >>> grouped.weight
    array([2., 1.])
    >>> grouped.index
    array([0, 1, 0])
    """
    arrays = tuple(np.ascontiguousarray(column, dtype=np.float64) for column in columns)
    n = len(arrays[0])
    keys = _hash_rows(arrays)
    sample = keys[:: max(1, n // _SAMPLE)]
    if not always and n > _SAMPLE and len(factorize(sample)[1]) > 0.9 * len(sample):
        return Histories(arrays, np.ones(n), None)
    index, distinct = factorize(keys)
    first = np.zeros(len(distinct), dtype=np.intp)
    first[index[::-1]] = np.arange(n)[::-1]
    rows = tuple(array[first] for array in arrays)
    if not all(np.array_equal(row[index], array) for row, array in zip(rows, arrays, strict=True)):
        return _group_exactly(arrays)  # two different rows with one hash: about once in 10^7 runs at 10^6 rows
    return Histories(rows, np.bincount(index, minlength=len(distinct)).astype(np.float64), index)


def _hash_rows(arrays: tuple[NDArray[np.float64], ...]) -> NDArray[np.uint64]:
    """A 64-bit hash of each row (splitmix64 steps)."""
    keys = np.zeros(len(arrays[0]), dtype=np.uint64)
    for array in arrays:
        keys ^= (array + 0.0).view(np.uint64)  # + 0.0 turns -0.0 into 0.0
        keys *= np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
        keys *= np.uint64(0xBF58476D1CE4E5B9)
        keys ^= keys >> np.uint64(32)
    return keys


def _group_exactly(arrays: tuple[NDArray[np.float64], ...]) -> Histories:
    table = np.column_stack(arrays)
    rows, index, counts = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    return Histories(tuple(np.ascontiguousarray(rows.T)), counts.astype(np.float64), index.reshape(-1))
