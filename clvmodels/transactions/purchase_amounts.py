"""Amounts of every purchase, the first one included, as three numbers a customer."""

from __future__ import annotations

import weakref
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import DataError
from clvmodels.transactions.customers import Customers

Array = NDArray[np.float64]


class Amounts(NamedTuple):
    """Purchases with positive spend, in the order of the customers: shapes (n,).

    ``number``, and of the amounts ``mean`` and ``geometric_mean`` (both 0 where there is none).
    """

    number: Array
    mean: Array
    geometric_mean: Array


_found: weakref.WeakKeyDictionary[Customers, Amounts] = weakref.WeakKeyDictionary()


def amounts_of(customers: Customers) -> Amounts:
    """Number, mean and geometric mean of each customer's purchases with positive spend.

    Parameters
    ----------
    customers : Customers
        Made with ``keep_purchases=True``.

    Raises
    ------
    DataError
        The customers don't carry their purchases.

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = pd.DataFrame({"id": [1, 1, 2], "day": ["2024-01-01", "2024-02-01", "2024-01-15"], "paid": [2., 8., 5.]})
    >>> customers = clv.summarize(log, customer="id", date="day", amount="paid", keep_purchases=True)
    >>> [values.round(9).tolist() for values in amounts_of(customers)]
    [[2.0, 1.0], [5.0, 5.0], [4.0, 5.0]]
    """
    if customers not in _found:
        _found[customers] = _amounts(customers)
    return _found[customers]


def _amounts(customers: Customers) -> Amounts:
    if customers.purchases is None:
        raise DataError(
            "These customers don't carry the amounts of their purchases. Pass keep_purchases=True to "
            'clvmodels.summarize, or fit "gamma-gamma", which takes their means.'
        )
    place = customers.table.index.get_indexer(pd.Index(customers.purchases["customer_id"]))
    spend = customers.purchases["spend"].to_numpy(dtype=np.float64)
    some = (place >= 0) & (spend > 0)  # others may have been taken out; NaN is no amount
    place, spend, n = place[some], spend[some], len(customers.table)
    number = np.bincount(place, minlength=n).astype(np.float64)
    several = np.maximum(number, 1.0)
    log_mean = np.bincount(place, weights=np.log(spend), minlength=n) / several
    return Amounts(
        number=number,
        mean=np.bincount(place, weights=spend, minlength=n) / several,
        geometric_mean=np.where(number > 0, np.exp(log_mean), 0.0),
    )
