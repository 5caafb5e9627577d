"""The longest time within a log in which it has no line."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from clvmodels.transactions.log.engine import collect

BLOCK = 14  # days; a month without a line has a block without one
type Gap = tuple[int, int] | None
"""The last day with a line before the gap, and the first one after it; None if no gap holds a block of days."""


def longest_gap(days: NDArray[np.int64]) -> Gap:
    """The longest gap between days with lines, in any order.

    Examples
    --------
    >>> longest_gap(np.array([3, 1, 40, 41, 3]))
    (3, 40)
    """
    first = int(days.min())
    present = np.flatnonzero(np.bincount(days - first)) + first
    if len(present) < 2:
        return None
    widths = np.diff(present)
    place = int(np.argmax(widths))
    return (int(present[place]), int(present[place + 1])) if widths[place] > BLOCK else None


def longest_gap_of(lines: nw.LazyFrame[Any], blocks: int, first: int, last: int) -> Gap:
    """The same on an engine, which is only asked if some block of days has no line.

    Parameters
    ----------
    lines
        Lines that are used, with ``day``.
    blocks : int
        How many blocks of days have lines.
    first, last : int
        First and last day with a line.
    """
    if blocks == last // BLOCK - first // BLOCK + 1:
        return None
    days = collect(lines.group_by("day").agg(number=nw.len().cast(nw.Int64)))["day"]
    return longest_gap(np.asarray(days.to_numpy(), dtype=np.int64))
