"""Discounted customer lifetime value: expected purchases × margin, less costs."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population import quantities
from clvmodels.inference.population.base import Base
from clvmodels.inference.population.intervals import Bounds, check_level, records
from clvmodels.inference.population.selection import Who, base_for
from clvmodels.models.protocol import PurchaseModel, SpendModel
from clvmodels.transactions.units import Span, span_in_units, units_per_year
from clvmodels.value.attrition_risk import attrition_risk
from clvmodels.value.checks import check_kinds, check_new, check_of_purchases, check_of_subscribers, check_spend
from clvmodels.value.costs import acquisition, per_customer
from clvmodels.value.intervals import predictive_bounds, value_bounds
from clvmodels.value.subscription_value import subscription_value
from clvmodels.value.terms import Terms

Array = NDArray[np.float64]


def lifetime_value(
    purchases: Fit,
    spend: Any,
    customers: Any = None,
    *,
    horizon: Span | None,
    annual_discount_rate: float,
    margin: Any = 1.0,
    cost_per_purchase: Any = 0.0,
    retention_cost_per_year: Any = 0.0,
    acquisition_cost: float | None = None,
    until_renewal: Any = 0.0,
    risk_horizon: Span = "1Y",
    yearly: bool = False,
    interval: float | None = None,
    predictive: bool = False,
) -> pd.DataFrame:
    """Value, risk and what they are made of, one row a customer.

    Value = (margin × expected spend - cost per purchase) × discounted expected purchases - retention cost per year ×
    discounted years alive, from the end of the observation on. Purchases and spend are independent under the
    Gamma-Gamma model. For ``customers="new"`` the first purchase is added and the acquisition cost taken off.

    With a fit of renewals, value = (margin × price - cost) × discounted periods, each paid at its beginning: see
    `clvmodels.value.subscription_value.subscription_value` for what is counted and what is returned.

    Parameters
    ----------
    purchases, spend : Fit
        A purchase and a spend model, fitted to the same customers. Of subscriptions: a model of renewals ("sbg",
        "bdw"), and what is paid a period, a number or one a customer.
    customers : Customers, Subscriptions, "new" or None
        Whom to value; None means those that ``purchases`` was fitted to.
    horizon
        A number of the model's units or a span such as "12M" or "1Y"; None means for life.
    annual_discount_rate
        0.10 is 10 % a year, compounded continuously within it.
    margin
        Share of the spend that is earned; a number, or one a customer (a Series by customer_id, or an array).
    cost_per_purchase
        What serving a purchase (of subscriptions: a period) costs, in the currency of the amounts; a number, or one a
        customer.
    retention_cost_per_year
        What keeping a customer costs a year while the customer is alive; a number, or one a customer.
    acquisition_cost
        What winning a new customer costs; with ``customers="new"`` only.
    until_renewal
        Of subscriptions: periods from now to the next renewal, 0 if it is due, 1 if one has just been made.
    risk_horizon
        For ``horizon=None``: the horizon of counts and risks, which have no meaning for life.
    yearly
        Add ``lifetime_value_year_1``, ``_2``, … for the years of the horizon; they add up to ``lifetime_value``.
    interval
        Level of an interval, such as 0.90: adds ``_lower`` and ``_upper`` to each column, from paired draws of the
        parameters of both models; ``attrs["total"]`` holds estimate and bounds of the sums over customers, which are
        sums draw by draw and not sums of bounds.
    predictive
        Let the intervals of purchases, spend and value hold the randomness of the customers too. Needs a horizon with
        an end.

    Returns
    -------
    pandas.DataFrame
        ``probability_alive``, ``purchase_probability``, ``attrition_risk`` (no purchase in the horizon),
        ``expected_purchases``, ``expected_spend`` (a purchase) and ``lifetime_value``, the last two in the currency of
        the amounts; ``attrs`` holds currency, horizon and rate.

    Raises
    ------
    ArgumentError, DataError
        A horizon, rate, margin or cost has no meaning, or is missing for some customers.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", unit="week", observation_end="1997-09-30")
    >>> purchases, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
    >>> value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    >>> value.loc[1, ["expected_purchases", "expected_spend", "lifetime_value"]].astype(float).round(2).to_dict()
    {'expected_purchases': 1.56, 'expected_spend': 24.65, 'lifetime_value': 11.06}

    Subscribers who pay 20 a month:

    >>> months = clv.Subscriptions.from_survival({"May": [900, 568, 421, 344], "June": [800, 505, 374]}, unit="month")
    >>> renewals = clv.fit(months, "sbg")
    >>> value = clv.lifetime_value(renewals, 20.0, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    >>> value["lifetime_value"].round(2).to_dict()
    {'May': 35.96, 'June': 32.14}
    """
    if isinstance(purchases, Fit) and purchases.definition.spec.kind == "subscriptions":
        check_of_subscribers(predictive=predictive)
        return subscription_value(
            purchases,
            spend,
            customers,
            horizon=horizon,
            annual_discount_rate=annual_discount_rate,
            margin=margin,
            cost_per_purchase=cost_per_purchase,
            retention_cost_per_year=retention_cost_per_year,
            acquisition_cost=acquisition_cost,
            until_renewal=until_renewal,
            risk_horizon=risk_horizon,
            yearly=yearly,
            interval=interval,
        )
    check_kinds(purchases, spend)
    check_spend(purchases, spend, customers)
    check_of_purchases(until_renewal=until_renewal)
    if predictive and (interval is None or horizon is None):
        raise ArgumentError("predictive=True needs interval= and a horizon with an end.")
    counted = risk_horizon if horizon is None else horizon
    who = purchases.customers if customers is None else customers
    bought, spent = base_for(purchases, who), base_for(spend, who)
    check_new(purchases, spend, who)
    answers = {
        "probability_alive": purchases.probability_alive(who, interval=interval),
        "purchase_probability": purchases.purchase_probability(counted, who, interval=interval),
        "attrition_risk": attrition_risk(purchases, who, horizon=counted),
        "expected_purchases": purchases.expected_purchases(counted, who, interval=interval, predictive=predictive),
        "expected_spend": spend.expected_spend(who, interval=interval, predictive=predictive),
    }
    if interval is not None:
        answers["attrition_risk"] = _complement(answers["attrition_risk"], answers["purchase_probability"])
    amounts = {
        name: np.broadcast_to(per_customer(value, bought.ids, name), len(bought.ids))
        for name, value in (
            ("margin", margin),
            ("cost_per_purchase", cost_per_purchase),
            ("retention_cost_per_year", retention_cost_per_year),
        )
    }
    at_once = _first_purchase(customers, acquisition_cost)

    def terms(start: Span, length: Span | None) -> Terms:
        """Value of a window, discounted to the end of the observation."""
        window = (annual_discount_rate, length, start)
        keeping = amounts["retention_cost_per_year"]
        return Terms(
            purchases=purchases.discounted("discounted_expected_purchases", *window),
            years_alive=_years_alive(purchases, *window) if np.any(keeping) else None,
            spend=quantities.expected_spend(cast(SpendModel, spend.definition)),
            margin=amounts["margin"],
            cost_per_purchase=amounts["cost_per_purchase"],
            cost_per_year=keeping,
            **(at_once if start == 0 else {}),
        )

    whole = terms(0, horizon)
    value = pd.Series(_point(whole, purchases, spend, bought, spent), index=bought.ids, name="lifetime_value")
    answers["lifetime_value"] = value
    total = {}
    if interval is not None:
        pairs = list(zip(records(purchases.draws()), records(spend.draws()), strict=False))
        if predictive:
            found = _predictive(whole, purchases, spend, cast(Span, horizon), bought, spent, pairs, interval)
        else:
            found = value_bounds(whole, bought, spent, pairs, check_level(interval))
        answers["lifetime_value"] = value.to_frame().assign(
            lifetime_value_lower=found.lower, lifetime_value_upper=found.upper
        )
        total = {
            **answers["expected_purchases"].attrs["total"],
            "lifetime_value": {"estimate": float(value.sum()), "lower": found.total[0], "upper": found.total[1]},
        }
    result = pd.concat([_without_attrs(answer) for answer in answers.values()], axis=1)
    if yearly:
        for year, window in enumerate(_years(horizon, purchases.unit), start=1):
            result[f"lifetime_value_year_{year}"] = _point(terms(*window), purchases, spend, bought, spent)
    result.attrs = {
        "currency": spend.currency,
        "horizon": horizon,
        "counts_horizon": counted,
        "annual_discount_rate": annual_discount_rate,
        **({"interval": interval, "total": total} if interval is not None else {}),
    }
    return result


def _point(terms: Terms, purchases: Fit, spend: Fit, bought: Base, spent: Base) -> Array:
    """Value at the parameters themselves, one a customer."""
    years = None
    if terms.years_alive is not None:
        years = bought.histories.spread(terms.years_alive(purchases.parameters, bought))
    return terms.value(
        slice(None),
        bought.histories.spread(terms.purchases(purchases.parameters, bought)),
        years,
        spent.histories.spread(terms.spend(spend.parameters, spent)),
    )


def _years_alive(purchases: Fit, rate: float, length: Span | None, start: Span) -> quantities.Compute:
    compute, units = purchases.discounted("discounted_time_alive", rate, length, start), units_per_year(purchases.unit)
    return lambda parameters, base: compute(parameters, base) / units


def _predictive(
    terms: Terms,
    purchases: Fit,
    spend: Fit,
    horizon: Span,
    bought: Base,
    spent: Base,
    pairs: list[tuple[Any, Any]],
    interval: float,
) -> Bounds:
    """Bounds with simulated customers; a purchase counts at the mean discount of the customer's purchases."""
    model, t = cast(PurchaseModel, purchases.definition), span_in_units(horizon, purchases.unit)
    count = quantities.simulated_purchases(model, t, seed=0)
    expected = quantities.expected(model, "expected_purchases", t)
    amounts = cast(SpendModel, spend.definition)

    def simulate(pair: tuple[Any, Any], some: tuple[Base, Base]) -> tuple[Array, Array]:
        purchases = count(pair[0], some[0])
        discount = terms.purchases(pair[0], some[0]) / np.maximum(expected(pair[0], some[0]), 1e-300)
        return purchases * discount, quantities.simulated_spend(amounts, 0, np.maximum(purchases, 1.0))(
            pair[1], some[1]
        )

    return predictive_bounds(terms, simulate, bought.apart(), spent.apart(), pairs, check_level(interval))


def _complement(risk: pd.Series[float], probability: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the attrition risk, from those of the purchase probability."""
    return risk.to_frame().assign(
        attrition_risk_lower=1.0 - probability["purchase_probability_upper"],
        attrition_risk_upper=1.0 - probability["purchase_probability_lower"],
    )


def _without_attrs(answer: pd.Series[Any] | pd.DataFrame) -> pd.Series[Any] | pd.DataFrame:
    answer.attrs = {}
    return answer


def _first_purchase(customers: Who, acquisition_cost: float | None) -> dict[str, float]:
    """What happens at once with a new customer: the first purchase, and the cost of acquisition."""
    new = isinstance(customers, str)
    spent = acquisition(acquisition_cost, new=new)
    return {"first_purchases": 1.0, "acquisition_cost": spent} if new else {}


def _years(horizon: Span | None, unit: str) -> list[tuple[float, float]]:
    """Starts and lengths of the years of a horizon; the last one may be shorter."""
    if horizon is None:
        raise ArgumentError('yearly=True needs a horizon with an end, such as "5Y".')
    total, year = span_in_units(horizon, unit), units_per_year(unit)
    starts = np.arange(0.0, total * (1.0 - 1e-12), year)
    return [(float(start), float(min(year, total - start))) for start in starts]
