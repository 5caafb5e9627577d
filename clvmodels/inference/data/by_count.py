"""Rows in the order of their counts."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array, Places


def by_count(counts: Array) -> tuple[Places, Places]:
    """The order of rows by their counts, and where in it each count begins."""
    order = np.argsort(counts.astype(np.uint16) if counts.max(initial=0) < 65_536 else counts, kind="stable")
    return order, np.flatnonzero(np.diff(counts[order], prepend=-1.0))
