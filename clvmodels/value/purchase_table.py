"""Purchases and risk of every customer: the columns of `lifetime_value` that need no spend."""

from __future__ import annotations

import pandas as pd

from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import Span
from clvmodels.value.attrition_risk import attrition_risk


def purchase_table(purchases: PurchaseFit, customers: Customers, horizon: Span) -> pd.DataFrame:
    """One row a customer: ``probability_alive``, ``purchase_probability``, ``attrition_risk``, ``expected_purchases``.

    Parameters
    ----------
    purchases : PurchaseFit
        A model of purchases.
    customers : Customers
        Whom to predict.
    horizon : float or str
        A number of the model's units, or a span such as "90D" or "1Y".
    """
    return pd.DataFrame(
        {
            "probability_alive": purchases.probability_alive(customers),
            "purchase_probability": purchases.purchase_probability(horizon, customers),
            "attrition_risk": attrition_risk(purchases, customers, horizon=horizon),
            "expected_purchases": purchases.expected_purchases(horizon, customers),
        }
    )
