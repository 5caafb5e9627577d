"""Columns of a log that customers take with them, such as the channel of the first purchase.

A customer's value is that of the first purchase: of the values on the purchases of the first purchase day the smallest,
which is the same on every engine, whatever the order of the lines; null only if that day has no other. Lines that are
refunds have no say. The largest value goes along, since smallest and largest differ where a customer has several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.validation import COLUMNS

_PREFIX = "keep_"
_PLAIN = (nw.String, nw.Boolean, nw.Date, nw.Datetime)


def check_keep(keep: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of the columns to keep, each once.

    Examples
    --------
    >>> check_keep("channel")
    ('channel',)
    """
    names = () if keep is None else (keep,) if isinstance(keep, str) else tuple(keep)
    for name in names:
        if name in COLUMNS:
            raise ArgumentError(f"keep={name!r} would hide the column of the summary with that name. Rename it first.")
    return tuple(dict.fromkeys(names))


def kept_name(place: int) -> str:
    """The name under which the lines, and later the customers, have a kept column.

    Examples
    --------
    >>> kept_name(0)
    'keep_0'
    """
    return f"{_PREFIX}{place}"


def is_kept(name: str) -> bool:
    """Whether a column of the lines, or of the customers, is a kept one."""
    return name.startswith(_PREFIX)


def kept_lines(names: Sequence[str], schema: Mapping[str, Any]) -> dict[str, nw.Expr]:
    """The kept columns in types that every engine can order; NaN is null."""
    return {kept_name(place): _orderable(name, schema[name]) for place, name in enumerate(names)}


def _orderable(name: str, dtype: Any) -> nw.Expr:
    column = nw.col(name)
    if dtype.is_float():
        return nw.when(~column.is_nan()).then(column)
    if dtype in (nw.Categorical, nw.Enum):
        return column.cast(nw.String)
    if dtype == nw.Decimal:
        return column.cast(nw.Float64)
    if dtype.is_integer() or dtype in _PLAIN or dtype == nw.Unknown:
        return column
    raise DataError(f"Column {name!r} holds {dtype}; keep= takes text, numbers, dates and yes/no.")


def kept_of_purchases(number: int, purchase: nw.Expr | None = None) -> dict[str, nw.Expr]:
    """Smallest and largest value of each line, or order; null where it is no ``purchase``."""
    values = {}
    for name in map(kept_name, range(number)):
        for end in ("low", "high"):
            column = nw.col(name if purchase is None else f"{name}_{end}")
            values[f"{name}_{end}"] = column if purchase is None else nw.when(purchase).then(column)
    return values


def kept_extremes(number: int) -> dict[str, nw.Expr]:
    """Smallest and largest value of several lines, or orders."""
    names = [kept_name(place) for place in range(number)]
    return {f"{name}_low": nw.col(f"{name}_low").min() for name in names} | {
        f"{name}_high": nw.col(f"{name}_high").max() for name in names
    }


def kept_on_first_day(number: int, is_first: nw.Expr) -> dict[str, nw.Expr]:
    """The value of each day, null on all but the first."""
    names = [kept_name(place) for place in range(number)]
    return {name: nw.when(is_first).then(nw.col(f"{name}_low")) for name in names}


def kept_by_customer(number: int) -> dict[str, nw.Expr]:
    """The value of each customer, with the smallest and largest of all their days."""
    first = {kept_name(place): nw.col(kept_name(place)).min() for place in range(number)}
    return first | kept_extremes(number)
