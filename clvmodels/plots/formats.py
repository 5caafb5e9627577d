"""Numbers, shares, money and spans as a reader of a plot wants them."""

from __future__ import annotations

from typing import Any


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


def percent(value: float, _: Any = None) -> str:
    """A share as per cent.

    Examples
    --------
    >>> percent(0.125), percent(0.5)
    ('12.5 %', '50 %')
    """
    return f"{value * 100:.4g} %"


def money(label: str, currency: str | None) -> str:
    """A label with its currency, if that is known.

    Examples
    --------
    >>> money("Spend per purchase", "USD"), money("Spend per purchase", None)
    ('Spend per purchase [USD]', 'Spend per purchase')
    """
    return label if currency is None else f"{label} [{currency}]"


def spell(span: Any, unit: str | None) -> str:
    """A span in words.

    Examples
    --------
    >>> spell("90D", "week"), spell(39, "week"), spell("1Y", None)
    ('90 days', '39 weeks', '1 year')
    """
    if not isinstance(span, str):
        return plural(float(span), unit or "unit")
    letter = {"D": "day", "W": "week", "M": "month", "Y": "year"}[span.strip()[-1].upper()]
    return plural(float(span.strip()[:-1]), letter)


def plural(count: float, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "week"), plural(2357, "customer")
    ('1 week', '2,357 customers')
    """
    return f"{short(count) if count != int(count) else format(int(count), ',')} {noun}{'' if count == 1 else 's'}"
