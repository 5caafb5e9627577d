"""One check of the kinds of arguments: a public function accepts what its signature says.

A function that is decorated by `checked` refuses a value that is none of the kinds of its annotation, in the same words
everywhere. What a number or a text must be beyond that, such as a level between 0 and 1, is checked where it is used.
Kinds that ``_KINDS`` does not list (spans, dates, customers) are the function's own affair.
"""

from __future__ import annotations

import inspect
import math
import numbers
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import cache, wraps
from pathlib import Path
from typing import Any

import numpy as np

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError

type Kind = tuple[str, Callable[[Any], Any]]
"""A kind in words, and a function that gives the value as it is used, or ``_NONE`` if it is of another kind."""

_NONE = object()
_TOO_LARGE = 2**63  # for a whole number of NumPy


def checked[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Let a function refuse arguments that are of none of the kinds that its signature names.

    A whole number that is written with a point becomes one.

    Raises
    ------
    ArgumentError
        By the function that comes back: a value is of another kind.

    Examples
    --------
    >>> @checked
    ... def repeated(text: str, times: int | None = None) -> str:
    ...     return text * (times or 1)
    >>> repeated("ab", 2.0)
    'abab'
    >>> repeated(3)
    Traceback (most recent call last):
    clvmodels.errors.ArgumentError: text must be text, not 3.
    >>> repeated("ab", times="2")
    Traceback (most recent call last):
    clvmodels.errors.ArgumentError: times must be a whole number, not '2'.
    """
    signature = inspect.signature(function)
    kinds = {name: kinds_of(one.annotation) for name, one in signature.parameters.items()}
    names = [name for name, one in signature.parameters.items() if one.kind is not one.KEYWORD_ONLY]

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> R:
        places = [_used(name, value, kinds[name]) for name, value in zip(names, args, strict=False)]
        named = {name: _used(name, value, kinds.get(name, ())) for name, value in kwargs.items()}
        return function(*places, *args[len(places) :], **named)

    return wrapper


def check_fields(instance: Any) -> None:
    """Raise unless each field of a dataclass is of one of the kinds of its annotation.

    Raises
    ------
    ArgumentError
        A field is of another kind.

    Examples
    --------
    >>> import clvmodels as clv
    >>> clv.Log("log.csv", decimal=2)
    Traceback (most recent call last):
    clvmodels.errors.ArgumentError: decimal must be text, not 2.
    """
    for field in fields(instance):
        value = getattr(instance, field.name)
        used = _used(field.name, value, kinds_of(str(field.type)))
        if used is not value:
            object.__setattr__(instance, field.name, used)


def _used(name: str, value: Any, kinds: tuple[Kind, ...]) -> Any:
    """The value as it is used; raises if it is of none of the kinds, of which none means any."""
    for _, accept in kinds:
        used = accept(value)
        if used is not _NONE:
            return used
    if not kinds:
        return value
    raise ArgumentError(f"{name} must be {_in_words(kinds)}, not {shortly(value)}.")


def _in_words(kinds: tuple[Kind, ...]) -> str:
    *others, last = dict.fromkeys(words for words, _ in kinds if words)
    return f"{', '.join(others)} or {last}" if others else last


@cache
def kinds_of(annotation: Any) -> tuple[Kind, ...]:
    """The kinds that an annotation names; none if one of them isn't known here.

    Examples
    --------
    >>> [words for words, _ in kinds_of("int | None")], kinds_of("int | Span")
    (['a whole number', ''], ())
    """
    names = _alternatives(annotation) if isinstance(annotation, str) else ["?"]
    if "Path" in names:  # the text is one too, and not any text
        names.remove("str")
    found = [_kind(name) for name in names]
    known = tuple(kind for kind in found if kind is not None)
    return known if len(known) == len(found) else ()


def _alternatives(annotation: str) -> list[str]:
    """The names between the bars that stand in no brackets."""
    return [one.strip() for one in re.findall(r"(?:[^|\[\]]|\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])+", annotation)]


def _kind(name: str) -> Kind | None:
    if name.startswith("Literal["):
        values = tuple(value.strip().strip("'\"") for value in name[8:-1].split(","))
        *others, last = [f'"{value}"' for value in values]
        return f"{', '.join(others)} or {last}" if others else last, lambda value: _if(
            value, isinstance(value, str) and value in values
        )
    return _KINDS.get(name) or _KINDS.get(name.partition("[")[0])


def _if(value: Any, accepted: bool) -> Any:
    return value if accepted else _NONE


def _whole(value: Any) -> Any:
    if isinstance(value, float | np.floating) and abs(float(value)) < _TOO_LARGE and float(value).is_integer():
        return int(value)
    return _if(value, isinstance(value, numbers.Integral) and abs(int(value)) < _TOO_LARGE)


def _number(value: Any) -> Any:
    try:
        number = math.nan if isinstance(value, str | bytes | Mapping) or _is_a(value, "DataFrame") else float(value)
    except (TypeError, ValueError, OverflowError):
        return _NONE
    return _if(value, math.isfinite(number))


def _path(value: Any) -> Any:
    return _if(value, isinstance(value, str | os.PathLike) and Path(value).name != "")


def _several(value: Any) -> Any:
    return _if(
        value, isinstance(value, Iterable) and not isinstance(value, str | bytes) and not _is_a(value, "DataFrame")
    )


def _is_a(value: Any, name: str) -> bool:
    """Whether a value is of a class or one of its bases has the name: nothing is imported to find out."""
    return any(base.__name__ == name for base in type(value).__mro__)


def _of_class(name: str, words: str) -> Kind:
    return words, lambda value: _if(value, _is_a(value, name))


_KINDS: dict[str, Kind] = {
    "None": ("", lambda value: _if(value, value is None)),
    "bool": ("True or False", lambda value: _if(value, isinstance(value, bool | np.bool_))),
    "int": ("a whole number", _whole),
    "float": ("a number", _number),
    "str": ("text", lambda value: _if(value, isinstance(value, str))),
    "Path": ("the path of a file", _path),
    "Sequence": ("a list", _several),
    "tuple": ("a list", _several),
    "Iterable": ("a list", _several),
    "Mapping": ("a dict", lambda value: _if(value, isinstance(value, Mapping))),
    "Axes": _of_class("Axes", "Axes of matplotlib"),
    "pd.DataFrame": _of_class("DataFrame", "a table (pandas)"),
    "pd.Series": _of_class("Series", "a Series (pandas)"),
    "Fit": _of_class("Predictions", "a fit, as clvmodels.fit gives it"),
    "SpendFit": _of_class("Predictions", "a fit, as clvmodels.fit gives it"),
    "Forecast": _of_class("Forecast", "a forecast, as clvmodels.forecast gives it"),
    "Holdout": _of_class("Holdout", "a split, as clvmodels.holdout_split gives it"),
    "Scenario": _of_class("Scenario", "a scenario, as clvmodels.scenario gives it"),
    "RiskTable": _of_class("RiskTable", "a risk table, as clvmodels.risk_table gives it"),
    "NetworkValue": _of_class("NetworkValue", "network values, as clvmodels.network_value gives them"),
    "RandomisedTest": _of_class("RandomisedTest", "clvmodels.RandomisedTest"),
    "Targeting": _of_class("Targeting", "a plan, as clvmodels.target gives it"),
    "Switching": _of_class("Switching", "clvmodels.Switching"),
    "Payments": _of_class("Payments", "clvmodels.Payments"),
    "Subscriptions": _of_class("Subscriptions", "clvmodels.Subscriptions"),
    "Covariates": _of_class("Covariates", "clvmodels.Covariates"),
    "Calendar": _of_class("Calendar", "clvmodels.Calendar"),
    "Costs": _of_class("Costs", "clvmodels.Costs"),
    "StageRules": _of_class("StageRules", "clvmodels.StageRules"),
}  # fmt: skip
