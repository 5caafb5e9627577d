"""What needs no model: the forecasts that a model has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from clvmodels.evaluation.snapshots.inner_holdouts import Lesson
from clvmodels.evaluation.snapshots.predictor import Prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]
type Baseline = Callable[[Snapshot, int, Sequence[Lesson]], Prediction]

_THRESHOLDS = 50  # tried by the hiatus heuristic


def last_period_count(today: Snapshot, days: int, lessons: Sequence[Lesson]) -> Prediction:
    """As many purchases as in the last period of the same length, each worth the mean of all."""
    counts, value = today.window(days)
    bought = counts.sum()
    return Prediction(count=counts, value=counts * (value.sum() / bought if bought > 0 else 0.0))


def last_period_spend(today: Snapshot, days: int, lessons: Sequence[Lesson]) -> Prediction:
    """The same purchases and the same spend as in the last period of the same length."""
    counts, value = today.window(days)
    return Prediction(count=counts, value=value)


def past_rate(today: Snapshot, days: int, lessons: Sequence[Lesson]) -> Prediction:
    """Repeat purchases go on at the customer's past rate, x / T × horizon, each worth the customer's mean."""
    counts = daily_rate(today) * days
    return Prediction(count=counts, value=counts * _own_mean(today))


def past_total(today: Snapshot, days: int, lessons: Sequence[Lesson]) -> Prediction:
    """The order of what customers have brought so far."""
    return Prediction(value=today.total, ranks_only=True)


def pooled_mean(today: Snapshot, days: int, lessons: Sequence[Lesson]) -> Prediction:
    """Every customer does the same: the pooled rate ΣX / ΣT × horizon, each purchase worth the mean of all."""
    age = today.column("T").sum()
    rate = today.column("frequency").sum() / age if age > 0 else 0.0
    unit = DAYS_PER_UNIT[today.source.unit]
    counts = np.full(len(today.customers), rate * days / unit)
    return Prediction(count=counts, value=counts * today.total.sum() / (today.column("frequency") + 1.0).sum())


def hiatus(today: Snapshot, days: int, lessons: Sequence[Lesson]) -> Prediction:
    """Who has not bought for longer than a threshold won't; all others go on at their past rate.

    Wübben and von Wangenheim (2008), Journal of Marketing 72(3). Their thresholds came from managers; this one is that
    which told buyers from others best in the latest inner holdout, or the length of the horizon if there is none.
    """
    active = days_since_last(today) <= _threshold(days, lessons)
    counts = np.where(active, daily_rate(today) * days, 0.0)
    return Prediction(count=counts, value=counts * _own_mean(today), probability=active.astype(np.float64))


def _threshold(default: int, lessons: Sequence[Lesson]) -> float:
    """In days."""
    if not lessons:
        return default
    silent, bought = days_since_last(lessons[0].snapshot), lessons[0].outcome[0] > 0
    candidates = np.unique(np.quantile(silent, np.linspace(0.0, 1.0, _THRESHOLDS), method="nearest"))
    right = [np.mean((silent <= threshold) == bought) for threshold in candidates]
    return float(candidates[int(np.argmax(right))])


def days_since_last(today: Snapshot) -> Array:
    """Whole days since each customer's last purchase, whatever the unit."""
    silent: Array = np.round((today.column("T") - today.column("recency")) * DAYS_PER_UNIT[today.source.unit])
    return silent


def daily_rate(today: Snapshot, youngest: float = 1.0) -> Array:
    """Repeat purchases a day, x / T; T is taken to be at least ``youngest`` days."""
    age = today.column("T") * DAYS_PER_UNIT[today.source.unit]
    rate: Array = today.column("frequency") / np.maximum(age, youngest)
    return rate


def _own_mean(today: Snapshot) -> Array:
    """Mean value of a customer's purchases, the first included."""
    mean: Array = today.total / (today.column("frequency") + 1.0)
    return mean


BASELINES: dict[str, Baseline] = {
    "last-period count": last_period_count,
    "last-period spend": last_period_spend,
    "past rate": past_rate,
    "past total": past_total,
    "hiatus": hiatus,
    "pooled mean": pooled_mean,
}
