"""How a log was read, as a fit and its file remember it: so that another log is read in the same way, or refused.

What is remembered is named here, one by one: columns and forms, never the data, their path or an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from clvmodels.errors import ArgumentError
from clvmodels.transactions.log.columns.currencies import same
from clvmodels.transactions.log.log import Log

_COLUMNS = ("customer", "date", "amount", "order")
_TEXTS = ("refunds", "timezone", "currency", "amount_per", "date_format", "decimal", "duplicates")
_REMEMBERED = (*_COLUMNS, *_TEXTS, "rates", "skip", "header", "unreadable_dates")
_KNOWN = {field.name: field.default for field in fields(Log) if field.name in _REMEMBERED}


def without_data(log: Log) -> Log:
    """How a log is read, without its data.

    Examples
    --------
    >>> without_data(Log("log.csv", customer="id", date="day"))
    Log(None, customer='id', date='day')
    """
    return Log(None, **{name: getattr(log, name) for name in _KNOWN})


def to_json(log: Log) -> dict[str, Any]:
    """What a model file holds of it: what is not as it is by default.

    Examples
    --------
    >>> to_json(Log("log.csv", customer="id", date="day", amount=("n", "price")))
    {'customer': 'id', 'date': 'day', 'amount': ['n', 'price']}
    """
    values = {name: getattr(log, name) for name, default in _KNOWN.items() if getattr(log, name) != default}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(code): float(rate) for code, rate in value.items()}
    return list(value) if isinstance(value, tuple) else value


def from_json(entry: Any) -> Log:
    """What `to_json` wrote.

    Raises
    ------
    ValueError
        It was not written by `to_json`.
    """
    if not isinstance(entry, Mapping) or not {"customer", "date"} <= entry.keys() <= _KNOWN.keys():
        raise ValueError("what it says of the log is not known")
    for name, value in entry.items():
        if not _is_of_its_kind(name, value):
            raise ValueError(f"{name} of the log is {value!r}")
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in entry.items()}
    return Log(None, **values)


def _is_of_its_kind(name: str, value: object) -> bool:
    if name in ("amount", "skip") and isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    if name == "rates":
        return isinstance(value, Mapping) and all(isinstance(one, int | float) for one in value.values())
    return isinstance(value, {"header": bool, "unreadable_dates": float}.get(name, str))


def read_as(data: Any, remembered: Log, given: Mapping[str, Any]) -> Log:
    """A log that is read as another one was, but for what is given."""
    return replace(remembered, **{**given, "data": data})


def check_currency(known: str | None, found: str | None) -> None:
    """Raise if the amounts of a log have another currency than those that a model was fitted to.

    Raises
    ------
    ArgumentError
        They have.
    """
    if known is not None and found is not None and same(found) != same(known):
        raise ArgumentError(
            f"The model was fitted to amounts in {known}, not in {found}: its spend and value would be wrong. Bring "
            f"amounts to {known}, for example by rates=, or fit the model to a log in {found}."
        )


def columns_in_words(log: Log) -> str:
    """The columns of a log, in words.

    Examples
    --------
    >>> columns_in_words(Log(None, customer="id", date="day"))
    'customer id, date day'
    """
    named = [(role, getattr(log, role)) for role in _COLUMNS]
    return ", ".join(f"{role} {name if isinstance(name, str) else ' * '.join(name)}" for role, name in named if name)
