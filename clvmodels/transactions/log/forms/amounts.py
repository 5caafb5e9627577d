"""Amounts written as text: with a currency, signs for thousands, brackets or a minus behind them.

Whether the point or the comma is the decimal sign is told by the amounts that can only be read in one way, in all lines
and all columns of amounts: 1,234.50 or 12.5 have a decimal point, 1.234,50 or 12,5 a decimal comma. 1,234 alone can be
both, a thousand times apart: then nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clvmodels.errors import DataError
from clvmodels.transactions.log.columns.currency_codes import CODES, SHORT_NAMES, SIGNS
from clvmodels.transactions.log.engine import literal
from clvmodels.transactions.log.forms.sql import MISSING

POINT, COMMA = ".", ","
_MOST_SHAPES = 5_000

_SPACES = " \t\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}"
_SPACE = f"[{_SPACES}]"
_THOUSANDS = f"[{_SPACES}''\N{RIGHT SINGLE QUOTATION MARK}`\N{ACUTE ACCENT}]"
_MINUS = "[-\N{MINUS SIGN}]"
_CURRENCY = rf"(?:[A-Z]{{0,2}}[{SIGNS}]|{'|'.join(name.replace('.', '[.]') for name in (*CODES, *SHORT_NAMES))})"
_PLAIN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NEGATIVE = rf"^[^0-9]*(?:{_MINUS}|\()|\d{_SPACE}*[^0-9.,]*{_MINUS}$"


def _number(decimal: str) -> str:
    """The pattern of a number with this decimal sign."""
    thousands = COMMA if decimal == POINT else POINT
    sign, other = f"[{decimal}]", f"[{thousands}]"
    group = r"\d{2,3}" if thousands == COMMA else r"\d{3}"  # 12,34,567 in India
    whole = rf"\d+|[1-9]\d{{0,2}}(?:{other}{group})*{other}\d{{3}}|[1-9]\d{{0,2}}(?:{_THOUSANDS}\d{{3}})+"
    return rf"(?:{whole})(?:{sign}(?:\d*|[-–—]{{1,2}}))?|{sign}\d+"


def _amount(decimal: str) -> str:
    """The pattern of an amount with this decimal sign; its one group is the number."""
    before = rf"{_SPACE}*\(?{_SPACE}*(?:\+|{_MINUS})?{_SPACE}*{_CURRENCY}?{_SPACE}*(?:\+|{_MINUS})?{_SPACE}*"
    after = rf"{_SPACE}*{_MINUS}?{_SPACE}*{_CURRENCY}?{_SPACE}*{_MINUS}?{_SPACE}*\)?{_SPACE}*"
    return rf"{before}({_number(decimal)}){after}"


_WITH_POINT, _WITH_COMMA = _amount(POINT), _amount(COMMA)


# Digits but 0 become 1, so that few shapes stand for all amounts.
_SHAPE = "translate(t, '23456789', '11111111')"


@dataclass(frozen=True)
class AmountReading:
    """How amounts are read.

    Attributes
    ----------
    decimal : str
        The decimal sign.
    number : str
        The amount of a text ``t`` as an expression of DuckDB, null where it can't be read.
    currencies : tuple of str
        Signs, codes or names of currencies that stand with the amounts.
    """

    decimal: str
    number: str
    currencies: tuple[str, ...] = ()


def decide_amounts(lines: Mapping[str, Any], decimal: str | None, weight: str = "count(*)") -> AmountReading:
    """How amounts are read, from all lines of their columns.

    Parameters
    ----------
    lines : mapping
        For each name of a column a relation of DuckDB with the column as text ``t``.
    decimal : str or None
        The decimal sign, if it was given.
    weight : str
        How many lines of the log there are in some of them, in SQL.

    Raises
    ------
    DataError
        No amount tells the decimal sign, or amounts need either.
    """
    if decimal != COMMA and all(_are_plain(one, decimal) for one in lines.values()):
        return AmountReading(POINT, "TRY_CAST(t AS DOUBLE)")
    shapes = {name: _shapes(one, weight) for name, one in lines.items()}
    sign = decimal or _decide(shapes)
    every = [shape for of_column in shapes.values() for shape, _, _ in of_column]
    found = {re.search(_CURRENCY, shape) for shape in every}
    return AmountReading(sign, _number_of(sign, every), tuple(sorted({one[0] for one in found if one})))


def _are_plain(lines: Any, decimal: str | None) -> bool:
    """Whether all amounts are numbers as computers write them, and some of them could be nothing else."""
    point = "contains(t, '.')"
    ((number, plain, points, unclear),) = lines.aggregate(
        f"count(t), count(TRY_CAST(t AS DOUBLE)), count(*) FILTER ({point}), "
        f"count(*) FILTER ({point} AND left(right(t, 4), 1) = '.')"
    ).fetchall()
    return bool(number == plain and (decimal == POINT or points == 0 or unclear < points))


def _shapes(lines: Any, weight: str) -> list[tuple[str, int, str]]:
    """Amounts by the shape of their text: how many, and an example."""
    shapes = lines.project(f"*, {_SHAPE} AS shape").aggregate(f"shape, {weight}, min(t)", "shape").order("2 DESC")
    return [row for row in shapes.limit(_MOST_SHAPES).fetchall() if row[0] is not None and row[0] not in MISSING]


def _decide(shapes: Mapping[str, Sequence[tuple[str, int, str]]]) -> str:
    """The decimal sign that all amounts can be read with."""
    votes: dict[str, int] = {}
    examples: dict[str, tuple[str, str]] = {}
    for name, of_column in shapes.items():
        for shape, number, example in of_column:
            vote = _vote(shape)
            votes[vote] = votes.get(vote, 0) + number
            examples.setdefault(vote, (name, example))
    if POINT in votes and COMMA in votes:
        raise DataError(
            f"Amounts are written with two decimal signs: {votes[POINT]:,} lines, such as {examples[POINT][1]!r}, have "
            f"a point, and {votes[COMMA]:,}, such as {examples[COMMA][1]!r}, a comma. Bring them to one, or read the "
            "lines of each by themselves."
        )
    if POINT not in votes and COMMA not in votes and "both" in votes:
        name, example = examples["both"]
        raise DataError(
            f"Column {name!r} has amounts such as {example!r}, and no line tells whether that is a decimal sign or one "
            'for thousands. Pass decimal="." or decimal=",".'
        )
    return COMMA if COMMA in votes else POINT


def _vote(shape: str) -> str:
    """With which decimal sign an amount can be read: with one only, with both and differently, or no matter which."""
    point, comma = _read(shape, POINT), _read(shape, COMMA)
    if point is not None and comma is not None:
        return "" if point == comma else "both"
    return POINT if point is not None else COMMA if comma is not None else ""


def _read(text: str, decimal: str) -> str | None:
    """The number in a text as computers write it, without its sign; None if it can't be read."""
    if decimal == POINT and re.fullmatch(_PLAIN, text):
        return text.lstrip("+-")
    found = re.fullmatch(_WITH_POINT if decimal == POINT else _WITH_COMMA, text)
    if found is None or text.count("(") != text.count(")"):
        return None
    digits = re.sub("[^0-9.,]", "", found[1])
    return digits.replace(COMMA if decimal == POINT else POINT, "").replace(decimal, ".")


