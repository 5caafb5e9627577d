"""Columns of text become days and numbers, by DuckDB, whatever frame they come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.transactions.log.engine import Frame, quoted, to_arrow
from clvmodels.transactions.log.forms.amounts import AmountReading, decide_amounts
from clvmodels.transactions.log.forms.dates import SHAPE, DateReading, day_of, decide_dates
from clvmodels.transactions.log.forms.distinct import COUNT, distinct_days, distinct_values
from clvmodels.transactions.log.forms.reading import Reading
from clvmodels.transactions.log.forms.sql import is_missing, text_of
from clvmodels.transactions.log.lines import Columns
from clvmodels.transactions.log.log import DAY_FIRST, MONTH_FIRST, Log
from clvmodels.transactions.log.timezones import check_zone

_DATE, _DAY, _NUMBER = "clv date", "clv day", "clv number "
_BEFORE = -354_286  # the last day of the year 999
_DATE_TEXT = f"CASE WHEN {is_missing('t')} THEN NULL ELSE t END"
type _Read = tuple[nw.DataFrame[Any] | Frame, DateReading | None, AmountReading | None]

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
    texts = {name: text_of(name, schema[name]) for name in [*([columns.date] if dates else []), *amounts]}
    if isinstance(frame, nw.DataFrame):
        read, date_reading, amount_reading = _read_in_memory(to_arrow(frame), texts, columns, log)
    else:
        read, date_reading, amount_reading = _read_lines(frame.to_native(), texts, columns, log)
    if date_reading is not None:
        columns = replace(columns, date_text=_DATE if _has_texts(date_reading) else None, day=_DAY)
    if amounts:
        columns = replace(columns, numbers=tuple(_numbers(amounts).items()))
    return read, columns, _record(date_reading, amount_reading, log, columns)


def _read_in_memory(table: Any, texts: Mapping[str, str], columns: Columns, log: Log) -> _Read:
    """A table in memory, of which each distinct value is read once; its own columns stay as they are."""
    dates = amounts = None
    weight = f"sum({quoted(COUNT)})"
    if columns.date in texts:
        text, written = texts[columns.date], "%" in (log.date_format or "")
        as_days = log.timezone is None and not written
        values = distinct_days(table, columns.date, text) if as_days else distinct_values(table, columns.date)
        lines = values.lines(text)
        dates = decide_dates(lines, columns.date, log.date_format, log.unreadable_dates, weight)
        table = table.append_column(_DAY, values.spread(_values(lines, _day(dates, log.timezone))))
        if _has_texts(dates):
            values = distinct_values(table, columns.date)
            table = table.append_column(_DATE, values.spread(_values(values.lines(text), _DATE_TEXT)))
    held = {name: distinct_values(table, name) for name in texts if name != columns.date}
    if held:
        every = {name: values.lines(texts[name]) for name, values in held.items()}
        amounts = decide_amounts(every, log.decimal, weight)
        for name, added in _numbers(held).items():
            table = table.append_column(added, held[name].spread(_values(every[name], amounts.number)))
    return nw.from_native(table, eager_only=True), dates, amounts


def _values(lines: Any, value: str) -> Any:
    """What an expression makes of each text."""
    return lines.project(f"*, {SHAPE} AS shape").project(f"{value} AS v").to_arrow_table().column(0)


def _read_lines(relation: Any, texts: Mapping[str, str], columns: Columns, log: Log) -> _Read:
    """A log that DuckDB holds, with further columns."""
    dates = amounts = None
    added: dict[str, tuple[str, str]] = {}
    lines = {name: relation.project(f"{text} AS t") for name, text in texts.items()}
    if columns.date in texts:
        text = texts[columns.date]
        dates = decide_dates(lines.pop(columns.date), columns.date, log.date_format, log.unreadable_dates)
        added[_DAY] = (text, _day(dates, log.timezone))
        if _has_texts(dates):
            added[_DATE] = (text, _DATE_TEXT)
    if lines:
        amounts = decide_amounts(lines, log.decimal)
        added |= {new: (texts[name], amounts.number) for name, new in _numbers(lines).items()}
    for name, (text, value) in added.items():
        relation = relation.project(f"*, {text} AS t").project(f"*, {SHAPE} AS shape")
        relation = relation.project(f"* EXCLUDE (t, shape), {value} AS {quoted(name)}")
    return nw.from_native(relation), dates, amounts


def _numbers(names: Iterable[str]) -> dict[str, str]:
    """For each column of amounts that are text the name of the one with their numbers."""
    return {name: f"{_NUMBER}{place}" for place, name in enumerate(names)}


def _day(reading: DateReading, timezone: str | None) -> str:
    """The day since 1970-01-01, null where it can't be read or lies before the year 1000."""
    day = f"CAST({day_of(reading, timezone)} - DATE '1970-01-01' AS BIGINT)"
    return f"nullif(greatest({day}, {_BEFORE}), {_BEFORE})"


def _has_texts(reading: DateReading) -> bool:
    """Whether some texts stand for no date, so that those that can't be read are told apart from them."""
    return reading.has_blanks or reading.pattern is not None


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
