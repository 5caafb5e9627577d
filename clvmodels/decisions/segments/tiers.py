"""Tiers and scores: customers with equal values are always together."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.errors import DataError

_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_DIGITS = 9  # of times, so that equal silences are equal
RFM = 5  # the highest score
SUMMARY = ("frequency", "recency", "T", "monetary_value")  # what the scores are made of


def scores(values: Array, highest: int, among: Array | None = None) -> Places:
    """Scores from 1 to ``highest``, ceil(highest × average rank / n): equal values get equal scores, so sizes vary.

    Parameters
    ----------
    values
        Numbers to rank, low to high.
    highest
        The highest score.
    among
        Of n others, whose ranks count; None is the values themselves. A value that none of them has stands between
        those below and those above it.

    Examples
    --------
    >>> scores(np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 5]), 5)
    array([2, 2, 2, 2, 2, 2, 4, 4, 5, 5])
    >>> scores(np.array([1, 3, 9, -1]), 5, among=np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 5]))
    array([4, 5, 5, 1])
    """
    # twice an average rank is whole, so that rounding can't lift it over a border
    twice = _twice_ranks(values) if among is None else _twice_ranks_among(values, among)
    number = len(values if among is None else among)
    return np.asarray(np.minimum(-(-(highest * twice) // (2 * number)), highest), dtype=np.intp)


def score_borders(known: Array, highest: int) -> Array:
    """The least value of each score from 2 on, of sorted values; what `scores` gives, without an array a value.

    Examples
    --------
    >>> score_borders(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0]), 3)
    array([1., 2.])
    """

    def is_above(place: int, score: int) -> bool:
        first, last = (int(np.searchsorted(known, known[place], side=side)) for side in _SIDES)
        return highest * (first + last + 1) > 2 * len(known) * score

    above = [bisect_left(range(len(known)), True, key=partial(is_above, score=score)) for score in range(1, highest)]
    return np.array([known[place] if place < len(known) else np.inf for place in above])


def _twice_ranks(values: Array) -> Places:
    """Twice the average rank of each value; one sort, since searching among millions waits for memory."""
    order = np.argsort(values)
    sorted_values = values[order]
    begins = np.flatnonzero(np.append(True, sorted_values[1:] != sorted_values[:-1]))
    ends = np.append(begins[1:], len(values))
    twice = np.empty(len(values), dtype=np.intp)
    twice[order] = np.repeat(begins + ends + 1, ends - begins)
    return twice


def _twice_ranks_among(values: Array, others: Array) -> Places:
    known = np.sort(others)
    return np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right") + 1


def quantile_tiers(values: Array, q: int) -> Places:
    """Tiers of about as many customers each; 0 is the best."""
    return q - scores(values, q)


def share_tiers(values: Array, q: int) -> Places:
    """Tiers of about as much value each: who stands behind 0 to 1/q of the total value is in the best, 0.

    Parameters
    ----------
    values
        Value of each customer.
    q
        How many tiers.

    Raises
    ------
    DataError
        The values don't sum to more than 0.

    Examples
    --------
    >>> share_tiers(np.array([60.0, 20.0, 20.0, 0.0]), 2)
    array([0, 1, 1, 1])
    """
    worth = np.maximum(values, 0.0)
    total = worth.sum()
    if not total > 0.0:
        raise DataError('by="share" divides the total value, and no customer has a value above 0.')
    place = np.unique(worth, return_inverse=True)[1]
    held = np.bincount(place, worth)
    behind = (total - np.cumsum(held))[place] / total  # the share of those with higher values
    return np.asarray(np.minimum((q * np.maximum(behind, 0.0) + 1e-12).astype(np.intp), q - 1))


def rfm_scores(table: pd.DataFrame, among: pd.DataFrame | None = None) -> pd.DataFrame:
    """Scores 1 to 5 of recency (5 bought last), frequency and money, and the three as one text, such as "545".

    Parameters
    ----------
    table
        Columns ``frequency``, ``recency``, ``T`` and ``monetary_value`` of a summary; without repeat purchases a
        monetary value counts as the lowest.
    among
        The same of those among whom they are scored; None is the customers themselves.

    Examples
    --------
    >>> table = pd.DataFrame({"frequency": [4, 0], "recency": [9.0, 0.0], "T": [10.0, 10.0],
    ...                       "monetary_value": [20.0, np.nan]})
    >>> rfm_scores(table)["rfm"].tolist()
    ['555', '333']
    """
    columns, others = _scored(table), _scored(table if among is None else among)
    found = pd.DataFrame(
        {name: scores(column, RFM, others[name]) for name, column in columns.items()}, index=table.index
    )
    text = found.astype(str)
    found["rfm"] = text["recency_score"] + text["frequency_score"] + text["monetary_score"]
    return found


def _scored(table: pd.DataFrame) -> dict[str, Array]:
    """What is scored, by the name of its score."""
    columns = {
        "recency_score": (table["recency"] - table["T"]).round(_DIGITS),
        "frequency_score": table["frequency"],
        "monetary_score": table["monetary_value"].fillna(0.0),
    }
    return {name: column.to_numpy(dtype=np.float64) for name, column in columns.items()}
