"""A first look at the lines, in one pass: how many, from when to when, and whether they can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.lines import Columns, LineExpressions

_INFINITE = 1e300


@dataclass(frozen=True)
class Profile:
    """Counts over all lines of a log; ``first_day`` and ``last_day`` are of lines with a customer."""

    lines: int
    usable: int
    customers_missing: int
    dates_unreadable: int
    amounts_missing: int
    amounts_infinite: int
    refunds: int
    first_day: int
    last_day: int


def profile_lines(frame: nw.LazyFrame[Any], line: LineExpressions, columns: Columns) -> Profile:
    """Count the lines and raise if they can't be used; the message shows some of the rows."""
    usable = line.has_customer & ~line.day.is_null()
    day = nw.when(usable).then(line.day).otherwise(nw.lit(None, dtype=nw.Int64))
    counts = frame.select(
        lines=nw.len().cast(nw.Int64),
        usable=_count(usable),
        customers_missing=_count(~line.has_customer),
        dates_unreadable=_count(line.date_given & line.day.is_null()),
        amounts_missing=_count(usable & (line.amount.is_null() | line.amount.is_nan())),
        amounts_infinite=_count(usable & (line.amount.abs() > _INFINITE) & ~line.amount.is_nan()),
        refunds=_count(usable & (line.amount < 0)),
        first_day=day.min().cast(nw.Int64),
        last_day=day.max().cast(nw.Int64),
    )
    values = counts.collect("pyarrow").rows(named=True)[0]
    profile = Profile(**{name: 0 if value is None else int(value) for name, value in values.items()})
    _check(profile, frame, line, columns)
    return profile


def _count(condition: nw.Expr) -> nw.Expr:
    return condition.cast(nw.Int64).sum().cast(nw.Int64)


def _check(profile: Profile, frame: nw.LazyFrame[Any], line: LineExpressions, columns: Columns) -> None:
    if profile.lines == 0:
        raise DataError("The log is empty: it has no lines.")
    if profile.customers_missing == profile.lines:
        raise DataError(f"Column {columns.customer!r} holds no customer: all {profile.lines:,} lines are without one.")
    if profile.dates_unreadable:
        shown = examples(frame, line.date_given & line.day.is_null(), [columns.date])
        raise DataError(
            f"{profile.dates_unreadable:,} of {profile.lines:,} lines have no readable date in column "
            f"{columns.date!r}: {shown}. Dates are read as 2024-03-01, 2024-03-01 18:30 or 20240301; bring others "
            "to dates first, such as with pandas.to_datetime and the format that is yours."
        )
    if profile.usable == 0:
        raise DataError(f"No line has both a customer ({columns.customer!r}) and a date ({columns.date!r}).")
    usable = line.has_customer & ~line.day.is_null()
    if profile.amounts_missing or profile.amounts_infinite:
        bad = line.amount.is_null() | line.amount.is_nan() | (line.amount.abs() > _INFINITE)
        shown = examples(frame, usable & bad, columns.names)
        raise DataError(
            f"{profile.amounts_missing + profile.amounts_infinite:,} of {profile.usable:,} lines have an amount that "
            f"is missing, NaN or infinite: {shown}. Fill or remove them; an order worth nothing has the amount 0."
        )


def examples(frame: nw.LazyFrame[Any], condition: nw.Expr, names: list[str], number: int = 3) -> str:
    """The first few rows that meet a condition, as text."""
    rows = frame.filter(condition).select(*names).head(number).collect("pyarrow").rows(named=True)
    if len(names) == 1:
        return ", ".join(repr(row[names[0]]) for row in rows)
    return "; ".join(", ".join(f"{name} {_text(value)}" for name, value in row.items()) for row in rows)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int | float | str) or value is None else f"{value}"
