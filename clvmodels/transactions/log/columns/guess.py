"""Columns by their names: those that were given, and a guess of the others."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clvmodels.errors import ArgumentError, ColumnError
from clvmodels.transactions.log.columns import names
from clvmodels.transactions.log.columns.amounts import amount_columns, amount_text
from clvmodels.transactions.log.columns.layouts import Layout
from clvmodels.transactions.log.log import Amount

NONE = "none"


@dataclass(frozen=True)
class Guess:
    """What each column is, which of them were guessed, and what is to be said about that.

    Attributes
    ----------
    customer, date : str
        Names of columns.
    amount : Amount
        As in `clvmodels.Log`; None is no amounts.
    order : str or None
        Name of a column.
    guessed : tuple of str
        What was not given.
    doubts : tuple of str
        Sentences about what a guess leaves open.
    """

    customer: str
    date: str
    amount: Amount
    order: str | None
    guessed: tuple[str, ...]
    doubts: tuple[str, ...] = field(default=())


def guess_columns(available: Sequence[str], given: Mapping[str, Amount], layout: Layout | None = None) -> Guess:
    """The columns that were given; the others from a known layout, or by their names.

    Parameters
    ----------
    available : sequence of str
        Names of the columns.
    given : mapping
        "customer", "date", "amount" and "order", as in `clvmodels.Log`; None is to be guessed, "none" is none.
    layout : Layout or None
        A known export that has these columns.

    Raises
    ------
    ArgumentError
        A guess has no candidate or several; the message names them.
    ColumnError
        A column that was given is not there.

    Examples
    --------
    >>> given = {"customer": None, "date": None, "amount": None, "order": None}
    >>> guess_columns(["Kundennummer", "Bestelldatum", "Menge", "Einzelpreis"], given)
    Guess(customer='Kundennummer', date='Bestelldatum', amount='Menge * Einzelpreis', order=None,
    guessed=('customer', 'date', 'amount'), doubts=())
    """
    _check_given(given, available)
    known = {} if layout is None else _of_layout(layout, available)
    customer = given["customer"] or known.get("customer") or _customer(available)
    date = given["date"] or known.get("date") or _date(available)
    order, amount = given["order"], given["amount"]
    doubts: tuple[str, ...] = ()
    if order is None:
        order = known.get("order") if layout is not None else _only(names.hits(names.ORDER, available))
    if amount is None:
        amount = known.get("amount") or _amount(available)
        doubts = _doubts(amount, available)
    found = {"customer": customer, "date": date, "amount": amount, "order": order}
    guessed = tuple(role for role, value in found.items() if given[role] is None and value is not None)
    return Guess(
        str(customer),
        str(date),
        None if amount == NONE and NONE not in available else amount,
        None if order is None or (order == NONE and NONE not in available) else str(order),
        guessed,
        doubts,
    )


def missing_column(role: str, name: object, available: Sequence[str]) -> ColumnError:
    """The error of a column that is not there; a similar name is suggested."""
    lower = {str(column).lower(): str(column) for column in available}
    close = difflib.get_close_matches(str(name).lower(), lower, 1, 0.5)
    hint = f" Pass {role}={lower[close[0]]!r}." if close else _no_header(available)
    return ColumnError(f"Column {name!r} not found. Columns: {listed(available)}.{hint}")


def _no_header(available: Sequence[str]) -> str:
    """What to do if the names of the columns look like values."""
    if any(re.match(r"[\d.,:/-]+$", str(name)) for name in available) and "1" not in available:
        return " Perhaps the file has no line with their names: pass header=False, and columns by place: 1, 2, …"
    return ""


def listed(available: Sequence[object], most: int = 40) -> str:
    """Names in a row, and how many more there are."""
    more = f" and {len(available) - most} more" if len(available) > most else ""
    return ", ".join(str(name) for name in available[:most]) + more


def _check_given(given: Mapping[str, Amount], available: Sequence[str]) -> None:
    for role, value in given.items():
        if value is None or (value == NONE and role in ("amount", "order")):
            continue
        factors, minus = amount_columns(value, available) if role == "amount" else ((value,), ())
        for name in (*factors, *minus):
            if name not in available:
                raise missing_column(role, name, available)


def _of_layout(layout: Layout, available: Sequence[str]) -> dict[str, str | None]:
    """The columns of a known export, under the names they have here."""
    here = {names.plain(name): name for name in reversed(available)}
    found: dict[str, str | None] = {}
    for role, wanted in (("customer", layout.customer), ("date", layout.date), ("order", layout.order)):
        found[role] = next((here[name] for name in wanted.split() if name in here), None)
    for amount in layout.amount:
        factors, minus = amount_columns(amount, [])
        if {*factors, *minus} <= here.keys():
            found["amount"] = amount_text([here[name] for name in factors], [here[name] for name in minus])
            break
    return found


def _customer(available: Sequence[str]) -> str:
    """The column with the most telling name; a plain "id" comes last, and a person's name never."""
    found = names.first_hits((*names.CUSTOMER, names.PLAIN_ID), available)
    if len(found) == 1:
        return found[0]
    persons = names.hits(names.PERSON_NAMES, available)
    why = f" {listed(persons)} holds names, which two customers may share." if persons and not found else ""
    raise _unclear("customer", found, available, why)


def _date(available: Sequence[str]) -> str:
    found = names.first_hits(names.DATE, available)
    if len(found) == 1:
        return found[0]
    raise _unclear("date", found, available)


def _only(found: Sequence[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _amount(available: Sequence[str]) -> str | None:
    """A column of amounts, else quantity × price, else a price, else nothing."""
    quantities, prices = names.hits(names.QUANTITY, available), names.hits(names.PRICE, available)
    products = [f"{quantity} * {price}" for quantity in quantities for price in prices]
    choices = names.hits(names.AMOUNT, available) or products or prices
    if len(choices) > 1:
        raise _unclear("amount", choices, available)
    if choices and choices[0] in names.hits(names.UNIT_PRICE, available):
        raise ArgumentError(
            f"Column {choices[0]!r} is the price of one piece, and no column has a name that says how many. Pass "
            f"amount='{choices[0]} * COLUMN' with the number of pieces, amount={choices[0]!r} if it is the price of "
            f'all, or amount="{NONE}". Columns: {listed(available)}.'
        )
    return choices[0] if choices else None


def _doubts(amount: Amount, available: Sequence[str]) -> tuple[str, ...]:
    """A product of quantity and price leaves out what is taken off."""
    discounts = names.hits(names.DISCOUNT, available)
    if (
        not discounts
        or not isinstance(amount, str)
        or len(amount_columns(amount, available)[0]) < 2
        or amount in available
    ):
        return ()
    return (
        f"Amounts are {amount}; column {discounts[0]!r} is not taken off. Pass amount='{amount} - {discounts[0]}' if "
        "it is an amount to take off.",
    )


def _unclear(role: str, found: Sequence[str], available: Sequence[str], why: str = "") -> ArgumentError:
    """The error of a guess with no candidate, or with several."""
    if len(set(found)) == 1:
        return ArgumentError(f"{len(found)} columns are called {found[0]!r}. Give each a name of its own.")
    if found:
        ways = " or ".join(f"{role}={name!r}" for name in found)
        return ArgumentError(f"Which column holds the {role}? {len(found)} have a name that says so. Pass {ways}.")
    if not available:
        return ArgumentError("The log has no columns.")
    return ArgumentError(
        f"Which column holds the {role}? No column has a name that says so.{why} Pass {role}=, one of: "
        f"{listed(available)}.{_no_header(available)}"
    )
