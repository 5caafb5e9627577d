"""Currencies of the lines of a log: the column that tells them, the one that is chosen, or what each is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.columns.currency_codes import CODES, in_words
from clvmodels.transactions.log.columns.guess import missing_column
from clvmodels.transactions.log.columns.names import plain
from clvmodels.transactions.log.columns.skip import parse_skip
from clvmodels.transactions.log.engine import collect, to_engine
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.source import Source, Wanted

_NAMES = {
    *("currency", "currencycode", "ccy", "curr", "devise", "moneda", "monnaie", "munt", "valuta", "valutacode"),
    *("wahrung", "waehrung"),
}
MOST_CURRENCIES = 50  # a column with more different values is no currency
_LOOKED_AT = 100  # lines of a column with another name that must all hold codes


@dataclass(frozen=True)
class Money:
    """In which currency the amounts are.

    Attributes
    ----------
    label : str or None
        The currency of the result.
    column : str or None
        The column with the currency of each line, if lines are chosen or converted by it.
    rates : tuple of (str, float)
        What one unit of each currency is worth in that of the result; none if lines in another one are left out.
    """

    label: str | None = None
    column: str | None = None
    rates: tuple[tuple[str, float], ...] = ()

    @property
    def chooses(self) -> bool:
        """Whether lines in another currency are left out."""
        return self.column is not None and not self.rates

    def sentences(self) -> list[str]:
        """What is done, in words.

        Examples
        --------
        >>> Money("EUR", "Currency", (("EUR", 1.0), ("USD", 0.92))).sentences()
        ['Amounts are in EUR by the rates that were given (column Currency): 1 USD is 0.92.']
        """
        if self.column is None:
            return []
        if not self.rates:
            return [f"Lines in another currency than {self.label} (column {self.column}) are left out."]
        others = ", ".join(f"1 {code} is {rate:g}" for code, rate in self.rates if code != same(str(self.label)))
        return [f"Amounts are in {self.label} by the rates that were given (column {self.column}): {others}."]


def same(code: str) -> str:
    """A currency as it is compared, whatever the case and the spaces around it.

    Examples
    --------
    >>> same(" eur")
    'EUR'
    """
    return code.strip().upper()


def find_money(source: Source, log: Log, used: Sequence[str]) -> Money:
    """In which currency the amounts of a log are, as its ``currency`` and ``rates`` say.

    Parameters
    ----------
    source
        The log, opened.
    log
        How it is read.
    used
        Columns that hold something else.

    Raises
    ------
    ArgumentError
        The rates don't tell the currency of the result, or contradict it; or no column tells that of the lines.
    DataError
        Lines have several currencies, and neither is one chosen nor are there rates.
    """
    column, target = _named(log.currency, source.columns, used)
    if log.rates is None:
        if column is not None and target is None:
            return Money(_only_one(source, log, column))
        return Money(target, column)
    if not log.has_amounts:
        raise ArgumentError("rates= needs amount=, the column with the amounts to convert.")
    free = [name for name in source.columns if name not in used]
    found = column or next(iter(currency_columns(source, str(log.customer), free)), None)
    if found is None:
        raise ArgumentError(
            "rates= needs the column with the currency of each line, and none looks like one"
            f"{' by its name' if source.is_text else ''}. Pass currency=, the name of the column."
        )
    rates = tuple((same(code), float(rate)) for code, rate in log.rates.items())
    label = _target(dict(rates), target)
    return Money(label, found, rates if same(label) in dict(rates) else (*rates, (same(label), 1.0)))


def _named(currency: str | None, available: Sequence[str], used: Sequence[str]) -> tuple[str | None, str | None]:
    """The column that ``currency`` names, and the currency: "USD", "Currency", or "Currency=USD" for both."""
    if currency is None:
        return None, None
    if currency in available and currency not in used:
        return currency, None
    column, sign, code = currency.rpartition("=")
    if not sign:
        return None, currency
    if column.strip() not in available:
        raise missing_column("currency", column.strip(), available)
    if not code.strip():
        raise ArgumentError(
            f'currency={currency!r} is not of the form "COLUMN=CURRENCY", such as "{column.strip()}=EUR".'
        )
    return column.strip(), code.strip()


def _target(rates: Mapping[str, float], named: str | None) -> str:
    """The currency of the result: the one that was named, or the one whose rate is 1."""
    if named is not None:
        if rates.get(same(named), 1.0) != 1.0:
            raise ArgumentError(
                f"The result is to be in {named}, and rates= says that one {named} is worth {rates[same(named)]:g}. "
                f"Give {named} the rate 1, and the others what one unit of them is worth in {named}."
            )
        return named
    ones = [code for code, rate in rates.items() if rate == 1.0]
    if len(ones) != 1:
        found = f"{', '.join(ones)} are" if ones else "None of the rates is"
        raise ArgumentError(
            f"{found} worth 1, so that the currency of the result is not known. Give that one the rate 1, or name it "
            'with the column of the currencies: currency="Currency=EUR".'
        )
    return ones[0]


def _only_one(source: Source, log: Log, column: str) -> str | None:
    """The currency of a column that may have one; those that are skipped don't count."""
    found = count_currencies(source, log, column)
    if len(found) > 1:
        raise DataError(
            f"Column {column!r} holds {len(found)} currencies ({in_words(found)}), whose amounts can't be added up. "
            f"{advice(column, found)}."
        )
    return found[0][0] if found else None


