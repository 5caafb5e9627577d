"""Cross-sell: what the products that a customer doesn't own would bring, by their chance to be bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import finite, whole
from clvmodels.arrays import Array
from clvmodels.decisions.customer_values import by_customer, for_all
from clvmodels.decisions.potential.ownership import calibrated, learned
from clvmodels.errors import DataError
from clvmodels.signatures import checked
from clvmodels.value.notebook_page import notebook_page


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CrossSell:
    """What products not owned would bring; `cross_sell` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer: ``potential``, Σ P(buy k) × profit of k over the products not owned; ``best_product``, that
        with the most to expect (None if all are owned, or none has a profit), and ``best_profit``, what it is.
    products : pandas.DataFrame
        One row a product: ``owners``, ``candidates`` (who don't own it), ``probability`` (their mean; NaN without
        candidates), ``profit`` and ``potential`` (the sum).
    probability : pandas.DataFrame
        P(buy) of each customer and product; NaN where it is owned.
    source : str
        Where the probabilities are from: "given", "bought" (owning, at the level of a later window) or "owned" (owning
        alone, which is not buying when offered).
    """

    table: pd.DataFrame
    products: pd.DataFrame
    probability: pd.DataFrame
    source: str

    def summary(self) -> str:
        """What was found, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> owned = pd.DataFrame({"loan": [0, 1], "fund": [0, 0]}, index=["ann", "bob"])
        >>> chance = pd.DataFrame({"loan": [0.3, 0.0], "fund": [0.1, 0.2]}, index=["ann", "bob"])
        >>> print(clv.cross_sell(owned, {"loan": 20.0, "fund": 50.0}, probability=chance).summary())
        2 customers could bring 21.00 with products that they don't own; most with fund, 15.00.
        """
        best = self.products["potential"].astype(float)
        total, most = formats.amounts([float(best.sum()), float(best.max())])
        found = (
            f"{formats.plural(len(self.table), 'customer')} could bring {total} with products that they don't own; "
            f"most with {best.idxmax()}, {most}."
        )
        if self.source == "owned":
            found += (
                "\nAssumed: a product is bought as often as customers like these own it, which is not buying when "
                "offered."
            )
        return found

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.products.to_string(float_format='{:,.3f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.products, float_format="{:,.3f}".format)


@checked
def cross_sell(
    owned: Any,
    profit: Mapping[Any, float] | pd.Series[float],
    *,
    probability: Any = None,
    bought: Any = None,
    features: Any = None,
    seed: int = 0,
) -> CrossSell:
    """Potential of cross-selling: Σ P(buy k) × profit of k over the products that a customer doesn't own.

    After Verhoef and Donkers (2001). Without probabilities, P is that of owning k given the other products owned and
    the features: logistic regression with C = 1 (extra ``ml``), out of fold; where fewer than 20 own a product or lack
    it, beta-binomial by the set of other products. What is bought later sets the level.

    Parameters
    ----------
    owned : frame
        One row a customer (ids as index or in ``customer_id``), one column a product: whether it is owned, 0 or 1.
    profit : dict or pandas.Series
        What selling a product earns, by product; those without a profit are not sold, but tell who is alike.
    probability : frame, optional
        P(buy) by customer and product, from a test or elsewhere.
    bought : frame, optional
        Whether customers bought a product in the window after ``owned``, 0 or 1, by customer and product: those of them
        who didn't own it set level and spread of P. A test in which it was offered is better.
    features : frame, optional
        What else is known of each customer.
    seed : int, default 0
        Of the division into parts, each of which is predicted from the others.

    Returns
    -------
    CrossSell
        ``table``, one row a customer, and ``products``.

    Raises
    ------
    ArgumentError
        A profit is no finite number, or scikit-learn is needed and not installed.
    DataError
        A table lacks customers or products, or holds other than 0 and 1, or probabilities.

    Examples
    --------
    >>> import clvmodels as clv
    >>> owned = pd.DataFrame({"loan": [0], "fund": [0], "house": [0], "account": [1]}, index=["ann"])
    >>> chance = pd.DataFrame({"loan": [0.30], "fund": [0.10], "house": [0.02]}, index=["ann"])
    >>> found = clv.cross_sell(owned, {"loan": 20.0, "fund": 50.0, "house": 200.0}, probability=chance)
    >>> found.table.loc["ann"].to_dict()
    {'potential': 15.0, 'best_product': 'loan', 'best_profit': 6.0}
    """
    held = _zero_or_one(by_customer(owned), "owned")
    products = list(profit.keys())
    if not products:
        raise DataError("profit names no product.")
    earned = np.array([finite(f"profit of {name!r}", profit[name], "a finite number") for name in products])
    _check_products(held, products, "owned")
    start = whole("seed", seed, most=2**32 - 1)
    if probability is not None:
        chance, source = _probabilities(probability, held, products), "given"
    else:
        known = None if features is None else for_all(by_customer(features), held.index, "features")
        chance, source = learned(held, products, known, start), "owned"
        if bought is not None:
            later = _zero_or_one(for_all(by_customer(bought), held.index, "bought"), "bought")
            _check_products(later, products, "bought")
            chance, source = calibrated(chance, held, later), "bought"
    chance = chance.mask(held[products] == 1.0)
    return _summed(chance, held[products], earned, source)


def _summed(chance: pd.DataFrame, held: pd.DataFrame, earned: Array, source: str) -> CrossSell:
    """Potentials by customer and by product."""
    expected = np.nan_to_num(chance.to_numpy(dtype=np.float64)) * earned
    best = expected.argmax(axis=1)
    names = np.array([*chance.columns, None], dtype=object)
    top = expected[np.arange(len(chance)), best]
    table = pd.DataFrame({"potential": expected.sum(axis=1)}, index=chance.index)
    chosen = names[np.where(top > 0.0, best, len(chance.columns))]
    table["best_product"] = pd.Series(chosen, index=table.index, dtype=object)
    table["best_profit"] = np.maximum(top, 0.0)
    products = pd.DataFrame(
        {
            "owners": held.sum().astype(np.int64),
            "candidates": (held == 0.0).sum(),
            "probability": chance.mean(),
            "profit": earned,
            "potential": expected.sum(axis=0),
        }
    ).rename_axis("product")
    return CrossSell(table=table, products=products, probability=chance, source=source)


def _probabilities(given: Any, held: pd.DataFrame, products: list[Any]) -> pd.DataFrame:
    """P(buy) of all who don't own a product."""
    table = for_all(by_customer(given), held.index, "probability")
    _check_products(table, products, "probability")
    chance = table[products].astype(np.float64)
    wrong = ~chance.ge(0.0) | ~chance.le(1.0)
    if wrong.where(held[products] == 0.0, False).any(axis=None):
        raise DataError("probability must be there, from 0 to 1, for each product that a customer doesn't own.")
    found: pd.DataFrame = chance
    return found


def _zero_or_one(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """0 and 1 as numbers."""
    try:
        numbers = table.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{what} must hold 0 and 1, whether a customer has each product.") from None
    if not numbers.isin([0.0, 1.0]).all(axis=None) or numbers.empty:
        raise DataError(f"{what} must hold 0 and 1, whether a customer has each product, for at least one of each.")
    return numbers


def _check_products(table: pd.DataFrame, products: list[Any], what: str) -> None:
    missing = [name for name in products if name not in table]
    if missing or not table.columns.is_unique:
        raise DataError(f"{what} must have one column a product; {missing[0] if missing else 'one'!r} "
                        f"{'is missing' if missing else 'stands twice'}.")  # fmt: skip
