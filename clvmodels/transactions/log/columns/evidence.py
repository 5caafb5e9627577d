"""What the values of a log say of the columns that were guessed: each is one small query on the engine of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError
from clvmodels.formats import plural
from clvmodels.transactions.log.columns import names
from clvmodels.transactions.log.engine import Frame, as_number, collect, to_engine

_GUEST_NUMBERS = ("0", "-1")
_GUESTS = (*_GUEST_NUMBERS, "guest", "gast", "invite", "unknown", "unbekannt", "anonymous", "none", "null", "n/a", "na")
_FEWEST_GUESTS = 3  # lines
_MANY_GUESTS, _MORE_THAN_OTHERS = 0.05, 5.0  # share of the lines; times the lines of a customer
_FEWEST_ORDERS = 2
_WORD = r"[^\d\s@_/#:;&+=()]+"  # of a name; PostgreSQL has no class of all letters
_MOST_VALUES = 100  # a column with more different values is no status


@dataclass(frozen=True)
class OrderLines:
    """Orders with several lines, and what their amounts look like.

    Attributes
    ----------
    several : int
        Orders with several lines.
    equal : int
        Those of them whose lines that have an amount all have the same.
    blank : int
        Those of them with a line without an amount, beside one that has one.
    different : int
        Different amounts of the orders.
    """

    several: int
    equal: int
    blank: int
    different: int


def numbers_lines(frame: Any, column: str) -> int:
    """How many lines there are, if a column is different on each of them, else 0."""
    lines = _query(frame, column)
    row = {**_one(lines.select(n=nw.len().cast(nw.Int64))), "ids": _different(lines, column)}
    return row["n"] if row["n"] > 1 and row["ids"] == row["n"] else 0


def order_lines(frame: Any, order: str, amount: str) -> OrderLines:
    """Whether the amounts of an order stand on one of its lines, or on each of them."""
    lines = _query(frame, order, amount).select(order=nw.col(order), amount=_present(frame, amount))
    value = nw.col("amount")
    orders = (
        lines.filter(~nw.col("order").is_null())
        .group_by("order")
        .agg(lines=nw.len().cast(nw.Int64), known=value.count().cast(nw.Int64), low=value.min(), high=value.max())
    )
    orders = orders.filter((nw.col("lines") > 1) & (nw.col("known") > 0))
    low, high, known = nw.col("low"), nw.col("high"), nw.col("known")
    counts = orders.select(
        several=nw.len().cast(nw.Int64),
        equal=as_number(low == high).sum(),
        blank=as_number(known < nw.col("lines")).sum(),
    )
    return OrderLines(**_one(counts), different=_different(orders, "low"))


def guests(frame: Any, customer: str) -> str | None:
    """A sentence if many lines are of one customer who stands for those without an account."""
    column = nw.col(customer)
    if frame.collect_schema()[customer].is_numeric():
        known = {word: column == int(word) for word in _GUEST_NUMBERS}
    else:
        known = {word: column.cast(nw.String).str.strip_chars().str.to_lowercase() == word for word in _GUESTS}
    each = {f"guest_{place}": as_number(says).sum() for place, says in enumerate(known.values())}
    lines = _query(frame, customer)
    found = _one(lines.select(n=nw.len().cast(nw.Int64), **each))
    who, n = max(((word, found[f"guest_{place}"]) for place, word in enumerate(known)), key=lambda one: one[1])
    if n < max(_FEWEST_GUESTS, _MANY_GUESTS * found["n"]):
        return None
    totals = {**_one(lines.select(n=nw.len().cast(nw.Int64))), "ids": _different(lines, customer)}
    others = (totals["n"] - n) / max(totals["ids"] - 1, 1)
    if n < _MORE_THAN_OTHERS * others:
        return None
    return (
        f"Customer {who!r} (column {customer!r}) has {n:,} of {totals['n']:,} lines. If these are "
        "guests without an account, they are not one customer: take another column, or leave them out by "
        f'skip="{customer}={who}".'
    )


def holds_names(frame: Any, customer: str) -> bool:
    """Whether most values of a column look like the names of persons: words of letters with a space between them."""
    if frame.collect_schema()[customer] != nw.String:
        return False
    says = as_number(nw.col(customer).str.contains(rf"^\s*{_WORD}(\s+{_WORD})+\s*$"))
    found = _one(_query(frame, customer).select(n=nw.col(customer).count().cast(nw.Int64), names=says.sum()))
    return found["names"] > found["n"] / 2


def check_names(frame: Any, customer: str, available: Sequence[str]) -> str | None:
    """A sentence if a column that was guessed seems to hold names.

    Raises
    ------
    ArgumentError
        There is a column of addresses too, which tells customers apart.
    """
    if not holds_names(frame, customer):
        return None
    addresses = names.hits(names.EMAIL, available)
    if addresses:
        ways = " or ".join(f"customer={name!r}" for name in (*addresses, customer))
        raise ArgumentError(
            f"Which column holds the customer? {customer!r} seems to hold names, which two customers may share. "
            f"Pass {ways}."
        )
    return f"Column {customer!r} seems to hold names: customers who share one are read as one customer."


def not_bought(frame: Any, columns: Sequence[str]) -> list[str]:
    """A sentence for each column of statuses that says of some lines that they are no purchases."""
    sentences = []
    for column in columns:
        lines = _query(frame, column).select(status=nw.col(column).cast(nw.String))
        values = collect(lines.group_by("status").agg(n=nw.len().cast(nw.Int64)).sort("status").head(_MOST_VALUES + 1))
        rows = [row for row in values.rows(named=True) if row["status"]]
        is_status = "stat" in names.plain(column)
        bad = [row for row in rows if _is_bad(row["status"], is_status)]
        if len(values) <= _MOST_VALUES and bad:
            found = " and ".join(f"{row['status']!r} in {plural(row['n'], 'line')}" for row in bad)
            skip = ",".join(row["status"] for row in bad)
            sentences.append(
                f"Column {column!r} says {found}: they are read as purchases, like all others. Pass "
                f'skip="{column}={skip}" to leave them out.'
            )
    return sentences


def check_id(frame: Any, customer: str, available: Sequence[str]) -> None:
    """Raise if a column that is called no more than "id" numbers the lines."""
    lines = numbers_lines(frame, customer)
    if lines:
        raise ArgumentError(
            f"Which column holds the customer? {customer!r} is different on each of the {lines:,} lines, so it seems "
            f"to number the lines. Pass customer={customer!r} if each customer bought once, else another column: "
            f"{', '.join(available)}."
        )


def amount_stands_per_order(found: OrderLines, order: str, amount: str) -> bool:
    """Whether an amount that was guessed is the total of its order, as its name and the values say.

    Raises
    ------
    ArgumentError
        Name and values leave it open.
    """
    called_total = bool(names.hits(names.ORDER_TOTAL, [amount]))
    all_equal = found.several > 0 and found.equal == found.several
    if all_equal and (called_total or found.blank == found.several):
        return True
    if called_total and found.equal < found.several:
        return False
    if all_equal and found.several >= _FEWEST_ORDERS and found.different > 1:
        raise ArgumentError(_open(found, order, amount))
    return False


def repeated_total(found: OrderLines, order: str, amount: str, *, is_named: bool = True) -> str | None:
    """A sentence if an amount that was given looks like the total of its order, repeated on each line.

    Parameters
    ----------
    found, order, amount
        What the lines of the orders are like; the columns.
    is_named
        Whether the column of the orders was named as such.
    """
    enough = found.several >= _FEWEST_ORDERS and found.different > 1
    return _open(found, order, amount, is_named=is_named) if enough and found.equal == found.several else None


def _open(found: OrderLines, order: str, amount: str, *, is_named: bool = True) -> str:
    total = 'amount_per="order"' if is_named else f'order={order!r} and amount_per="order"'
    return (
        f"Column {amount!r} is the same on all lines of an order, in each of the {found.several:,} orders with several "
        f"lines (column {order!r}). If it is the total of the order, pass {total}, or it counts once a "
        'line; if it is the amount of each line, pass amount_per="line".'
    )


def _is_bad(status: str, is_status: bool) -> bool:
    value = names.plain(status)
    return value in names.NOT_BOUGHT and (not is_status or value not in names.YES)


def _present(frame: Any, column: str) -> nw.Expr:
    """The values of a column; NaN and empty text are missing."""
    dtype = frame.collect_schema()[column]
    value = nw.col(column)
    if dtype.is_float():
        return nw.when(~value.is_nan()).then(value)
    return nw.when(value.str.strip_chars() != "").then(value) if dtype == nw.String else value


def _query(frame: Any, *columns: str) -> Frame:
    """Some columns on the engine that runs them."""
    return to_engine(frame.select(*dict.fromkeys(columns)), columns[0], None)


def _one(lines: Frame) -> dict[str, int]:
    return {name: int(value or 0) for name, value in collect(lines).rows(named=True)[0].items()}


def _different(lines: Frame, column: str) -> int:
    """How many different values a column has: grouped, since not every database counts them in another way."""
    values = lines.select(value=nw.col(column)).group_by("value").agg(n=nw.len())
    return _one(values.select(n=nw.len().cast(nw.Int64)))["n"]
