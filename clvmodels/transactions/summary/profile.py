"""A first look at the lines, in one pass: how many, from when to when, and whether they can be used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.log.dates import to_timestamp
from clvmodels.transactions.log.engine import collect
from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.text_columns import WHOLE_NUMBER
from clvmodels.transactions.summary.gaps import BLOCK, Gap, longest_gap_of

LARGEST = 1e300


@dataclass(frozen=True)
class Profile:
    """Counts over all lines of a log, each line under the first name that holds.

    ``first_day`` and ``last_day`` are those of all lines with a customer and a date, ``end`` is the last day observed.
    The counts of amounts are of the lines that are used. ``ids_in_words`` counts the ids that are not written as whole
    numbers; None if ids are what they are. ``dates_shown`` are some of the ``dates_unreadable``, which count as lines
    without a date. ``gap`` is the longest time between lines that are used.
    """

    lines: int
    without_customer: int
    without_date: int
    after_end: int
    used: int
    dates_unreadable: int
    first_day: int
    last_day: int
    end: int
    amounts_unusable: int = 0
    refunds: int = 0
    ids_in_words: int | None = None
    dates_shown: tuple[str, ...] = ()
    gap: Gap = None


def profile_lines(lines: nw.LazyFrame[Any], columns: Columns, end: int | None, log: Log) -> Profile:
    """Count the lines and raise if they can't be used; the message shows some of the rows."""
    customer, day = nw.col("customer"), nw.col("day")
    dated = ~customer.is_null() & ~day.is_null()
    used = dated if end is None else dated & (day <= end)
    dated_day = nw.when(dated).then(day)
    counts = {
        "lines": nw.len(),
        "without_customer": _count(customer.is_null()),
        "without_date": _count(~customer.is_null() & day.is_null()),
        "used": _count(used),
        "dates_unreadable": _count(_UNREADABLE),
        "first_day": dated_day.min(),
        "last_day": dated_day.max(),
        "last_used": nw.when(used).then(day).max(),
    }
    in_one_pass = not lines.implementation.is_ibis()  # there n_unique casts a condition, which PostgreSQL refuses
    if in_one_pass:
        counts["blocks"] = nw.when(used).then(day // BLOCK).n_unique()
    if columns.amount:
        counts["amounts_unusable"] = _count(used & _unusable())
        counts["refunds"] = _count(used & (nw.col("amount") < 0))
    if columns.ids_as_text:
        counts["ids_in_words"] = _count(~customer.str.contains(WHOLE_NUMBER))
    counts = {name: count.cast(nw.Int64) for name, count in counts.items()}
    row = collect(lines.select(**counts)).rows(named=True)[0]
    values: dict[str, Any] = {name: 0 if value is None else int(value) for name, value in row.items()}
    values["after_end"] = values["lines"] - values["without_customer"] - values["without_date"] - values["used"]
    shown = _show_dates(lines) if values["dates_unreadable"] else ()
    last_used = values.pop("last_used")
    blocks = values.pop("blocks") if in_one_pass else _blocks(lines.select(block=nw.when(used).then(day // BLOCK)))
    profile = Profile(**values, end=values["last_day"] if end is None else end, dates_shown=shown)
    _check(profile, lines, columns, log)
    blocks -= profile.used < profile.lines  # those without a value count as one
    return replace(profile, gap=longest_gap_of(lines.filter(used), blocks, profile.first_day, last_used))


_UNREADABLE = ~nw.col("customer").is_null() & ~nw.col("date").is_null() & nw.col("day").is_null()


def _unusable() -> nw.Expr:
    amount = nw.col("amount")
    return amount.is_null() | amount.is_nan() | (amount > LARGEST) | (amount < -LARGEST)


def _count(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1, dtype=nw.Int64)).otherwise(nw.lit(0, dtype=nw.Int64)).sum()


def _check(profile: Profile, lines: nw.LazyFrame[Any], columns: Columns, log: Log) -> None:
    if profile.lines == 0:
        raise DataError("The log is empty: it has no lines.")
    if profile.without_customer == profile.lines:
        raise DataError(f"Column {columns.customer!r} holds no customer: all {profile.lines:,} lines are without one.")
    if profile.dates_unreadable > log.unreadable_dates * profile.lines:
        raise DataError(
            f"{profile.dates_unreadable:,} of {profile.lines:,} lines have no readable date in column "
            f"{columns.date!r}: {'; '.join(profile.dates_shown)}. Correct them, pass date_format= if all dates have "
            'another form, such as date_format="%d%m%Y", or pass unreadable_dates=, the share of the lines that may be '
            f"left out (now {log.unreadable_dates:g})."
        )
    if profile.used + profile.after_end == 0:
        raise DataError(f"No line has both a customer ({columns.customer!r}) and a date ({columns.date!r}).")
    if profile.used == 0:
        first, last = to_timestamp(profile.first_day), to_timestamp(profile.last_day)
        raise DataError(
            f"observation_end {to_timestamp(profile.end):%Y-%m-%d} lies before the first line of the log, which runs "
            f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
        )
    if profile.amounts_unusable:
        shown = show_lines(used_lines(lines, profile).filter(_unusable()))
        found = "missing or no number" if columns.numbers else "missing, NaN or infinite"
        raise DataError(
            f"{profile.amounts_unusable:,} of {profile.used:,} lines have an amount that is {found}: {shown}. "
            "Fill or remove them; an order worth nothing has the amount 0."
        )


def used_lines(lines: nw.LazyFrame[Any], profile: Profile) -> nw.LazyFrame[Any]:
    """The lines with a customer and a date until the end of the observation; ids as numbers if all are."""
    if profile.ids_in_words == 0:
        lines = lines.with_columns(nw.col("customer").cast(nw.Int64))
    return lines if profile.used == profile.lines else dated_until(lines, profile.end)


def dated_until(lines: nw.LazyFrame[Any], end: int | None) -> nw.LazyFrame[Any]:
    """The lines with a customer and a date, until the end of the observation if there is one."""
    customer, day = nw.col("customer"), nw.col("day")
    known = ~customer.is_null() & ~day.is_null()
    return lines.filter(known if end is None else known & (day <= end))


def _first_rows(lines: nw.LazyFrame[Any], number: int = 3) -> list[dict[str, Any]]:
    return collect(lines.head(number)).rows(named=True)


def _show_dates(lines: nw.LazyFrame[Any]) -> tuple[str, ...]:
    rows = _first_rows(lines.filter(_UNREADABLE).select("customer", "date"))
    return tuple(f"customer {row['customer']}: {str(row['date'])!r}" for row in rows)


def show_lines(lines: nw.LazyFrame[Any]) -> str:
    """The first few lines as text."""
    amount = "amount_text" if "amount_text" in lines.collect_schema().names() else "amount"
    rows = _first_rows(lines.select("customer", "date", amount))
    return "; ".join(f"customer {row['customer']} on {row['date']}: {row[amount]}" for row in rows)


def _blocks(blocks: nw.LazyFrame[Any]) -> int:
    """How many different ones there are; those without a value count as one."""
    each = blocks.group_by("block").agg(number=nw.len())
    return int(collect(each.select(number=nw.len().cast(nw.Int64)))["number"][0])
