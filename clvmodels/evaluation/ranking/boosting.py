"""Gradient boosting (scikit-learn) on inner holdouts: a baseline on the summary, and a part of `best`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.snapshots.inner_holdouts import InnerHoldout
from clvmodels.evaluation.snapshots.prediction import Prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.units import DAYS_PER_UNIT

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


_MANY = 200_000  # rows from which several threads help
MOST_ROWS = 200_000  # to learn from: trees of eight leaves find no more in more rows


def is_installed() -> bool:
    """Whether scikit-learn is there."""
    return find_spec("sklearn") is not None


def require() -> None:
    """Raise if scikit-learn is missing."""
    if not is_installed():
        raise ArgumentError(
            'This needs scikit-learn, which is not installed: pip install "clvmodels[ml]". '
            'Or leave "best" and "gradient boosting" out.'
        )


def regressor(rows: int, seed: int, **options: Any) -> HistGradientBoostingRegressor:
    """A small boosted regression: the signal is smooth and the outcomes are noisy."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(**_small(rows, seed), **options)


def classifier(rows: int, seed: int, **options: Any) -> HistGradientBoostingClassifier:
    """A small boosted classification."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(**_small(rows, seed), **options)


def few_threads(rows: int) -> AbstractContextManager[Any]:
    """One thread for little data: on a busy machine threads that wait for each other take ten times as long."""
    import sklearn.ensemble  # noqa: F401  brings its own OpenMP, and only what is loaded can be limited
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if rows < _MANY else None, user_api="openmp")


def _small(rows: int, seed: int) -> dict[str, Any]:
    """Options of a small model for so many rows."""
    return {
        "max_iter": 120,
        "learning_rate": 0.05,
        "max_leaf_nodes": 8,
        "min_samples_leaf": int(np.clip(rows // 100, 5, 100)),
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": seed,
    }


def gradient_boosting(current: Snapshot, days: int, inner: Sequence[InnerHoldout], seed: int = 0) -> Prediction:
    """Boosted trees on frequency, recency, T and monetary value, trained on the inner holdouts of the calibration.

    Value is learned as log(1 + value), which orders customers better than value itself, and brought to the level of the
    inner holdouts; counts and value grow with the horizon where this is longer than theirs. Of very many customers it
    learns from some, chosen at random: its trees are small.
    """
    require()
    scale = current.currency_scale
    rows = np.concatenate([_summary_features(one.snapshot, one.days, scale) for one in inner])
    counts, value = map(np.concatenate, zip(*(one.outcome for one in inner), strict=True))
    if len(rows) > MOST_ROWS:
        some = np.sort(np.random.default_rng(seed).choice(len(rows), MOST_ROWS, replace=False))
        rows, counts, value = rows[some], counts[some], value[some]
    ours, longer = _summary_features(current, days, scale), days / inner[0].days
    with few_threads(max(len(rows), len(ours))):
        order = regressor(len(rows), seed).fit(rows, np.log1p(value / scale))
        back, ahead = (np.expm1(np.maximum(order.predict(part), 0.0)) for part in (rows, ours))
        count = regressor(len(rows), seed, loss="poisson").fit(rows, counts).predict(ours)
        probability = probabilities(classifier(len(rows), seed), rows, counts > 0, ours)
    level = value.sum() / back.sum() if back.sum() > 0 else 0.0
    return Prediction(count=count * longer, value=ahead * level * longer, probability=probability)


def probabilities(
    model: HistGradientBoostingClassifier, rows: Array, bought: NDArray[np.bool_], current: Array
) -> Array:
    """P(bought) of the current customers; the share of buyers if there is but one class."""
    if bought.all() or not bought.any():
        return np.full(len(current), float(bought.mean()))
    return np.asarray(model.fit(rows, bought).predict_proba(current)[:, 1], dtype=np.float64)


def feature_array(columns: Sequence[NDArray[Any]]) -> Array:
    """Features as one array, rounded: the last digits of floating-point sums differ by engine and unit."""
    return np.round(np.column_stack(columns).astype(np.float64), 6)


def _summary_features(snapshot: Snapshot, days: int, scale: float) -> Array:
    """The summary, with times as multiples of the horizon."""
    size = days / DAYS_PER_UNIT[snapshot.unit]
    money = np.nan_to_num(snapshot.column("monetary_value")) / scale
    times = [snapshot.column(name) / size for name in ("recency", "T")]
    return feature_array([snapshot.column("frequency"), *times, money])
