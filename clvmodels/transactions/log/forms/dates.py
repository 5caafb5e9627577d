"""Dates written as text or as numbers: their forms are found in all lines, and read by one expression of DuckDB.

Where day and month are numbers, the order is that in which all lines of the column can be read. If lines need either
order, the column is refused, unless those of one order are few enough to be left out as unreadable; if no line tells,
it is refused as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.engine import connect, literal
from clvmodels.transactions.log.forms.date_forms import FORMS, LETTERS_END, WITH_COLONS, ZONED_END, DateForm
from clvmodels.transactions.log.forms.sql import MISSING
from clvmodels.transactions.log.log import DAY_FIRST, MONTH_FIRST

# Times of day that there are none of, such as 25:75.
_NO_TIME = (
    r"(^|[^0-9:/.-])(2[5-9]|[3-9]\d)[:h]\d|(^|[^0-9:/.-])24[:h](0[1-9]|[1-5]\d)|(^|[^0-9:])\d{1,2}[:h][6-9]\d|"
    r":\d\d:(6[1-9]|[7-9]\d)"
)
# A text with 1 for every digit; with a sign that no form has if it is no time of day.
SHAPE = (
    "concat(translate(t, '023456789', '111111111'), "
    f"CASE WHEN regexp_matches(t, {literal(_NO_TIME)}) THEN '!' ELSE '' END)"
)
_MOST_SHAPES = 50_000


@dataclass(frozen=True)
class DateReading:
    """How the dates of a column are read.

    Attributes
    ----------
    forms : tuple of DateForm
        Forms that occur and are read.
    month_first : frozenset of str
        Separators with which the month comes first.
    pattern : str or None
        The one form, in the letters of strptime, if it was given.
    zones : tuple of str
        Offsets from UTC, or letters such as EST, of some of the times.
    letters : tuple of str
        Those of them that are letters, and don't tell the offset.
    shapes : mapping
        Of each form the texts that have it, with 1 for every digit; empty if every text has the one form.
    has_blanks : bool
        Some texts stand for nothing, such as "NULL".
    """

    forms: tuple[DateForm, ...]
    month_first: frozenset[str] = frozenset()
    pattern: str | None = None
    zones: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    shapes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_blanks: bool = False


@dataclass
class _Count:
    """Lines of one form: how many, an example, and how many can only be read in one order of day and month."""

    form: DateForm
    lines: int = 0
    either: str | None = None
    day_first: int = 0
    month_first: int = 0
    day_example: str | None = None
    month_example: str | None = None
    shapes: set[str] = field(default_factory=set)

    def add(self, shape: str, start: str, lines: int, example: str) -> None:
        """Further lines that begin alike."""
        self.shapes.add(shape)
        self.lines += lines
        if self.form.separator is None:
            return
        first, second = (int(part) for part in re.findall(r"\d+", start)[:2])
        if first <= 12 and second <= 12 and first != second:
            self.either = self.either or example
        elif first > 12 >= second:
            self.day_first += lines
            self.day_example = self.day_example or example
        elif second > 12 >= first:
            self.month_first += lines
            self.month_example = self.month_example or example


def decide_dates(
    lines: Any, name: str, date_format: str | None, tolerated: float, weight: str = "count(*)"
) -> DateReading:
    """How the dates of a column are read, from all lines of it.

    Parameters
    ----------
    lines : duckdb.DuckDBPyRelation
        The column as text ``t``.
    name : str
        Its name, for errors.
    date_format : str or None
        As in `clvmodels.Log`.
    tolerated : float
        Share of the lines that may be left out as unreadable.
    weight : str
        How many lines of the log there are in some of them, in SQL.

    Raises
    ------
    DataError
        Whether day or month comes first can't be told, or differs from line to line.
    """
    if date_format is not None and "%" in date_format:
        _check_pattern(date_format)
        return DateReading((), pattern=date_format)
    if _are_plain(lines):
        return DateReading((FORMS[0],))
    rows = [row for row in _shapes(lines, weight) if row[0] is not None]
    known = [row for row in rows if row[0] not in MISSING]
    counts: dict[str, _Count] = {}
    unknown, zones, letters = 0, set(), set()
    for shape, start, number, example in known:
        form = _form_of(shape, example)
        if form is None:
            unknown += number
            continue
        counts.setdefault(form.name, _Count(form)).add(shape, start, number, example)
        zone = re.search(ZONED_END, _with_colons(example))
        zones |= {zone[3]} if zone else set()
        named = re.search(LETTERS_END, shape)
        letters |= {named[1]} if named else set()
    allowed = tolerated * sum(row[2] for row in known)
    kept = sorted(_one_form_of_digits(list(counts.values())), key=lambda count: -count.lines)
    several = len(kept) > 1 or len(kept) < len(counts) or unknown > 0 or len(rows) == _MOST_SHAPES
    return DateReading(
        forms=tuple(count.form for count in kept),
        month_first=_orders(kept, name, date_format, allowed),
        zones=tuple(sorted(zones | letters)),
        letters=tuple(sorted(letters)),
        shapes={count.form.name: tuple(sorted(count.shapes)) for count in kept} if several else {},
        has_blanks=len(known) < len(rows),
    )


def _are_plain(lines: Any) -> bool:
    """Whether all texts are days as in 2005-12-31, or such days with times that have no zone."""
    day = "substr(t, 5, 1) = '-' AND substr(t, 8, 1) = '-' AND TRY_CAST(left(t, 10) AS DATE) IS NOT NULL"
    time = "substr(t, 14, 1) = ':' AND substr(t, 11, 1) IN (' ', 'T') AND TRY_CAST(substr(t, 12) AS TIME) IS NOT NULL"
    plain = (
        f"CASE length(t) WHEN 10 THEN {day} WHEN 16 THEN {day} AND {time} "
        f"WHEN 19 THEN substr(t, 17, 1) = ':' AND {day} AND {time} ELSE false END"
    )
    ((odd,),) = lines.limit(1000).aggregate(f"count(*) FILTER (t IS NOT NULL AND NOT ({plain}))").fetchall()
    if odd:
        return False
    ((odd,),) = lines.aggregate(f"count(*) FILTER (t IS NOT NULL AND NOT ({plain}))").fetchall()
    return not odd


def _form_of(shape: str, example: str) -> DateForm | None:
    """The form of texts that differ in their digits only; where digits alone make a form, an example tells."""
    text = example if shape.isdigit() else shape
    return next((form for form in FORMS if re.fullmatch(form.pattern, text)), None)


def _with_colons(text: str) -> str:
    """The text with colons in its time of day, as `WITH_COLONS` has them."""
    return re.sub(r"^(\d{8} \d\d:\d\d)(\d\d)", r"\1:\2", re.sub(r"^(\d{8})[T ]?(\d\d)(\d\d)", r"\1 \2:\3", text))


def _check_pattern(pattern: str) -> None:
    import duckdb

    try:
        connect().execute(f"SELECT try_strptime('', {literal(pattern)})")
    except duckdb.Error:
        raise ArgumentError(
            f"date_format={pattern!r} is no form of dates. Write it in the letters of strptime, such as "
            'date_format="%d.%m.%Y %H:%M".'
        ) from None


def _shapes(lines: Any, weight: str) -> list[tuple[Any, ...]]:
    """Lines by the shape of their text and by its start, which has day and month where these are numbers."""
    return list(
        lines.project(f"*, {SHAPE} AS shape, left(t, {len('13. 12')}) AS start")
        .aggregate(f"shape, start, {weight}, min(t)", "shape, start")
        .order("3 DESC")
        .limit(_MOST_SHAPES)
        .fetchall()
    )


def _one_form_of_digits(counts: Sequence[_Count]) -> list[_Count]:
    """Without the rarer ones of the forms that are nothing but digits: a log counts days or seconds, not both."""
    digits = [count for count in counts if count.form.digits]
    usual = max(digits, key=lambda count: count.lines, default=None)
    return [count for count in counts if not count.form.digits or count is usual]


def _orders(counts: Sequence[_Count], name: str, date_format: str | None, allowed: float) -> frozenset[str]:
    """The separators with which the month comes first."""
    groups: dict[str, list[_Count]] = defaultdict(list)
    for count in counts:
        if count.form.separator is not None:
            groups[count.form.separator].append(count)
    if date_format is not None:
        return frozenset(groups) if date_format == MONTH_FIRST else frozenset()
    return frozenset(sign for sign, group in groups.items() if _is_month_first(group, name, allowed))


def _is_month_first(group: Sequence[_Count], name: str, allowed: float) -> bool:
    """Whether the month comes first in forms with one separator."""
    day_first = sum(count.day_first for count in group)
    month_first = sum(count.month_first for count in group)
    if min(day_first, month_first) > allowed:
        day = next(count.day_example for count in group if count.day_example)
        month = next(count.month_example for count in group if count.month_example)
        raise DataError(
            f"Column {name!r} mixes two orders of day and month: {day_first:,} lines, such as {day!r}, have the day "
            f"first, and {month_first:,}, such as {month!r}, the month. Bring them to one order, or read the lines of "
            "each order by themselves."
        )
    either = next((count.either for count in group if count.either), None)
    if day_first == month_first == 0 and either is not None:
        raise DataError(
            f"Column {name!r} has dates such as {either!r}, and no line tells whether the day or the month comes "
            f'first. Pass date_format="{DAY_FIRST}" or date_format="{MONTH_FIRST}".'
        )
    return month_first > day_first


def day_of(reading: DateReading, timezone: str | None) -> str:
    """The day of a text ``t`` with this `SHAPE`, as an expression of DuckDB, null where it can't be read.

    Parameters
    ----------
    reading : DateReading
        How the column is read.
    timezone : str or None
        Zone of the calendar day, for times that know theirs; None takes their days as they are written, and those of
        UTC for numbers since 1970.
    """
    if reading.pattern is not None:
        found = f"try_strptime(t, {literal(reading.pattern)})"
        zoned = f"timezone({literal(timezone or 'UTC')}, {found})" if "%z" in reading.pattern.lower() else found
        return f"CAST({zoned} AS DATE)"
    if not reading.forms:
        return "CAST(NULL AS DATE)"
    if timezone is not None and reading.letters:
        raise DataError(
            f"Times have zones in letters ({', '.join(reading.letters[:5])}), which don't tell how far from UTC they "
            f"are, so that days in {timezone} aren't known. Leave timezone= out to take the days that are written, or "
            "write offsets such as -05:00."
        )
    days = {}
    for form in reading.forms:
        month_first = form.separator in reading.month_first
        day = form.month_first if month_first and form.month_first is not None else form.day
        if form.instant:
            day = f"timezone('UTC', {day})"
            day = f"CAST(timezone({literal(timezone or 'UTC')}, {day}) AS DATE)"
        elif timezone is not None and reading.zones:
            day = _local_day(form, day, timezone)
        days[form.name] = day
    if not reading.shapes:
        return next(iter(days.values()))
    known = {name: ", ".join(map(literal, shapes)) for name, shapes in reading.shapes.items()}
    return f"CASE {' '.join(f'WHEN shape IN ({known[name]}) THEN {day}' for name, day in days.items())} END"


def _local_day(form: DateForm, day: str, timezone: str) -> str:
    """The day in a time zone, of texts that tell theirs; of others as it is written."""
    text = WITH_COLONS if form.digits else "t"
    time, half, zone = (f"regexp_extract({text}, '{ZONED_END}', {group})" for group in (1, 2, 3))
    offset = f"regexp_replace(CASE WHEN {zone} SIMILAR TO '[A-Za-z]+' THEN '+00' ELSE {zone} END, '^[A-Z]+', '')"
    hour = f"CAST(split_part({time}, ':', 1) AS INT)"
    shift = (
        f"CASE WHEN lower({half}) = 'p' AND {hour} < 12 THEN 12 WHEN lower({half}) = 'a' AND {hour} = 12 THEN -12 "
        "ELSE 0 END"
    )
    instant = f"TRY_CAST(concat({day}, ' ', {time}, {offset}) AS TIMESTAMPTZ) + to_hours({shift})"
    return f"CASE WHEN {zone} = '' THEN {day} ELSE CAST(timezone({literal(timezone)}, {instant}) AS DATE) END"
