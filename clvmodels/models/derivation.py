"""Functions of a model that follow from its other functions, for what its module leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ModelError
from clvmodels.models import mixtures
from clvmodels.models.numerics.clock import on_clock
from clvmodels.models.numerics.renewal_sums import discounted_sum
from clvmodels.models.numerics.silence import gamma_silence
from clvmodels.models.protocol import PurchaseModel, StateWeightsFunction
from clvmodels.models.spec import Spec

Function = Callable[..., Any]


def of_any_model() -> dict[str, Function]:
    """What holds unless a model says otherwise: no remarks on parameters, and every history is possible."""
    return {"diagnose": _no_remarks, "check_histories": _accept}


def of_purchases(spec: Spec, found: Mapping[str, Function]) -> dict[str, Function]:
    """Undiscounted purchases from discounted ones; P(a purchase) from P(no purchase)."""
    result: dict[str, Function] = {"silence": _silence(spec)}
    for changed, discounted in _CHANGED.items():
        if discounted in found:
            result[changed] = partial(_faster_clock, spec, changed, found[discounted])
    if "discounted_expected_purchases" in found:
        result["expected_purchases"] = partial(_undiscounted, found["discounted_expected_purchases"])
    if "purchases_pmf" in found:
        result["purchase_probability"] = partial(_one_minus_none, spec.title, found["purchases_pmf"])
    return result


def of_mixture(spec: Spec, states: Sequence[PurchaseModel], log_weights: StateWeightsFunction) -> dict[str, Function]:
    """Everything given alive, of customers whose last purchase was at T: the mean over the states.

    With x = 0 and T = 0 these are new customers.
    """
    names = tuple(spec.parameters)
    result: dict[str, Function] = {
        quantity: partial(_mean_over_states, names, states, log_weights, quantity)
        for quantity in (
            "survival", "expected_purchases", "purchase_probability", "purchases_pmf",
            "discounted_expected_purchases", "discounted_time_alive", *_CHANGED,
        )
    }  # fmt: skip
    return result | {"simulate_future": partial(_simulate_in_states, states, log_weights), "silence": _silence(spec)}


def of_spend(spec: Spec, found: Mapping[str, Function]) -> dict[str, Function]:
    """The density of the mean is the likelihood, where a model sees number and mean alone."""
    return {"log_density_of_mean": found["log_likelihood"]} if len(spec.data) == 2 and "log_likelihood" in found else {}


def of_renewals(found: Mapping[str, Function]) -> dict[str, Function]:
    """The discounted lifetime as the sum of discounted probabilities to be there."""
    if "log_survival" not in found:
        return {}
    lifetime = partial(_sum_of_survival, found["log_survival"])
    return {"discounted_lifetime": lifetime, "changed_lifetime": partial(_unchanged_lifetime, lifetime)}


_CHANGED = {
    "changed_purchases": "discounted_expected_purchases",
    "changed_time_alive": "discounted_time_alive",
}

# --- private helpers --------------------------------------------------------------------------------------------------


def _no_remarks(**parameters: float) -> list[str]:
    """No parameter values have an unusual consequence."""
    return []


def _accept(*data: Array) -> None:
    """All histories are possible."""


def _silence(spec: Spec) -> Function:
    """From the gamma distribution of the purchase rate, if the model has one."""
    if {"r", "alpha"} <= set(spec.parameters) and not spec.discrete:
        return partial(gamma_silence, spec.log_gaps + 1)
    return partial(_no_silence, spec.title)


def _no_silence(title: str, x: Array, t_x: Array, T: Array, **parameters: Any) -> Array:
    raise ModelError(f"{title} doesn't say how long a silence is usual: define silence(x, t_x, T, …) in its module.")


def _faster_clock(
    spec: Spec,
    name: str,
    discounted: Function,
    x: Array,
    T: Array,
    t: float,
    delta: float,
    purchase_rate: float,
    dropout: float,
    *,
    start: float = 0.0,
    **parameters: Any,
) -> Array:
    """A purchase rate that is multiplied is a faster clock, where customers leave at purchases or never."""
    if dropout != 1.0 or not (spec.operational_time or purchase_rate == 1.0):
        raise ModelError(
            f"{spec.title} doesn't say what a change of {'dropout' if dropout != 1.0 else 'the purchase rate'} does to "
            f"the future: define {name}(x, T, t, delta, purchase_rate, dropout, *, start=0.0, …) in its module."
        )
    t, delta, start = on_clock(purchase_rate, t, delta, start)
    values = discounted(x, T, t, delta, start=start, **parameters)
    return np.asarray(values / purchase_rate if name == "changed_time_alive" else values)


def _undiscounted(
    discounted: Function, x: Array, T: Array, t: float, *, start: float = 0.0, **parameters: Any
) -> Array:
    """Expected purchases: the discounted ones at a rate of 0."""
    return np.asarray(discounted(x, T, t, 0.0, start=start, **parameters))


def _one_minus_none(
    title: str, pmf: Function, x: Array, T: Array, t: float, *, start: float = 0.0, **parameters: Any
) -> Array:
    """P(at least one purchase) in a window that begins now, to about 1e-16 absolutely."""
    if start:
        raise ModelError(
            f"{title} defines no purchase_probability, and from its purchases_pmf follows only that of windows that "
            "begin now. Define purchase_probability(x, T, t, *, start=0.0, …) in the module of the model."
        )
    return np.asarray(1.0 - pmf(x, T, t, 0, **parameters))


def _mean_over_states(
    names: tuple[str, ...],
    states: Sequence[PurchaseModel],
    log_weights: StateWeightsFunction,
    quantity: str,
    x: Array,
    T: Array,
    *window: float,
    **options: Any,
) -> Array:
    """A quantity of customers whose last purchase was at T."""
    parameters = {name: options[name] for name in names}
    weights = mixtures.probabilities(log_weights, x, T, T, parameters)
    each = [getattr(state, quantity)(x, T, *window, **options) for state in states]
    return np.asarray((weights * np.stack(each)).sum(axis=0))


def _simulate_in_states(
    states: Sequence[PurchaseModel],
    log_weights: StateWeightsFunction,
    rng: np.random.Generator,
    x: Array,
    T: Array,
    t: float,
    **parameters: Any,
) -> Array:
    """Random purchases of customers whose last purchase was at T."""
    return mixtures.simulate_future(states, log_weights, rng, (x, T, T), t, parameters)


def _unchanged_lifetime(
    lifetime: Function, n: Array, delta: float, count: float, dropout: float, **parameters: float
) -> Array:
    """The lifetime itself; what a change does, the model has to say."""
    if dropout != 1.0:
        raise ModelError(
            "This model doesn't say what a change of dropout does: define changed_lifetime(n, delta, count, dropout, …)"
            " in its module."
        )
    return np.asarray(lifetime(n, delta, count, **parameters))


def _sum_of_survival(log_survival: Function, n: Array, delta: float, count: float, **parameters: float) -> Array:
    """Σ_{0 <= j < count} e^(-delta j) S(n + j) / S(n), once for each n."""
    distinct, index = np.unique(n, return_inverse=True)
    log_stay = partial(log_survival, **parameters)
    return np.array([discounted_sum(partial(log_stay, made), delta, count) for made in distinct])[index]