def _number_of(decimal: str, shapes: Sequence[str]) -> str:
    """The amount of a text, as an expression that reads texts of these shapes.

    Where every text can be read, the signs around the number are taken away. Otherwise each is matched, which takes
    longer.
    """
    signs = "".join(sorted({sign for shape in shapes for sign in shape if sign not in "0123456789.,"}))
    thousands = COMMA if decimal == POINT else POINT
    bare = f"translate(t, {literal(signs)}, '')" if signs else "t"
    if len(shapes) < _MOST_SHAPES and all(_is_bare(shape, decimal, signs) for shape in shapes):
        value = f"TRY_CAST(replace(replace({bare}, '{thousands}', ''), '{decimal}', '.') AS DOUBLE)"
        if any(re.search(_NEGATIVE, shape) for shape in shapes):
            value = f"CASE WHEN regexp_matches(t, {literal(_NEGATIVE)}) THEN -{value} ELSE {value} END"
        return f"coalesce(TRY_CAST(t AS DOUBLE), {value})" if decimal == POINT else value
    pattern = _WITH_POINT if decimal == POINT else _WITH_COMMA
    digits = f"regexp_replace(regexp_extract(t, {literal(f'^{pattern}$')}, 1), '[^0-9.,]', '', 'g')"
    value = f"TRY_CAST(replace(replace({digits}, '{thousands}', ''), '{decimal}', '.') AS DOUBLE)"
    signed = f"CASE WHEN regexp_matches(t, {literal(_NEGATIVE)}) THEN -{value} ELSE {value} END"
    readable = f"regexp_full_match(t, {literal(pattern)}) AND contains(t, '(') = contains(t, ')')"
    read = f"CASE WHEN {readable} THEN {signed} END"
    return f"coalesce(TRY_CAST(t AS DOUBLE), {read})" if decimal == POINT else read


def _is_bare(shape: str, decimal: str, signs: str) -> bool:
    """Whether a text of this shape is its number and these signs."""
    bare = "".join(sign for sign in shape if sign not in signs)
    bare = bare.replace(COMMA if decimal == POINT else POINT, "").replace(decimal, ".")
    return _read(shape, decimal) in (bare, shape.lstrip("+-"))
