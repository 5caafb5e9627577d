"""Whether fits, customers and options go together in a valuation."""

from __future__ import annotations

from typing import Any

from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.selection import Who


def check_kinds(purchases: Fit, spend: Fit) -> None:
    for fit, kind, example in ((purchases, "purchases", "bg/nbd"), (spend, "spend", "gamma-gamma")):
        if not isinstance(fit, Fit) or kind != fit.definition.spec.kind:
            found = fit.definition.spec.title if isinstance(fit, Fit) else type(fit).__name__
            raise UnsupportedPrediction(f'{kind} must be a fit of a {kind} model, such as "{example}", not {found}.')


def check_spend(purchases: Fit, spend: Fit, customers: Who) -> None:
    """Without amounts every customer would silently get the mean of the population."""
    chosen = purchases.customers if customers is None else customers
    if chosen is None or isinstance(chosen, str) or len(chosen) < 100:
        return
    table = chosen.table
    if (table["frequency"] > 0).any() and not (table["spend_frequency"] > 0).any():
        raise DataError("These customers carry no amounts. Summarize the log with amount=, or pass monetary_value.")


def check_new(purchases: Fit, spend: Fit, customers: Who) -> None:
    """Purchases and spend that depend on the same covariates go together: their means can't be multiplied."""
    if isinstance(customers, str) and purchases.covariates is not None and spend.covariates is not None:
        raise UnsupportedPrediction(
            'customers="new" has no value where purchases and spend both have covariates. Pass Customers with the '
            "covariates that new customers have, and frequency, recency and T of 0."
        )


def check_of_subscribers(*, predictive: bool) -> None:
    """What has no meaning, or is not known, of subscribers."""
    if predictive:
        raise UnsupportedPrediction("predictive=True is for purchases. Of subscribers interval= alone has a meaning.")


def check_of_purchases(*, until_renewal: Any) -> None:
    """What has no meaning of customers who buy when they like."""
    if not isinstance(until_renewal, (int, float)) or until_renewal != 0:
        raise ArgumentError(
            'until_renewal is for subscriptions: pass a fit of renewals ("sbg", "bdw"), or leave it out.'
        )
