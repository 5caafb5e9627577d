"""Which column of a log is what: as given, or guessed from common names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from clvmodels.cli.terminal import UsageProblem

NONE = "none"

# Names in small letters and digits only; "a b" stands for a and b and their forms with an ending. Of several rows the
# first one with a hit decides, and two hits in it are too many.
_ID = ("id", "no", "nr", "num", "number", "key", "code")


def _with(words: str, endings: Sequence[str]) -> frozenset[str]:
    """Each word with each ending."""
    return frozenset(word + ending for word in words.split() for ending in endings)


_CUSTOMER = (
    _with("customer cust client customerunique", _ID),
    frozenset({"customer", "cust", "client"}),
    _with("user member buyer shopper household account person donor subscriber", ("", *_ID)),
)
_DATE = (
    _with("order invoice purchase transaction trans txn sale sales receipt", ("date", "datetime", "timestamp", "time"))
    | {"orderedat", "purchasedat", "purchaseat", "orderpurchasetimestamp", "orderday", "purchaseday", "dateoforder"},
    frozenset({"date", "datetime", "timestamp", "day"}),
    frozenset({"time", "createdat", "created", "createddate", "ts"}),
)
_AMOUNT = (
    _with("amount sales revenue total spend spent paid turnover value payment grandtotal subtotal extendedprice", ("",))
    | _with("total", ("amount", "price", "sales", "spend", "spent", "value", "revenue"))
    | _with("net line payment", ("amount", "sales", "revenue", "value", "total"))
    | _with("order invoice purchase transaction sale sales basket", ("amount", "total", "value", "revenue"))
    | _with("amount", ("paid", "spent"))
)
_QUANTITY = _with("quantity qty units pieces items orderquantity orderqty", ("",))
_PRICE = _with("price unitprice itemprice priceperunit pricepaid saleprice", ("",))
_ORDER = _with("order invoice receipt basket transaction trans txn purchase ticket", _ID) | {
    "order",
    "invoice",
    "receipt",
    "basket",
    "ticket",
}


@dataclass(frozen=True)
class LogColumns:
    """Columns of a log by what they hold; ``guessed`` names those that were not given."""

    customer: str
    date: str
    amount: tuple[str, ...]
    order: str | None
    guessed: tuple[str, ...]

    def rows(self) -> list[tuple[str, str, str]]:
        """What, its column, and where that is from."""
        names = {
            "customer": self.customer,
            "date": self.date,
            "amount": " × ".join(self.amount) or "none: purchases are counted, not valued",
            "order": self.order or "none: each line is an order",
        }
        return [(role, name, "guessed" if role in self.guessed else "") for role, name in names.items()]


def choose_columns(
    available: Sequence[str], *, customer: str | None, date: str | None, amount: str | None, order: str | None
) -> LogColumns:
    """The columns that were given; the others are guessed.

    Raises
    ------
    UsageProblem
        A column is not there, or a guess has no candidate or several.
    """
    given = {"customer": customer, "date": date, "amount": amount, "order": order}
    names = {
        "customer": _given(customer, "customer", available) or _guess(_CUSTOMER, "customer", available),
        "date": _given(date, "date", available) or _guess(_DATE, "date", available),
        "order": None if order == NONE else _given(order, "order", available) or _only(_ORDER, available),
    }
    amounts = _given_amounts(amount, available) if amount is not None else _guess_amounts(available)
    found = {**names, "amount": amounts or None}
    guessed = tuple(role for role in given if given[role] is None and found[role] is not None)
    return LogColumns(str(names["customer"]), str(names["date"]), amounts, names["order"], guessed)


def _plain(name: str) -> str:
    """A name in small letters and digits."""
    return re.sub(r"[\W_]", "", name).lower()


def _hits(names: frozenset[str], available: Sequence[str]) -> list[str]:
    """The columns whose names are among these."""
    return [name for name in available if _plain(name) in names]


def _only(names: frozenset[str], available: Sequence[str]) -> str | None:
    """The one column with such a name; None if there are none or several."""
    hits = _hits(names, available)
    return hits[0] if len(hits) == 1 else None


def _given(name: str | None, role: str, available: Sequence[str]) -> str | None:
    """A column that was given, or an error if the log has none of this name."""
    if name is not None and name not in available:
        lower = {column.lower(): column for column in available}
        close = difflib.get_close_matches(name.lower(), lower, 1, 0.6)
        hint = f" Did you mean --{role} {_quoted(lower[close[0]])}?" if close else ""
        raise UsageProblem(f"The log has no column {name!r} (--{role}). Its columns: {_listed(available)}.{hint}")
    return name


def _given_amounts(amount: str, available: Sequence[str]) -> tuple[str, ...]:
    """The columns of a given amount: one, the factors of a product, or none."""
    if amount == NONE and NONE not in available:
        return ()
    parts = (amount,) if amount in available else tuple(part.strip() for part in amount.split("*"))
    for part in parts:
        _given(part, "amount", available)
    return parts


def _guess(tiers: Sequence[frozenset[str]], role: str, available: Sequence[str]) -> str:
    """The column with the most telling name, or an error if there is none or several."""
    hits = next((found for names in tiers if (found := _hits(names, available))), [])
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise _several(role, hits)
    raise UsageProblem(
        f"Which column holds the {role}? None has a name that says so. Pass --{role} COLUMN, one of: "
        f"{_listed(available)}."
    )


def _guess_amounts(available: Sequence[str]) -> tuple[str, ...]:
    """A column of amounts, else quantity × price, else price, else nothing."""
    hits = _hits(_AMOUNT, available)
    quantities, prices = _hits(_QUANTITY, available), _hits(_PRICE, available)
    products = [(quantity, price) for quantity in quantities for price in prices]
    choices = [(name,) for name in hits] or products or [(name,) for name in prices]
    if len(choices) > 1:
        raise _several("amount", [" * ".join(choice) for choice in choices])
    return choices[0] if choices else ()


def _several(role: str, hits: Sequence[str]) -> UsageProblem:
    """The error of a guess with several candidates."""
    ways = " or ".join(f"--{role} {_quoted(name)}" for name in hits)
    return UsageProblem(f"Which column holds the {role}? {len(hits)} have a name that says so. Pass {ways}.")


def _quoted(name: str) -> str:
    """A name as it is written in a shell."""
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
