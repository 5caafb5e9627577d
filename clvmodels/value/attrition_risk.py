"""The risk that a customer does not come back."""

from __future__ import annotations

import re

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.common import Answer, Predictions
from clvmodels.inference.population.structure import Who
from clvmodels.transactions.units import Span, span_in_units


def attrition_risk(
    purchases: Predictions, customers: Who = None, *, horizon: Span = "1Y", interval: float | None = None
) -> Answer:
    """P(no purchase within the horizon | history), one row a customer; of subscribers P(a renewal is not made).

    This and not 1 - P(alive): under BG/NBD one-time buyers are alive with certainty, and a customer who is alive but
    buys once in ten years is lost all the same.

    Parameters
    ----------
    purchases : PurchasePredictions or RenewalPredictions
        A model of purchases or renewals.
    customers : Customers, Subscriptions, "new" or None
        Whom to predict; None means those fitted.
    horizon
        A number of the model's units, or a span such as "90D" or "1Y"; of renewals those within it count.
    interval
        Level of an interval, such as 0.90: adds ``_lower`` and ``_upper``.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> attrition_risk(clv.fit(customers, "bg/nbd"), horizon="39W").round(3).head(2).to_dict()
    {1: 0.445, 2: 0.883}

    Of subscribers:

    >>> months = clv.Subscriptions.from_survival({"May": [900, 568, 421, 344], "June": [800, 505, 374]}, unit="month")
    >>> attrition_risk(clv.fit(months, "sbg"), horizon="3M").round(3).to_dict()
    {'May': 0.348, 'June': 0.407}
    """
    if purchases.kind == "subscriptions":
        risk = purchases.churn_risk(renewals_in(horizon, purchases.unit), customers, interval=interval)
    else:
        risk = purchases.purchases_pmf(0, horizon, customers, interval=interval)
    if interval is None:
        return risk.rename("attrition_risk")
    return risk.rename(columns=lambda name: re.sub("churn_risk|purchases_pmf", "attrition_risk", name))


def renewals_in(horizon: Span, unit: str) -> int:
    """How many renewals a horizon has: a whole number, or the whole periods in a span.

    Examples
    --------
    >>> renewals_in("1Y", "week"), renewals_in(3, "month")
    (52, 3)
    """
    periods = span_in_units(horizon, unit)
    whole = int(periods + 1e-9)
    if not isinstance(horizon, str) and abs(periods - whole) > 1e-9:
        raise ArgumentError(f"horizon is {horizon!r} {unit}s, but renewals come each {unit}: pass a whole number.")
    if whole == 0 and periods > 0:
        raise ArgumentError(f"horizon {horizon!r} is shorter than a {unit}, the time from one renewal to the next.")
    return whole
