"""`evaluate`: models and naive baselines on a holdout that none of them has seen."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models as registry
from clvmodels.errors import ArgumentError, ConvergenceError, DataError, IdentificationWarning
from clvmodels.evaluation.holdout import score_tables
from clvmodels.evaluation.holdout.baselines import BASELINES
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.evaluation.holdout.predictive_distributions import Predictive, from_pmf
from clvmodels.evaluation.ranking import best, boosting
from clvmodels.evaluation.snapshots.inner_holdouts import Lesson, lessons
from clvmodels.evaluation.snapshots.predictor import Prediction, model_prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot, Source, outcome
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.log import Amount
from clvmodels.transactions.summary.holdout import Holdout

BEST = "best"
BOOSTING = "gradient boosting"


def evaluate(
    log: Any,
    *,
    calibration_end: Any,
    customer: str | None = None,
    date: str | None = None,
    amount: Amount = None,
    order: str | None = None,
    unit: str = "week",
    observation_end: Any = None,
    models: str | Sequence[str] = ("bg/nbd",),
    spend: str = "gamma-gamma",
    baselines: bool | Sequence[str] = True,
    top: float = 0.2,
    segments: int = 5,
    intervals: bool = True,
    refunds: str = "net",
    timezone: str | None = None,
    currency: str | None = None,
    seed: int = 0,
) -> Evaluation:
    """Fit models on a log until ``calibration_end`` and compare what they predict with what came after.

    Customers who first bought after ``calibration_end`` are left out, and counted. Value is what a customer spends in
    the holdout, undiscounted; in a log without amounts every purchase is worth 1.

    Parameters
    ----------
    log, customer, date, amount, order, unit, refunds, timezone, currency
        As in `summarize`.
    calibration_end, observation_end
        Last days of the calibration and of the holdout, inclusive. Default of the latter: the last day of the log.
    models
        Names of purchase models, and ``"best"``: the values of the best of these models, dealt out in an order that is
        learned on inner holdouts, never on the holdout (needs scikit-learn; ``"bg/nbd"`` if no other is named).
    spend
        Name of the spend model.
    baselines
        True for all, or names: "last-period count", "last-period spend", "past rate", "past total", "hiatus" (Wübben,
        von Wangenheim 2008), "pooled mean", "gradient boosting" (on the summary; needs scikit-learn).
    top
        Share of customers whose value ``top_capture`` adds up.
    segments
        Number of value segments in the confusion matrices.
    intervals
        Whether to compare the distribution of the number of purchases with the outcome (coverage, CRPS, PIT).
    seed
        Seed of the boosted trees; nothing else is random.

    Returns
    -------
    Evaluation

    Raises
    ------
    DataError, ArgumentError
        The log or an argument can't be used.

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
    names, combined, spend_name = _check_models(models, spend)
    options = {"customer": customer, "date": date, "amount": amount, "order": order, "unit": unit}
    every = any(registry.needs_purchases(name) for name in (*names, spend_name))
    source = Source(log, {**options, "refunds": refunds, "timezone": timezone, "keep_purchases": every})
    split = source.split(to_timestamp(parse_day(calibration_end, "calibration_end")), observation_end, currency)
    today = Snapshot(source, split.calibration_end)
    _check_leak(split, today)
    days = (split.observation_end - split.calibration_end).days
    chosen = _check_baselines(baselines)
    learning = lessons(today, days) if combined or BOOSTING in chosen else []
    notes = _left_out(split)

    with warnings.catch_warnings():  # what is odd about a fit stands in the notes
        warnings.simplefilter("ignore", IdentificationWarning)
        fits = {name: fit(split.calibration, name) for name in names}
        spending = fit(split.calibration, spend_name) if today.has_amounts else None
    for one in (*fits.values(), *([spending] if spending else [])):
        notes.extend(one.diagnosis[1:])
    predictions = {name: model_prediction(fits[name], spending, split.calibration, split.duration) for name in names}
    kinds = dict.fromkeys(names, "model")
    if combined:
        result = _combine(today, days, learning, predictions, spend_name, seed)
        predictions[BEST], kinds[BEST] = result.prediction, "combined"
        notes.append(
            f'"best" is built on {result.model} and {len(learning)} inner holdouts of {learning[0].days} days.'
        )
        if combined == "alone":
            del predictions[names[0]], kinds[names[0]]
    for name in chosen:
        if name == BOOSTING and not (learning and boosting.is_installed()):
            _refuse_boosting(baselines, notes)
            continue
        kinds[name] = "baseline"
        if name == BOOSTING:
            predictions[name] = boosting.gradient_boosting(today, days, learning, seed)
        else:
            predictions[name] = BASELINES[name](today, days, learning)
    models_only = {name: fits[name] for name in names if name in predictions}
    distributions = _distributions(models_only, split) if intervals else {}
    if spending is not None:
        fits[spend_name] = spending
    return _result(split, predictions, kinds, fits, distributions, top, segments, tuple(notes))


def _result(
    split: Holdout,
    predictions: Mapping[str, Prediction],
    kinds: Mapping[str, str],
    fits: dict[str, Fit],
    distributions: dict[str, Predictive],
    top: float,
    segments: int,
    notes: tuple[str, ...],
) -> Evaluation:
    counts, value = outcome(split)
    ids = split.table.index
    matrices, precision = score_tables.segment_tables(value, predictions, segments)
    parts = {
        (name, quantity): part
        for name, prediction in predictions.items()
        for quantity in ("count", "value", "probability")
        if (part := getattr(prediction, quantity)) is not None
    }
    return Evaluation(
        table=score_tables.score_table(counts, value, predictions, kinds, top),
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
        notes=notes,
    )


