"""New lines of a log as totals of customers and days, in a file from which a state goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError
from clvmodels.transactions.log.columns.remembered import without_data
from clvmodels.transactions.log.engine import collect, in_duckdb, to_engine
from clvmodels.transactions.log.forms.typed import read_forms
from clvmodels.transactions.log.lines import read_lines
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.copies import read_lines_once
from clvmodels.transactions.summary.left_out import leave_out
from clvmodels.transactions.summary.profile import Profile, profile_lines, used_lines
from clvmodels.transactions.summary.purchase_days import Rules, day_totals
from clvmodels.transactions.summary.state.layout import DAY


@dataclass(frozen=True)
class NewLines:
    """What was found in new lines.

    Attributes
    ----------
    log : Log
        How they were read, without data.
    profile : Profile
        How many there are, from when to when.
    currency : str or None
        Label of the amounts.
    """

    log: Log
    profile: Profile
    currency: str | None


def check_log(log: Log) -> None:
    """Raise if lines of such a log can't be added day by day."""
    if log.order is not None or log.amount_per == "order":
        raise ArgumentError(
            "A state adds lines day by day, and an order may have lines in two updates. Leave order= out: each line is "
            "an order then, and those of one day are one purchase as before."
        )
    if log.refunds == "error":
        raise ArgumentError('A state sets refunds against purchases, or drops them. Pass refunds="net" or "drop".')


def write_totals(log: Log, end: int | None, path: Path) -> NewLines:
    """Write the totals of each customer and day, until ``end`` (days since 1970-01-01) if that is given.

    Raises
    ------
    DataError
        The lines can't be used.
    """
    frame, columns, _ = read_lines_once(log)
    frame, columns, reading = read_forms(frame, columns, log)
    lines = read_lines(to_engine(frame, columns.moments, log.timezone), columns)
    lines, _ = leave_out(lines, columns)
    profile = profile_lines(lines, columns, end, log)
    lines = used_lines(lines, profile)
    if not log.has_amounts:
        lines = lines.with_columns(amount=nw.lit(0.0))
    days = day_totals(lines, Rules(has_amounts=True, has_orders=False, refunds=log.refunds))
    if log.refunds == "drop":
        days = days.with_columns(spend=nw.col("bought"))
    _write(days.select("customer", *DAY), path)
    noted = without_data(reading.noted(replace(log, currency=reading.money.label)))
    return NewLines(noted, profile, reading.money.label)


def _write(days: nw.LazyFrame[Any], path: Path) -> None:
    """The rows to a Parquet file, streamed where DuckDB holds them."""
    native = days if days.implementation.is_duckdb() else in_duckdb(collect(days))
    native.to_native().write_parquet(str(path))
