"""The terms of a valuation, and the table of scores under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clvmodels import formats
from clvmodels.cli.output.terminal import UsageProblem

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.cli.inputs.models import Fits
    from clvmodels.transactions.customers import Customers

_RISK_HORIZON = "1Y"
_SUMMARY = ["frequency", "recency", "T", "monetary_value"]


@dataclass(frozen=True)
class Terms:
    """Horizon (None is for life), annual discount rate, margin and costs."""

    horizon: str | float | None
    discount_rate: float
    margin: float
    cost_per_purchase: float
    retention_cost_per_year: float

    def __post_init__(self) -> None:
        if self.horizon is None and self.discount_rate == 0.0:
            raise UsageProblem(
                "For life and without discounting a customer's value can be infinite. Pass a --discount-rate above 0 "
                "or a --horizon with an end."
            )

    @property
    def counted(self) -> str | float:
        """The horizon of counts and risks, which have no meaning for life."""
        return _RISK_HORIZON if self.horizon is None else self.horizon

    def heading(self, unit: str, valued: bool) -> tuple[str, str]:
        """What the numbers are about, and on which terms."""
        if not valued:
            return f"The next {formats.following(self.counted, unit)}", ""
        ahead = f"The next {formats.following(self.counted, unit)}"
        terms = [
            f"discounted at {formats.percent(self.discount_rate)} a year",
            f"margin {formats.percent(self.margin)}",
        ]
        if self.cost_per_purchase:
            terms.append(f"cost {self.cost_per_purchase:,.2f} a purchase")
        if self.retention_cost_per_year:
            terms.append(f"retention {self.retention_cost_per_year:,.2f} a year")
        return ahead, ", ".join(terms)


def score_customers(customers: Customers, fits: Fits, terms: Terms) -> pd.DataFrame:
    """One row a customer: the summary and what is predicted."""
    table = customers.table[_SUMMARY]
    predicted = _value(customers, fits, terms) if "spend" in fits else _purchases(customers, fits, terms)
    return table.join(predicted).reset_index()


def _value(customers: Customers, fits: Fits, terms: Terms) -> pd.DataFrame:
    from clvmodels.value.lifetime_value import lifetime_value

    return lifetime_value(
        fits["purchases"],
        fits["spend"],
        customers,
        horizon=terms.horizon,
        annual_discount_rate=terms.discount_rate,
        margin=terms.margin,
        cost_per_purchase=terms.cost_per_purchase,
        retention_cost_per_year=terms.retention_cost_per_year,
        risk_horizon=_RISK_HORIZON,
    )


def _purchases(customers: Customers, fits: Fits, terms: Terms) -> pd.DataFrame:
    """The columns of `lifetime_value` that need no amounts."""
    from clvmodels.value.purchase_table import purchase_table

    return purchase_table(fits["purchases"], customers, terms.counted)
