"""Holidays: days of the calendar with a factor of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clvmodels.errors import ArgumentError

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Holidays:
    """Days with names: of a country, or listed.

    Attributes
    ----------
    country : str or None
        As the package ``holidays`` knows it: "GB", "US", or with a part of it, "US-CA".
    listed : tuple of (str, str)
        Dates and names.
    """

    country: str | None = None
    listed: tuple[tuple[str, str], ...] = ()

    def named(self, first: int, last: int) -> dict[dt.date, str]:
        """The days of the years from ``first`` to ``last``, and what they are called."""
        if self.country is not None:
            return _of_country(self.country, first, last)
        found = {dt.date.fromisoformat(date): name for date, name in self.listed}
        latest = max(day.year for day in found)
        recurring = [(day, name) for day, name in found.items() if day.year == latest]
        for year in range(latest + 1, last + 1):
            for day, name in recurring:
                if (day.month, day.day) != (2, 29) or _leap(year):
                    found[day.replace(year=year)] = name
        return found

    def to_json(self) -> dict[str, Any]:
        """As a model file holds it."""
        return {"country": self.country, "listed": [list(pair) for pair in self.listed]}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any] | None) -> Holidays | None:
        """What `to_json` wrote."""
        if entry is None:
            return None
        return cls(entry["country"], tuple((str(date), str(name)) for date, name in entry["listed"]))


def holiday_columns(holidays: Holidays, names: tuple[str, ...], days: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Whether each day (since 1970-01-01) is each of the holidays, shape (days, names)."""
    result = np.zeros((len(days), len(names)))
    if not len(days):
        return result
    epoch, first = dt.date(1970, 1, 1), int(days[0])
    years = [(epoch + int(day) * _DAY).year for day in (days[0], days[-1])]
    place = {name: i for i, name in enumerate(names)}
    for day, name in holidays.named(*years).items():
        row = (day - epoch).days - first
        if 0 <= row < len(days) and name in place:
            result[row, place[name]] = 1.0
    return result


def _of_country(country: str, first: int, last: int) -> dict[dt.date, str]:
    try:
        import holidays
    except ImportError:
        raise ArgumentError(
            f"holidays={country!r} needs the package holidays: pip install 'clvmodels[holidays]', or pass a list of "
            "dates."
        ) from None
    code, _, part = country.partition("-")
    try:
        found = holidays.country_holidays(code, subdiv=part or None, years=range(first, last + 1), language="en_US")
    except NotImplementedError:
        raise ArgumentError(
            f"The package holidays knows no {country!r}. Write a country such as 'GB', a part of one such as 'US-CA', "
            "or pass a list of dates."
        ) from None
    return {day: name.split(";")[0].split(" (")[0].strip() for day, name in found.items()}


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
