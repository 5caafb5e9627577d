"""What SQL dialects say differently: days as numbers, local days, and names."""

from __future__ import annotations

import re
from typing import Any

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.transactions.log.timezones import check_zone

# Days since 1970-01-01 of a DATE, and the local DATE of a moment that knows its zone.
_DAY_NUMBER = {
    "duckdb": "CAST({date} - DATE '1970-01-01' AS BIGINT)",
    "postgres": "CAST({date} - DATE '1970-01-01' AS BIGINT)",
    "snowflake": "DATEDIFF(day, CAST('1970-01-01' AS DATE), {date})",
    "bigquery": "UNIX_DATE({date})",
    "spark": "CAST(UNIX_DATE({date}) AS BIGINT)",
}
_LOCAL_DAY = {
    "duckdb": "CAST({date} AT TIME ZONE '{zone}' AS DATE)",
    "postgres": "CAST({date} AT TIME ZONE '{zone}' AS DATE)",
    "snowflake": "CAST(CONVERT_TIMEZONE('{zone}', {date}) AS DATE)",
    "bigquery": "DATE({date}, '{zone}')",
    "spark": "CAST(CONVERT_TIMEZONE('{zone}', {date}) AS DATE)",
}
DIALECTS = tuple(_DAY_NUMBER)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Plain names that a dialect takes as they are written without quotes: it folds the others, or reserves them.
_FOLDS = {"postgres": str.lower, "snowflake": str.upper}
_RESERVED = {
    "all", "and", "as", "by", "case", "cast", "column", "create", "current", "desc", "distinct", "end", "for", "from",
    "group", "having", "hash", "in", "interval", "is", "join", "left", "like", "limit", "not", "null", "of", "on", "or",
    "order", "over", "partition", "range", "right", "row", "rows", "select", "set", "table", "then", "to", "union",
    "unique", "unnest", "user", "using", "values", "when", "where", "window", "with",
}  # fmt: skip


def sqlglot() -> Any:
    """The package that writes SQL in many dialects.

    Raises
    ------
    ArgumentError
        It is not installed.
    """
    try:
        import sqlglot
    except ImportError:
        raise ArgumentError("SQL is written by the package sqlglot: pip install 'clvmodels[sql]'.") from None
    return sqlglot


def check_dialect(dialect: str) -> str:
    """Return ``dialect`` if it is one of `DIALECTS`, else raise.

    Examples
    --------
    >>> check_dialect("spark")
    'spark'
    """
    if dialect not in DIALECTS:
        raise ArgumentError(f"dialect must be one of {', '.join(DIALECTS)}, not {shortly(dialect)}.")
    return dialect


def is_plain(name: str) -> bool:
    """Whether a name needs no quotes, but for the case of its letters.

    Examples
    --------
    >>> is_plain("customer_id"), is_plain("customer id"), is_plain("Order")
    (True, False, False)
    """
    return _PLAIN.fullmatch(name) is not None and name.lower() not in _RESERVED


def column_of(name: str, dialect: str) -> Any:
    """A user's column: in quotes where the dialect would take the name for another, or for a word of its own."""
    glot = sqlglot()
    fold = _FOLDS.get(dialect, str)
    # Snowflake's users write the names of its columns in small letters, too.
    taken_as_written = name == fold(name) or (dialect == "snowflake" and name == name.lower())
    return glot.exp.column(name, quoted=not (is_plain(name) and taken_as_written))


def day_number(date: Any, timezone: str | None, dialect: str) -> Any:
    """The calendar day of a date or moment as days since 1970-01-01."""
    if timezone is not None:
        check_zone(timezone)
    local = "CAST({date} AS DATE)" if timezone is None else _LOCAL_DAY[dialect]
    text = local.format(date=date.sql(dialect=dialect), zone=timezone)
    return sqlglot().parse_one(_DAY_NUMBER[dialect].format(date=text), read=dialect)
