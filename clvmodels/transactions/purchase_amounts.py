"""Amounts of every purchase, the first one included, as three numbers a customer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Amounts(NamedTuple):
    """Purchases with positive spend, in the order of the customers.

    Attributes
    ----------
    number : ndarray of shape (n,)
        Purchases with positive spend.
    mean, geometric_mean : ndarray of shape (n,)
        Means of their amounts; 0 where there is none.
    """

    number: Array
    mean: Array
    geometric_mean: Array


def purchase_amounts(ids: pd.Index[Any], purchases: pd.DataFrame) -> Amounts:
    """Number, mean and geometric mean of each customer's purchases with positive spend, in the order of ``ids``.

    Examples
    --------
    >>> purchases = pd.DataFrame({"customer_id": [1, 1, 2], "spend": [2.0, 8.0, 5.0]})
    >>> [values.round(9).tolist() for values in purchase_amounts(pd.Index([1, 2]), purchases)]
    [[2.0, 1.0], [5.0, 5.0], [4.0, 5.0]]
    """
    place = ids.get_indexer(pd.Index(purchases["customer_id"]))
    spend = purchases["spend"].to_numpy(dtype=np.float64)
    some = (place >= 0) & (spend > 0)  # others may have been taken out; NaN is no amount
    place, spend, n = place[some], spend[some], len(ids)
    number = np.bincount(place, minlength=n).astype(np.float64)
    several = np.maximum(number, 1.0)
    log_mean = np.bincount(place, weights=np.log(spend), minlength=n) / several
    return Amounts(
        number=number,
        mean=np.bincount(place, weights=spend, minlength=n) / several,
        geometric_mean=np.where(number > 0, np.exp(log_mean), 0.0),
    )
