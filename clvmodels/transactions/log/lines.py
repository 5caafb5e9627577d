"""Lines of a log: customer, calendar day, amount and order, each with the period it belongs to."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.columns.amounts import amount_columns
from clvmodels.transactions.log.columns.currencies import Money, code_of, find_money, rate_of, same
from clvmodels.transactions.log.columns.guess import missing_column
from clvmodels.transactions.log.columns.skip import Skip, is_skipped, parse_skip
from clvmodels.transactions.log.dates import with_day
from clvmodels.transactions.log.kept_columns import kept_lines
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.readers import open_log
from clvmodels.transactions.log.source import Wanted

UNPRICED = "unpriced"  # an amount whose currency is not known, or has no rate


@dataclass(frozen=True)
class Columns:
    """Names of the log's columns; ``amount`` is the product of its columns, none means no amounts, less ``minus``.

    ``keep`` are the columns that customers take with them. ``skip`` says which lines are no purchases, ``per_order``
    that the amount is that of the order, ``money`` in which currency amounts are. ``ids_as_text``: the ids come from
    CSV as text, and become whole numbers if each is written as one. ``day`` and ``date_text`` are columns made of dates
    that are no dates yet: days since 1970-01-01, and the text where there is one; ``numbers`` those made of amounts
    that are text.
    """

    customer: str
    date: str
    amount: tuple[str, ...]
    order: str | None
    keep: tuple[str, ...] = ()
    ids_as_text: bool = False
    minus: tuple[str, ...] = ()
    skip: Skip = ()
    per_order: bool = False
    day: str | None = None
    date_text: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    money: Money = field(default_factory=Money)

    @property
    def moments(self) -> str | None:
        """The column of dates, if it holds times that may know their zone."""
        return self.date if self.day is None else None

    def number(self, name: str) -> str:
        """The column with the numbers of a column of amounts."""
        return dict(self.numbers).get(name, name)

    @property
    def text(self) -> tuple[str, ...]:
        """The columns that stay text where a source has no types."""
        names = (self.date, self.order, *(name for name, _ in self.skip), self.money.column)
        return tuple(name for name in names if name is not None)

    @property
    def roles(self) -> list[str]:
        """The columns that can be no currency: customer, date, amounts and order."""
        return [self.customer, self.date, *self.amount, *self.minus, *([self.order] if self.order else [])]

    @property
    def names(self) -> list[str]:
        """Every column that is read, once."""
        return list(dict.fromkeys([self.customer, *self.amount, *self.minus, *self.keep, *self.text]))

    @property
    def are_plain(self) -> bool:
        """Whether each line is a purchase with an amount of its own."""
        return not (self.minus or self.skip or self.per_order or self.money.column)


def read_columns(log: Log, keep: Sequence[str] = ()) -> tuple[nw.DataFrame[Any] | nw.LazyFrame[Any], Columns]:
    """The data of the log with no other columns than those that are read, and their names."""
    source = open_log(log)
    columns = find_columns(source.columns, log, keep)
    columns = replace(columns, money=find_money(source, log, columns.roles))
    frame = source.read(Wanted(columns.customer, columns.text, (*columns.amount, *columns.minus), columns.keep))
    return frame, replace(columns, ids_as_text=source.is_text and isinstance(frame, nw.LazyFrame))


def find_columns(available: Sequence[str], log: Log, keep: Sequence[str] = ()) -> Columns:
    """The columns that ``log`` names, checked against those that are ``available`` in its data."""
    amounts, minus = amount_columns(log.amount, available)
    skip = parse_skip(log.skip)
    customer, date, order = str(log.customer), str(log.date), log.order
    named = [("customer", customer), ("date", date), *(("amount", name) for name in (*amounts, *minus))]
    others = [("order", order), *(("keep", name) for name in keep), *(("skip", name) for name, _ in skip)]
    for role, name in [*named, *others]:
        if name is not None and name not in available:
            raise missing_column(role, name, available)
    _check_distinct(customer, date, order, amounts)
    per_order = log.amount_per == "order"
    return Columns(customer, date, amounts, order, tuple(keep), minus=minus, skip=skip, per_order=per_order)


def _check_distinct(customer: str, date: str, order: str | None, amounts: Sequence[str]) -> None:
    """Raise if one column is said to be two things at once; but time may tell the orders apart."""
    seen = {customer: "customer"}
    for role, name in [("date", date), *(("amount", name) for name in dict.fromkeys(amounts)), ("order", order)]:
        if name in seen and (seen[name], role) != ("date", "order"):
            raise ArgumentError(f"Column {name!r} can't be both {seen[name]}= and {role}=. Pass another {role}=.")
        seen |= {} if name is None else {name: role}


def check_types(frame: nw.LazyFrame[Any], columns: Columns) -> None:
    """Raise where a column's type can't be a date or a number."""
    schema = frame.collect_schema()
    kind = schema[columns.date]
    if columns.day is None and not (kind in (nw.Date, nw.Datetime, nw.String) or kind.is_integer()):
        raise DataError(f"Column {columns.date!r} holds {kind}, not dates. Pass dates, timestamps or text.")
    for name in (*columns.amount, *columns.minus):
        if not schema[columns.number(name)].is_numeric():
            raise DataError(f"Column {name!r} holds {schema[name]}, not numbers. Pass amount= a column of numbers.")


def read_lines(frame: nw.LazyFrame[Any], columns: Columns) -> nw.LazyFrame[Any]:
    """The lines under our own names: ``customer``, ``date``, ``day``, ``amount`` (if there is any), ``order``
    and what is kept; ``skipped`` if some lines are to be left out, ``amount_text`` if amounts are text, ``currency``,
    ``elsewhere`` (in another one than the chosen) and `UNPRICED` if currencies are looked at.

    ``customer`` is null where there is none, also for NaN and empty text; ``day`` where there is no readable date.
    """
    schema = frame.collect_schema()
    check_types(frame, columns)
    customer = nw.col(columns.customer)
    if schema[columns.customer].is_float():
        customer = nw.when(~customer.is_nan()).then(customer)
    elif schema[columns.customer] == nw.String:
        customer = nw.when(customer != "").then(customer)
    named = {"customer": customer, "date": nw.col(columns.date_text or columns.date)}
    if columns.amount:
        factors = [nw.col(columns.number(name)).cast(nw.Float64) for name in columns.amount]
        taken_off = [nw.col(columns.number(name)).cast(nw.Float64).fill_null(0.0) for name in columns.minus]
        named["amount"] = reduce(operator.sub, taken_off, reduce(operator.mul, factors))
    if columns.money.column is not None:
        named |= _in_one_currency(columns.money, named.get("amount"))
    if columns.numbers:
        texts = [nw.col(name).cast(nw.String) for name in columns.amount]
        named["amount_text"] = nw.concat_str(texts, separator=" × ", ignore_nulls=True)
    if columns.order is not None:
        named["order"] = nw.col(columns.order)
    if columns.skip:
        named["skipped"] = is_skipped(columns.skip)
    named |= kept_lines(columns.keep, schema)
    if columns.day is not None:
        return frame.select(**named, day=nw.col(columns.day))
    return with_day(frame.select(**named), schema[columns.date])


def _in_one_currency(money: Money, amount: nw.Expr | None) -> dict[str, nw.Expr]:
    """Amounts by their rates, or which lines have another currency than the chosen one."""
    code = code_of(str(money.column))
    has_amount = nw.lit(True) if amount is None else ~amount.is_null()
    if money.chooses or amount is None:
        elsewhere = (code != "") & (code != same(str(money.label)))
        return {"currency": code, "elsewhere": elsewhere, UNPRICED: has_amount & (code == "")}
    rate = rate_of(money)
    return {"currency": code, UNPRICED: has_amount & rate.is_null(), "amount": amount * rate}
