"""`AcquisitionForecast`: new customers a period, with ranges and draws."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.transactions.read_only import read_only

_IN_WORDS = {
    "last_year": "the same periods of last year, times growth",
    "recent_mean": "the mean of the last quarter of a year",
    "trend": "a trend with a season",
    "given": "numbers as given",
}


@read_only("means", "past", "draws", "errors")
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class AcquisitionForecast:
    """New customers of the periods to come; `clvmodels.forecast_acquisition` makes it.

    Attributes
    ----------
    method : {"last_year", "recent_mean", "trend", "given"}
        The model.
    means : pandas.DataFrame
        One row a period to come: ``new_customers``, the estimate.
    past : pandas.DataFrame
        One row a period that was: ``new_customers``; without rows if the numbers are given.
    draws : ndarray of shape (draws, periods)
        Numbers of new customers that may come. One draw has one error of the level in all its periods.
    errors : pandas.DataFrame
        One row an earlier date and model that was tried there: ``method``, ``last_known`` (period), ``periods``
        (length), ``expected``, ``actual`` and ``error`` (actual / expected - 1).
    level_error : float
        Standard deviation of the logarithm of the level, over as many periods as ``level_periods``.
    level_periods : int
        Until this period the error of the level is constant; from then on it grows with the root of time.
    dispersion : float
        (variance - mean) / mean² of the number of a period around the level.
    interval : float
        Level of the ranges.
    """

    method: str
    means: pd.DataFrame
    past: pd.DataFrame
    draws: Array
    errors: pd.DataFrame
    level_error: float
    level_periods: int
    dispersion: float
    interval: float

    @property
    def table(self) -> pd.DataFrame:
        """One row a period to come: ``new_customers``, ``lower`` and ``upper``."""
        lower, upper = np.quantile(self.draws, self._tails, axis=0)
        return self.means.assign(lower=lower, upper=upper)

    @property
    def total(self) -> tuple[float, float, float]:
        """New customers of all periods together: estimate, lower and upper bound."""
        lower, upper = np.quantile(self.draws.sum(axis=1), self._tails)
        return float(self.means["new_customers"].sum()), float(lower), float(upper)

    @property
    def _tails(self) -> list[float]:
        return [(1.0 - self.interval) / 2.0, (1.0 + self.interval) / 2.0]

    def summary(self) -> str:
        """The forecast in sentences: how many, by what model, and how far that was off at earlier dates.

        Returns
        -------
        str
            Two sentences.

        Examples
        --------
        >>> import clvmodels as clv
        >>> found = clv.forecast_acquisition([120.0, 100.0, 90.0, 140.0] * 3, 4, periods_per_year=4)
        >>> print(found.summary())
        In the next 4 periods about 450 new customers (316 to 622) will come: the same periods of last year, ...
        """
        estimate, lower, upper = map(formats.count, self.total)
        periods = "period" if len(self.means) == 1 else f"{len(self.means)} periods"
        return (
            f"In the next {periods} about {estimate} new customers ({lower} to {upper}) will come: {self.in_words}. "
            f"In brackets the range of {formats.share(self.interval)}."
        )

    @property
    def in_words(self) -> str:
        """The model, and how far it was off at earlier dates."""
        own, model = self.errors[self.errors["method"] == self.method], _IN_WORDS[self.method]
        if self.method == "given":
            return model
        if not len(own):
            return (
                f"{model}, which can't be tried at earlier dates of so short a history and is taken to be off by 20 %"
            )
        off = formats.share(float(own["error"].abs().mean()))
        dates = "an earlier date" if len(own) == 1 else f"{len(own)} earlier dates"
        return f"{model}, which was off by {off}{'' if len(own) == 1 else ' on average'} at {dates}"

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.round(1).to_string()}"

    def _repr_html_(self) -> str:
        return (
            f"<div><p>{html.escape(self.summary())}</p>{self.table.to_html(border=0, float_format=formats.count)}</div>"
        )
