"""What can be asked of a population, as functions of parameters: expectations, and random numbers.

Each takes the parameters as an argument, so that a fit's own values and draws from its uncertainty go through the same
code.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.population.histories import SpendHistories
from clvmodels.inference.population.population import Chance, Parameters, PurchasePopulation, Quantity
from clvmodels.inference.population.renewals import RenewalPopulation
from clvmodels.models.numerics.special import expit


def probability_alive() -> Quantity:
    """P(alive)."""

    def quantity(parameters: Parameters, rows: PurchasePopulation) -> Array:
        return expit(rows.log_odds_alive(parameters))

    return quantity


def expected(name: str, t: float, *rest: float, start: float = 0.0) -> Quantity:
    """P(alive) times a quantity of a purchase model that is 0 for lost customers, and 0 for no time."""

    def quantity(parameters: Parameters, rows: PurchasePopulation) -> Array:
        if t == 0.0 and name != "survival":
            return np.zeros(len(rows))
        alive = expit(rows.log_odds_alive(parameters))
        return np.asarray(alive * rows.given_alive(parameters, name, t, *rest, start=start))

    return quantity


def purchases_pmf(t: float, count: int) -> Quantity:
    """P(count purchases in t): lost customers make none."""

    def quantity(parameters: Parameters, rows: PurchasePopulation) -> Array:
        if t == 0.0:
            return np.full(len(rows), float(count == 0))
        log_odds = rows.log_odds_alive(parameters)
        alive = expit(log_odds) * rows.given_alive(parameters, "purchases_pmf", t, count)
        return np.asarray(alive + expit(-log_odds) if count == 0 else alive)

    return quantity


def simulated_purchases(t: float) -> Chance:
    """Random numbers of purchases in t."""

    def chance(parameters: Parameters, rows: PurchasePopulation, rng: np.random.Generator) -> Array:
        alive = expit(rows.log_odds_alive(parameters))
        counts = rows.simulate_future(rng, parameters, t)
        counts[rng.random(len(counts)) >= alive] = 0.0
        return counts

    return chance


def expected_spend() -> Quantity:
    """Expected spend a purchase."""

    def quantity(parameters: Parameters, rows: SpendHistories) -> Array:
        return rows.expected_spend(parameters)

    return quantity


def simulated_spend() -> Chance:
    """Random mean amounts of the next purchases; their number of each row (1 by default) is given."""

    def chance(
        parameters: Parameters, rows: SpendHistories, rng: np.random.Generator, number: Array | None = None
    ) -> Array:
        return rows.simulate_spend(rng, parameters, np.ones(len(rows)) if number is None else number)

    return chance


def simulated_past() -> Chance:
    """Random repeat purchases, or mean spend, of new customers who are observed as long, or buy as often."""

    def chance(parameters: Parameters, rows: PurchasePopulation, rng: np.random.Generator) -> Array:
        return rows.simulate_past(rng, parameters)

    return chance


def stays(periods: float, of_log: Callable[[Array], Array] = np.exp) -> Quantity:
    """P(the next ``periods`` renewals are made), or another function of its logarithm."""

    def quantity(parameters: Parameters, rows: RenewalPopulation) -> Array:
        return of_log(rows.log_survival(parameters, periods))

    return quantity


def discounted_periods(delta: float, count: float, *, waiting: float = 1.0) -> Quantity:
    """Periods to come, discounted at ``delta`` a period from the first one, at most ``count``; times ``waiting``."""

    def quantity(parameters: Parameters, rows: RenewalPopulation) -> Array:
        return waiting * rows.discounted_periods(parameters, delta, count)

    return quantity
