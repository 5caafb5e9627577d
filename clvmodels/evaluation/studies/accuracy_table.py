"""How well does everything here predict? Every model, calendars, "best" and all baselines, at many origins.

`clvmodels.evaluation.study` runs it. The logs are those of `forecasts` and the simulated ones of `shops`, six origins
each and two horizons; scores are of customers known at the origin, and none of the predictors saw a later day.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ClvWarning
from clvmodels.evaluation import metrics
from clvmodels.evaluation.holdout.evaluate import evaluate
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.evaluation.holdout.forecast_scores import EARLIER_ERRORS, FORECAST
from clvmodels.evaluation.ranking.features import required
from clvmodels.evaluation.snapshots.inner_holdouts import inner_holdouts
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.evaluation.studies import lightgbm_rival
from clvmodels.evaluation.studies.forecasts import HORIZONS, Origin, logs, origins
from clvmodels.evaluation.studies.shops import simulated
from clvmodels.forecasting.rules.log_score import log_score
from clvmodels.inference.data.clock.calendar import Calendar

MODELS = ("bg/nbd", "mbg/nbd", "pareto/nbd", "ggom/nbd", "nbd", "mbg/cnbd-2")
WITH_CALENDAR = ("bg/nbd", "mbg/nbd", "nbd", "mbg/cnbd-2")
ORIGINS, SEED = 6, 0
SPEND = "gamma-gamma-amounts"
# Columns of the table, and whether more is better.
HIGHER = {
    "spearman": True,
    "gini": True,
    "capture_20": True,
    "capture_10": True,
    "auc": True,
    "mae": False,
    "log_score": False,
    "total_error": False,
}


def cases() -> Iterator[Origin]:
    """Six origins of each log and horizon, evenly spread over those every four weeks."""
    for name, log, last in chain(logs(), simulated()):
        for days in HORIZONS:
            every = origins(name, log, pd.Timestamp(last), days)
            for place in np.unique(np.linspace(0, len(every) - 1, ORIGINS).round().astype(int)):
                yield every[place]


def of_case(
    case: Origin,
    models: tuple[str, ...] = MODELS,
    with_calendar: tuple[str, ...] = WITH_CALENDAR,
    combined: tuple[str, ...] = ("best",),
) -> pd.DataFrame:
    """One row a predictor: its scores at one origin.

    Parameters
    ----------
    case
        The log, the last day of the calibration, and the days after it.
    models, with_calendar
        Names of purchase models without a calendar, and of those with one.
    combined
        "best", which builds on BG/NBD here, or nothing. With it comes LightGBM, where that is installed.
    """
    until = case.end + pd.Timedelta(days=case.days)
    run = partial(
        evaluate, case.log, calibration_end=case.end, observation_end=until, spend=SPEND, intervals=False, seed=SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)
        plain = run(models=models, forecast=True)
        on_clock = run(models=with_calendar, baselines=False, calendar=Calendar())
        best = [run(models=combined, baselines=False)] if combined else []
    rows = _rows(plain, {}) | _rows(on_clock, {name: f"{name}, calendar" for name in with_calendar})
    for found in best:
        rows |= _rows(found, {name: name for name in combined})
    if combined and lightgbm_rival.is_installed():
        rows[lightgbm_rival.NAME] = {"kind": "baseline", **_of_lightgbm(case, plain)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("predictor").reset_index()
    return table.assign(log=case.name, days=case.days, origin=f"{case.end:%Y-%m-%d}", customers=len(plain.outcome))


def _rows(found: Evaluation, names: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The scores of predictors that have a name here; of all if none has."""
    value, count = (found.outcome[name].to_numpy(dtype=np.float64) for name in ("value", "count"))
    rows: dict[str, dict[str, object]] = {}
    for name, kind in found.table["kind"].items():
        if names and name not in names:
            continue
        parts = {
            quantity: found.predictions[name, quantity].to_numpy(dtype=np.float64)
            for quantity in found.predictions[name].columns
        }
        rows[names.get(str(name), str(name))] = {"kind": kind, **scores(count, value, parts)}
    if FORECAST in rows:
        rows["auto"] = {**rows.pop(FORECAST), **_coverage(found)}
    return rows


