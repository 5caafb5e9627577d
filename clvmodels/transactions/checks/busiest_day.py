"""One day with a large share of all purchases: an event, or an import of older data."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels import formats
from clvmodels.transactions.checks.findings import Finding

_LARGE_SHARE = 0.05  # of all purchases on one day …
_TIMES_USUAL = 5.0  # … and so many times those of a usual one
_LEAST_PURCHASES = 100


def busiest_day(days: NDArray[np.int64]) -> Finding | None:
    """The finding about purchase days, counted from 1970-01-01; None if no day stands out.

    Examples
    --------
    >>> days = np.concatenate([np.arange(200), np.full(20, 90)])
    >>> found = busiest_day(days)
    >>> found.sentence[:58]
    '10 % of all purchases are on one day, 1970-04-01: an event'
    >>> busiest_day(np.arange(200)) is None
    True
    """
    if len(days) < _LEAST_PURCHASES:
        return None
    first = int(days.min())
    counts = np.bincount(days - first)
    busiest = int(counts.argmax())
    share = float(counts[busiest] / counts.sum())
    if share <= _LARGE_SHARE or counts[busiest] <= _TIMES_USUAL * counts.sum() / len(counts):
        return None
    day = pd.Timestamp(first + busiest, unit="D")
    return Finding(
        "busiest day",
        share,
        "look",
        f"{formats.share(share)} of all purchases are on one day, {day:%Y-%m-%d}: an event, or an import of older "
        "data? A forecast takes such a day as what may come again.",
    )
