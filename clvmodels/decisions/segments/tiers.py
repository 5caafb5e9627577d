"""Tiers and scores: customers with equal values are always together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from clvmodels.arrays import Array, Places
from clvmodels.errors import DataError

_DIGITS = 9  # of times, so that equal silences are equal
RFM = 5  # the highest score
SUMMARY = ("frequency", "recency", "T", "monetary_value")  # what the scores are made of


def scores(values: Array, highest: int) -> Places:
    """Scores from 1 to ``highest``, ceil(highest × average rank / n): equal values get equal scores, so sizes vary.

    Parameters
    ----------
    values
        Numbers to rank, low to high.
    highest
        The highest score.

    Examples
    --------
    >>> scores(np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 5]), 5)
    array([2, 2, 2, 2, 2, 2, 4, 4, 5, 5])
    """
    ranks = rankdata(values, method="average")
    # whole numbers, so that rounding can't lift a rank over a border: twice an average rank is whole
    return np.asarray(-(-(highest * np.rint(2.0 * ranks).astype(np.intp)) // (2 * len(values))), dtype=np.intp)


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


def rfm_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Scores 1 to 5 of recency (5 bought last), frequency and money, and the three as one text, such as "545".

    Parameters
    ----------
    table
        Columns ``frequency``, ``recency``, ``T`` and ``monetary_value`` of a summary; without repeat purchases a
        monetary value counts as the lowest.

    Examples
    --------
    >>> table = pd.DataFrame({"frequency": [4, 0], "recency": [9.0, 0.0], "T": [10.0, 10.0],
    ...                       "monetary_value": [20.0, np.nan]})
    >>> rfm_scores(table)["rfm"].tolist()
    ['555', '333']
    """
    columns = {
        "recency_score": (table["recency"] - table["T"]).round(_DIGITS),
        "frequency_score": table["frequency"],
        "monetary_score": table["monetary_value"].fillna(0.0),
    }
    found = pd.DataFrame(
        {name: scores(column.to_numpy(dtype=np.float64), RFM) for name, column in columns.items()}, index=table.index
    )
    text = found.astype(str)
    found["rfm"] = text["recency_score"] + text["frequency_score"] + text["monetary_score"]
    return found
