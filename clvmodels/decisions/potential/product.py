"""The expected profit of products that customers don't have yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.value.costs import PerCustomer, each_customer

type Products = PerCustomer | Mapping[str, tuple[PerCustomer, PerCustomer]]


def expected_profit(product: Products | None, ids: pd.Index[Any]) -> Array:
    """Σ P(buys k) × profit of k over the products, shape (n,).

    Parameters
    ----------
    product
        Expected profit a customer (a number or one a customer), or by product its probability and its profit.
    ids
        The customers.

    Raises
    ------
    ArgumentError
        A probability is none.

    Examples
    --------
    >>> products = {"case": (0.30, 20.0), "cable": (0.10, 50.0), "lens": (0.02, 200.0)}
    >>> expected_profit(products, pd.Index([1])).round(2).tolist()
    [15.0]
    """
    if product is None:
        return np.zeros(len(ids))
    if not isinstance(product, Mapping):
        return np.array(each_customer(product, ids, "product"))
    total = np.zeros(len(ids))
    for name, pair in product.items():
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ArgumentError(f"product[{name!r}] must be (probability, profit), not {shortly(pair)}.")
        probability = each_customer(pair[0], ids, f"The probability of {name}")
        if np.any((probability < 0.0) | (probability > 1.0)):
            raise ArgumentError(f"The probability of {name} must lie between 0 and 1, not {shortly(pair[0])}.")
        total += probability * each_customer(pair[1], ids, f"The profit of {name}")
    return total
