"""Risks of customers beside what they are worth, in one table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import check_level
from clvmodels.inference.population.population import Population
from clvmodels.transactions.units import Span, discount_rate_per_unit, span_in_units
from clvmodels.value.attrition_risk import renewals_in
from clvmodels.value.conditions import Conditions
from clvmodels.value.costs import PerCustomer, each_customer
from clvmodels.value.credit_loss import CreditLoss
from clvmodels.value.credit_terms import CreditTerms, credit_terms
from clvmodels.value.of_renewals import after_stops
from clvmodels.value.risk.columns import MONEY, Leaving, RiskColumns, Worth, bounds_tables, point_table
from clvmodels.value.risk.invoices import invoices_of, open_amounts
from clvmodels.value.risk.next_invoice import discounted_next_purchase
from clvmodels.value.risk.risk_result import RiskTable
from clvmodels.value.risk.subject import Subject, some_horizon, subject_of
from clvmodels.value.risk.switching_risk import of_customers

_ORDER = (
    "attrition_risk", "cancellation_risk", "switching_risk", "default_probability", "exposure", "expected_loss",
    "lifetime_value", "value_at_risk", "value_lost_to_attrition", "value_after_credit_loss",
)  # fmt: skip


def risk_table(
    purchases: Any = None,
    spend: Any = None,
    customers: Any = None,
    *,
    horizon: Span = "1Y",
    annual_discount_rate: float,
    margin: PerCustomer = 1.0,
    cost_per_purchase: PerCustomer = 0.0,
    retention_cost_per_year: PerCustomer = 0.0,
    until_renewal: PerCustomer = 0.0,
    credit_loss: CreditLoss | None = None,
    open_amount: PerCustomer | None = None,
    payment_term: Span = "30D",
    default_after: Span | None = None,
    switching_risk: pd.DataFrame | pd.Series[float] | None = None,
    interval: float | None = None,
) -> RiskTable:
    """What may be lost of each customer, and how much that would be: risks beside values.

    Value at risk is value × risk: it says whom to look after first, and is not the quantile of losses that finance
    calls so. Since the value is an expectation that holds the risk already, what attrition takes is E[V | the next
    purchase comes] - E[V] = V · risk / (1 - risk), which is exact where a customer who doesn't buy is worth nothing.

    Parameters
    ----------
    purchases : Fit, optional
        A model of purchases, or of renewals.
    spend : Fit, float, pandas.Series or sequence, optional
        A spend model; of subscribers what they pay a period. Without it there are risks and no values.
    customers : Customers, Subscriptions or None
        Whom; None means those that ``purchases`` was fitted to. Without ``purchases`` those whose payments are known.
    horizon : float or str, default "1Y"
        A number of the model's units or a span, for risks and values.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin, cost_per_purchase, retention_cost_per_year, until_renewal : float, pandas.Series or sequence
        As in `clvmodels.lifetime_value`.
    credit_loss : CreditLoss, optional
        Who may not pay, and what is then lost; its shares are assumptions and stand beside the result.
    open_amount : float, pandas.Series or sequence, optional
        What each customer owes; default: the open amounts of the `Payments` that ``credit_loss`` was fitted to.
    payment_term : float or str, default "30D"
        From an invoice to its due date: days or a span. Amounts that are open count as due now.
    default_after : float or str, optional
        From the due date to the day on which an invoice is lost; default: that of the payments, else 90 days.
    switching_risk : pandas.Series or pandas.DataFrame, optional
        What `switching_risk` gives, for all of these customers.
    interval : float, optional
        Level of intervals, such as 0.90, over 200 joint draws of the parameters of all models.

    Returns
    -------
    RiskTable
        ``table``, one row a customer, and ``total``; what does not apply has no column.

    Raises
    ------
    ArgumentError
        An argument has no meaning, or there is nothing to ask about.
    DataError
        A customer has no value in a column of costs, probabilities or amounts.
    UnsupportedPrediction
        A fit is of another kind than its place says.

    Examples
    --------
    >>> import clvmodels as clv
    >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    >>> table = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86], "monetary_value": [35.0]}, ["ann"])
    >>> loss = clv.CreditLoss(default_probability=0.05, loss_given_default=0.9)
    >>> risks = clv.risk_table(purchases, spend, clv.Customers.from_frame(table, unit="week"), horizon=39,
    ...                        annual_discount_rate=0.0, margin=0.3, credit_loss=loss, open_amount=20.0)
    >>> risks.table.loc["ann", ["attrition_risk", "lifetime_value", "value_at_risk"]].round(2).tolist()
    [0.45, 12.89, 5.74]
    >>> risks.table.loc["ann", ["exposure", "expected_loss", "value_after_credit_loss"]].round(2).tolist()
    [39.43, 1.77, 10.95]
    """
    level = None if interval is None else check_level(interval)
    _check(purchases, spend, customers, credit_loss)
    conditions = Conditions(
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        cost_per_purchase=cost_per_purchase,
        retention_cost_per_year=retention_cost_per_year,
        acquisition_cost=None,
        until_renewal=until_renewal,
        risk_horizon="1Y",
        interval=None,
        predictive=False,
    )
    subject = subject_of(purchases, spend, customers, conditions, credit_loss, open_amount)
    if isinstance(purchases, PurchasePredictions):
        conditions = conditions.to_the_day(purchases, customers)
    credit = None if credit_loss is None else credit_terms(credit_loss, subject.ids)
    invoices = None
    if credit is not None:
        opened = open_amounts(open_amount, credit, subject.ids)
        invoices = invoices_of(credit, opened, subject.ids, subject.purchases, conditions, payment_term, default_after)
    columns = RiskColumns(
        leaving=None if purchases is None else _leaving(purchases, subject.population, conditions),
        worth=subject.worth,
        after=_after(subject.worth, credit),
        invoices=invoices,
        exact_loss=not np.any(each_customer(retention_cost_per_year, subject.ids, "retention_cost_per_year")),
    )
    return _result(columns, subject, credit, switching_risk, level, _assumptions(conditions, credit_loss))


def _check(purchases: Any, spend: Any, customers: Any, credit_loss: Any) -> None:
    """Whether there is something to ask about."""
    if purchases is None and credit_loss is None:
        raise ArgumentError("There is nothing to make a risk table of. Pass purchases=, or credit_loss=.")
    if purchases is not None and not isinstance(purchases, PurchasePredictions | RenewalPredictions):
        raise UnsupportedPrediction('purchases must be a fit of purchases or renewals, such as "bg/nbd" or "sbg".')
    if purchases is None and spend is not None:
        raise ArgumentError("spend= goes with purchases=: an amount alone has no value.")
    if isinstance(customers, str):
        raise ArgumentError("customers must be customers that are there: a new one has no risk of being lost yet.")
    if credit_loss is not None and not isinstance(credit_loss, CreditLoss):
        raise ArgumentError(
            "credit_loss must be CreditLoss(default_probability=…, loss_given_default=…): exposure and expected loss "
            "need both."
        )


def _leaving(purchases: Any, population: Population | None, conditions: Conditions) -> Leaving:
    """How customers are lost."""
    assert population is not None
    horizon = some_horizon(conditions.horizon)
    if isinstance(purchases, RenewalPredictions):
        next_one = quantities.stays(1.0)
        periods = float(renewals_in(horizon, purchases.unit))
        return Leaving("cancellation_risk", population, quantities.stays(periods), next_one, next_one)
    h = span_in_units(horizon, purchases.unit)
    delta = discount_rate_per_unit(conditions.annual_discount_rate, purchases.unit)
    comes = quantities.expected("purchase_probability", h)
    return Leaving("attrition_risk", population, comes, comes, discounted_next_purchase(h, delta))


def _after(worth: Worth | None, credit: CreditTerms | None) -> Worth | None:
    """Value after credit loss."""
    if worth is None or credit is None:
        return None
    return Worth(replace(worth.terms, credit=credit), after_stops(worth.population, credit))


def _assumptions(conditions: Conditions, credit_loss: CreditLoss | None) -> dict[str, Any]:
    names = ("annual_discount_rate", "margin", "cost_per_purchase", "retention_cost_per_year")
    told = {name: getattr(conditions, name) for name in names}
    told = {name: "by customer" if np.ndim(value) else value for name, value in told.items()}
    return told | ({} if credit_loss is None else credit_loss.assumptions())


def _result(
    columns: RiskColumns,
    subject: Subject,
    credit: CreditTerms | None,
    switching: pd.DataFrame | pd.Series[float] | None,
    level: float | None,
    assumptions: dict[str, Any],
) -> RiskTable:
    table, total = _tables(columns, subject, credit, level)
    if switching is not None:
        table = table.join(of_customers(switching, table.index))
    ordered = [name + end for name in _ORDER for end in ("", "_lower", "_upper") if name + end in table]
    return RiskTable(
        table=table[ordered],
        total=total,
        horizon=subject.horizon,
        unit=subject.unit,
        assumptions=assumptions,
        interval=level,
        currency=getattr(subject.spend, "currency", None),
    )


def _tables(
    columns: RiskColumns, subject: Subject, credit: CreditTerms | None, level: float | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of customers and that of sums, with bounds if there is a level."""
    table = point_table(columns, subject.estimates(credit), subject.ids)
    money = [name for name in MONEY if name in table]
    total = pd.DataFrame({"estimate": [float(table[name] @ subject.counts) for name in money]}, index=money)
    if level is None:
        return table, total
    of_row = np.zeros(len(subject.ids)) if subject.population is None else subject.population.row_of_id
    order = np.argsort(of_row, kind="stable")
    bounds, sums = bounds_tables(columns, subject.draws(credit), order, subject.counts, level)
    for name, (lower, upper) in bounds.items():
        table[f"{name}_lower"], table[f"{name}_upper"] = lower, upper
    total["lower"], total["upper"] = ([float(sums[name][end]) for name in money] for end in (0, 1))
    return table, total
