"""What can be asked of a population, as functions of parameters: expectations, and random numbers.

Each takes the parameters as an argument, so that a fit's own values and draws from its uncertainty go through the same
code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.population.population import Chance, Parameters, PurchasePopulation, Quantity
from clvmodels.models.numerics.special import expit


def probability_alive() -> Quantity:
    """P(alive)."""
    return lambda parameters, rows: expit(rows.log_odds_alive(parameters))


def expected(name: str, t: float, *rest: float, start: float = 0.0) -> Quantity:
    """P(alive) times a quantity of a purchase model that is 0 for lost customers, and 0 for no time."""
    if t == 0.0 and name != "survival":
        return lambda parameters, rows: np.zeros(len(rows))
    return lambda parameters, rows: np.asarray(
        expit(rows.log_odds_alive(parameters)) * rows.given_alive(parameters, name, t, *rest, start=start)
    )


def purchases_until(ends: Sequence[float]) -> Quantity:
    """Expected purchases until each of the ends, all above 0: shape (ends, rows)."""
    return lambda parameters, rows: np.asarray(
        expit(rows.log_odds_alive(parameters)) * rows.purchases_until(parameters, ends)
    )


def silence() -> Quantity:
    """P(a gap longer than the time since the last purchase), given that the customer is alive."""
    return lambda parameters, rows: rows.silence(parameters)


def purchases_pmf(t: float, count: int) -> Quantity:
    """P(count purchases in t): lost customers make none."""
    if t == 0.0:
        return lambda parameters, rows: np.full(len(rows), float(count == 0))
    while_alive = expected("purchases_pmf", t, count)
    if count > 0:
        return while_alive
    return lambda parameters, rows: while_alive(parameters, rows) + expit(-rows.log_odds_alive(parameters))


def simulated_purchases(t: float) -> Chance:
    """Random numbers of purchases in t; P(alive) is given, or computed."""

    def chance(
        parameters: Parameters, rows: PurchasePopulation, rng: np.random.Generator, alive: Array | None = None
    ) -> Array:
        p = expit(rows.log_odds_alive(parameters)) if alive is None else alive
        there = np.flatnonzero(rng.random(len(rows)) < p)
        counts = np.zeros(len(rows))
        counts[there] = rows.take(there).simulate_future(rng, parameters, t)
        return counts

    return chance


def expected_spend() -> Quantity:
    """Expected spend a purchase."""
    return lambda parameters, rows: rows.expected_spend(parameters)


def simulated_spend() -> Chance:
    """Random mean amounts of the next purchases; their number of each row (1 by default) is given."""
    return lambda parameters, rows, rng, number=None: rows.simulate_spend(
        rng, parameters, np.ones(len(rows)) if number is None else number
    )


def default_probability() -> Quantity:
    """P(the next invoice is not paid)."""
    return lambda parameters, rows: rows.default_probability(parameters)


def simulated_past() -> Chance:
    """Random repeat purchases, or mean spend, of new customers who are observed as long, or buy as often."""
    return lambda parameters, rows, rng: rows.simulate_past(rng, parameters)


def stays(periods: float, of_log: Callable[[Array], Array] = np.exp) -> Quantity:
    """P(the next ``periods`` renewals are made), or another function of its logarithm."""
    return lambda parameters, rows: of_log(rows.log_survival(parameters, periods))


def discounted_periods(delta: float, count: float, *, waiting: float = 1.0, dropout: float = 1.0) -> Quantity:
    """Periods to come, discounted at ``delta`` a period from the first one, at most ``count``; times ``waiting``.

    With ``dropout`` times each customer's own probability of leaving at a renewal.
    """
    return lambda parameters, rows: waiting * rows.discounted_periods(parameters, delta, count, dropout)
