"""Lines that are no purchases, told by the values of a column: "status=cancelled,refunded"."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import reduce

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError

ANY = "*"

type Skip = tuple[tuple[str, tuple[str, ...]], ...]
"""Columns, each with the values of lines that are left out, in small letters; `ANY` is any value."""


def parse_skip(skip: str | Sequence[str] | None) -> Skip:
    """What is to be left out, from texts such as "status=cancelled,refunded".

    Examples
    --------
    >>> parse_skip(["Status=Void, Refunded", "Cancelled at=*"])
    (('Status', ('void', 'refunded')), ('Cancelled at', ('*',)))
    """
    texts = [] if skip is None else [skip] if isinstance(skip, str) else list(skip)
    found = []
    for text in texts:
        column, sign, values = str(text).rpartition("=")
        words = tuple(word.strip().lower() for word in values.split(",") if word.strip())
        if not (sign and column.strip() and words):
            raise ArgumentError(f'skip={text!r} is not of the form "COLUMN=VALUE" or "COLUMN=VALUE,VALUE".')
        found.append((column.strip(), words))
    return tuple(found)


def skip_text(skip: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """As texts, one a column.

    Examples
    --------
    >>> skip_text({"status": ["void", "refunded"]})
    ('status=void,refunded',)
    """
    return tuple(f"{column}={','.join(values)}" for column, values in skip.items())


def is_skipped(skip: Skip) -> nw.Expr:
    """Whether a line has one of the values, whatever the case and the spaces around it."""
    return reduce(operator.or_, [_says(nw.col(column).cast(nw.String), values) for column, values in skip])


def _says(column: nw.Expr, values: Sequence[str]) -> nw.Expr:
    text = column.str.strip_chars().str.to_lowercase().fill_null("")
    return text != "" if ANY in values else text.is_in(list(values))
