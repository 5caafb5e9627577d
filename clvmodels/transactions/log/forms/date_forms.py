"""Forms in which days and times are written as text, each as a pattern and what DuckDB makes of it.

In the expressions ``t`` is the text without the spaces around it. The patterns exclude one another, so that a text has
one form at most; in two forms, of days and months in numbers, only the whole column tells which comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

_HOUR = r"(?:[01]?\d|2[0-4])"
_TIME = _HOUR + r":[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?:\s?[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?:Z|z|(?:UTC|GMT|UT)?(?:[+-]\d\d(?::?\d\d)?)?|[A-Z]{3,5})"
_ZONE_NAME = r"(?:\s?\([^)]*\)|\[[^\]]*\])?"
_CLOCK = rf"{_TIME}\s?{_ZONE}{_ZONE_NAME}"
_TAIL = rf"(?:(?:,? +|T|t|,|:){_CLOCK})?"
_WEEKDAY = r"(?:[A-Za-zÀ-ÿ]{2,10}\.?,?\s+)?"
_MONTH = r"([A-Za-zÀ-ÿ]{3,10})\.?"

# Month names of seven languages, without a point at the end.
_MONTH_NAMES = (
    "jan january januar janvier janv enero ene gennaio gen januari janeiro",
    "feb february februar février févr fevrier febrero febbraio februari fevereiro fev",
    "mar march märz mrz mär mars marzo maart mrt março marco",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august août aout agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez décembre déc decembre diciembre dic dicembre dezembro",
)
_MONTHS = ", ".join(f"'{name}': {place}" for place, names in enumerate(_MONTH_NAMES, 1) for name in names.split())

# Time of day, half of the day and offset from UTC at the end of a text; a year may follow ("10:11 UTC 2005").
ZONED_END = (
    rf"({_HOUR}:[0-5]\d(?::[0-6]\d)?)(?:[.,]\d{{1,9}})?\s?(?:([AaPp])\.?[Mm]\.?)?\s?"
    rf"(Z|z|UTC|GMT|UT|(?:UTC|GMT|UT)?[+-]\d\d(?::?\d\d)?){_ZONE_NAME}(?:\s\d{{4}})?$"
)
# The same with letters for the zone, such as EST, which has no meaning of its own: several zones are called IST.
LETTERS_END = rf":\d\d(?:[.,]\d{{1,9}})?\s?(?:[AaPp]\.?[Mm]\.?)?\s?(?!UTC|GMT)([A-Z]{{3,5}}){_ZONE_NAME}(?:\s\d{{4}})?$"
# The same texts with colons, where they have none: 20050102T101112Z.
WITH_COLONS = (
    "regexp_replace(regexp_replace(t, '^(\\d{8})[T ]?(\\d\\d)(\\d\\d)', '\\1 \\2:\\3'), "
    "'^(\\d{8} \\d\\d:\\d\\d)(\\d\\d)', '\\1:\\2')"
)


@dataclass(frozen=True)
class DateForm:
    """A form of dates.

    Attributes
    ----------
    name : str
        A date in this form, or what it is called.
    pattern : str
        What a whole text in this form looks like.
    day : str
        The day of a text, as an expression of DuckDB; null where there is no such day.
    month_first : str or None
        The same if the month comes before the day; None if it is clear which comes first.
    separator : str or None
        The sign between day and month, if it is not clear which comes first.
    instant : bool
        Counts from 1970-01-01 in UTC, so that the day depends on the time zone.
    digits : bool
        Nothing but digits: of several such forms a log has one.
    """

    name: str
    pattern: str
    day: str
    month_first: str | None = None
    separator: str | None = None
    instant: bool = False
    digits: bool = False


def _strptime(text: str, form: str) -> str:
    return f"CAST(try_strptime({text}, '{form}') AS DATE)"


def _numbers(separator: str, mark: str, year: str, letters: str) -> DateForm:
    """Day and month in numbers, and then the year."""
    pattern = rf"\d{{1,2}}{mark}\d{{1,2}}{mark}{year}(?:,? +{_CLOCK}|,? +{_HOUR}h[0-5]\d)?"
    text = "rtrim(split_part(t, ' ', 1), ',')"
    if separator == ".":  # 2. 1. 2005
        text = "replace(regexp_extract(t, '^[0-9. ]+[.] ?[0-9]+'), ' ', '')"
    day, month = (_strptime(text, separator.join((*pair, letters))) for pair in (("%d", "%m"), ("%m", "%d")))
    name = separator.join(("31", "12", "2005" if letters == "%Y" else "05"))
    return DateForm(name, pattern, day, month, separator)


def _named(name: str, pattern: str, places: tuple[int, int, int], year: str = "%Y") -> DateForm:
    """A form with the month as a word; ``places`` are those of year, month and day among the groups of the pattern."""
    ordered = "regexp_replace(t, '^{}$', '\\{}-\\{}-\\{}')".format(pattern, *places)
    english = f"CAST(try_strptime({ordered}, ['{year}-%b-%d', '{year}-%B-%d']) AS DATE)"
    numbers, month = (f"split_part({ordered}, '-', {place})" for place in (1, 2))
    number = f"MAP{{{_MONTHS}}}[lower({month})]"
    other = _strptime(f"concat({numbers}, '-', {number}, '-', split_part({ordered}, '-', 3))", f"{year}-%m-%d")
    return DateForm(name, pattern, f"coalesce({english}, {other})")


def _with_month_names() -> list[DateForm]:
    """Months as words."""
    day, year = r"(\d{1,2})(?:st|nd|rd|th|\.)?", r"([1-9]\d{3})"
    day_month = rf"{_WEEKDAY}{day}(?: of| de)?[ /-]*{_MONTH},?(?: de)?[ /,-]*"
    return [
        _named("2 Jan 2005", rf"{day_month}{year}{_TAIL}", (3, 2, 1)),
        _named("2 Jan 05", rf"{day_month}(\d\d){_TAIL}", (3, 2, 1), "%y"),
        _named("Jan 2, 2005", rf"{_WEEKDAY}{_MONTH}[ /-]*{day},?[ /-]+{year}(?: at)?{_TAIL}", (3, 1, 2)),
        _named("2005-Jan-02", rf"{year}[ /-]*{_MONTH}[ /-]*(\d{{1,2}}){_TAIL}", (1, 2, 3)),
        _named("Jan 2 10:11 2005", rf"{_WEEKDAY}{_MONTH} +{day} {_TIME}(?: {_ZONE})? {year}", (3, 1, 2)),
    ]


def _since_1970(name: str, pattern: str, per_second: int) -> DateForm:
    microseconds = f"CAST(floor(TRY_CAST(t AS DECIMAL(38, 6)) * 1000000 / {per_second}) AS BIGINT)"
    return DateForm(name, pattern, f"make_timestamp({microseconds})", instant=True, digits=True)


_YEAR_FIRST = r"[1-9]\d{3}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}(?:日|\.)?"
_MONTH_AND_DAY = r"(?:0\d|1[0-2])[0-3]\d"
_DIGIT_CLOCK = rf"(?:[01]\d|2[0-4])[0-5]\d(?:[0-5]\d(?:[.,]\d{{1,9}})?)?{_ZONE}"

_DAY_IN_DIGITS = (
    rf"(?:19|20)\d\d{_MONTH_AND_DAY}{_DIGIT_CLOCK}|[1-9]\d{{3}}{_MONTH_AND_DAY}(?:[T ]{_DIGIT_CLOCK}|{_TAIL})"
)

FORMS: tuple[DateForm, ...] = (
    DateForm(
        "2005-12-31",
        rf"[1-9]\d{{3}}-\d\d-\d\d(?:(?: +|T|t){_CLOCK}|(?: |T){_HOUR}|Z|[+-]\d\d:\d\d)?",
        "TRY_CAST(left(t, 10) AS DATE)",
    ),
    DateForm(
        "2005/12/31",
        _YEAR_FIRST + _TAIL,
        _strptime("array_to_string(regexp_extract_all(t, '[0-9]+')[1:3], '-')", "%Y-%m-%d"),
    ),
    DateForm(
        "20051231",
        _DAY_IN_DIGITS,
        f"CASE WHEN regexp_full_match(t, '{_DAY_IN_DIGITS}') THEN {_strptime('left(t, 8)', '%Y%m%d')} END",
        digits=True,
    ),
    DateForm(
        "2005-W52-6",
        rf"[1-9]\d{{3}}-?W[0-5]\d-?[1-7](?:(?: +|T){_CLOCK})?",
        _strptime(
            "concat(left(t, 4), '-W', regexp_extract(t, 'W([0-9]{2})-?([0-9])', 1), '-', "
            "regexp_extract(t, 'W([0-9]{2})-?([0-9])', 2))",
            "%G-W%V-%u",
        ),
    ),
    _numbers("/", "/", r"[1-9]\d{3}", "%Y"),
    _numbers(".", r"\. ?", r"[1-9]\d{3}\.?", "%Y"),
    _numbers("-", "-", r"[1-9]\d{3}", "%Y"),
    _numbers("/", "/", r"\d\d", "%y"),
    _numbers(".", r"\. ?", r"\d\d", "%y"),
    *_with_month_names(),
    _since_1970("seconds since 1970", r"\d{9,10}(?:\.\d*)?", 1),
    _since_1970("milliseconds since 1970", r"\d{12,13}(?:\.\d*)?", 1000),
    _since_1970("microseconds since 1970", r"\d{15,16}", 1_000_000),
    _since_1970("nanoseconds since 1970", r"\d{18,19}", 1_000_000_000),
)
