"""Predictions beside outcomes in groups of customers: reliability, deciles, confusion of value segments.

In `deciles` and `confusion` customers who are tied across the border of two groups belong to each in part, as under a
random order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from clvmodels.arguments import whole
from clvmodels.arrays import Array, Places
from clvmodels.evaluation.metrics.arrays import paired

_MOST_GROUPS = 1_000


def reliability(bought: ArrayLike, probability: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Predicted and observed shares of buyers, in groups of equal size by rising probability.

    Customers of equal probability stay together, so there may be fewer groups.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``group`` (from 1); ``customers``, ``predicted`` (mean probability), ``observed`` (share of buyers).

    Examples
    --------
    >>> reliability([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9], bins=2).round(2).to_numpy().tolist()
    [[2.0, 0.15, 0.0], [2.0, 0.75, 1.0]]
    """
    outcome, p = paired(bought, probability)
    frame = pd.DataFrame({"group": _groups(p, bins), "predicted": p, "observed": outcome > 0})
    grouped = frame.groupby("group")
    table = grouped[["predicted", "observed"]].mean()
    table.insert(0, "customers", grouped.size())
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="group"))


def deciles(y: ArrayLike, predicted: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Mean prediction and outcome in groups of equal size, the highest predictions first.

    Examples
    --------
    >>> deciles([0, 0, 1, 5], [0.0, 0.5, 1.0, 4.0], bins=2).to_numpy().tolist()
    [[2.5, 3.0], [0.25, 0.0]]
    """
    actual, expected = paired(y, predicted)
    member = memberships(expected, bins)
    sizes = np.maximum(member.sum(axis=0), 1e-300)
    return pd.DataFrame(
        {"predicted": expected @ member / sizes, "actual": actual @ member / sizes},
        index=pd.RangeIndex(1, member.shape[1] + 1, name="decile"),
    )


def decile_mape(y: ArrayLike, predicted: ArrayLike, bins: int = 10) -> float:
    """Mean of |predicted / actual - 1| over the deciles that bought anything; NaN if none did.

    Examples
    --------
    >>> decile_mape([0, 0, 2, 5], [0.0, 0.5, 1.0, 4.0], bins=4)
    0.35
    """
    table = deciles(y, predicted, bins)
    table = table[table["actual"] > 0]
    return float((table["predicted"] / table["actual"] - 1.0).abs().mean()) if len(table) else np.nan


def confusion(y: ArrayLike, predicted: ArrayLike, segments: int = 5) -> pd.DataFrame:
    """Customers by predicted segment (rows) and by actual one (columns); segment 1 is the most valuable.

    Segments have equal size. Who is tied across a border, most often with an outcome of 0, is counted in parts: the
    expected number under random order.

    Examples
    --------
    >>> confusion([0, 0, 0, 9], [1, 2, 3, 4], segments=2).round(2).to_numpy().tolist()
    [[1.33, 0.67], [0.67, 1.33]]
    """
    actual, expected = paired(y, predicted)
    counts = memberships(expected, segments).T @ memberships(actual, segments)
    labels = pd.RangeIndex(1, len(counts) + 1)
    return pd.DataFrame(counts, index=labels.rename("predicted"), columns=labels.rename("actual"))


def precision_recall(counts: pd.DataFrame) -> pd.DataFrame:
    """Precision and recall of each segment of a confusion matrix; alike where segments are of one size.

    Examples
    --------
    >>> precision_recall(pd.DataFrame([[3, 1], [1, 5]])).round(3).to_numpy().tolist()
    [[0.75, 0.75], [0.833, 0.833]]
    """
    table = counts.to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore"):
        right = np.diag(table)
        columns = {"precision": right / table.sum(axis=1), "recall": right / table.sum(axis=0)}
    return pd.DataFrame(columns, index=counts.index.rename("segment"))


def memberships(values: ArrayLike, groups: int) -> Array:
    """For each customer the probability of each group of equal size, the highest values first.

    Ones and zeros, but for those who are tied across a border.

    Examples
    --------
    >>> memberships([1, 1, 5], 3).tolist()
    [[0.0, 0.5, 0.5], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]
    """
    array = np.asarray(values, dtype=np.float64)
    groups = whole("segments", groups, f"a number of groups from 1 to {_MOST_GROUPS:,}", 1, _MOST_GROUPS)
    n = len(array)
    _, place, tied = np.unique(-array, return_inverse=True, return_counts=True)
    high = np.cumsum(tied)[place].astype(np.float64)  # customers up to the last of the tied ones …
    low = high - tied[place]  # … and those before them
    borders = np.round(np.arange(groups + 1) * n / groups)
    inside = np.minimum(high[:, None], borders[1:]) - np.maximum(low[:, None], borders[:-1])
    return np.maximum(inside, 0.0) / (high - low)[:, None]


def _groups(values: Array, bins: int) -> Places:
    """Groups of equal size by rising value; ties stay together."""
    rank = stats.rankdata(values, method="min") - 1.0
    return (rank * bins / len(values)).astype(np.intp)
