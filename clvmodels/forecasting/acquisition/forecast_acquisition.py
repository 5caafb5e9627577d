"""`forecast_acquisition`: how many new customers the next periods bring."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import arguments
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.acquisition.choice import Trial, chosen, dispersion, level_spread, trials
from clvmodels.forecasting.acquisition.counts import Counts, checked_counts, season_of
from clvmodels.forecasting.acquisition.draws import drawn_counts
from clvmodels.forecasting.acquisition.means import METHODS
from clvmodels.forecasting.acquisition.result import AcquisitionForecast
from clvmodels.signatures import checked

AUTO = "auto"
_MOST_PERIODS = 10_000
_MOST_NUMBERS = 100_000_000  # draws × periods
_COLUMNS = ["method", "last_known", "periods", "expected", "actual", "error"]


@checked
def forecast_acquisition(
    counts: Any,
    periods: int,
    *,
    method: str = AUTO,
    periods_per_year: int | None = None,
    interval: float = 0.90,
    draws: int = 1000,
    seed: int = 0,
) -> AcquisitionForecast:
    """New customers of the periods to come, from those of the periods that were.

    Three simple models are tried at up to six earlier dates, and the one that was least off makes the forecast:
    the same periods of last year times growth, the mean of the last quarter of a year, and a trend with a season. One
    that cannot be tried counts as off by 20 %. Growth and trends are carried on for a year and held from then on.

    Parameters
    ----------
    counts : pandas.Series or sequence of float
        Numbers of new customers, one a period, the oldest first; whole periods only. A log that begins in the middle of
        a business shows old customers as new ones: leave out its first year.
    periods : int
        How many periods to forecast.
    method : {"auto", "last_year", "recent_mean", "trend"}, default "auto"
        The model; "auto" takes the one that was least off.
    periods_per_year : int, optional
        12 for months, 52 for weeks. Default: what the dates or periods of the index say.
    interval : float, default 0.90
        Level of the ranges.
    draws : int, default 1000
        How many draws.
    seed : int, default 0
        Of the draws.

    Returns
    -------
    AcquisitionForecast
        ``table`` has one row a period, ``total`` the sum with its range, ``draws`` what may come, ``errors`` how far
        each model was off at earlier dates.

    Raises
    ------
    ArgumentError
        The counts are no numbers, a model needs more of them, or nothing says how long a period is.

    See Also
    --------
    forecast : Purchases of the customers of today, and with ``new_customers=True`` of those to come.

    Examples
    --------
    >>> import clvmodels as clv, pandas as pd
    >>> months = pd.period_range("2010-01", periods=24, freq="M")
    >>> counts = pd.Series([80.0, 90.0, 100.0, 110.0, 100.0, 90.0, 80.0, 90.0, 110.0, 140.0, 190.0, 240.0] * 2, months)
    >>> found = clv.forecast_acquisition(counts, 3)
    >>> found.method, found.table["new_customers"].tolist()
    ('last_year', [80.0, 90.0, 100.0])
    """
    known = checked_counts(counts)
    periods = arguments.whole("periods", periods, "a whole number, 1 or more", 1, _MOST_PERIODS)
    season = season_of(known, periods_per_year)
    found = trials(known.values, periods, season)
    means = {name: model(known.values, periods, season) for name, model in METHODS.items()}
    usable = [name for name, mean in means.items() if mean is not None]
    if method not in (AUTO, *METHODS):
        raise ArgumentError(f"method must be one of {', '.join(map(repr, (AUTO, *METHODS)))}, not {method!r}.")
    if method not in (AUTO, *usable):
        raise ArgumentError(
            f"method={method!r} needs more history than {len(known.values)} periods, or somebody new in them. "
            f"Use one of {', '.join(map(repr, (AUTO, *usable)))}."
        )
    name = chosen(found, usable) if method == AUTO else method
    of_method = [one for one in found if one.method == name]
    return _result(
        name,
        means[name],
        known.following(periods),
        interval=interval,
        draws=draws,
        seed=seed,
        past=known,
        errors=_errors(found, known),
        level_error=math.sqrt(level_spread(of_method).variance),
        level_periods=len(of_method[0].actual) if of_method else season,
        dispersion=dispersion(of_method),
    )


def given_acquisition(
    counts: Any,
    *,
    relative_error: float = 0.0,
    dispersion: float = 0.0,
    interval: float = 0.90,
    draws: int = 1000,
    seed: int = 0,
) -> AcquisitionForecast:
    """Numbers of new customers to come that somebody else knows, a plan for example, with draws around them.

    Parameters
    ----------
    counts
        One number a period to come.
    relative_error
        How far all of them together may be off: the standard deviation of the logarithm of their level.
    dispersion
        (variance - mean) / mean² of the number of a period; 0 is no more than chance.
    interval, draws, seed
        As in `forecast_acquisition`.

    Examples
    --------
    >>> found = given_acquisition([100, 100], relative_error=0.2)
    >>> found.table["new_customers"].tolist(), found.draws.shape
    ([100.0, 100.0], (1000, 2))
    """
    known = checked_counts(counts)
    return _result(
        "given",
        known.values,
        known.index,
        interval=interval,
        draws=draws,
        seed=seed,
        past=None,
        errors=_errors([], known),
        level_error=arguments.finite("relative_error", relative_error, "a number from 0 to 2", 0.0, 2.0),
        level_periods=len(known.values),
        dispersion=arguments.finite("dispersion", dispersion, "a number from 0 to 100", 0.0, 100.0),
    )


def _result(
    method: str,
    means: Any,
    index: pd.Index[Any],
    *,
    interval: float,
    draws: int,
    seed: int,
    past: Counts | None,
    errors: pd.DataFrame,
    level_error: float,
    level_periods: int,
    dispersion: float,
) -> AcquisitionForecast:
    """The numbers with their draws."""
    number = arguments.whole("draws", draws, "a whole number, 2 or more", 2, _MOST_NUMBERS // len(index))
    before = Counts(np.empty(0), index[:0]) if past is None else past
    return AcquisitionForecast(
        method=method,
        means=pd.DataFrame({"new_customers": means}, index=index),
        past=pd.DataFrame({"new_customers": before.values}, index=before.index),
        draws=drawn_counts(means, level_error, level_periods, dispersion, number, arguments.whole("seed", seed)),
        errors=errors,
        level_error=level_error,
        level_periods=level_periods,
        dispersion=dispersion,
        interval=arguments.level("interval", interval),
    )


def _errors(found: list[Trial], known: Counts) -> pd.DataFrame:
    """One row a model and earlier date."""
    rows = []
    for one in found:
        expected, actual = float(one.expected.sum()), float(one.actual.sum())
        row = [one.method, known.index[one.known - 1], len(one.actual), expected, actual]
        rows.append([*row, actual / expected - 1.0 if expected > 0 else 0.0])
    return pd.DataFrame(rows, columns=_COLUMNS)
