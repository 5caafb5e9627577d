"""A probability and that of the contrary, both without loss of digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clvmodels.arrays import Array


def some_or_none(some: Array, none: Callable[[], Array]) -> tuple[Array, Array]:
    """A probability and that of the contrary: the smaller of them as it is known best, the other as what is left."""
    rare = some < 0.5
    contrary = 1.0 - some if rare.all() else np.where(rare, 1.0 - some, none())
    return np.where(rare, some, 1.0 - contrary), contrary
