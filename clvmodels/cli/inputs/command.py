"""A command: its options come from its parameters and from groups of options, its errors are sentences."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints

import typer

from clvmodels.cli.inputs.options import Debug, Quiet
from clvmodels.cli.terminal import Terminal

_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a function a command for typer.

    Its first parameter is the terminal. Every other is an option, or a dataclass that stands for a group of options:
    each field is one. Options ``--quiet`` and ``--debug`` are added.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Time:
    ...     unit: str = "week"
    >>> def run(terminal: Terminal, time: Time, top: int = 3) -> None:
    ...     print(time.unit, top)
    >>> options_of(run)
    {'time': ['unit'], 'top': ['top']}
    """
    groups = options_of(function)
    hints = get_type_hints(function)
    parameters = _parameters(function)

    @functools.wraps(function)
    def run(**given: Any) -> None:
        terminal = given["context"].ensure_object(Terminal)
        with terminal.reporting_errors():
            function(terminal, **_arguments(groups, hints, given))

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {}
    return run


def options_of(function: Callable[..., None]) -> dict[str, list[str]]:
    """Names of the options behind each parameter of a command."""
    hints = get_type_hints(function)
    _, *names = inspect.signature(function).parameters
    return {
        name: [field.name for field in fields(hints[name])] if is_dataclass(hints[name]) else [name] for name in names
    }


def _arguments(
    groups: Mapping[str, Sequence[str]], hints: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """What a command takes, of the options that were given."""
    arguments = {}
    for name, options in groups.items():
        values = {option: given[option] for option in options}
        arguments[name] = hints[name](**values) if is_dataclass(hints[name]) else values[name]
    return arguments


def _parameters(function: Callable[..., None]) -> list[inspect.Parameter]:
    """The parameters that typer sees: the context, every option, and those of all commands."""
    hints = get_type_hints(function, include_extras=True)
    _, *own = inspect.signature(function).parameters.values()
    found = [inspect.Parameter("context", _KEYWORD, annotation=typer.Context)]
    for one in own:
        kind = hints[one.name]
        found += _fields(kind) if is_dataclass(kind) else [one.replace(kind=_KEYWORD, annotation=kind)]
    common: Mapping[str, Any] = {"quiet": Quiet, "debug": Debug}
    return found + [inspect.Parameter(name, _KEYWORD, default=False, annotation=kind) for name, kind in common.items()]


def _fields(group: Any) -> list[inspect.Parameter]:
    """The fields of a group as parameters."""
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            _KEYWORD,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
