"""NumPy arrays as Arrow's and back, without pandas, which PyArrow's own ways load along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clvmodels.arrays import Array


def to_arrow(values: NDArray[Any], kind: pa.DataType, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Numbers as an Arrow array that shares their memory.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Of the width of ``kind``.
    kind
        A type of fixed width of at least a byte.
    missing : ndarray of bool of shape (n,), optional
        Where there is nothing.

    Examples
    --------
    >>> to_arrow(np.array([1.5, 0.0]), pa.float64(), np.array([False, True])).to_pylist()
    [1.5, None]
    """
    values = np.ascontiguousarray(values)
    known = None if missing is None or not missing.any() else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [known, pa.py_buffer(values)])


def texts_to_arrow(texts: Sequence[str]) -> pa.Array:
    """Texts as an Arrow array.

    Examples
    --------
    >>> texts_to_arrow(["new", "at risk"]).to_pylist()
    ['new', 'at risk']
    """
    data = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, data)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(data), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(data))])


def from_arrow(column: pa.Array) -> Array:
    """A column of numbers as float64, NaN where there is nothing.

    Examples
    --------
    >>> from_arrow(pa.array([3, None]))
    array([ 3., nan])
    """
    plain = column.cast(pa.float64())
    values = np.frombuffer(plain.buffers()[1], dtype=np.float64, count=plain.offset + len(plain))[plain.offset :]
    if plain.null_count == 0:
        return values
    codes = plain.is_valid().cast(pa.uint8())
    known = np.frombuffer(codes.buffers()[1], dtype=np.uint8, count=codes.offset + len(codes))[codes.offset :]
    return np.where(known == 1, values, np.nan)


def factorize(keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """For each key the place of its value among the distinct ones, and these, in the order of first appearance.

    Examples
    --------
    >>> [found.tolist() for found in factorize(np.array([7, 5, 7], dtype=np.uint64))]
    [[0, 1, 0], [7, 5]]
    """
    if len(keys) == 0:
        return np.empty(0, dtype=np.intp), keys
    encoded = to_arrow(keys, pa.uint64()).dictionary_encode()
    places = np.frombuffer(encoded.indices.buffers()[1], dtype=np.int32, count=len(keys))
    count = len(encoded.dictionary)
    return places.astype(np.intp), np.frombuffer(encoded.dictionary.buffers()[1], dtype=np.uint64, count=count)
