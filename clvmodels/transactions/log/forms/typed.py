"""Columns of text become days and numbers, by DuckDB, whatever frame they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.log.engine import Frame, connect, connect_in_order, quoted, to_arrow
from clvmodels.transactions.log.forms.amounts import AmountReading, decide_amounts
from clvmodels.transactions.log.forms.dates import SHAPE, DateReading, day_of, decide_dates
from clvmodels.transactions.log.forms.reading import Reading
from clvmodels.transactions.log.forms.sql import is_missing, text_of
from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.log.log import DAY_FIRST, MONTH_FIRST, Log
from clvmodels.transactions.log.timezones import check_zone

_DATE, _DAY, _NUMBER = "clv date", "clv day", "clv number "
_BEFORE = -354_286  # the last day of the year 999
_LAST = {_DAY: f"nullif(greatest(v, {_BEFORE}), {_BEFORE})"}  # what is done with a value, once it is known
_TEXT = (nw.String, nw.Categorical, nw.Enum)
_PLAIN_DATE = r"^\s*(\d{8}|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)?)\s*$"


def read_forms(
    frame: nw.DataFrame[Any] | Frame, columns: Columns, log: Log
) -> tuple[nw.DataFrame[Any] | Frame, Columns, Reading]:
    """The frame with the days and numbers of what is text, the names of these columns, and how they were read.

    Raises
    ------
    DataError
        Forms can't be told apart, or an engine holds text that it can't read.
    ArgumentError
        ``date_format`` is no form of dates.
    """
    schema = frame.collect_schema()
    plain = Reading(timezone=log.timezone, money=columns.money)
    dates = _is_text_date(schema[columns.date])
    amounts = [name for name in dict.fromkeys((*columns.amount, *columns.minus)) if schema[name] in _TEXT]
    if log.timezone is not None:
        check_zone(log.timezone)
    if not dates and not amounts:
        return frame, columns, plain
    if isinstance(frame, nw.LazyFrame) and not frame.implementation.is_duckdb():
        if not amounts and log.date_format is None and _has_plain_dates(frame, columns.date):
            return frame, columns, plain
        frame = _fetch(frame, columns)
    table = to_arrow(frame) if isinstance(frame, nw.DataFrame) else None
    relation = connect().from_arrow(table) if table is not None else frame.to_native()
    date_text = text_of(columns.date, schema[columns.date])
    texts = {name: text_of(name, schema[name]) for name in amounts}
    added: dict[str, tuple[str, str]] = {}
    date_reading = amount_reading = None
    if dates:
        date_reading = decide_dates(relation, date_text, columns.date, log.date_format, log.unreadable_dates)
        added |= _days(date_text, date_reading, log.timezone)
        columns = replace(columns, date_text=_DATE if _DATE in added else None, day=_DAY)
    if amounts:
        amount_reading = decide_amounts(relation, texts, log.decimal)
        names = {name: f"{_NUMBER}{place}" for place, name in enumerate(texts)}
        added |= {names[name]: (text, amount_reading.number) for name, text in texts.items()}
        columns = replace(columns, numbers=tuple(names.items()))
    read = nw.from_native(_with_values(relation, added)) if table is None else _with_columns(table, added)
    return read, columns, _record(date_reading, amount_reading, log, columns)


def _days(text: str, reading: DateReading, timezone: str | None) -> dict[str, tuple[str, str]]:
    """The day since 1970-01-01, null where it can't be read, and the text of a date, if some stand for none."""
    day = f"CAST({day_of(reading, timezone)} - DATE '1970-01-01' AS BIGINT)"
    added = {_DAY: (text, day)}
    if reading.has_blanks or reading.pattern is not None:
        added[_DATE] = (text, f"CASE WHEN {is_missing('t')} THEN NULL ELSE t END")
    return added


def _with_values(relation: Any, added: Mapping[str, tuple[str, str]]) -> Any:
    """The log with further columns, each an expression of a text."""
    for name, (text, value) in added.items():
        relation = relation.project(f"*, {text} AS t").project(f"*, {SHAPE} AS shape")
        relation = relation.project(f"* EXCLUDE (t, shape), {value} AS v")
        relation = relation.project(f"* EXCLUDE (v), {_LAST.get(name, 'v')} AS {quoted(name)}")
    return relation


def _with_columns(table: Any, added: Mapping[str, tuple[str, str]]) -> nw.DataFrame[Any]:
    """The same of a table in memory, whose own columns stay as they are."""
    relation = connect_in_order().from_arrow(table)
    for name, (text, value) in added.items():
        texts = relation.project(f"{text} AS t").project(f"t, {SHAPE} AS shape")
        values = texts.project(f"{value} AS v").project(f"{_LAST.get(name, 'v')} AS v")
        table = table.append_column(name, values.to_arrow_table().column(0))
    return nw.from_native(table, eager_only=True)


def _is_text_date(dtype: Any) -> bool:
    return dtype in _TEXT or dtype.is_numeric()


def _has_plain_dates(frame: Frame, name: str) -> bool:
    """Whether the engine can read the dates itself: ISO text without a zone, or numbers such as 20240301."""
    date = nw.col(name)
    if frame.collect_schema()[name] == nw.String:
        odd = ~date.is_null() & ~date.str.contains(_PLAIN_DATE)
    elif frame.collect_schema()[name].is_integer():
        odd = (date < 10_000_000) | (date > 99_999_999)
    else:
        return False
    one, none = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
    count = frame.select(odd=nw.when(odd).then(one).otherwise(none).sum()).collect("pyarrow")["odd"][0]
    return not count


def _fetch(frame: Frame, columns: Columns) -> nw.DataFrame[Any]:
    """The columns that are read, in memory; Spark has too many lines for that."""
    if frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect():
        raise DataError(
            f"Columns {columns.date!r} and {list(columns.amount)} hold text that Spark can't read as it is. Turn "
            "dates into dates or timestamps and amounts into numbers in the query that makes the table, or pass a file."
        )
    return frame.collect("pyarrow")


def _record(dates: DateReading | None, amounts: AmountReading | None, log: Log, columns: Columns) -> Reading:
    date_format = log.date_format
    if dates is not None and date_format is None and any(form.separator for form in dates.forms):
        date_format = MONTH_FIRST if dates.month_first else DAY_FIRST
    return Reading(
        date_forms=() if dates is None else tuple(form.name for form in dates.forms),
        date_format=date_format,
        decimal=None if amounts is None else amounts.decimal,
        timezone=log.timezone,
        zones=() if dates is None else dates.zones,
        currencies=() if amounts is None else amounts.currencies,
        money=columns.money,
    )
