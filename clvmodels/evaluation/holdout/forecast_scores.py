"""A forecast beside the holdout: totals and periods, with the ranges of earlier errors and the models' own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.errors import ClvWarning
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.evaluation.metrics.ranges import range_scores
from clvmodels.evaluation.snapshots.prediction import Prediction
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.rules.gate import AUTO
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.activity import purchases_by_day
from clvmodels.transactions.summary.holdout import Holdout

FORECAST = "forecast"  # as a predictor, and its kind
LEVELS = (0.5, 0.9)
EARLIER_ERRORS, MODEL = "earlier errors", "model"  # what a range comes from


def forecast_of(split: Holdout, model: bool | str, spend: str) -> Forecast:
    """The forecast of a holdout, made from its calibration, which keeps its purchases.

    Parameters
    ----------
    split : Holdout
        The split.
    model : bool or str
        Name of a purchase model; True is "auto".
    spend : str
        Name of the spend model.
    """
    days = (split.observation_end - split.calibration_end).days
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)  # of the data, which were looked at before
        return forecast(split.calibration, horizon=f"{days}D", model=AUTO if model is True else str(model), spend=spend)


def forecast_prediction(made: Forecast) -> Prediction:
    """Each customer's part of a forecast."""
    each = made.customers
    count = each["expected_purchases"].to_numpy(dtype=np.float64)
    value = each["value"].to_numpy(dtype=np.float64) if made.has_revenue else count
    return Prediction(count, value, each["purchase_probability"].to_numpy(dtype=np.float64))


def with_forecast(evaluation: Evaluation, log: Log, made: Forecast) -> Evaluation:
    """The evaluation with a forecast of its holdout, and how it did."""
    totals = actual_totals(evaluation.holdout)
    scores = forecast_scores(made, totals, actual_periods(log, evaluation.holdout, made))
    notes = (*evaluation.notes, *sentences(made, totals))
    return replace(evaluation, forecast=made, forecast_scores=scores, notes=notes)


def sentences(made: Forecast, totals: dict[str, float]) -> list[str]:
    """What was forecast and what came, and whether it lay within the range."""
    found = []
    for name in made.estimates.index.intersection(["purchases", "revenue"]):
        estimate, lower, upper = made.range_of(str(name))
        actual = totals[str(name)]
        off = f" ({formats.signed_share(actual / estimate - 1.0)})" if estimate > 0 else ""
        where = "inside" if lower <= actual <= upper else "outside"
        found.append(
            f"Forecast of {name} by {made.model}: {formats.count(estimate)}, and {formats.count(actual)} came{off}, "
            f"{where} the range of {formats.share(made.interval)}, {formats.count(lower)} to {formats.count(upper)}."
        )
    return found


def actual_periods(log: Log, split: Holdout, made: Forecast) -> pd.DataFrame:
    """Purchases and revenue of the holdout by the periods of the forecast, of the customers known at its beginning."""
    days = purchases_by_day(log, calibration_end=split.calibration_end, observation_end=split.observation_end)
    after = days.loc[days.index > split.calibration_end, ["purchases", "spend"]]
    ends = made.periods.index
    place = np.minimum(np.searchsorted(ends.to_numpy(), after.index.to_numpy()), len(ends) - 1)
    sums = after.groupby(place).sum().reindex(range(len(ends)), fill_value=0)
    return sums.set_axis(ends).rename(columns={"spend": "revenue"})


def actual_totals(split: Holdout) -> dict[str, float]:
    """Purchases, buyers and revenue of the holdout."""
    counts, spend = split.table["frequency"], split.table["spend"]
    found = {"purchases": float(counts.sum()), "buyers": float((counts > 0).sum())}
    return found if spend.isna().all() else found | {"revenue": float(spend.sum())}


def forecast_scores(
    made: Forecast, totals: dict[str, float], periods: pd.DataFrame, levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """How the forecast and its ranges did.

    Parameters
    ----------
    made : Forecast
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
    parts = [part for level in levels for part in _of_level(made.with_interval(level), totals, periods)]
    return pd.concat(parts, ignore_index=True)


def summary_of_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute log error, coverage, width and interval score, by kind, quantity, origin of the range and level."""
    whole = scores[scores["whole"]]
    grouped = whole.assign(log_error=whole["log_error"].abs()).groupby(
        ["kind", "quantity", "range", "level"], sort=False
    )
    return grouped[["log_error", "covered", "width", "interval_score"]].mean().assign(number=grouped.size())


def _of_level(made: Forecast, totals: dict[str, float], periods: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of one level."""
    total, table = made.total, made.table
    own = total.iloc[:0] if made.own_range is None else made.model_range
    for name in total.index.intersection(list(totals)):
        actual = np.array([totals[name]])
        for source, frame in ((EARLIER_ERRORS, total), (MODEL, own)):
            if name not in frame.index:
                continue
            numbers = frame.loc[[name]].to_numpy(dtype=np.float64).T
            yield _rows(made, ("total", name, source), numbers, actual, pd.NaT, True)
    for name in periods.columns.intersection(table.columns):
        numbers = table[[name, f"{name}_lower", f"{name}_upper"]].to_numpy(dtype=np.float64).T
        actual = periods[name].to_numpy(dtype=np.float64)
        yield _rows(made, (made.by, name, EARLIER_ERRORS), numbers, actual, table.index, table["whole"])


def _rows(
    made: Forecast, key: tuple[str, str, str], numbers: Array, actual: Array, ends: object, whole: object
) -> pd.DataFrame:
    """Totals of one kind with their scores."""
    estimate, lower, upper = numbers
    scores = range_scores(estimate, lower, upper, actual, made.interval)
    kind, quantity, source = key
    named = pd.DataFrame({"kind": kind, "quantity": quantity, "range": source, "level": made.interval}, scores.index)
    values = {"estimate": estimate, "lower": lower, "upper": upper, "actual": actual}
    known = pd.DataFrame({"period_end": np.asarray(ends), "whole": np.asarray(whole)} | values, scores.index)
    return pd.concat([named, known, scores], axis=1)
