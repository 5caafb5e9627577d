"""A forecast beside the holdout: totals and periods, with the ranges of earlier errors and the models' own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.evaluation.metrics.ranges import range_scores
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.activity import purchases_by_day
from clvmodels.transactions.summary.holdout import Holdout

LEVELS = (0.5, 0.9)
EARLIER_ERRORS, MODEL = "earlier errors", "model"  # what a range comes from


def actual_periods(log: Log, split: Holdout, forecast: Forecast) -> pd.DataFrame:
    """Purchases and revenue of the holdout by the periods of the forecast, of the customers known at its beginning."""
    days = purchases_by_day(log, calibration_end=split.calibration_end, observation_end=split.observation_end)
    after = days.loc[days.index > split.calibration_end, ["purchases", "spend"]]
    ends = forecast.periods.index
    place = np.minimum(np.searchsorted(ends.to_numpy(), after.index.to_numpy()), len(ends) - 1)
    sums = after.groupby(place).sum().reindex(range(len(ends)), fill_value=0)
    return sums.set_axis(ends).rename(columns={"spend": "revenue"})


def actual_totals(split: Holdout) -> dict[str, float]:
    """Purchases, buyers and revenue of the holdout."""
    counts, spend = split.table["frequency"], split.table["spend"]
    found = {"purchases": float(counts.sum()), "buyers": float((counts > 0).sum())}
    return found if spend.isna().all() else found | {"revenue": float(spend.sum())}


def forecast_scores(
    forecast: Forecast, totals: dict[str, float], periods: pd.DataFrame, levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """How the forecast and its ranges did.

    Parameters
    ----------
    forecast : Forecast
        Made on the last day of the calibration.
    totals, periods
        What came, see `actual_totals` and `actual_periods`.
    levels : sequence of float
        Levels of the ranges to look at.

    Returns
    -------
    pandas.DataFrame
        One row a total or period, quantity, origin of the range ("earlier errors", "model") and level: ``estimate``,
        ``lower``, ``upper``, ``actual``, and the columns of `metrics.range_scores`. A total has no ``period_end``.
    """
    parts = [part for level in levels for part in _of_level(forecast.with_interval(level), totals, periods)]
    return pd.concat(parts, ignore_index=True)


def summary_of_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute log error, coverage, width and interval score, by kind, quantity, origin of the range and level."""
    whole = scores[scores["whole"]]
    grouped = whole.assign(log_error=whole["log_error"].abs()).groupby(
        ["kind", "quantity", "range", "level"], sort=False
    )
    return grouped[["log_error", "covered", "width", "interval_score"]].mean().assign(number=grouped.size())


def _of_level(forecast: Forecast, totals: dict[str, float], periods: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of one level."""
    total, own, table = forecast.total, forecast.model_range, forecast.table
    for name in total.index.intersection(list(totals)):
        actual = np.array([totals[name]])
        for source, frame in ((EARLIER_ERRORS, total), (MODEL, own)):
            numbers = frame.loc[[name]].to_numpy(dtype=np.float64).T
            yield _rows(forecast, ("total", name, source), numbers, actual, pd.NaT, True)
    for name in periods.columns.intersection(table.columns):
        numbers = table[[name, f"{name}_lower", f"{name}_upper"]].to_numpy(dtype=np.float64).T
        actual = periods[name].to_numpy(dtype=np.float64)
        yield _rows(forecast, (forecast.by, name, EARLIER_ERRORS), numbers, actual, table.index, table["whole"])


def _rows(
    forecast: Forecast, key: tuple[str, str, str], numbers: Array, actual: Array, ends: object, whole: object
) -> pd.DataFrame:
    """Totals of one kind with their scores."""
    estimate, lower, upper = numbers
    scores = range_scores(estimate, lower, upper, actual, forecast.interval)
    kind, quantity, source = key
    named = pd.DataFrame(
        {"kind": kind, "quantity": quantity, "range": source, "level": forecast.interval}, scores.index
    )
    values = {"estimate": estimate, "lower": lower, "upper": upper, "actual": actual}
    known = pd.DataFrame({"period_end": np.asarray(ends), "whole": np.asarray(whole)} | values, scores.index)
    return pd.concat([named, known, scores], axis=1)
