"""Whom a risk table is about, and by which models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.payments import PaymentPredictions
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population.intervals import records
from clvmodels.inference.population.population import Population
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.units import Span
from clvmodels.value.conditions import Conditions
from clvmodels.value.credit_loss import CreditLoss
from clvmodels.value.credit_terms import CreditTerms
from clvmodels.value.of_purchases import purchase_valuation
from clvmodels.value.of_renewals import renewal_valuation
from clvmodels.value.risk.columns import Worth
from clvmodels.value.terms import Draw
from clvmodels.value.valuation import Valuation

_DRAWS = 200


@dataclass(frozen=True, eq=False)
class Subject:
    """Who is asked about, and by which models."""

    ids: pd.Index[Any]
    counts: Array
    population: Population | None
    purchases: Any
    spend: Any
    valuation: Valuation | None
    horizon: Span
    unit: str

    @property
    def worth(self) -> Worth | None:
        """Value before credit loss."""
        valued = self.valuation
        return None if valued is None else Worth(valued.terms((0.0, valued.horizon)), valued.population)

    def estimates(self, credit: CreditTerms | None) -> Draw:
        """The parameters of all models."""
        fit = None if credit is None else credit.fit
        of_spend = getattr(self.spend, "parameters", {})
        return Draw(
            {} if self.purchases is None else self.purchases.parameters, of_spend, {} if fit is None else fit.parameters
        )

    def draws(self, credit: CreditTerms | None) -> list[Draw]:
        """Joint draws of them."""
        if self.valuation is not None:
            found = self.valuation.draws()
        elif self.purchases is not None:
            found = [Draw(each, {}, {}) for each in records(self.purchases.draws())]
        else:
            found = [Draw({}, {}, {})] * 1_000
        if credit is not None:
            payments = credit.draws(len(found))
            found = [draw._replace(payments=each) for draw, each in zip(found, payments, strict=True)]
        return found[:: max(1, len(found) // _DRAWS)]


def subject_of(
    purchases: Any, spend: Any, customers: Any, conditions: Conditions, credit_loss: CreditLoss | None, opened: Any
) -> Subject:
    """Who is asked about: customers of a fit, or those whose payments, probabilities or open amounts are known."""
    if purchases is None:
        assert credit_loss is not None
        ids = _ids_of_payments(credit_loss, customers, opened)
        return Subject(ids, np.ones(len(ids)), None, None, None, None, some_horizon(conditions.horizon), "day")
    renewing, valuation = isinstance(purchases, RenewalPredictions), None
    if spend is not None:
        value = renewal_valuation if renewing else purchase_valuation
        valuation = value(purchases, spend, customers, conditions)
    people = purchases.population(customers) if valuation is None else valuation.population
    counts = np.broadcast_to(people.counts, len(people.ids))
    horizon = some_horizon(conditions.horizon)
    return Subject(people.ids, counts, people, purchases, spend, valuation, horizon, purchases.unit)


def some_horizon(horizon: Span | None) -> Span:
    """A horizon that has an end."""
    if horizon is None:
        raise ArgumentError('horizon must have an end, such as "1Y": over a whole life everybody is lost.')
    return horizon


def _ids_of_payments(credit_loss: CreditLoss, customers: Any, opened: Any) -> pd.Index[Any]:
    """Without purchases: whose payments, probabilities or open amounts are known."""
    fit = credit_loss.default_probability
    if isinstance(customers, Payments):
        return customers.table.index
    if isinstance(fit, PaymentPredictions) and fit.customers is not None:
        return fit.customers.table.index
    for known in (fit, opened):
        if isinstance(known, pd.Series):
            return known.index.rename("customer_id")
    raise ArgumentError("Whose risks? Pass purchases=, or probabilities or open_amount= as a Series by customer_id.")
