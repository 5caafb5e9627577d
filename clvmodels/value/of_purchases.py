"""Value of customers who buy when they like: discounted purchases × what is earned on each, less costs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import starmap
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.fits.predictions.spend import SpendPredictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import Bounds, over_draws, records
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.inference.population.structure import Who
from clvmodels.transactions.units import units_per_year
from clvmodels.value.attrition_risk import attrition_risk
from clvmodels.value.checks import check_amounts, check_kinds, check_new, check_purchase_options
from clvmodels.value.conditions import Conditions, Window, years_of
from clvmodels.value.credit_terms import CreditTerms, loss_column
from clvmodels.value.intervals import Simulate, SimulationOf, predictive_bounds
from clvmodels.value.terms import Draw, ExpectedSpend, Terms
from clvmodels.value.valuation import Valuation


def purchase_valuation(purchases: Any, spend: Any, customers: Who, conditions: Conditions) -> Valuation:
    """What a valuation of purchases and spend is made of."""
    check_kinds(purchases, spend)
    chosen = purchases.customers if customers is None else customers
    check_amounts(chosen)
    conditions = conditions.to_the_day(purchases, customers)
    check_purchase_options(conditions)
    bought, spent = purchases.population(chosen), spend.population(chosen)
    check_new(bought, spent)
    new, year = isinstance(customers, str), units_per_year(purchases.unit)
    income, costs = ExpectedSpend(spent, spend.parameters), conditions.costs(bought.ids, new=new)
    credit = conditions.credit(bought.ids, new=new)
    horizon = None if conditions.horizon is None else float(conditions.horizon)

    def terms(window: Window, *change: float) -> Terms:
        """Value of a window, discounted to the end of the observation; what happens at once is in the first."""
        begin, length = window
        rate, changed = (
            conditions.annual_discount_rate,
            "changed_purchases" if change else "discounted_expected_purchases",
        )
        units = purchases.discounted(changed, rate, length, begin, *change)
        years_alive = _years_alive(purchases, rate, length, begin, *change) if np.any(costs.a_year) else None
        first = float(new and begin == 0.0)
        return Terms(units, years_alive, income, costs, begins=begin == 0.0, first_units=first, credit=credit)

    def simulated(whole: Terms, draws: list[Draw], level: float) -> Bounds:
        each = bought.one_row_each(), spent.one_row_each()
        simulation = _simulation(whole, float(horizon or 0.0), purchases.parameters)
        return predictive_bounds(whole, simulation, *each, draws, level)

    return Valuation(
        population=bought,
        parameters=purchases.parameters,
        terms=terms,
        horizon=horizon,
        years=[] if horizon is None else years_of(horizon, year),
        columns=lambda: _columns(purchases, spend, bought, spent, conditions) | loss_column(credit, bought.ids),
        draws=lambda: _draws(purchases, spend, credit),
        predictive_bounds=simulated,
        currency=getattr(spend, "currency", None),
        counts_horizon=conditions.counts_horizon,
    )


def _draws(purchases: PurchasePredictions, spend: SpendPredictions, credit: CreditTerms | None) -> list[Draw]:
    """Draws of the parameters of all models together."""
    of_purchases = records(purchases.draws())
    of_payments = [{}] * len(of_purchases) if credit is None else credit.draws(len(of_purchases))
    return list(starmap(Draw, zip(of_purchases, records(spend.draws()), of_payments, strict=False)))


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
    return {
        "probability_alive": purchases.probability_alive(bought, interval=interval),
        "purchase_probability": probability,
        "attrition_risk": risk,
        "expected_purchases": purchases.expected_purchases(counted, bought, interval=interval, predictive=predictive),
        "expected_spend": spend.expected_spend(spent, interval=interval, predictive=predictive),
    }


def _simulation(terms: Terms, horizon: float, parameters: Parameters) -> SimulationOf:
    """Simulated customers; a purchase counts at the mean discount of the customer's purchases at ``parameters``.

    That discount hardly differs between draws, and chance does far more to the purchases themselves.
    """
    count, spent = quantities.simulated_purchases(horizon), quantities.simulated_spend()
    expected = quantities.expected("expected_purchases", horizon)

    def of_customers(bought: Population, spends: Population, draws: Sequence[Draw]) -> Simulate:
        undiscounted = np.maximum(bought.evaluate(expected, parameters), 1e-300)
        discount = bought.evaluate(terms.units, parameters) / undiscounted
        alive = over_draws(quantities.probability_alive(), [draw.purchases for draw in draws], bought)

        def simulate(d: int, rng: np.random.Generator) -> tuple[Array, Array]:
            draw = draws[d]
            purchases = bought.simulate(count, draw.purchases, rng, alive[:, d])
            return purchases * discount, spends.simulate(spent, draw.spend, rng, np.maximum(purchases, 1.0))

        return simulate

    return of_customers


def _years_alive(
    purchases: PurchasePredictions, rate: float, length: float | None, begin: float, *change: float
) -> Quantity:
    name = "changed_time_alive" if change else "discounted_time_alive"
    quantity = purchases.discounted(name, rate, length, begin, *change)
    units = units_per_year(purchases.unit)

    def years(parameters: Parameters, rows: Population) -> Array:
        return quantity(parameters, rows) / units

    return years
