"""Predictions as arrays: one value a distinct history, for one set of parameters.

Everything here takes the parameters as an argument, so that a fit's own values and draws from its uncertainty go
through the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.population.age_interpolation import Ages, in_parallel
from clvmodels.inference.population.base import ROWS_A_KIND, Base, Parameters, own_parameters
from clvmodels.inference.population.mixture_states import mean_over_states, simulate_future
from clvmodels.models.numerics.special import expit
from clvmodels.models.protocol import PurchaseModel, SpendModel
from clvmodels.transactions.histories import group_histories

Array = NDArray[np.float64]
Compute = Callable[[Parameters, Base], Array]


def log_odds_alive(model: PurchaseModel, parameters: Parameters, base: Base) -> Array:
    """log P(alive) / P(lost), kept for the next quantity at the same parameters."""
    key = (model.spec.name, *parameters.values())
    found = base.log_odds.get(key)
    if found is None:
        if base.varying is not None:
            found = base.varying.log_odds_alive(parameters)
        else:
            x, t_x, T = base.columns
            found = model.log_odds_alive(x, t_x, T, **base.parameters(model, parameters))
        base.log_odds.clear()
        base.log_odds[key] = found
    return found


def given_alive(
    model: PurchaseModel, parameters: Parameters, base: Base, quantity: str, *window: float, **options: float
) -> Array:
    """A quantity of the model's protocol, given that the customer is alive."""
    if base.varying is not None:
        return base.varying.given_alive(parameters, quantity, *window, **options)
    if model.mixture_states:
        return mean_over_states(given_alive, model, parameters, base, quantity, *window, **options)
    function = getattr(model, quantity)
    closed = quantity in model.spec.engine.closed and not options.get("start")
    with np.errstate(under="ignore"):
        if closed:
            x, _, T = base.columns
            return np.asarray(function(x, T, *window, **base.parameters(model, parameters)))
        if base.design is not None:
            return _by_covariates(model, parameters, base, lambda x, T, own: function(x, T, *window, **options, **own))
        return base.ages.evaluate(
            lambda x, T: function(x, T, *window, **options, **parameters), model.spec.age_offset(**parameters)
        )


def _by_covariates(
    model: PurchaseModel,
    parameters: Parameters,
    base: Base,
    function: Callable[[Array, Array, dict[str, Any]], Array],
) -> Array:
    """A function of x, T and the parameters of each row: by kinds of customers if they are few, else row by row."""
    if base.kinds:
        result = np.empty(len(base))
        for rows, ages, z in base.kinds:
            own = own_parameters(model, parameters, base.design, z)
            at = ages.evaluate(lambda x, T, own=own: function(x, T, own), model.spec.age_offset(**own))  # type: ignore[misc]
            result[rows] = at
        return result
    x, T, *z_columns = base.cells.columns
    own = own_parameters(model, parameters, base.design, tuple(z_columns))
    moved = [name for name, value in own.items() if np.ndim(value)]
    scale = model.spec.engine.age_sum
    if scale in moved:
        others = [own[name] for name in moved if name != scale]
        alike = group_histories(*others).members() if others else [np.arange(len(x))]
        if len(alike) * ROWS_A_KIND <= len(x) or len(alike) == 1:
            result = np.empty(len(x))
            for rows in alike:
                some = {name: own[name][rows] if name == scale else float(own[name][rows[0]]) for name in moved}
                result[rows] = _by_age_and_scale(scale, {**own, **some}, x[rows], T[rows], function)
            return base.cells.spread(result)

    def piece(x: Array, T: Array, *values: Array) -> Array:
        return function(x, T, {**own, **dict(zip(moved, values, strict=True))})

    return base.cells.spread(in_parallel(piece, x, T, *(own[name] for name in moved)))


def _by_age_and_scale(
    scale: str, own: dict[str, Any], x: Array, T: Array, function: Callable[[Array, Array, dict[str, Any]], Array]
) -> Array:
    """The same where age and the one parameter that differs enter as their sum: as if all had the smallest scale."""
    smallest = float(own[scale].min())
    same = {**own, scale: smallest}
    return Ages(x, T + (own[scale] - smallest)).evaluate(lambda x, T: function(x, T, same), smallest)


