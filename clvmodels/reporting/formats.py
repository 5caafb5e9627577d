"""Numbers, money, days and ranges as a reader of the report wants them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence

import pandas as pd

from clvmodels import formats

NO_BREAK = "\N{NO-BREAK SPACE}"


def about(value: float) -> str:
    """A number in three figures, for sentences.

    Examples
    --------
    >>> about(21366.97), about(812.4), about(33.65), about(0.4213)
    ('21,400', '812', '33.6', '0.42')
    >>> about(2_500_315.63).replace(NO_BREAK, " ")
    '2.5 million'
    """
    size = abs(value)
    if size >= 999_500:
        for scale, name in ((1e9, "billion"), (1e6, "million")):
            if size >= 0.9995 * scale:
                return f"{float(f'{value / scale:.3g}'):,g}{NO_BREAK}{name}"
    if size >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return formats.short(value)


def money(value: float, currency: str | None) -> str:
    """An amount in three figures, with cents where they can be of interest.

    Examples
    --------
    >>> money(793168.6, "USD").replace(NO_BREAK, " "), money(33.652, None)
    ('793,000 USD', '33.65')
    """
    amount = f"{value:,.2f}" if abs(value) < 100 else about(value)
    return f"{amount}{NO_BREAK}{currency}" if currency else amount


def share(value: float) -> str:
    """A share in per cent that is not broken over two lines.

    Examples
    --------
    >>> share(0.664).replace(NO_BREAK, " ")
    '66 %'
    """
    return formats.share(value).replace(" ", NO_BREAK)


def rate(value: float) -> str:
    """A rate or level in per cent, in as many figures as it has.

    Examples
    --------
    >>> rate(0.125).replace(NO_BREAK, " "), rate(0.9).replace(NO_BREAK, " ")
    ('12.5 %', '90 %')
    """
    return formats.percent(value).replace(" ", NO_BREAK)


def ranges(bounds: pd.DataFrame) -> list[str]:
    """Ranges from the first of two columns to the second."""
    return [f"{low:,.0f} to {high:,.0f}" for low, high in bounds.to_numpy()]


def signed(values: Iterable[float]) -> list[str]:
    """Amounts of money in one column, negative ones with a minus sign.

    Examples
    --------
    >>> signed([12.5, -3.0])
    ['12.50', '−3.00']
    """
    return [text.replace("-", "−") for text in formats.amounts(values)]


def plainly(sentence: str) -> str:
    """A sentence of another part of the package for readers of the page: no Python, no p-values, one style of signs.

    Examples
    --------
    >>> plainly("Spend rose by 5% (95% interval -1 to 9; correlation 0.1, p = 6e-23).").replace(NO_BREAK, " ")
    'Spend rose by 5 % (95 % interval −1 to 9; correlation 0.1).'
    >>> plainly("Converged after 11 evaluations (Newton decrement 9.3e-17).")
    'The search for the best parameters has found them.'
    """
    text = formats.without_python(sentence)
    for pattern, words in _PLAINLY:
        text = pattern.sub(words, text)
    return text


_PLAINLY = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r" \(p = [\d.e+-]*\d\)|, p = [\d.e+-]*\d", ""),
        (r"Converged after [\d,]+ evaluations?", "The search for the best parameters has found them"),
        (r": see calendar_effects\(\)", ""),
        (r"\bclv\.forecast\b", "the forecast"),
        (r" \(Newton decrement [^)]*\)", ""),
        (r"(?<!\S)-(?=\d)", "−"),
        (r"(?<=\d) ?%", f"{NO_BREAK}%"),
    )
)


def day(date: dt.date) -> str:
    """A day in words.

    Examples
    --------
    >>> import datetime
    >>> day(datetime.date(1998, 6, 30)).replace(NO_BREAK, " ")
    '30 June 1998'
    """
    return f"{date.day}{NO_BREAK}{date:%B}{NO_BREAK}{date.year}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def is_number(value: float | None) -> bool:
    """Whether there is anything to say."""
    return value is not None and math.isfinite(value)
