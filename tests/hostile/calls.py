"""A call of every public function and method that works, found by its signature.

A new public function is found by itself. If its parameters have defaults, or names that ``BY_NAME`` or `Business` know,
nothing is to be done; else the test fails by its name, until what it needs stands in `needed`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import clvmodels as clv
from tests.hostile.business import BY_NAME, WITH_AMOUNT, Business

OF_A_LOG = {field.name for field in fields(clv.Log)} - {"data"}  # one check for all: looked at with `Log`
# Arguments that names don't tell: write what they need into `needed`, and take them out here.
NOT_GENERATED = {
    "CohortEconomics",
    "CustomerEquity",
    "cohort_economics",
    "customer_equity",
    "to_mlflow",  # writes to a server
    "plots.clv_to_cac",
    "plots.equity_waterfall",
    "plots.equity_waterfall_table",
    "plots.next_purchase_calendar",
    "plots.next_purchase_calendar_table",
    "plots.payback",
    "plots.value_per_customer",
    "plots.value_per_customer_table",
}
CONSTRUCTORS = {
    "Activity",
    "Calendar",
    "Costs",
    "Covariates",
    "Log",
    "StageRules",
}  # other classes are what functions return
# Parts for other packages and other parts of this one, which no user calls.
LEFT_OUT = {
    "Fit.as_entry", "Fit.discounted", "Fit.with_groups", "Fit.with_varying", "Costs.order_cost", "Costs.spent",
    "Calendar.harmonics", "CreditLoss.assumptions", "CreditLoss.of", "Log.of", "RandomisedTest.estimate",
    "models.Engine", "models.Model", "models.ModelFamily", "models.PurchaseModel", "models.RenewalModel",
    "models.Spec", "models.SpendModel",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A public callable, and arguments with which it works."""

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    @property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """Those that are looked at, but the keywords of a log, which are those of `Log`."""
        found = _parameters(self.function)
        of_a_log = OF_A_LOG if found.keys() >= OF_A_LOG and "data" not in found else set()
        return {name: one for name, one in found.items() if name not in of_a_log}

    def __call__(self, **changed: Any) -> Any:
        """What the call gives, with some other arguments."""
        arguments = {**self.arguments, **changed}
        kinds = _parameters(self.function)
        places = [arguments.pop(name) for name, one in kinds.items() if one.kind is one.POSITIONAL_ONLY]
        return self.function(*places, **arguments)


def names() -> list[str]:
    """Every public function, constructor and method, and those of the kinds of fits."""
    found = []
    for name in clv.__all__:
        value = getattr(clv, name)
        if inspect.ismodule(value) or inspect.isclass(value):
            found += [f"{name}.{inside}" for inside in _inside(value)]
        if callable(value) and (not inspect.isclass(value) or name in CONSTRUCTORS):
            found.append(name)
    found = [name for name in found if name not in LEFT_OUT]
    return [name for name in found if not {name, name.partition(".")[0]} & NOT_GENERATED]


def _inside(value: Any) -> list[str]:
    """Public callables of a module or a class (of fits: of all kinds), but errors."""
    listed = getattr(value, "__all__", None) or dir(value)
    home = value.__name__ if inspect.ismodule(value) else ""
    members = {name: getattr(value, name) for name in listed if not name.startswith("_") and name != "mro"}
    found = [
        name
        for name, one in members.items()
        if callable(one)
        and getattr(one, "__module__", "").startswith(home)
        and not (inspect.isclass(one) and issubclass(one, BaseException))
    ]
    kinds = value.__subclasses__() if inspect.isclass(value) else []
    return sorted({*found, *(name for kind in kinds for name in _inside(kind))})


def calls(name: str, it: Business) -> Iterator[Call]:
    """The callables of a name: several for a method that several kinds of fits have."""
    owner, _, method = name.rpartition(".")
    value = getattr(clv, owner or name)
    if inspect.isclass(value) and owner and not isinstance(inspect.getattr_static(value, method, None), classmethod):
        for one in _instances(owner, it):
            if callable(getattr(type(one), method, None)):
                yield _call(name, getattr(one, method), it)
    else:
        yield _call(name, getattr(value, method) if owner else value, it)


def _instances(owner: str, it: Business) -> list[Any]:
    """Objects of a class: of the business, or what the function that is documented to return them returns."""
    if owner == "Fit":
        return it.fits
    if owner not in it.made:
        known = getattr(it, owner.lower(), None)
        it.made[owner] = known if known is not None else next(calls(_maker(owner), it))()
    return [it.made[owner]]


def _maker(owner: str) -> str:
    if owner in CONSTRUCTORS:
        return owner
    functions = [name for name in names() if "." not in name and name not in CONSTRUCTORS]
    return next(name for name in functions if inspect.signature(getattr(clv, name)).return_annotation == owner)


def _call(name: str, function: Callable[..., Any], it: Business) -> Call:
    parameters, arguments = _parameters(function), dict(it.needed.get(name, {}))
    if parameters.keys() >= OF_A_LOG and not arguments:
        arguments = dict(WITH_AMOUNT)
    for parameter, one in parameters.items():
        if one.default is one.empty and parameter not in arguments:
            arguments[parameter] = _given(parameter, one, it)
    return Call(name, function, arguments)


def _given(name: str, parameter: inspect.Parameter, it: Business) -> Any:
    """What a parameter without a default is given: by its name, or an object of a class that its annotation names."""
    if name in BY_NAME:
        return BY_NAME[name]
    if hasattr(Business, name):
        return getattr(it, name)
    return _instances(str(parameter.annotation).split(" | ")[0], it)[0]


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    found = inspect.signature(function).parameters
    return {name: one for name, one in found.items() if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}
