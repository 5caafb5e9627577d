"""Lines of a log: customer, calendar day, amount and order, each with the period it belongs to."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.days import day_number

# Why a line is not used, or when it happened. A line is counted under the first that holds.
NO_CUSTOMER, NO_DATE, AFTER_END, OBSERVED, HOLDOUT = -3, -2, -1, 0, 1

Amount = str | Sequence[str] | None


@dataclass(frozen=True)
class Columns:
    """Names of the log's columns; ``amount`` is the product of its columns, none means no amounts."""

    customer: str
    date: str
    amount: tuple[str, ...]
    order: str | None

    @property
    def names(self) -> list[str]:
        """Every column that is read, once."""
        return list(dict.fromkeys([self.customer, self.date, *self.amount, *([self.order] if self.order else [])]))


def find_columns(available: Sequence[str], *, customer: Any, date: Any, amount: Amount, order: str | None) -> Columns:
    """Check the names against the log's columns."""
    given: dict[str, Any] = {"customer": customer, "date": date}
    for role, name in given.items():
        if name is None:
            guess = difflib.get_close_matches({"customer": "customer_id"}.get(role, role), available, 1, 0.4)
            raise ArgumentError(f"Pass {role}=, the name of a column. Columns: {list(available)}.{_hint(role, guess)}")
    amounts = _amount_columns(amount, available)
    for role, name in [*given.items(), *(("amount", name) for name in amounts), ("order", order)]:
        if name is not None and name not in available:
            close = difflib.get_close_matches(str(name), available, 1, 0.5)
            raise DataError(f"Column {name!r} not found. Columns: {list(available)}.{_hint(role, close)}")
    return Columns(customer, date, amounts, order)


def _hint(role: str, close: list[str]) -> str:
    return f" Pass {role}={close[0]!r}." if close else ""


def _amount_columns(amount: Amount, available: Sequence[str]) -> tuple[str, ...]:
    if amount is None:
        return ()
    if not isinstance(amount, str):
        return tuple(amount)
    return (amount,) if amount in available or "*" not in amount else tuple(part.strip() for part in amount.split("*"))


def check_types(schema: Any, columns: Columns) -> None:
    """Raise where a column's type can't be a date or a number."""
    kind = schema[columns.date]
    if not (kind in (nw.Date, nw.Datetime, nw.String) or kind.is_integer()):
        raise DataError(
            f"Column {columns.date!r} holds {kind}, not dates. Pass dates, timestamps, ISO text (2024-03-01) or whole "
            "numbers such as 20240301."
        )
    for name in columns.amount:
        if not (schema[name].is_numeric() or schema[name] == nw.String):
            raise DataError(f"Column {name!r} holds {schema[name]}, not numbers. Pass amount= a numeric column.")


@dataclass(frozen=True)
class LineExpressions:
    """What a line holds, as expressions over the log's own columns."""

    customer: nw.Expr
    has_customer: nw.Expr
    date_given: nw.Expr
    day: nw.Expr
    amount: nw.Expr
    order: nw.Expr | None

    def period(self, end: int | None, calibration_end: int | None = None) -> nw.Expr:
        """The period of each line, or why it is not used."""
        code = nw.lit(OBSERVED, dtype=nw.Int32)
        if calibration_end is not None:
            code = nw.when(self.day > calibration_end).then(nw.lit(HOLDOUT, dtype=nw.Int32)).otherwise(code)
        if end is not None:
            code = nw.when(self.day > end).then(nw.lit(AFTER_END, dtype=nw.Int32)).otherwise(code)
        code = nw.when(self.day.is_null()).then(nw.lit(NO_DATE, dtype=nw.Int32)).otherwise(code)
        return nw.when(~self.has_customer).then(nw.lit(NO_CUSTOMER, dtype=nw.Int32)).otherwise(code)


def line_expressions(schema: Any, columns: Columns) -> LineExpressions:
    """Expressions for customer, day, amount and order of each line."""
    customer = nw.col(columns.customer)
    has_customer = ~customer.is_null()
    if schema[columns.customer].is_float():
        has_customer = has_customer & ~customer.is_nan()
    elif schema[columns.customer] == nw.String:
        has_customer = has_customer & (customer != "")
    amount = nw.lit(0.0)
    for position, name in enumerate(columns.amount):
        factor = nw.col(name).cast(nw.Float64)
        amount = factor if position == 0 else amount * factor
    return LineExpressions(
        customer=customer,
        has_customer=has_customer,
        date_given=~nw.col(columns.date).is_null(),
        day=day_number(columns.date, schema[columns.date]),
        amount=amount,
        order=None if columns.order is None else nw.col(columns.order),
    )