def _of_lightgbm(case: Origin, plain: Evaluation) -> dict[str, float]:
    """The scores of LightGBM."""
    snapshot = Snapshot(case.log, "week", case.end)
    found = lightgbm_rival.lightgbm(snapshot, case.days, inner_holdouts(snapshot, case.days), SEED)
    ids, order = snapshot.customers.table.index, plain.outcome.index
    parts: dict[str, Array] = {
        name: pd.Series(required(getattr(found, name)), ids)
        .reindex(order)
        .to_numpy(dtype=np.float64)
        .astype(np.float64)
        for name in ("count", "value", "probability")
    }
    value, count = (plain.outcome[name].to_numpy(dtype=np.float64) for name in ("value", "count"))
    return scores(count, value, parts)


def scores(count: Array, value: Array, parts: Mapping[str, Array]) -> dict[str, float]:
    """What can be said of a predictor that has some of "count", "value" and "probability".

    Examples
    --------
    >>> bought = np.array([0.0, 0.0, 1.0, 3.0])
    >>> found = scores(bought, bought, {"count": np.array([0.5, 0.5, 1.0, 2.0])})
    >>> {name: round(one, 2) for name, one in found.items()}
    {'mae': 0.5, 'total_error': 0.0, 'auc': 1.0}
    """
    found: dict[str, float] = {}
    if "value" in parts:
        own = parts["value"]
        found |= {"spearman": metrics.spearman(value, own), "gini": metrics.normalised_gini(value, own)}
        found |= {f"capture_{top:.0f}": metrics.top_capture(value, own, top / 100.0) for top in (20.0, 10.0)}
    if "count" in parts and parts["count"].sum() > 0:
        own = parts["count"]
        found |= {"mae": metrics.mae(count, own), "total_error": float(abs(np.log(count.sum() / own.sum())))}
    if "probability" in parts and not np.isin(parts["probability"], (0.0, 1.0)).all():
        found["log_score"] = log_score(count > 0, parts["probability"])
    buys = next((parts[name] for name in ("probability", "count", "value") if name in parts), None)
    return found if buys is None else {**found, "auc": metrics.auc(count > 0, buys)}


def _coverage(found: Evaluation) -> dict[str, object]:
    """Whether the forecast's ranges of 90 % held the totals."""
    of = found.forecast_scores
    assert of is not None  # it was asked for
    totals = of[(of["kind"] == "total") & (of["range"] == EARLIER_ERRORS) & (of["level"] == 0.9)].set_index("quantity")
    return {f"covered_{name}": bool(totals.loc[name, "covered"]) for name in totals.index}


def ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Mean scores of every predictor over all cases, and its mean rank among those that have the score (1 is best)."""
    keys = ["log", "days", "origin"]
    found = {}
    for name, higher in HIGHER.items():
        found[name] = table.groupby("predictor", sort=False)[name].mean()
        rank = table.groupby(keys)[name].rank(ascending=not higher)
        found[f"{name} rank"] = rank.groupby(table["predictor"], sort=False).mean()
    return pd.DataFrame(found).sort_values("spearman rank")


def behind(table: pd.DataFrame, name: str, score: str, draws: int = 10_000) -> pd.DataFrame:
    """By how much every other predictor is ahead of one: the mean over cases, and 95 % of a bootstrap of the cases.

    Cases of one log overlap, so the range is too narrow rather than too wide.
    """
    wide = table.pivot(index=["log", "days", "origin"], columns="predictor", values=score)
    ahead = wide.drop(columns=name).sub(wide[name], axis=0).dropna(axis=1)
    ahead = ahead if HIGHER[score] else -ahead
    rows = np.random.default_rng(SEED).integers(0, len(ahead), (draws, len(ahead)))
    drawn = ahead.to_numpy()[rows].mean(axis=1)
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    return pd.DataFrame({"ahead by": ahead.mean(), "lower": lower, "upper": upper}).sort_values("ahead by")
