"""The credit loss of given customers, at the parameters themselves and over draws of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.predictions.payments import PaymentPredictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import over_draws, records
from clvmodels.inference.population.population import Parameters, Population
from clvmodels.transactions.payments import Payments
from clvmodels.value.costs import PerCustomer, each_customer
from clvmodels.value.credit_loss import ASSUMED, CreditLoss


@dataclass(frozen=True, eq=False)
class CreditTerms:
    """The credit loss of given customers, in their order.

    Attributes
    ----------
    probability, loss_given_default, share_on_credit : ndarray of shape (n,)
        See `CreditLoss`.
    after_default : str
        "kept" or "stopped".
    fit : PaymentPredictions or None
        Where the probabilities come from, if they have draws.
    population : Population or None
        The customers, as that fit sees them.
    """

    probability: Array
    loss_given_default: Array
    share_on_credit: Array
    after_default: str
    fit: PaymentPredictions | None = None
    population: Population | None = None

    @property
    def loss(self) -> Array:
        """The expected loss on a unit of income, shape (n,)."""
        return self.probability * self.loss_given_default * self.share_on_credit

    def draws(self, count: int) -> list[Parameters]:
        """Draws of the parameters of the fit; empty ones where there is none."""
        return [{}] * count if self.fit is None else records(self.fit.draws(count))

    def probability_over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """P(an invoice is not paid) of some customers at every draw, shape (customers, draws) or (customers, 1)."""
        if self.population is None:
            return self.probability[customers][:, None]
        rows, place = np.unique(self.population.row_of_id[customers], return_inverse=True)
        return over_draws(quantities.default_probability(), draws, self.population.take(rows))[place]

    def loss_over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """The expected loss on a unit of income of some customers at every draw."""
        lost = self.loss_given_default[customers] * self.share_on_credit[customers]
        return self.probability_over_draws(draws, customers) * lost[:, None]


def credit_terms(loss: CreditLoss, ids: pd.Index[Any], *, new: bool = False) -> CreditTerms:
    """The credit loss of these customers; of one new customer, if it is ``new``.

    Raises
    ------
    DataError
        A customer has no value, or one that is no share.

    Examples
    --------
    >>> float(credit_terms(CreditLoss.of(0.02), pd.Index(["ann"])).loss[0])
    0.02
    """
    lgd, credit = (shares(getattr(loss, name), ids, name) for name in ASSUMED)
    fit = loss.default_probability
    if not isinstance(fit, PaymentPredictions):
        return CreditTerms(shares(fit, ids, "default_probability"), lgd, credit, loss.after_default)
    people = fit.population("new" if new else _with_all(fit, ids))
    probability = people.spread(people.evaluate(quantities.default_probability(), fit.parameters))
    return CreditTerms(probability, lgd, credit, loss.after_default, fit, people)


def loss_column(credit: CreditTerms | None, ids: pd.Index[Any]) -> dict[str, pd.Series[float]]:
    """The column of a valuation with the expected loss on a unit of income, if it is taken off."""
    return {} if credit is None else {"credit_loss": pd.Series(credit.loss, ids, name="credit_loss")}


def shares(value: PerCustomer, ids: pd.Index[Any], name: str) -> Array:
    """A share from 0 to 1 of each customer, shape (n,)."""
    found = each_customer(value, ids, name)
    wrong = (found < 0.0) | (found > 1.0)
    if wrong.any():
        raise DataError(
            f"{name} must be a share from 0 to 1; it is {found[wrong][0]:g} for {int(wrong.sum()):,} customers (ids "
            f"{', '.join(map(str, ids[wrong][:3]))})."
        )
    return found


def _with_all(fit: PaymentPredictions, ids: pd.Index[Any]) -> Payments:
    """The payments of these customers; who has no invoice has no history."""
    payments = fit.customers
    if not isinstance(payments, Payments):
        raise ArgumentError("The fit of payments carries no customers. Fit it to Payments, or pass its probabilities.")
    table = payments.table.reindex(ids)
    missing = table["invoices"].isna()
    if "segment" in table and missing.any() and fit.structure.customer_columns:
        raise DataError(
            f"{int(missing.sum()):,} customers have no invoice, so that their segment isn't known (ids "
            f"{', '.join(map(str, ids[missing][:3]))}). Give them a row with n=0 in Payments.from_counts."
        )
    return Payments(table.fillna({"invoices": 0, "unpaid": 0, "late": 0, "open_amount": 0.0, "unpaid_amount": 0.0}))
