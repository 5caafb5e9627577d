"""A table of forms in which shops write dates and amounts, each with what it must become, or the sentence that refuses.

A row is a log of one column of dates and one of amounts; every line is of a customer of its own, ``c0``, ``c1``, ….
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DAYS = ("2005-01-02", "2005-01-31")


@dataclass(frozen=True)
class Row:
    """A log, and the days and amounts that it has, or a part of the sentence that refuses it.

    Attributes
    ----------
    name : str
        What is tested.
    dates, amounts : sequence of str
        The cells, one a line.
    days : sequence of str
        The days of the lines, as ISO text.
    sums : sequence of float
        Their amounts.
    says : str
        A part of the error, if the log is refused, in the words of Python.
    arguments : mapping
        Further keywords of the log.
    notes : str
        A part of what the report says of the reading.
    """

    name: str
    dates: Sequence[str] = DAYS
    amounts: Sequence[str] = ("1.5", "20")
    days: Sequence[str] = DAYS
    sums: Sequence[float] = (1.5, 20.0)
    says: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""


def _two(form: str) -> tuple[str, ...]:
    """The two days in a form of strftime."""
    import datetime as dt

    return tuple(dt.datetime.fromisoformat(f"{day} 10:11:12").strftime(form) for day in DAYS)


_ISO = [
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.123", "%Y-%m-%dT%H",
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.123456Z", "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%d %H:%M:%S -0500",
    "%Y-%m-%d %H:%M:%S+02", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S.5 UTC", "%Y-%m-%dT%H:%M:%S+01:00[Europe/Paris]",
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y.%m.%d", "%Y%m%d", "%Y%m%dT%H%M%SZ", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y年%m月%d日",
]  # fmt: skip
_WITH_NAMES = [
    "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%Y-%b-%d", "%a, %d %b %Y %H:%M:%S +0000",
    "%a %b %d %H:%M:%S %Y", "%A, %B %d, %Y", "%b %d, %Y %I:%M %p", "%d/%b/%Y:%H:%M:%S +0000",
    "%a %b %d %Y %H:%M:%S GMT+0100 (CET)", "%d. Januar %Y", "%d janvier %Y", "%d de enero de %Y",
]  # fmt: skip
_NUMBERS = [
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d.%m.%Y 00:00", "%d-%m-%Y", "%m-%d-%Y %H:%M:%S", "%d/%m/%y", "%d.%m.%y",
    "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y, %H:%M:%S",
]  # fmt: skip
_MONTH_FIRST = {"dates": ("01/02/2005", "01/03/2005"), "days": ("2005-01-02", "2005-01-03")}
_ZONED = {"dates": ("2005-01-01T23:30:00Z", "2005-01-31 10:00:00 -0500"), "notes": "Europe/Berlin"}
_NO_TIMES = [
    "2005-01-02 25:75",
    "2005-01-02 10:75",
    "2005-01-02T24:30:00",
    "2005-01-02 10:11:75",
    "02.01.2005 25:00",
    "20050102T257512",
    "20050102257512",
    "Jan 2, 2005 10:61 PM",
]
_LATE = {"dates": ("2005-01-01 11:30 PM +0000", "2005-01-31 12:30 AM +0000")}

DATES = [
    *(Row(f"date {form}", dates=_two(form)) for form in (*_ISO, *_WITH_NAMES, *_NUMBERS)),
    Row("date, forms mixed", ("2005-01-02T10:00:00Z", "31.01.2005")),
    Row("date, unpadded", ("2.1.2005", "31.1.2005")),
    Row("date, Czech", ("2. 1. 2005", "31. 1. 2005")),
    Row("date, spaces around", (" 2005-01-02", "2005-01-31 ")),
    Row("date, seconds since 1970", ("1104660672", "1107166272")),
    Row("date, seconds with a fraction", ("1104660672.25", "1107166272.5")),
    Row("date, milliseconds since 1970", ("1104660672000", "1107166272000")),
    Row("date, microseconds since 1970", ("1104660672000000", "1107166272000000")),
    Row("date, seconds of 1997", ("852163200", "852163201"), days=("1997-01-02", "1997-01-02")),
    Row("date, Unix seconds in a zone", ("1104620400", "1107212400"), days=("2005-01-02", "2005-02-01"),
        arguments={"timezone": "Europe/Berlin"}, notes="Europe/Berlin"),
    Row("date, zone of the day", **_ZONED, arguments={"timezone": "Europe/Berlin"}),
    Row("date, zone west", ("2005-01-03T02:00:00Z", "20050201T040000Z"), arguments={"timezone": "America/New_York"}),
    Row("date, zone and twelve hours", **_LATE, days=("2005-01-02", "2005-01-31"),
        arguments={"timezone": "Europe/Berlin"}),
    Row("date, zones as written", ("2005-01-02T23:30:00Z", "2005-01-31 23:00:00 -0500"), notes="days are those that"),
    Row("date, no line tells", ("02/01/2005", "03/01/2005"), says='date_format="day first"'),
    Row("date, same either way", ("01/01/2005", "02/02/2005"), days=("2005-01-01", "2005-02-02")),
    Row("date, day first", ("02/01/2005", "03/01/2005"), days=("2005-01-02", "2005-01-03"),
        arguments={"date_format": "day first"}, notes="day first"),
    Row("date, month first", **_MONTH_FIRST, arguments={"date_format": "month first"}),
    Row("date, a form", ("02012005", "31012005"), arguments={"date_format": "%d%m%Y"}),
    Row("date, two orders", ("13/01/2005", "01/31/2005"), says="two orders of day and month"),
    Row("date, two separators", ("02/01/2005", "31.01.2005"), says="no line tells"),
    Row("date, no such day", ("2005-02-30", "2005-01-31"), says="'2005-02-30'"),
    Row("date, year 0", ("0000-01-01", "2005-01-31"), says="'0000-01-01'"),
    Row("date, a word", ("soon", "2005-01-31"), says="1 of 2 lines have no readable date"),
    Row("date, zone in letters", ("2005-01-02 23:00 EST", "Jan 31, 2005 11:00:00 PM PST"),
        notes="zone (EST, PST); days are those that are written."),
    Row("date, zone in letters and another one", ("2005-01-02 10:00 IST", "2005-01-31 10:00 IST"),
        arguments={"timezone": "Europe/Berlin"}, says="zones in letters (IST)"),
    Row("date, ISO weeks", ("2004-W53-7", "2005W051")),
    Row("date, ISO weeks and times", ("2004-W53-7T10:11:12Z", "2005-W05-1 10:11")),
    Row("date, no such week", ("2005-W54-1", "2005-01-31"), says="'2005-W54-1'"),
    Row("date, a week without a day", ("2005-W03", "2005-01-31"), says="'2005-W03'"),
    *(Row(f"date, no such time {time}", (time, "2005-01-31 10:00"), says=f"'{time}'") for time in _NO_TIMES),
    Row("date, days or seconds", ("20050102", "1107166272"), says="no readable date"),
    Row("date, day of a spreadsheet", ("38354", "38383"), says="no readable date"),
    Row("date, half of them", ("2005-01", "2005-02"), says="no readable date"),
]  # fmt: skip


def _paid(name: str, *amounts: str, sums: Sequence[float] = (1234.5, -12.0), **more: Any) -> Row:
    return Row(f"amount {name}", ("2005-01-02",) * len(amounts), amounts, ("2005-01-02",) * len(amounts), sums, **more)


AMOUNTS = [
    _paid("comma", "1234,5", "-12", notes="decimal comma"),
    _paid("comma, thousands", "1.234,50", "-12,00"),
    _paid("point, thousands", "1,234.50", "-12.00"),
    _paid("dollars", "$1,234.50", "-$12.00"),
    _paid("dollars, brackets", "$1,234.50", "($12.00)"),
    _paid("brackets", "1234.5", "(12.00)"),
    _paid("euro behind", "1234.50 €", "-12.00 €"),
    _paid("euro behind, comma", "1.234,50 €", "-12,00 €"),
    _paid("code", "EUR 1,234.50", "EUR -12.00"),
    _paid("code behind", "1 234,50 EUR", "-12,00 EUR"),
    _paid("no-break space", "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€", "-12,00\N{NO-BREAK SPACE}€"),
    _paid("narrow space", "1\N{NARROW NO-BREAK SPACE}234,50", "-12,00"),
    _paid("apostrophe", "CHF 1'234.50", "CHF -12.00"),
    _paid("minus sign", "1234.5", "\N{MINUS SIGN}12.0"),
    _paid("minus behind", "1234.50", "12.00-"),
    _paid("two letters", "kr 1 234,50", "kr -12,00"),
    _paid("reais", "R$ 1.234,50", "-R$ 12,00"),
    _paid("Indian", "1,01,234.50", "-12.0", sums=(101234.5, -12.0)),
    _paid("science", "1.2345e3", "-12"),
    _paid("plus", "+1234.5", "-12"),
    _paid("thousands twice", "1,234,567", "-12", sums=(1234567.0, -12.0)),
    _paid("thousands twice, points", "1.234.567", "-12", sums=(1234567.0, -12.0)),
    _paid("unclear", "1,234", "12", says='decimal="." or decimal=","'),
    _paid("unclear with a sign", "$1.234", "$12", says='decimal="." or decimal=","'),
    _paid("decided by an argument", "1,234", "12", sums=(1234.0, 12.0), arguments={"decimal": "."}),
    _paid("decided by the other", "1,234", "12", sums=(1.234, 12.0), arguments={"decimal": ","}),
    _paid("decided by another line", "1,234", "0,50", sums=(1.234, 0.5)),
    _paid("two signs", "1,5", "2.5", says="two decimal signs"),
    _paid("a word", "1.5", "much", says="1 of 2 lines have an amount that is missing or no number"),
    _paid("a count", "5 pcs", "1.5", says="no number: customer c0 on 2005-01-02: 5 pcs"),
    _paid("spaces inside", "12 50", "1.5", says="no number"),
    _paid("thousands in words", "12 k", "1.5", says="no number"),
    _paid("half a bracket", "(12", "1.5", says="no number"),
]

ROWS = [*DATES, *AMOUNTS]
