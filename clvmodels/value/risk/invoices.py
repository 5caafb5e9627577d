"""What is invoiced and may not be paid: open amounts, and what is discounted from which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.units import Span, discount_rate_per_unit, span_in_units
from clvmodels.value.conditions import Conditions
from clvmodels.value.costs import PerCustomer, each_customer
from clvmodels.value.credit_terms import CreditTerms


@dataclass(frozen=True, eq=False)
class Invoices:
    """What is invoiced and may not be paid.

    Attributes
    ----------
    terms : CreditTerms
        Probabilities of default and what is then lost.
    open_amount : ndarray of shape (n,)
        Invoiced and not paid yet.
    open_discount : float
        From the day on which an open invoice is lost to now.
    next_discount : ndarray of shape (n,)
        From the day on which the invoice to come is lost to the day of the purchase, or of a renewal to now.
    """

    terms: CreditTerms
    open_amount: Array
    open_discount: float
    next_discount: Array


def open_amounts(given: PerCustomer | None, credit: CreditTerms, ids: pd.Index[Any]) -> Array:
    """What is invoiced and not paid yet."""
    if given is None:
        payments = None if credit.fit is None else credit.fit.customers
        if not isinstance(payments, Payments):
            return np.zeros(len(ids))
        return np.asarray(payments.table["open_amount"].reindex(ids).fillna(0.0), dtype=np.float64)
    found = each_customer(given, ids, "open_amount")
    if (found < 0.0).any():
        raise DataError(f"open_amount must be 0 or more; it is not for {int((found < 0.0).sum()):,} customers.")
    return found


def invoices_of(
    credit: CreditTerms,
    opened: Array,
    ids: pd.Index[Any],
    purchases: Any,
    conditions: Conditions,
    payment_term: Span,
    default_after: Span | None,
) -> Invoices:
    """Invoices with the discount from the days on which they are lost."""
    payments = None if credit.fit is None else credit.fit.customers
    known = getattr(payments, "default_after", None)
    grace = span_in_units(
        (90.0 if known is None else known) if default_after is None else default_after, "day", name="default_after"
    )
    term = span_in_units(payment_term, "day", name="payment_term")
    a_day = discount_rate_per_unit(conditions.annual_discount_rate, "day")
    waiting = np.zeros(len(opened))
    if isinstance(purchases, RenewalPredictions):
        a_period = discount_rate_per_unit(conditions.annual_discount_rate, purchases.unit)
        waiting = a_period * each_customer(conditions.until_renewal, ids, "until_renewal")
    return Invoices(credit, opened, float(np.exp(-a_day * grace)), np.exp(-waiting - a_day * (term + grace)))
