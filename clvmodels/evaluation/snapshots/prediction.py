"""Predictions of one horizon for every customer, and those of a fitted model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.transactions.customers import Customers


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predictions of one horizon, each of shape (customers,), or None where there is none.

    Attributes
    ----------
    count : ndarray or None
        Purchases.
    value : ndarray or None
        Spend, undiscounted; purchases if there are no amounts.
    probability : ndarray or None
        P(at least one purchase).
    ranks_only : bool
        ``value`` gives the order of customers only, not an amount.
    """

    count: Array | None = None
    value: Array | None = None
    probability: Array | None = None
    ranks_only: bool = False

    @property
    def buyer_score(self) -> Array | None:
        """The prediction that tells buyers from others best: the probability, else the count, else the value."""
        return next((part for part in (self.probability, self.count, self.value) if part is not None), None)


def model_prediction(fit: PurchaseFit, spend: SpendFit | None, customers: Customers, horizon: float) -> Prediction:
    """A purchase model, and its value with the expected spend of a spend model (None: 1 a purchase)."""
    count = np.asarray(fit.expected_purchases(horizon, customers), dtype=np.float64)
    return Prediction(
        count=count,
        value=count * _expected_spend(spend, customers),
        probability=np.asarray(fit.purchase_probability(horizon, customers), dtype=np.float64),
    )


def _expected_spend(spend: SpendFit | None, customers: Customers) -> Array:
    """Expected spend a purchase; 1 without a spend model."""
    if spend is None:
        return np.ones(len(customers))
    return spend.expected_spend(customers).to_numpy(dtype=np.float64)
