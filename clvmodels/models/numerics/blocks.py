"""Functions of many rows, in blocks that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clvmodels.arrays import Array

_BLOCK = 512  # rows


def by_blocks(function: Callable[..., Array], *columns: Array) -> Array:
    """``function(*columns)`` in blocks of rows, so that rows times nodes stay in the cache."""
    blocks = range(0, max(len(columns[0]), 1), _BLOCK)
    return np.concatenate([function(*(column[i : i + _BLOCK] for column in columns)) for i in blocks])
