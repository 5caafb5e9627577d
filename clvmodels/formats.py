"""Numbers, shares, money and spans of time in words, for plots, reports and the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

# What only those who write Python can do, in the words of the sentences that speak of it.
_PYTHON = re.compile(
    r",? or (?:a prior, such as |pass )?priors=\{[^}]*\}"
    r"| Look at customers\.check\(\) and at priors=\."
    r'|method="nuts", |, or tighter priors'
    r"|,? for example with pd\..*?\)(?=\.(?:\s|$)|, )"
)


_SPAN = re.compile(
    r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(?:(d|days?)|(w|wks?|weeks?)|(m|mo|mos|months?)|(y|yrs?|years?))\s*", re.IGNORECASE
)


def span_parts(text: str) -> tuple[float, str] | None:
    """Number and unit of a span such as "90D", "6 months" or "1 year"; None if a text is none.

    Examples
    --------
    >>> span_parts("90D"), span_parts("6 months"), span_parts("soon")
    ((90.0, 'day'), (6.0, 'month'), None)
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    unit = next(word for word, found in zip(("day", "week", "month", "year"), match.groups()[1:], strict=True) if found)
    return float(match[1]), unit


def number(value: float, _: Any = None) -> str:
    """A number with thousands separators and no more digits than it needs.

    Examples
    --------
    >>> number(12500.0), number(0.25), number(1e-7)
    ('12,500', '0.25', '1e-07')
    """
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value + 0.0:,.6g}".replace("-", "−") if abs(value) >= 1e-4 or value == 0 else f"{value:.3g}"


def short(value: float) -> str:
    """A number in about three figures, for labels on the plot.

    Examples
    --------
    >>> short(1653.4), short(12.345), short(0.01234)
    ('1,653', '12.3', '0.012')
    """
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size >= 10 else f"{value:.2g}"


def compact(value: float) -> str:
    """A number in three figures and a letter, for many labels side by side.

    Examples
    --------
    >>> compact(226.4), compact(8189.0), compact(618003.0), compact(6_891_479.0)
    ('226', '8,189', '618k', '6.89M')
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:,.0f}{letter}" if abs(scaled) >= 100 else f"{scaled:.3g}{letter}"
    return short(value)


def share(value: float) -> str:
    """A share in whole per cent, or in one figure below 1 %.

    Examples
    --------
    >>> share(0.664), share(0.0034), share(1e-9), share(0.0)
    ('66 %', '0.3 %', 'under 0.1 %', '0 %')
    """
    if 0.0 < value < 0.0005:
        return "under 0.1 %"
    return f"{value * 100:.0f} %" if value >= 0.0095 or value <= 0 else f"{value * 100:.1g} %"


def signed_share(value: float) -> str:
    """A change in whole per cent, with its sign.

    Examples
    --------
    >>> signed_share(0.08), signed_share(-0.031)
    ('+8 %', '\N{MINUS SIGN}3 %')
    """
    return f"{100.0 * value:+.0f} %".replace("-", "\N{MINUS SIGN}")


def percent(value: float, _: Any = None) -> str:
    """A share as per cent.

    Examples
    --------
    >>> percent(0.125), percent(0.5)
    ('12.5 %', '50 %')
    """
    return f"{value * 100:.4g} %"


def count(expected: float) -> str:
    """An expected number of purchases or customers; whole, unless it is small.

    Examples
    --------
    >>> count(1653.4), count(2.345)
    ('1,653', '2.3')
    """
    return f"{expected:,.0f}" if expected >= 10 else short(expected)


def parameter(value: float) -> str:
    """A parameter of a model in three or more figures.

    Examples
    --------
    >>> parameter(0.3956), parameter(2481.3)
    ('0.396', '2,481')
    """
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def amounts(values: Iterable[float], *, cents_below: float = 10_000) -> list[str]:
    """Amounts of money in one column: all with cents if none reaches ``cents_below``, else all without.

    Examples
    --------
    >>> amounts([1234.5, 7]), amounts([123456.7, 7])
    (['1,234.50', '7.00'], ['123,457', '7'])
    """
    column = list(values)
    digits = 2 if max(map(abs, column), default=0.0) < cents_below else 0
    return [f"{value:,.{digits}f}" for value in column]


def with_currency(label: str, currency: str | None) -> str:
    """A label with its currency, if that is known.

    Examples
    --------
    >>> with_currency("Spend per purchase", "USD"), with_currency("Spend per purchase", None)
    ('Spend per purchase [USD]', 'Spend per purchase')
    """
    return label if currency is None else f"{label} [{currency}]"


def span(horizon: str | float, unit: str | None) -> str:
    """A span of time in words; a number is one of ``unit``.

    Examples
    --------
    >>> span("90D", "week"), span(39, "week"), span("1 year", None)
    ('90 days', '39 weeks', '1 year')
    """
    if not isinstance(horizon, str):
        return plural(float(horizon), unit or "unit")
    parts = span_parts(horizon)
    return horizon if parts is None else plural(*parts)


def following(horizon: str | float, unit: str | None) -> str:
    """A span of time in words, to follow "the next".

    Examples
    --------
    >>> following("1Y", "week"), following("90D", "week"), following(1, "week")
    ('year', '90 days', 'week')
    """
    return span(horizon, unit).removeprefix("1 ")


def day(when: date) -> str:
    """A day in words.

    Examples
    --------
    >>> day(date(2010, 12, 9))
    '9 December 2010'
    """
    return f"{when.day} {when:%B %Y}"


def plural(number: float, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "week"), plural(2357, "customer")
    ('1 week', '2,357 customers')
    """
    counted = short(number) if number != int(number) else format(int(number), ",")
    return f"{counted} {noun}{'' if number == 1 else 's'}"


def without_python(sentence: str) -> str:
    """A sentence for readers who have no Python at hand.

    Examples
    --------
    >>> without_python('Pass more or longer data, or a prior, such as priors={"b": ("lognormal", 2, 2)}.')
    'Pass more or longer data.'
    >>> without_python('Use method="nuts", more data, or tighter priors.')
    'Use more data.'
    """
    return _PYTHON.sub("", sentence)