# --- what can be asked, as functions of parameters and customers ------------------------------------------------------


def of_new_too(compute: Compute) -> Compute:
    """The same, and for a new customer the mean over the covariates that new customers have."""

    def mean_of_mixture(parameters: Parameters, base: Base) -> Array:
        if base.mixture is None:
            return compute(parameters, base)
        weight = base.mixture.histories.weight
        return np.full(len(base), weight @ compute(parameters, base.mixture) / weight.sum())

    return mean_of_mixture


def probability_alive(model: PurchaseModel) -> Compute:
    """P(alive)."""
    return of_new_too(lambda parameters, base: expit(log_odds_alive(model, parameters, base)))


def expected(model: PurchaseModel, quantity: str, *window: float, **options: float) -> Compute:
    """P(alive) times a quantity of the protocol that is 0 for lost customers, and 0 for no time."""

    def compute(parameters: Parameters, base: Base) -> Array:
        if window[0] == 0.0 and quantity != "survival":
            return np.zeros(len(base))
        alive = expit(log_odds_alive(model, parameters, base))
        return np.asarray(alive * given_alive(model, parameters, base, quantity, *window, **options))

    return of_new_too(compute)


def purchases_pmf(model: PurchaseModel, t: float, count: int) -> Compute:
    """P(count purchases in t): lost customers make none."""

    def compute(parameters: Parameters, base: Base) -> Array:
        if t == 0.0:
            return np.full(len(base), float(count == 0))
        log_odds = log_odds_alive(model, parameters, base)
        alive = expit(log_odds) * given_alive(model, parameters, base, "purchases_pmf", t, count)
        return np.asarray(alive + expit(-log_odds) if count == 0 else alive)

    return of_new_too(compute)


def simulated_purchases(model: PurchaseModel, t: float, seed: int) -> Compute:
    """Random numbers of purchases in t."""

    def compute(parameters: Parameters, base: Base) -> Array:
        base = _one_of_mixture(base, seed)
        rng = _random(seed, parameters, base.columns[0])
        alive = expit(log_odds_alive(model, parameters, base))
        if base.varying is not None:
            counts = base.varying.simulate_future(rng, parameters, t)
        else:
            counts = simulate_future(model, rng, base.columns, t, base.parameters(model, parameters))
        counts[rng.random(len(counts)) >= alive] = 0.0
        return counts

    return compute


def expected_spend(model: SpendModel) -> Compute:
    """Expected spend a purchase."""

    def compute(parameters: Parameters, base: Base) -> Array:
        x, m, *_ = base.histories.columns
        return model.expected_spend(x, m, **base.parameters(model, parameters))

    return of_new_too(compute)


def simulated_spend(model: SpendModel, seed: int, count: Array | float = 1.0) -> Compute:
    """Random mean amounts of the next ``count`` purchases."""

    def compute(parameters: Parameters, base: Base) -> Array:
        base = _one_of_mixture(base, seed)
        x, m, *_ = base.histories.columns
        counts = np.broadcast_to(np.asarray(count, dtype=np.float64), x.shape)
        own = base.parameters(model, parameters)
        return model.simulate_future(_random(seed, parameters, x), x, m, counts, **own) / counts

    return compute


def _one_of_mixture(base: Base, seed: int) -> Base:
    """A new customer with covariates that some customer has."""
    if base.mixture is None:
        return base
    weight = base.mixture.histories.weight
    chosen = np.random.default_rng([seed, 1]).choice(len(weight), len(base), p=weight / weight.sum())
    return base.mixture.rows(chosen)


def _random(seed: int, parameters: Parameters, x: Array) -> np.random.Generator:
    """Randomness of its own for each draw and block of customers, whatever thread they fall to."""
    numbers = np.array([*parameters.values(), float(len(x)), float(x.sum())])
    return np.random.default_rng([seed, *numbers.view(np.uint32).tolist()])
