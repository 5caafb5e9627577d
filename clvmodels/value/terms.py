"""What value is made of, in one place for point values, intervals and simulated customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.population.quantities import Compute

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """The terms of value, by customer.

    Attributes
    ----------
    purchases : Compute
        Discounted expected purchases, per distinct history.
    years_alive : Compute or None
        Discounted years alive, per distinct history, if keeping a customer costs anything.
    spend : Compute
        Expected spend a purchase, per distinct spend.
    margin, cost_per_purchase, cost_per_year : ndarray of shape (n,)
        Of each customer.
    first_purchases : float
        Purchases at the very beginning, undiscounted: 1 for new customers, else 0.
    acquisition_cost : float
        Spent at the very beginning.
    """

    purchases: Compute
    years_alive: Compute | None
    spend: Compute
    margin: Array
    cost_per_purchase: Array
    cost_per_year: Array
    first_purchases: float = 0.0
    acquisition_cost: float = 0.0

    def value(self, customers: NDArray[np.intp] | slice, purchases: Array, years: Array | None, spend: Array) -> Array:
        """Value of some customers, of shape (n,) or (n, draws).

        Parameters
        ----------
        customers
            Which.
        purchases, years, spend : ndarray of shape (n,) or (n, draws)
            Discounted purchases and years alive, and the spend a purchase.
        """
        earned = self._of(self.margin, customers, spend) * spend - self._of(self.cost_per_purchase, customers, spend)
        value = earned * (purchases + self.first_purchases) - self.acquisition_cost
        if years is not None:
            value -= self._of(self.cost_per_year, customers, years) * years
        return np.asarray(value)

    @staticmethod
    def _of(amounts: Array, customers: NDArray[np.intp] | slice, like: Array) -> Array:
        chosen = amounts[customers]
        return chosen if like.ndim == 1 else chosen[:, None]
