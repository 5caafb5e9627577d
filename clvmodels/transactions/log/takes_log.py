"""One set of keywords for every public function that reads a log: in the signature, in the docstring, in errors."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from functools import wraps

from clvmodels.transactions.log.log import Log

_HEADER = "Parameters\n----------\n"
_NEXT_SECTION = re.compile(r"\n\n(?=[^\n]+\n-{3,}\n)")
_KEYWORDS = {field.name: field for field in fields(Log) if field.name != "data"}
_COLUMNS = ("customer", "date", "amount", "order")  # these come before a function's own keywords, the others after them


def takes_log[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that ends in ``**columns: Unpack[LogKeywords]`` show those keywords wherever it is looked up.

    The signature (`inspect.signature`, help, tab completion) shows each keyword with its default; the docstring has
    their descriptions, those of `Log`, in the place of the entries ``**columns`` and ``log``, unless it describes one
    itself; an unknown keyword raises a TypeError that names the closest one. The function binds what it gets with
    ``Log.of(log, **columns)``.

    Examples
    --------
    >>> from typing import Any, Unpack
    >>> from clvmodels.transactions.log.log import LogKeywords
    >>> @takes_log
    ... def count(log: Any, *, unit: str = "week", **columns: Unpack[LogKeywords]) -> Log:
    ...     return Log.of(log, **columns)
    >>> list(inspect.signature(count).parameters)
    ['log', 'customer', 'date', 'amount', 'order', 'unit', 'refunds', 'timezone', 'currency',
    'rates', 'skip', 'amount_per', 'header', 'sheet', 'query', 'date_format', 'unreadable_dates', 'decimal',
    'duplicates']
    >>> count("log.csv", customer="id", dat="day")
    Traceback (most recent call last):
    TypeError: count() got an unexpected keyword argument 'dat'. Did you mean 'date'?
    """
    signature = _signature(function)

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in signature.parameters:
                close = difflib.get_close_matches(name, signature.parameters, 1, 0.5)
                hint = f" Did you mean {close[0]!r}?" if close else ""
                raise TypeError(f"{function.__name__}() got an unexpected keyword argument {name!r}.{hint}")
        return function(*args, **kwargs)

    wrapper.__signature__ = signature  # type: ignore[attr-defined]
    wrapper.__doc__ = _with_keywords(function.__doc__, signature)
    return wrapper


def _signature(function: Callable[..., object]) -> inspect.Signature:
    """The function's signature with the keywords of a log in the place of ``**columns``."""
    signature = inspect.signature(function)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    positional = [one for one in own if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    columns, others = (
        [
            inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=one.type)
            for one in _KEYWORDS.values()
            if (one.name in _COLUMNS) == wanted
        ]
        for wanted in (True, False)
    )
    return signature.replace(parameters=[*positional, *columns, *own[len(positional) :], *others])


def _with_keywords(doc: str | None, signature: inspect.Signature) -> str | None:
    """The docstring with the parameters in the order of the signature, those of a log as `Log` describes them."""
    if doc is None or Log.__doc__ is None:  # python -OO
        return doc
    before, entries, after = _parameters(doc)
    _, shared, _ = _parameters(Log.__doc__)
    shared["log"] = shared["data"].replace("data : ", "log : Log, ", 1)
    own = {name: entry for name, entry in entries.items() if name != "**columns" and "\n" in entry}
    described = {name for names in own for name in names.split(", ")}
    own |= {
        name: shared[name] for name in ("log", *_KEYWORDS) if name in signature.parameters and name not in described
    }
    order = list(signature.parameters)
    ordered = sorted(own, key=lambda names: order.index(names.split(", ")[0].lstrip("*")))
    return f"{before}{_HEADER}{'\n'.join(own[name] for name in ordered)}{after}"


def _parameters(doc: str) -> tuple[str, dict[str, str], str]:
    """What comes before the section on parameters, its entries by their names, and what comes after it."""
    before, _, rest = inspect.cleandoc(doc).partition(_HEADER)
    end = _NEXT_SECTION.search(rest)
    section, after = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    entries = re.split(r"\n(?=\S)", section)
    return before, {entry.split("\n")[0].split(" : ")[0]: entry for entry in entries}, after
