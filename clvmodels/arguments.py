"""One check of numbers that users pass, so that each is refused in the same words."""

from __future__ import annotations

import math
from typing import Any

from clvmodels.errors import ArgumentError

MOST_DRAWS = 10_000_000
LARGEST_AMOUNT = 1e100  # beyond it products and sums leave the range of numbers
LARGEST_SEED = 2**32 - 1  # of scikit-learn
SHARE = ("a share from 0 to 1", 0.0, 1.0)
_MOST = 2**63 - 1


def finite(name: str, value: Any, what: str, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number between two bounds.

    Parameters
    ----------
    name
        Of the argument.
    value
        What was passed.
    what
        What it must be, in words: "0 or more".
    least, most
        The bounds.

    Raises
    ------
    ArgumentError
        It is something else.

    Examples
    --------
    >>> finite("margin", 0.3, "a share")
    0.3
    """
    try:
        number = math.nan if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or not least <= number <= most:
        raise ArgumentError(f"{name} must be {what}, not {shortly(value)}.")
    return number


def whole(name: str, value: Any, what: str = "a whole number, 0 or more", least: int = 0, most: int = _MOST) -> int:
    """A whole number between two bounds.

    Examples
    --------
    >>> whole("seed", 7)
    7
    """
    number = finite(name, value, what, least, most)
    if number != int(number):
        raise ArgumentError(f"{name} must be {what}, not {shortly(value)}.")
    return int(value)


def level(name: str, value: Any, example: str = "0.90") -> float:
    """A level of probability, above 0 and below 1.

    Examples
    --------
    >>> level("interval", 0.9)
    0.9
    """
    what = f"a level between 0 and 1, such as {example}"
    number = finite(name, value, what, 0.0, 1.0)
    if number in (0.0, 1.0):
        raise ArgumentError(f"{name} must be {what}, not {shortly(value)}.")
    return number


def instance(name: str, value: Any, kind: type | tuple[type, ...], what: str) -> None:
    """Raise unless a value is of a kind, which ``what`` has in words.

    Examples
    --------
    >>> instance("parameters", {"r": 0.2}, dict, "a dict")
    """
    if not isinstance(value, kind):
        raise ArgumentError(f"{name} must be {what}, not {shortly(value)}.")


def shortly(value: Any) -> str:
    """A value as an error repeats it.

    Examples
    --------
    >>> shortly("x" * 1_000)[-4:]
    'xx …'
    """
    try:
        text = " ".join(repr(value).split())  # a table is shown on many lines
    except Exception:  # of a foreign object, or a whole number of thousands of digits
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 100 else f"{text[:97]} …"
