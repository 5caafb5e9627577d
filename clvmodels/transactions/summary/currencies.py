"""Currencies of a log: a column that looks like one is looked at, so that amounts of several aren't added up unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.log.columns.names import plain
from clvmodels.transactions.log.columns.skip import parse_skip
from clvmodels.transactions.log.engine import collect, to_engine
from clvmodels.transactions.log.forms.currencies import CODES, in_words
from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.readers import open_log
from clvmodels.transactions.log.source import Source, Wanted

_NAMES = {
    *("currency", "currencycode", "ccy", "curr", "devise", "moneda", "monnaie", "munt", "valuta", "valutacode"),
    *("wahrung", "waehrung"),
}
_MOST = 50  # a column with more different values is no currency
_LOOKED_AT = 100  # lines of a column with another name that must all hold codes

type Currencies = tuple[str, tuple[tuple[str, int], ...]] | None
"""A column, and its currencies with how many lines each has."""


def find_currencies(log: Log, columns: Columns) -> Currencies:
    """The column that looks like a currency, by its name or (in frames and tables) its values, if it has several."""
    if not columns.amount:
        return None
    source = open_log(log)
    used = {*columns.names, *(name for name, _ in parse_skip(log.skip))}
    free = [name for name in source.columns if name not in used]
    candidates = [name for name in free if plain(name) in _NAMES] or _by_values(source, columns.customer, free)
    for name in candidates[:1]:
        found = _values(source, columns.customer, name)
        if 1 < len(found) <= _MOST:
            return name, found
    return None


def with_currency(log: Log, columns: Columns) -> Log:
    """The log with the label of its currency, if ``currency`` names a column.

    Raises
    ------
    DataError
        The column has several currencies.
    """
    if log.currency is None or log.currency in (columns.customer, columns.date, *columns.amount, columns.order):
        return log
    source = open_log(log)
    if log.currency not in source.columns:
        return log
    found = _values(source, columns.customer, log.currency)
    left = {value.upper() for name, values in parse_skip(log.skip) if name == log.currency for value in values}
    codes = [code for code, _ in found if code.upper() not in left]
    if len(codes) > 1:
        others = ",".join(codes[1:5])
        raise DataError(
            f"Column {log.currency!r} holds {len(codes)} currencies ({in_words(found)}), whose amounts can't be added "
            f'up. Keep one of them, such as {codes[0]}, with skip="{log.currency}={others}", or bring them to one.'
        )
    return replace(log, currency=codes[0] if codes else None)


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


def _values(source: Source, customer: str, name: str) -> tuple[tuple[str, int], ...]:
    """The values of a column with how many lines each has, the most frequent first."""
    frame = source.read(Wanted(customer, (name,))).select(nw.col(name).cast(nw.String).alias("code"))
    lines = to_engine(frame, None, None).filter(~nw.col("code").is_null() & (nw.col("code") != ""))
    table = collect(lines.group_by("code").agg(number=nw.len().cast(nw.Int64)).sort("number", descending=True))
    return tuple((row["code"].strip(), row["number"]) for row in table.head(_MOST + 1).rows(named=True))
