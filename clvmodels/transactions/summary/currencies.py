"""Currencies of a log: several are found, so that their amounts aren't added up unseen, or lines are refused."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.log.columns.currencies import MOST_CURRENCIES, count_currencies, currency_columns
from clvmodels.transactions.log.columns.currency_codes import in_words
from clvmodels.transactions.log.engine import collect
from clvmodels.transactions.log.lines import UNPRICED, Columns
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.readers import open_log

type Currencies = tuple[str, tuple[tuple[str, int], ...]] | None
"""A column, and its currencies with how many lines each has."""


def find_currencies(log: Log, columns: Columns) -> Currencies:
    """The column that looks like a currency, if it has several and nothing is done about them."""
    if not columns.amount or columns.money.column is not None:
        return None
    source = open_log(log)
    free = [name for name in source.columns if name not in columns.roles]
    for name in currency_columns(source, columns.customer, free)[:1]:
        found = count_currencies(source, log, name)
        if 1 < len(found) <= MOST_CURRENCIES:
            return name, found
    return None


def check_currencies(lines: nw.LazyFrame[Any], columns: Columns) -> None:
    """Raise if lines that count have an amount, and a currency that has no rate, or none at all.

    Raises
    ------
    DataError
        The message has these currencies and how many lines each has.
    """
    money = columns.money
    if money.column is None:
        return
    wrong = lines.filter(nw.col(UNPRICED) & ~nw.col("skipped") if columns.skip else nw.col(UNPRICED))
    table = collect(wrong.group_by("currency").agg(number=nw.len().cast(nw.Int64)).sort("number", descending=True))
    found = [(row["currency"], row["number"]) for row in table.rows(named=True)]
    blank = sum(number for code, number in found if code == "")
    if blank:
        raise DataError(
            f"{blank:,} lines with an amount have no currency in column {money.column!r}. Fill it or remove them."
        )
    if found:
        raise DataError(
            f"rates= says nothing of {in_words(found)} (column {money.column!r}). Add what one unit is worth in "
            f"{money.label}, or leave these lines out "
            f'with skip="{money.column}={",".join(code for code, _ in found[:5])}".'
        )
