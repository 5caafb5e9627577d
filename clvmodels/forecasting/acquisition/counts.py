"""Numbers of new customers as users pass them: checked, and with the periods that follow named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import arguments
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError

_MOST = 1e12  # new customers a period
_BY_CODE = {"D": 365, "W": 52, "M": 12, "Q": 4, "Y": 1}  # the first letter of a frequency of pandas


@dataclass(frozen=True, eq=False)
class Counts:
    """Numbers of new customers a period, the oldest first.

    Attributes
    ----------
    values : ndarray
        The numbers.
    index : pandas.Index
        The periods.
    """

    values: Array
    index: pd.Index[Any]

    def following(self, periods: int) -> pd.Index[Any]:
        """Labels of the periods that follow: of dates and periods the next ones, else whole numbers from 1."""
        index = self.index
        if isinstance(index, pd.PeriodIndex) and len(index):
            return pd.period_range(index[-1] + 1, periods=periods, freq=index.freq, name=index.name)
        if isinstance(index, pd.DatetimeIndex) and (freq := _frequency(index)) is not None:
            return pd.date_range(index[-1], periods=periods + 1, freq=freq, name=index.name)[1:]
        return pd.RangeIndex(1, periods + 1, name="period")


def checked_counts(counts: Any, name: str = "counts") -> Counts:
    """Whatever holds one number a period, as `Counts`."""
    if isinstance(counts, str | bytes | dict | pd.DataFrame) or counts is None:
        raise ArgumentError(
            f"{name} must be a Series (or a sequence) of one number a period, not {arguments.shortly(counts)}."
        )
    index = counts.index if isinstance(counts, pd.Series) else None
    try:
        values = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be numbers of new customers, not {arguments.shortly(counts)}.") from None
    if values.ndim != 1 or not len(values):
        raise ArgumentError(f"{name} must hold at least one period, one number each.")
    wrong = np.flatnonzero(~((values >= 0) & (values <= _MOST)))
    if len(wrong):
        where = wrong[0] + 1 if index is None else index[wrong[0]]
        raise ArgumentError(
            f"{name} must be numbers of new customers, 0 or more, and that of period {where} is {values[wrong[0]]:g}."
        )
    if index is not None and not (index.is_monotonic_increasing and index.is_unique):
        raise ArgumentError(f"{name} must be in the order of time, each period once. Sort them, or sum what is double.")
    return Counts(values, pd.RangeIndex(1, len(values) + 1, name="period") if index is None else index)


def season_of(counts: Counts, periods_per_year: Any) -> int:
    """Periods in a year: as told, or as the dates of the index say."""
    if periods_per_year is not None:
        return arguments.whole("periods_per_year", periods_per_year, "a whole number from 1 to 366", 1, 366)
    found = _per_year(counts.index)
    if found is None:
        raise ArgumentError(
            "The index of counts doesn't tell how many periods a year has. Pass periods_per_year= (12 for months), or "
            "dates or periods as the index."
        )
    return found


def _per_year(index: pd.Index[Any]) -> int | None:
    """Periods in a year from an index of periods or regular dates."""
    if isinstance(index, pd.PeriodIndex) or (isinstance(index, pd.DatetimeIndex) and index.freq is not None):
        name = str(index.freqstr).split("-")[0].removesuffix("E").removesuffix("S")
        return _BY_CODE.get(name)
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 2:
        return None
    gaps = np.diff(index.to_numpy().astype("M8[s]").astype(np.int64)) / 86_400
    if gaps.max() > 1.2 * gaps.min():
        raise ArgumentError(
            "The dates of counts are not regular. Let each period have its row, with 0 where nobody was new."
        )
    rate = 365.25 / float(gaps.mean())
    nearest = min(_BY_CODE.values(), key=lambda season: abs(rate / season - 1.0))
    return nearest if abs(rate / nearest - 1.0) < 0.1 else None


def _frequency(index: pd.DatetimeIndex) -> str | None:
    """The frequency of dates, as pandas writes it."""
    known = index.freqstr
    return pd.DatetimeIndex(index, freq="infer").freqstr if known is None and len(index) >= 3 else known