def advice(column: str, found: Sequence[tuple[str, int]]) -> str:
    """What to do about several currencies.

    Examples
    --------
    >>> advice("Currency", [("EUR", 2), ("USD", 1)])
    'Keep the lines of one with currency="Currency=EUR", or bring all to one by rates=, what one unit of each is worth'
    """
    code = found[0][0]
    return (
        f'Keep the lines of one with currency="{column}={code}", or bring all to one by rates=, what one unit of '
        "each is worth"
    )


def currency_columns(source: Source, customer: str, free: Sequence[str]) -> list[str]:
    """Columns that look like currencies, by their names or, where columns have types, by the codes in them."""
    return [name for name in free if plain(name) in _NAMES] or _by_values(source, customer, free)


def _by_values(source: Source, customer: str, free: Sequence[str]) -> list[str]:
    """Columns of text that hold codes of currencies in the first lines."""
    if source.is_text or not free:
        return []
    frame = source.read(Wanted(customer, tuple(free)))
    schema = frame.collect_schema()
    texts = [name for name in free if schema[name] in (nw.String, nw.Categorical, nw.Enum)]
    if not texts:
        return []
    head: Any = frame.select(*(nw.col(name).cast(nw.String) for name in texts)).head(_LOOKED_AT)
    head = head.collect("pyarrow") if isinstance(head, nw.LazyFrame) else head
    values = {name: {value for value in head[name].to_list() if value} for name in texts}
    return [name for name, seen in values.items() if seen and seen <= set(CODES)]


def count_currencies(source: Source, log: Log, name: str) -> tuple[tuple[str, int], ...]:
    """The values of a column with how many lines each has, the most frequent first, without those that are skipped."""
    left = {same(value) for column, values in parse_skip(log.skip) if column == name for value in values}
    frame = source.read(Wanted(str(log.customer), (name,))).select(nw.col(name).cast(nw.String).alias("code"))
    lines = to_engine(frame, None, None).filter(~nw.col("code").is_null() & (nw.col("code") != ""))
    table = collect(lines.group_by("code").agg(number=nw.len().cast(nw.Int64)).sort("number", descending=True))
    found: dict[str, tuple[str, int]] = {}
    for row in table.head(MOST_CURRENCIES + 1).rows(named=True):
        code, number = found.get(same(row["code"]), (row["code"].strip(), 0))
        found[same(code)] = (code, number + row["number"])
    remain = [pair for code, pair in found.items() if code not in left]
    return tuple(sorted(remain, key=lambda pair: -pair[1]))


def code_of(column: str) -> nw.Expr:
    """The currency of a line as it is compared; empty where there is none."""
    return nw.col(column).cast(nw.String).str.strip_chars().str.to_uppercase().fill_null("")


def rate_of(money: Money) -> nw.Expr:
    """What one unit of a line's currency is worth; null where that is not known."""
    code = code_of(str(money.column))
    return nw.coalesce(*(nw.when(code == one).then(nw.lit(rate)) for one, rate in money.rates))