def _combine(
    today: Snapshot,
    days: int,
    learning: Sequence[Lesson],
    now: Mapping[str, Prediction],
    spend: str,
    seed: int,
) -> best.Best:
    """The combination, with the models fitted again on the days before each inner holdout."""
    boosting.require()
    then = [_predictions_then(lesson, list(now), spend if today.has_amounts else None) for lesson in learning]
    fitted = {name: one for name, one in now.items() if all(name in past for past in then)}
    if learning and not fitted:
        raise ConvergenceError(
            f'"best" needs a model that can be fitted on the days before {learning[0].snapshot.end:%Y-%m-%d} as well, '
            f"and none of {', '.join(now)} can. Name another, or choose a later calibration_end."
        )
    return best.best(today, days, learning, fitted, then, seed)


def _predictions_then(lesson: Lesson, names: Sequence[str], spend: str | None) -> dict[str, Prediction]:
    """Predictions for an inner holdout by models fitted before it, without those that can't be fitted there.

    What is odd about these fits is not said: it is said of the fit on the whole calibration.
    """
    customers, predictions = lesson.snapshot.customers, {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        spending = None if spend is None else fit(customers, spend)
        for name in names:
            with contextlib.suppress(ConvergenceError):
                predictions[name] = model_prediction(fit(customers, name), spending, customers, lesson.horizon)
    return predictions


def _distributions(fits: Mapping[str, Fit], split: Holdout) -> dict[str, Predictive]:
    """The distribution of purchases under every purchase model against the purchases of the holdout."""
    counts, _ = outcome(split)
    return {name: from_pmf(counts, partial(_pmf, one, split.duration, split.calibration)) for name, one in fits.items()}


def _pmf(one: Fit, horizon: float, customers: Customers, count: int) -> Any:
    return one.purchases_pmf(count, horizon, customers)


def _intervals(distributions: Mapping[str, Predictive]) -> pd.DataFrame:
    rows = {}
    for name, one in distributions.items():
        coverage = one.coverage()["coverage"]
        rows[name] = {f"coverage_{level:.0%}": share for level, share in coverage.items()}
        rows[name]["crps"] = float(one.crps.mean())
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("predictor")


def _check_models(models: str | Sequence[str], spend: str) -> tuple[list[str], str, str]:
    """Names of purchase models, whether "best" is wanted ("with" them, "alone" or ""), and the spend model."""
    asked = list(dict.fromkeys([models] if isinstance(models, str) else models))
    names = [name for name in asked if name != BEST]
    for name in names:
        if registry.get(name).KIND != "purchases":
            raise ArgumentError(f'models are purchase models, such as "bg/nbd", and {name!r} is none. Pass spend= it.')
    if registry.get(spend).KIND != "spend":
        raise ArgumentError(f'spend must be a spend model, such as "gamma-gamma", not {spend!r}.')
    if not asked:
        raise ArgumentError('models names no model. Pass models=["bg/nbd"], for example.')
    combined = "" if BEST not in asked else "with" if names else "alone"
    return names or ["bg/nbd"], combined, spend


def _check_baselines(baselines: bool | Sequence[str]) -> list[str]:
    available = [*BASELINES, BOOSTING]
    if isinstance(baselines, bool):
        return available if baselines else []
    chosen = [baselines] if isinstance(baselines, str) else list(baselines)
    for name in chosen:
        if name not in available:
            raise ArgumentError(f"Unknown baseline {name!r}. Baselines: {', '.join(available)}.")
    return chosen


def _refuse_boosting(baselines: bool | Sequence[str], notes: list[str]) -> None:
    """Gradient boosting can't run: an error if it was asked for by name, else a note."""
    if baselines is not True:
        boosting.require()
        raise DataError(
            '"gradient boosting" needs an inner holdout, and the calibration is too short or small for one.'
        )
    why = "the calibration is too short for an inner holdout" if boosting.is_installed() else "needs clvmodels[ml]"
    notes.append(f"Gradient boosting is left out: {why}.")


def _check_leak(split: Holdout, today: Snapshot) -> None:
    """The calibration must be the summary that a log without a single later line gives."""
    with_holdout, without = split.calibration.table, today.customers.table
    same = with_holdout.index.equals(without.index) and np.allclose(
        with_holdout, without, rtol=1e-9, atol=1e-9, equal_nan=True
    )  # engines add up amounts in any order
    if not same:
        raise DataError(
            f"The calibration differs from the summary of the lines until {split.calibration_end:%Y-%m-%d}: what came "
            "later has an influence on it, so the evaluation would flatter. Does the log change while it is read?"
        )


def _left_out(split: Holdout) -> list[str]:
    if not split.new_customers:
        return []
    purchases = int(split.table["frequency"].sum()) + split.new_purchases
    share = split.new_purchases / purchases if purchases else 0.0
    return [
        f"{split.new_customers:,} customers who first bought in the holdout are left out, and with them {share:.0%} of "
        "its purchases: no model of past customers can know them."
    ]
