"""A log as summaries of parts of its customers, in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.remembered import check_currency, read_as
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.forms.typed import read_forms
from clvmodels.transactions.log.lines import read_columns
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.customer_rows import CustomerRows
from clvmodels.transactions.summary.plain.in_parts import PlainLines, reduce_part

_CUSTOMERS_OF_A_PART = 200_000
type Part = Callable[[], pa.Table | None]
"""Gives the summary of some customers, None if there is none."""


@dataclass(frozen=True, eq=False)
class Summaries:
    """The summaries of all parts, made one by one.

    Attributes
    ----------
    end
        Last day observed, if it is known.
    unit : str
        Of recency and T.
    has_amounts : bool
        Whether the log has amounts.
    parts : function
        From a folder and a number of lines to the parts.
    """

    end: pd.Timestamp | None
    unit: str
    has_amounts: bool
    parts: Callable[[Path, int], list[Part]]


def bound(log: Any, fit: PurchaseFit, given: dict[str, Any]) -> Log:
    """A log that is read as the fitted one was."""
    return bound_log(log, **given) if fit.log is None or isinstance(log, Log) else read_as(log, fit.log, given)


def summaries_of(log: Any, fit: PurchaseFit, observation_end: Any, given: dict[str, Any]) -> Summaries:
    """Summaries of a plain log in parts, of others by what `clvmodels.summarize` makes of them."""
    if isinstance(log, Customers):
        return _of_customers(log)
    read = bound(log, fit, given)
    lines = _plain_lines(read, fit)
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    borders = None if lines is None else lines.borders(end)
    if lines is None or borders is None:
        return _of_customers(fit.read(log, observation_end=observation_end, keep_purchases=False, **given))
    parts = partial(_parts, lines, borders, fit.unit)
    return Summaries(to_timestamp(borders[-1]), fit.unit, lines.has_amounts, parts)


def _plain_lines(log: Log, fit: PurchaseFit) -> PlainLines | None:
    """The lines of a log that can be split by customer."""
    if log.duplicates == "drop" or log.timezone is not None:
        return None
    frame, columns = read_columns(log)
    if not columns.are_plain:
        return None
    frame, columns, reading = read_forms(frame, columns, log)
    check_currency(fit.currency, reading.money.label)
    return PlainLines.of(frame, columns)


def _parts(lines: PlainLines, borders: Sequence[int], unit: str, folder: Path, most: int) -> list[Part]:
    """Summaries of the files that the lines are split into; files that are there already are complete."""
    marker = folder / "split"
    if not marker.exists():
        for left in folder.glob("*.lines"):
            left.unlink()
        files = lines.split(folder, most)
        marker.write_text(str(len(files)))
    number = int(marker.read_text())
    return [
        partial(_summary, folder / f"{place:05}.lines", borders, unit, lines.has_amounts) for place in range(number)
    ]


def _summary(file: Path, borders: Sequence[int], unit: str, has_amounts: bool) -> pa.Table | None:
    (found,) = reduce_part(file, borders, has_amounts).rows
    if found is None:
        return None
    rows = CustomerRows.of(pd.Index(found.pop("customer")), found)
    return pa.table({"customer_id": pa.array(rows.customer), **rows.summary(borders[-1], unit)})


def _of_customers(customers: Customers) -> Summaries:
    def parts(folder: Path, most: int) -> list[Part]:
        begins = range(0, len(customers), _CUSTOMERS_OF_A_PART)
        return [partial(_rows, customers, begin) for begin in begins]

    has_amounts = "monetary_value" in customers.table and bool(customers.table["monetary_value"].notna().any())
    return Summaries(customers.observation_end, customers.unit, has_amounts, parts)


def _rows(customers: Customers, begin: int) -> pa.Table:
    table = customers.table.iloc[begin : begin + _CUSTOMERS_OF_A_PART]
    names = ["frequency", "recency", "T", "monetary_value", "spend_frequency"]
    columns = {name: pa.array(table[name].to_numpy()) for name in names if name in table}
    return pa.table({"customer_id": pa.array(table.index), **columns})
