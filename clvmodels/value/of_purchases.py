"""Value of customers who buy when they like: discounted purchases × what is earned on each, less costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.fits.predictions.spend import SpendPredictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import Bounds, records
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.inference.population.structure import Who
from clvmodels.transactions.units import span_in_units, units_per_year
from clvmodels.value.attrition_risk import attrition_risk
from clvmodels.value.checks import check_amounts, check_kinds, check_new, check_purchase_options
from clvmodels.value.conditions import Conditions
from clvmodels.value.costs import acquisition, each_customer
from clvmodels.value.intervals import Pair, predictive_bounds
from clvmodels.value.terms import ExpectedSpend, Terms
from clvmodels.value.valuation import Valuation, Window


def purchase_valuation(purchases: Any, spend: Any, customers: Who, conditions: Conditions) -> Valuation:
    """What a valuation of purchases and spend is made of."""
    check_kinds(purchases, spend)
    chosen = purchases.customers if customers is None else customers
    check_amounts(chosen)
    bounded = conditions.interval is not None and conditions.horizon is not None
    check_purchase_options(until_renewal=conditions.until_renewal, predictive=conditions.predictive, bounded=bounded)
    bought, spent = purchases.population(chosen), spend.population(chosen)
    check_new(bought, spent)
    income = ExpectedSpend(spent, quantities.expected_spend(), spend.parameters)
    amounts = {
        "margin": conditions.margin,
        "cost_per_purchase": conditions.cost_per_purchase,
        "retention_cost_per_year": conditions.retention_cost_per_year,
    }
    of_each = {name: each_customer(value, bought.ids, name) for name, value in amounts.items()}
    new = isinstance(customers, str)
    acquired = acquisition(conditions.acquisition_cost, new=new)

    def terms(begin: float, length: float | None) -> Terms:
        """Value of a window, discounted to the end of the observation; what happens at once is in the first."""
        window = (conditions.annual_discount_rate, length, begin)
        first = new and begin == 0.0
        return Terms(
            units=purchases.discounted("discounted_expected_purchases", *window),
            years_alive=_years_alive(purchases, *window) if np.any(of_each["retention_cost_per_year"]) else None,
            income=income,
            margin=of_each["margin"],
            cost=of_each["cost_per_purchase"],
            cost_per_year=of_each["retention_cost_per_year"],
            first_units=1.0 if first else 0.0,
            acquisition_cost=acquired if first else 0.0,
        )

    horizon = None if conditions.horizon is None else span_in_units(conditions.horizon, purchases.unit)
    whole = terms(0.0, horizon)

    def simulated(pairs: list[Pair], level: float) -> Bounds:
        each = bought.one_row_each(), spent.one_row_each()
        return predictive_bounds(whole, _simulation(whole, float(horizon or 0.0)), *each, pairs, level)

    return Valuation(
        population=bought,
        parameters=purchases.parameters,
        terms=whole,
        terms_of=lambda window: terms(*window),
        years=[] if horizon is None else _years(horizon, units_per_year(purchases.unit)),
        columns=_columns(purchases, spend, bought, spent, conditions),
        pairs=lambda: list(zip(records(purchases.draws()), records(spend.draws()), strict=False)),
        predictive_bounds=simulated,
        currency=getattr(spend, "currency", None),
        counts_horizon=conditions.counts_horizon,
    )


def _columns(
    purchases: PurchasePredictions,
    spend: SpendPredictions,
    bought: Population,
    spent: Population,
    conditions: Conditions,
) -> dict[str, pd.Series[float] | pd.DataFrame]:
    """What stands beside the value."""
    counted, interval, predictive = conditions.counts_horizon, conditions.interval, conditions.predictive
    probability = purchases.purchase_probability(counted, bought, interval=interval)
    risk = attrition_risk(purchases, bought, horizon=counted)
    if interval is not None:  # the bounds of 1 - P are those of P, the other way round
        risk = risk.to_frame().assign(
            attrition_risk_lower=1.0 - probability["purchase_probability_upper"],
            attrition_risk_upper=1.0 - probability["purchase_probability_lower"],
        )
    expected = purchases.expected_purchases(counted, bought, interval=interval, predictive=predictive)
    return {
        "probability_alive": purchases.probability_alive(bought, interval=interval),
        "purchase_probability": probability,
        "attrition_risk": risk,
        "expected_purchases": expected,
        "expected_spend": spend.expected_spend(spent, interval=interval, predictive=predictive),
    }


def _simulation(terms: Terms, horizon: float) -> Any:
    """Simulated customers; a purchase counts at the mean discount of the customer's purchases."""
    count, spent = quantities.simulated_purchases(horizon), quantities.simulated_spend()
    expected = quantities.expected("expected_purchases", horizon)

    def simulate(pair: Pair, some: tuple[Population, Population], rng: np.random.Generator) -> tuple[Array, Array]:
        purchases = some[0].simulate(count, pair[0], rng)
        undiscounted = np.maximum(some[0].evaluate(expected, pair[0]), 1e-300)
        discount = some[0].evaluate(terms.units, pair[0]) / undiscounted
        return purchases * discount, some[1].simulate(spent, pair[1], rng, np.maximum(purchases, 1.0))

    return simulate


def _years_alive(purchases: PurchasePredictions, rate: float, length: float | None, begin: float) -> Quantity:
    quantity = purchases.discounted("discounted_time_alive", rate, length, begin)
    units = units_per_year(purchases.unit)

    def years(parameters: Parameters, rows: Population) -> Array:
        return quantity(parameters, rows) / units

    return years


def _years(horizon: float, year: float) -> list[Window]:
    """Begins and lengths of the years of a horizon; the last one may be shorter."""
    begins = np.arange(0.0, horizon * (1.0 - 1e-12), year)
    return [(float(begin), float(min(year, horizon - begin))) for begin in begins]
