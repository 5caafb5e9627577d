"""Forecasts without a model, which a model has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from clvmodels.evaluation.snapshots.inner_holdouts import InnerHoldout
from clvmodels.evaluation.snapshots.prediction import Prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.units import DAYS_PER_UNIT

type Baseline = Callable[[Snapshot, int, Sequence[InnerHoldout]], Prediction]

_THRESHOLDS = 50  # tried by the hiatus heuristic


def last_period_count(current: Snapshot, days: int, inner: Sequence[InnerHoldout]) -> Prediction:
    """As many purchases as in the last period of the same length, each worth the mean of all."""
    counts, value = current.window(days)
    bought = counts.sum()
    return Prediction(count=counts, value=counts * (value.sum() / bought if bought > 0 else 0.0))


def last_period_spend(current: Snapshot, days: int, inner: Sequence[InnerHoldout]) -> Prediction:
    """The same purchases and the same spend as in the last period of the same length."""
    counts, value = current.window(days)
    return Prediction(count=counts, value=value)


def past_rate(current: Snapshot, days: int, inner: Sequence[InnerHoldout]) -> Prediction:
    """Repeat purchases at the customer's past rate, x / T × horizon, each worth the customer's mean."""
    counts = current.daily_rate() * days
    return Prediction(count=counts, value=counts * current.mean_value)


def past_total(current: Snapshot, days: int, inner: Sequence[InnerHoldout]) -> Prediction:
    """The order of what customers have spent so far."""
    return Prediction(value=current.total, ranks_only=True)


def pooled_mean(current: Snapshot, days: int, inner: Sequence[InnerHoldout]) -> Prediction:
    """The same for every customer: the pooled rate ΣX / ΣT × horizon, each purchase worth the mean of all."""
    age = current.column("T").sum()
    rate = current.column("frequency").sum() / age if age > 0 else 0.0
    unit = DAYS_PER_UNIT[current.unit]
    counts = np.full(len(current.customers), rate * days / unit)
    return Prediction(count=counts, value=counts * current.total.sum() / (current.column("frequency") + 1.0).sum())


def hiatus(current: Snapshot, days: int, inner: Sequence[InnerHoldout]) -> Prediction:
    """No purchase from who has not bought for longer than a threshold; all others buy at their past rate.

    Wübben and von Wangenheim (2008), Journal of Marketing 72(3). Their thresholds came from managers; this one is that
    which told buyers from others best in the latest inner holdout, or the length of the horizon if there is none.
    """
    active = current.days_since_last <= _threshold(days, inner)
    counts = np.where(active, current.daily_rate() * days, 0.0)
    return Prediction(count=counts, value=counts * current.mean_value, probability=active.astype(np.float64))


def _threshold(default: int, inner: Sequence[InnerHoldout]) -> float:
    """The threshold of `hiatus` in days."""
    if not inner:
        return default
    silent, bought = inner[0].snapshot.days_since_last, inner[0].outcome[0] > 0
    candidates = np.unique(np.quantile(silent, np.linspace(0.0, 1.0, _THRESHOLDS), method="nearest"))
    accuracy = [np.mean((silent <= threshold) == bought) for threshold in candidates]
    return float(candidates[int(np.argmax(accuracy))])


BASELINES: dict[str, Baseline] = {
    "last-period count": last_period_count,
    "last-period spend": last_period_spend,
    "past rate": past_rate,
    "past total": past_total,
    "hiatus": hiatus,
    "pooled mean": pooled_mean,
}
