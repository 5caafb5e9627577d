"""`evaluate`: models and naive baselines on a holdout that none of them has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Unpack

import numpy as np
import pandas as pd

from clvmodels.arguments import LARGEST_SEED, whole
from clvmodels.errors import DataError
from clvmodels.evaluation.holdout import score_tables
from clvmodels.evaluation.holdout.beside_rules import beside_rules
from clvmodels.evaluation.holdout.choice import choose_predictors
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.evaluation.holdout.forecast_scores import FORECAST, forecast_of, forecast_prediction, with_forecast
from clvmodels.evaluation.holdout.predict import HoldoutPredictions, predict_holdout
from clvmodels.evaluation.metrics.predictive_distributions import Predictive, from_pmf
from clvmodels.evaluation.snapshots.snapshot import Snapshot, outcome
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.signatures import checked
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import DateLike
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.holdout import Holdout, holdout_split
from clvmodels.transactions.summary.warn_of_log import point_out


@takes_log
@checked
def evaluate(
    log: Any,
    *,
    calibration_end: DateLike,
    unit: str = "week",
    observation_end: DateLike | None = None,
    models: str | Sequence[str] = ("bg/nbd",),
    spend: str = "gamma-gamma",
    baselines: bool | str | Sequence[str] = True,
    top: float = 0.2,
    segments: int = 5,
    intervals: bool = True,
    forecast: bool | str = False,
    rank_by: Literal["value", "likelihood"] = "value",
    covariates: Covariates | None = None,
    calendar: Calendar | None = None,
    seed: int = 0,
    **columns: Unpack[LogKeywords],
) -> Evaluation:
    """Fit models on a log until ``calibration_end`` and compare what they predict with what came after.

    Customers who first bought after ``calibration_end`` are left out, and counted. Value is what a customer spends in
    the holdout, undiscounted; in a log without amounts every purchase is worth 1.

    Parameters
    ----------
    log
    calibration_end : date-like
        Last day of the calibration, inclusive.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        Unit of time of the summary.
    observation_end : date-like, optional
        Last day of the holdout, inclusive. Default: the last day of the log.
    models : str or sequence of str, default ("bg/nbd",)
        Names of purchase models, and ``"best"``: the values of the best of these models, assigned to customers in an
        order that is learned on inner holdouts, never on the holdout (needs scikit-learn; ``"bg/nbd"`` if no other is
        named).
    spend : str, default "gamma-gamma"
        Name of the spend model; not used if the log has no amounts.
    baselines : bool, str or sequence of str, default True
        True for all, or names: "last-period count", "last-period spend", "past rate", "past total", "hiatus" (Wübben
        and von Wangenheim 2008), "pooled mean", "gradient boosting" (on the summary; needs scikit-learn).
    top : float, default 0.2
        Share of customers whose value ``top_capture`` adds up.
    segments : int, default 5
        Number of value segments in the confusion matrices.
    intervals : bool, default True
        Whether to compare the distribution of the number of purchases with the outcome (coverage, CRPS, PIT).
    forecast : bool or str, default False
        Whether to forecast totals as `clvmodels.forecast` does, from the calibration alone, and to compare its ranges,
        and the models' own, with what came (coverage, width, interval score); or the name of the purchase model for
        it.
    rank_by : {"value", "likelihood"}, default "value"
        What "best" ranks by: "value" for the most valuable customers at the top, "likelihood" for who will buy again at
        all, which rank correlation rewards. No order is the best of both.
    covariates : Covariates, optional
        `clvmodels.Covariates` for all models; each takes those of its own processes. Columns that their formulas name
        are read from the log, as they were known at the end of the calibration. Values of ``varying=`` after it must be
        such as were planned by then.
    calendar : Calendar, optional
        `clvmodels.Calendar` for all purchase models, which then have to be such as take one.
    seed : int, default 0
        Seed of the boosted trees, and of the bootstrap that compares "best" with baselines; nothing else is random.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    Evaluation
        Its ``table`` has one row a predictor and one column a metric; ``verdict`` are sentences; printed, it shows
        both.

    Raises
    ------
    DataError
        The log can't be used, nothing is held out, or the calibration is too small for "best" or for a baseline that
        was named.
    ArgumentError
        An argument has no meaning here, or scikit-learn is needed and missing.
    ConvergenceError
        A model has no maximum.

    See Also
    --------
    backtest : The same from several days on.
    compare : Which of several models describes the same customers best, without a holdout.

    Examples
    --------
    >>> import clvmodels as clv
    >>> result = clv.evaluate(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount",
    ...                       calibration_end="1997-09-30", observation_end="1998-06-30",
    ...                       baselines=["last-period spend"])
    >>> result.table[["count_bias", "spearman", "top_capture"]].round(3)
                       count_bias  spearman  top_capture
    predictor
    bg/nbd                 -0.121     0.426        0.663
    last-period spend       1.558     0.393        0.663
    >>> result.verdict[0]
    'Best at ordering all customers by value (Spearman): bg/nbd, 0.426; the best baseline is last-period spend, 0.393.'
    """
    choice = choose_predictors(models, spend, baselines, rank_by, covariates, calendar)
    every = choice.needs_purchases or bool(forecast)
    bound = bound_log(log, **columns)
    split = holdout_split(
        bound,
        unit=unit,
        calibration_end=calibration_end,
        observation_end=observation_end,
        keep=choice.keep,
        keep_purchases=every,
    )
    point_out(split.findings)
    current = Snapshot(bound, unit, split.calibration_end, every, choice.keep)
    _check_leak(split, current)
    found = predict_holdout(choice, split, current, whole("seed", seed, most=LARGEST_SEED))
    made = None if forecast is False else forecast_of(split, forecast, spend)
    if made is not None:
        found = found.with_first(FORECAST, forecast_prediction(made))
    shown = {name: one for name, one in found.fits.items() if name in found.predictions}
    distributions = {name: _distribution(one, split) for name, one in shown.items() if intervals}
    fits: dict[str, Fit] = {**found.fits, **({} if found.spend is None else {choice.spend: found.spend})}
    result = _result(split, found, fits, distributions, top, segments)
    rules = beside_rules(outcome(split)[1], found.predictions, found.kinds, top, seed)
    result = replace(result, notes=(*result.notes, *rules))
    return result if made is None else with_forecast(result, bound, made)


def _result(
    split: Holdout,
    found: HoldoutPredictions,
    fits: dict[str, Fit],
    distributions: dict[str, Predictive],
    top: float,
    segments: int,
) -> Evaluation:
    """Predictions and outcome as tables."""
    counts, value = outcome(split)
    ids, predictions = split.table.index, found.predictions
    matrices, precision = score_tables.segment_tables(value, predictions, segments)
    parts = {
        (name, quantity): part
        for name, prediction in predictions.items()
        for quantity in ("count", "value", "probability")
        if (part := getattr(prediction, quantity)) is not None
    }
    return Evaluation(
        table=score_tables.score_table(counts, value, predictions, found.kinds, top),
        predictions=pd.DataFrame(parts, index=ids).rename_axis(columns=["predictor", "quantity"]),
        outcome=pd.DataFrame({"count": counts, "value": value}, index=ids),
        confusion=matrices,
        segments=precision,
        reliability=score_tables.reliability_table(counts, predictions),
        deciles=score_tables.decile_table(value, predictions),
        intervals=_intervals(distributions),
        distributions=distributions,
        fits=fits,
        holdout=split,
        top=top,
        notes=(*_left_out(split), *found.notes),
    )


def _distribution(fit: PurchaseFit, split: Holdout) -> Predictive:
    """The distribution of purchases under a purchase model against the purchases of the holdout."""
    counts, _ = outcome(split)
    return from_pmf(counts, lambda count: fit.purchases_pmf(count, split.duration, split.calibration))


def _intervals(distributions: Mapping[str, Predictive]) -> pd.DataFrame:
    """Coverage and mean CRPS by purchase model."""
    rows = {}
    for name, one in distributions.items():
        coverage = one.coverage()["coverage"]
        rows[name] = {f"coverage_{level:.0%}": share for level, share in coverage.items()}
        rows[name]["crps"] = float(one.crps.mean())
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("predictor")


def _check_leak(split: Holdout, current: Snapshot) -> None:
    """The calibration must be the summary that a log without a single later line gives."""
    with_holdout, without = split.calibration.table, current.customers.table
    numbers = with_holdout.select_dtypes("number").columns
    same = (
        with_holdout.index.equals(without.index)
        and with_holdout.drop(columns=numbers).equals(without.drop(columns=numbers))
        # engines add up amounts in any order
        and np.allclose(with_holdout[numbers], without[numbers], rtol=1e-9, atol=1e-9, equal_nan=True)
    )
    if not same:
        raise DataError(
            f"The calibration differs from the summary of the lines until {split.calibration_end:%Y-%m-%d}: what came "
            "later has an influence on it, so the evaluation would be too good. Does the log change while it is read?"
        )


def _left_out(split: Holdout) -> list[str]:
    """A note about customers who first bought in the holdout."""
    if not split.new_customers:
        return []
    purchases = int(split.table["frequency"].sum()) + split.new_purchases
    share = split.new_purchases / purchases if purchases else 0.0
    return [
        f"{split.new_customers:,} customers who first bought in the holdout are left out, and with them {share:.0%} of "
        "its purchases: no model of past customers can know them."
    ]
