"""From a module of functions to a model: what the module leaves out is derived, and what can't be is named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from functools import partial
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, ModelError
from clvmodels.models.protocol import Model, ModelFamily, PurchaseModel, RenewalModel, SpendModel
from clvmodels.models.spec import Spec

Array = NDArray[np.float64]

KINDS: dict[str, type[Model]] = {"purchases": PurchaseModel, "spend": SpendModel, "subscriptions": RenewalModel}


def assemble(source: Any, where: str) -> Model:
    """The model that a module, or an object with the same names, defines.

    Parameters
    ----------
    source : module or object
        ``SPEC``, a `Spec`, and the functions of its kind of model, see `clvmodels.models.protocol`.
    where : str
        Name of the module, for messages.

    Returns
    -------
    PurchaseModel, SpendModel or RenewalModel

    Raises
    ------
    ModelError
        Functions are missing or take other arguments; the message names all of them.
    """
    spec = getattr(source, "SPEC", None)
    if not isinstance(spec, Spec):
        raise ModelError(f"{where} defines no model: it needs SPEC = clvmodels.models.spec.Spec(name=..., ...).")
    kind = KINDS[spec.kind]
    found = {name: getattr(source, name) for name in _functions(kind) if hasattr(source, name)}
    found |= {name: function for name, function in _derived(spec, found).items() if name not in found}
    wrong = list(_what_is_wrong(spec, kind, found))
    if wrong:
        raise ModelError(
            f"Model {spec.name!r} in {where} is not complete: {'; '.join(wrong)}. What they mean says "
            f"clvmodels.models.protocol.{kind.__name__}."
        )
    states = tuple(assemble(state, where) for state in getattr(source, "mixture_states", ()))
    more = {"mixture_states": states, "mixture_log_weights": source.mixture_log_weights} if states else {}
    return kind(spec=spec, **found, **more)


def family(spec: Spec) -> ModelFamily:
    """A family of models, which has no functions of its own.

    Parameters
    ----------
    spec : Spec
        With ``choices``.

    Returns
    -------
    ModelFamily
    """

    def log_likelihood(*data: Any, **parameters: Any) -> Any:
        first, second = spec.choices[:2]
        raise ArgumentError(f"{spec.title} has a likelihood at each k only: ask for {first!r}, {second!r} and so on.")

    return ModelFamily(spec=spec, log_likelihood=log_likelihood, diagnose=_nothing_to_say, check_histories=_accept)


def _functions(kind: type[Model]) -> list[str]:
    """Names of the functions that every model of a kind has."""
    return [field.name for field in fields(kind) if field.default is MISSING and field.name != "spec"]


def _derived(spec: Spec, found: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """What follows from other functions."""
    result: dict[str, Callable[..., Any]] = {"diagnose": _nothing_to_say, "check_histories": _accept}
    if "discounted_expected_purchases" in found:
        result["expected_purchases"] = partial(_undiscounted, found["discounted_expected_purchases"])
    if "purchases_pmf" in found:
        result["purchase_probability"] = partial(_one_minus_none, spec, found["purchases_pmf"])
    return result if spec.kind == "purchases" else {name: result[name] for name in ("diagnose", "check_histories")}


def _nothing_to_say(**parameters: float) -> list[str]:
    """No parameter values have an unusual consequence."""
    return []


def _accept(*data: Array) -> None:
    """All histories are possible."""


def _undiscounted(
    discounted: Callable[..., Array], x: Array, T: Array, t: float, /, *, start: float = 0.0, **parameters: Any
) -> Array:
    """Expected purchases, from the discounted ones at a rate of 0."""
    return discounted(x, T, t, 0.0, start=start, **parameters)


def _one_minus_none(
    spec: Spec, pmf: Callable[..., Array], x: Array, T: Array, t: float, /, *, start: float = 0.0, **parameters: Any
) -> Array:
    """P(at least one purchase) in a window that begins now."""
    if start:
        raise ModelError(
            f"{spec.title} defines no purchase_probability, and from purchases_pmf follows only that of windows that "
            "begin now. Define purchase_probability(x, T, t, *, start=0.0, ...) in its module."
        )
    return np.asarray(1.0 - pmf(x, T, t, 0, **parameters))


def _what_is_wrong(spec: Spec, kind: type[Model], found: dict[str, Callable[..., Any]]) -> Iterator[str]:
    """What is missing, and what can't be called as it has to be: one phrase each."""
    hints = get_type_hints(kind)
    for name in _functions(kind):
        positional, keywords = _arguments(spec, hints[name])
        call = f"{name}({', '.join([*positional, *(['*'] if keywords else []), *keywords])})"
        if name not in found:
            yield f"{call} is missing"
            continue
        try:
            inspect.signature(found[name]).bind(*positional, **dict.fromkeys(keywords))
        except TypeError as error:
            yield f"{name} must be callable as {call}, but {error}"


def _arguments(spec: Spec, protocol: type) -> tuple[list[str], list[str]]:
    """Positional and keyword arguments of a function, by its protocol."""
    positional: list[str] = []
    keywords: list[str] = []
    for argument in list(inspect.signature(protocol.__call__).parameters.values())[1:]:
        match argument.kind:
            case argument.VAR_POSITIONAL:
                positional += spec.data
            case argument.POSITIONAL_ONLY:
                positional.append(argument.name)
            case argument.KEYWORD_ONLY:
                keywords.append(argument.name)
            case argument.VAR_KEYWORD:
                keywords += spec.parameters
    return positional, keywords
