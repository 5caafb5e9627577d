"""The risk that a customer does not come back."""

from __future__ import annotations

from typing import Any

from clvmodels.inference.asked import Who
from clvmodels.inference.fit import Fit
from clvmodels.transactions.units import Span


def attrition_risk(
    purchases: Fit, customers: Who = None, *, horizon: Span = "1Y", interval: float | None = None
) -> Any:
    """P(no purchase within the horizon | history), one row a customer.

    This and not 1 - P(alive): under BG/NBD one-time buyers are alive with certainty, and a customer who is alive but
    buys once in ten years is lost all the same.

    Parameters
    ----------
    purchases : Fit
        A purchase model.
    customers : Customers, "new" or None
        Whom to predict; None means those fitted.
    horizon
        A number of the model's units, or a span such as "90D" or "1Y".
    interval
        Level of an interval, such as 0.90: adds ``_lower`` and ``_upper``.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> attrition_risk(clv.fit(customers, "bg/nbd"), horizon="39W").round(3).head(2).to_dict()
    {1: 0.445, 2: 0.883}
    """
    risk = purchases.purchases_pmf(0, horizon, customers, interval=interval)
    if interval is None:
        return risk.rename("attrition_risk")
    return risk.rename(columns=lambda column: column.replace("purchases_pmf", "attrition_risk"))
