"""From a module of functions to a model: what the module leaves out is derived, and what can't be is named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, fields, replace
from functools import cache, partial
from typing import Any, get_type_hints

from clvmodels.errors import ArgumentError, ModelError
from clvmodels.models import derivation
from clvmodels.models.protocol import Model, ModelFamily, PaymentModel, PurchaseModel, RenewalModel, SpendModel
from clvmodels.models.spec import Spec

Function = Callable[..., Any]

KINDS: dict[str, type[Model]] = {
    "purchases": PurchaseModel,
    "spend": SpendModel,
    "subscriptions": RenewalModel,
    "payments": PaymentModel,
}


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
    PurchaseModel, SpendModel, RenewalModel or PaymentModel

    Raises
    ------
    ModelError
        Functions are missing or take other arguments; the message names all of them.
    """
    spec = getattr(source, "SPEC", None)
    if not isinstance(spec, Spec):
        raise ModelError(f"{where} defines no model: it needs SPEC = clvmodels.models.spec.Spec(name=..., ...).")
    kind = KINDS[spec.kind]
    functions = {name: getattr(source, name) for name in _functions(kind) if hasattr(source, name)}
    more: dict[str, Any] = {}
    if states := getattr(source, "mixture_states", ()):
        more = _mixture(spec, states, getattr(source, "mixture_log_weights", None), where)
    functions = _derived(spec, functions, **more) | functions
    _check_complete(spec, kind, functions, where)
    return kind(spec=spec, **functions, **more)


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

    return ModelFamily(spec=spec, log_likelihood=log_likelihood, **derivation.of_any_model())


# --- private helpers --------------------------------------------------------------------------------------------------


def _check_complete(spec: Spec, kind: type[Model], functions: Mapping[str, Function], where: str) -> None:
    """Raise if functions are missing or take other arguments, and name all of them."""
    wrong = list(_what_is_wrong(spec, kind, functions))
    if wrong:
        raise ModelError(
            f"Model {spec.name!r} in {where} is not complete: {'; '.join(wrong)}. "
            f"clvmodels.models.protocol.{kind.__name__} says what they mean."
        )


def _functions(kind: type[Model]) -> list[str]:
    """Names of the functions that every model of a kind has."""
    return [field.name for field in fields(kind) if field.default is MISSING and field.name != "spec"]


def _mixture(spec: Spec, states: Collection[Any], log_weights: Function | None, where: str) -> dict[str, Any]:
    """States as models that take all parameters of the model, and their weights."""
    if log_weights is None:
        raise ModelError(
            f"Model {spec.name!r} in {where} is not complete: it has mixture_states, and "
            f"mixture_log_weights(x, t_x, T, *, {', '.join(spec.parameters)}) of shape (states, rows) is missing."
        )
    models = tuple(_state(spec, assemble(state, where), number) for number, state in enumerate(states))
    return {"mixture_states": models, "mixture_log_weights": log_weights}


def _state(spec: Spec, state: Model, number: int) -> Model:
    """The model of customers in one state, whose functions leave aside the parameters that it does not have."""
    foreign = frozenset(spec.parameters) - frozenset(state.spec.parameters)
    if unknown := [name for name in state.spec.parameters if name not in spec.parameters]:
        raise ModelError(
            f"A mixture state of {spec.name!r} has the parameters {', '.join(unknown)}, which the model has not."
        )
    functions = {name: getattr(state, name) for name in _functions(type(state))}
    if foreign:
        functions = {name: partial(_without, foreign, function) for name, function in functions.items()}
    return type(state)(spec=replace(state.spec, name=f"{spec.name}, state {number}"), **functions)


def _without(foreign: frozenset[str], function: Function, /, *arguments: Any, **keywords: Any) -> Any:
    """A function called without some of the parameters."""
    return function(*arguments, **{name: value for name, value in keywords.items() if name not in foreign})


def _derived(
    spec: Spec, functions: Mapping[str, Function], mixture_states: Any = (), mixture_log_weights: Any = None
) -> dict[str, Function]:
    """What follows from the functions of a module."""
    result = derivation.of_any_model()
    match spec.kind:
        case "purchases" if mixture_states:
            result |= derivation.of_mixture(spec, mixture_states, mixture_log_weights)
        case "purchases":
            result |= derivation.of_purchases(spec, functions)
        case "spend":
            result |= derivation.of_spend(spec, functions)
        case "subscriptions":
            result |= derivation.of_renewals(functions)
    return result


def _what_is_wrong(spec: Spec, kind: type[Model], functions: Mapping[str, Function]) -> Iterator[str]:
    """What is missing, and what can't be called as it has to be: one phrase each."""
    protocols = _protocols(spec.kind)
    if unknown := [name for name in spec.engine.closed if name not in protocols]:
        yield f"engine.closed names {', '.join(unknown)}, which are no functions of a {kind.__name__}"
    for name in _functions(kind):
        positional, keywords = _arguments(spec, protocols[name])
        call = f"{name}({', '.join([*positional, *(['*'] if keywords else []), *keywords])})"
        if name not in functions:
            yield f"{call} is missing"
            continue
        try:
            inspect.signature(functions[name]).bind(*positional, **dict.fromkeys(keywords))
        except TypeError as error:
            yield f"{name} must be callable as {call}, but {error}"


@cache
def _protocols(kind: str) -> dict[str, Any]:
    """The protocol of each function of a kind of model."""
    return get_type_hints(KINDS[kind])


def _arguments(spec: Spec, protocol: Any) -> tuple[list[str], list[str]]:
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
