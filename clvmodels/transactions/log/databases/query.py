"""What is asked of a database: a SELECT as it is, or the name of a table."""

from __future__ import annotations

import re

from clvmodels.errors import ArgumentError

_ANSWERS = ("select", "with", "values", "from", "table")
_PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")


def select(query: str | None) -> str:
    """The query as a SELECT without a semicolon at its end.

    Raises
    ------
    ArgumentError
        There is none, or it does something else than to read.

    Examples
    --------
    >>> select("shop.orders"), select("SELECT id FROM orders;"), select("my orders")
    ('SELECT * FROM shop.orders', 'SELECT id FROM orders', 'SELECT * FROM "my orders"')
    """
    text = "" if query is None else str(query).strip().rstrip(";").strip()
    if not text:
        raise ArgumentError('Pass query=, a SELECT or the name of a table, such as query="orders".')
    if _PLAIN.match(text):
        return f"SELECT * FROM {text}"
    first = re.sub(r"(?s)\A(\s|\(|--[^\n]*\n|/\*.*?\*/)+", "", text).split(maxsplit=1)[0].lower()
    if first in _ANSWERS:
        return text
    if first in ("insert", "update", "delete", "drop", "create", "alter", "truncate", "merge", "copy", "call", "exec"):
        raise ArgumentError("query= must be a SELECT or the name of a table: a log is read and never written.")
    return f"SELECT * FROM {text}" if '"' in text else f'SELECT * FROM "{text}"'


def empty(query: str) -> str:
    r"""The same query without a row, which tells the columns.

    Examples
    --------
    >>> empty("SELECT 1 AS id")
    'SELECT * FROM (SELECT 1 AS id\n) AS log WHERE 1 = 0'
    """
    return f"SELECT * FROM ({query}\n) AS log WHERE 1 = 0"
