"""Values of options, checked before any work."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from clvmodels.cli.terminal import UsageProblem
from clvmodels.errors import ArgumentError
from clvmodels.transactions.units import span_in_units

if TYPE_CHECKING:
    import pandas as pd

LIFE = "life"


class Unit(StrEnum):
    """Units of time."""

    hour = "hour"
    day = "day"
    week = "week"
    month = "month"
    year = "year"


class Refunds(StrEnum):
    """What to do with negative amounts."""

    net = "net"
    drop = "drop"
    error = "error"


class AmountPer(StrEnum):
    """What an amount is of."""

    line = "line"
    order = "order"


class Format(StrEnum):
    """Formats of a report."""

    html = "html"
    pdf = "pdf"


class Period(StrEnum):
    """Periods of the calendar."""

    week = "week"
    month = "month"
    quarter = "quarter"


class EquityPeriod(StrEnum):
    """Periods in which new customers are counted."""

    month = "month"
    quarter = "quarter"


class ValuePeriod(StrEnum):
    """Periods of past value."""

    month = "month"
    quarter = "quarter"
    year = "year"


class Lines(StrEnum):
    """What to do with lines that don't fit."""

    refuse = "raise"
    drop = "drop"


def check_day(value: str | None) -> str | None:
    """An ISO date."""
    try:
        return None if value is None else dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a date. Write it as 1997-09-30.") from None


def check_horizon(value: str) -> str:
    """A text that `read_horizon` can read."""
    try:
        span = read_horizon(value)
        positive = span is None or span_in_units(span, "day") > 0
    except ArgumentError:
        positive = False
    if not positive:
        raise typer.BadParameter(
            f"{value!r} is no horizon. Write a number and D, W, M or Y, such as 90D or 1Y; a number of the units of "
            f'time; or "{LIFE}".'
        )
    return value


def check_share(value: float) -> float:
    """A number from 0 to 1."""
    if not 0.0 <= value <= 1.0:
        raise typer.BadParameter(f"{value:g} is not between 0 and 1. Write 10 % as 0.10.")
    return value


def check_level(value: float) -> float:
    """The level of a range."""
    if not 0.0 < value < 1.0:
        raise typer.BadParameter(f"{value:g} is no level. Write 90 % as 0.90.")
    return value


def check_cost(value: float) -> float:
    """A number from 0."""
    if not 0.0 <= value < float("inf"):
        raise typer.BadParameter(f"{value:g} is no cost. Write 0 or more.")
    return value


def read_horizon(text: str) -> str | float | None:
    """A horizon as `clvmodels.lifetime_value` takes it; None is for life.

    Examples
    --------
    >>> read_horizon("1Y"), read_horizon("39"), read_horizon("life")
    ('1Y', 39.0, None)
    """
    text = text.strip()
    if text.lower() == LIFE:
        return None
    try:
        return float(text)
    except ValueError:
        return text.upper()


def read_rates(text: str) -> dict[str, float]:
    """Currencies and what one unit of each is worth, as `clvmodels.Log` takes them.

    Examples
    --------
    >>> read_rates("EUR=1, USD=0.92")
    {'EUR': 1.0, 'USD': 0.92}
    """
    rates: dict[str, float] = {}
    for part in text.split(","):
        code, _, value = part.partition("=")
        try:
            rate = float(value)
        except ValueError:
            rate = math.nan
        if not code.strip() or not math.isfinite(rate) or code.strip() in rates:
            raise typer.BadParameter(f'{text!r} is not of the form "EUR=1,USD=0.92".')
        rates[code.strip()] = rate
    return rates


def check_rates(value: str | None) -> str | None:
    """A text that `read_rates` can read."""
    if value is not None:
        read_rates(value)
    return value


def read_table(path: str, option: str, ids: Sequence[str] = ()) -> pd.DataFrame:
    """A table from the CSV or Parquet file that an option names; ids of a CSV file are text.

    Raises
    ------
    UsageProblem
        There is no such file, or it can't be read.
    """
    import pandas as pd

    types = dict.fromkeys(ids, str)
    try:
        return pd.read_parquet(path) if path.lower().endswith(".parquet") else pd.read_csv(path, dtype=types)
    except FileNotFoundError:
        raise UsageProblem(f"{option} {path}: there is no such file.") from None
    except (OSError, ValueError) as problem:
        raise UsageProblem(f"{option} {path} can't be read as a table: {str(problem).splitlines()[0]}") from None
