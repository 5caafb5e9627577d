"""The table of scores, and its heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clvmodels import formats
from clvmodels.cli.inputs.groups import CostOptions, ValuationOptions

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.cli.steps.models import Models
    from clvmodels.transactions.customers import Customers

_RISK_HORIZON = "1Y"  # of counts and risks where values are for life
_SUMMARY = ["frequency", "recency", "T", "monetary_value"]


def scores_heading(valuation: ValuationOptions, costs: CostOptions, unit: str, has_spend: bool) -> tuple[str, str]:
    """The time that the scores are about, and how value is made."""
    ahead = f"The next {formats.following(valuation.span or _RISK_HORIZON, unit)}"
    if not has_spend:
        return ahead, ""
    parts = [
        f"discounted at {formats.percent(valuation.discount_rate)} a year",
        f"margin {formats.percent(valuation.margin)}",
    ]
    if costs.cost_per_purchase:
        parts.append(f"cost {costs.cost_per_purchase:,.2f} a purchase")
    if costs.retention_cost_per_year:
        parts.append(f"retention {costs.retention_cost_per_year:,.2f} a year")
    return ahead, ", ".join(parts)


def score_customers(
    customers: Customers, models: Models, valuation: ValuationOptions, costs: CostOptions
) -> pd.DataFrame:
    """One row a customer: the summary and what is predicted."""
    if models.spend is not None:
        from clvmodels.value.lifetime_value import lifetime_value

        predicted = lifetime_value(
            models.purchases,
            models.spend,
            customers,
            horizon=valuation.span,
            annual_discount_rate=valuation.discount_rate,
            margin=valuation.margin,
            cost_per_purchase=costs.cost_per_purchase,
            retention_cost_per_year=costs.retention_cost_per_year,
            risk_horizon=_RISK_HORIZON,
        )
    else:
        from clvmodels.value.purchase_table import purchase_table

        predicted = purchase_table(models.purchases, customers, valuation.span or _RISK_HORIZON)
    return customers.table[_SUMMARY].join(predicted).reset_index()
