"""Whether fits, customers and options go together in a valuation."""

from __future__ import annotations

from typing import Any

from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from clvmodels.inference.fits.predictions.common import Predictions
from clvmodels.inference.population.composed import NewCustomer
from clvmodels.inference.population.population import Population
from clvmodels.transactions.customers import Customers
from clvmodels.value.conditions import Conditions


def check_kinds(purchases: Any, spend: Any) -> None:
    """A fit of purchases and one of spend."""
    for fit, kind, example in ((purchases, "purchases", "bg/nbd"), (spend, "spend", "gamma-gamma")):
        if not isinstance(fit, Predictions) or kind != fit.kind:
            found = fit.definition.spec.title if isinstance(fit, Predictions) else type(fit).__name__
            raise UnsupportedPrediction(f'{kind} must be a fit of a {kind} model, such as "{example}", not {found}.')


def check_amounts(chosen: Any) -> None:
    """Without amounts every customer would silently get the mean of the population."""
    if not isinstance(chosen, Customers) or len(chosen) < 100:
        return
    table = chosen.table
    if (table["frequency"] > 0).any() and not (table["spend_frequency"] > 0).any():
        raise DataError("These customers carry no amounts. Summarize the log with amount=, or pass monetary_value.")


def check_new(bought: Population, spent: Population) -> None:
    """Purchases and spend that depend on the same covariates or groups go together: their means can't be multiplied."""
    if isinstance(bought, NewCustomer) and isinstance(spent, NewCustomer):
        raise UnsupportedPrediction(
            'customers="new" has no value where purchases and spend both have covariates or groups. Pass Customers '
            "with those that new customers have, and frequency, recency and T of 0."
        )


def check_purchase_options(asked: Conditions) -> None:
    """What has no meaning of customers who buy when they like."""
    if not isinstance(asked.until_renewal, (int, float)) or asked.until_renewal != 0:
        raise ArgumentError(
            'until_renewal is for subscriptions: pass a fit of renewals ("sbg", "bdw"), or leave it out.'
        )
    if asked.predictive and (asked.interval is None or asked.horizon is None):
        raise ArgumentError("predictive=True needs interval= and a horizon with an end.")


def check_renewal_options(asked: Conditions) -> None:
    """What has no meaning, or is not known, of subscribers."""
    if asked.predictive:
        raise UnsupportedPrediction("predictive=True is for purchases. Of subscribers interval= alone has a meaning.")
