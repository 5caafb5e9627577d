"""LightGBM on many features, a rival in the table of accuracy: what a data scientist without a model would do.

LightGBM is a package of the study, not of clvmodels; `accuracy_table` leaves the row out where it is not installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.evaluation.ranking.boosting import feature_array
from clvmodels.evaluation.ranking.features import MINIMUM_DAYS
from clvmodels.evaluation.snapshots.inner_holdouts import InnerHoldout
from clvmodels.evaluation.snapshots.prediction import Prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.units import DAYS_PER_UNIT

NAME = "LightGBM"
_WINDOWS = (0.25, 0.5, 1.0, 2.0)  # of the horizon, before the end of what is known


def is_installed() -> bool:
    """Whether LightGBM is there."""
    return find_spec("lightgbm") is not None


def lightgbm(current: Snapshot, days: int, inner: Sequence[InnerHoldout], seed: int = 0) -> Prediction:
    """Boosted trees trained on the inner holdouts: value by Tweedie's deviance, counts by Poisson's, P(buy) as a class.

    Counts and value grow with the horizon where this is longer than the inner holdouts.

    Parameters
    ----------
    current
        The customers at the end of the calibration.
    days
        Length of the horizon.
    inner
        Holdouts within the calibration; one at least.
    seed
        Of the rows and columns that a tree is grown on.
    """
    scale = current.currency_scale
    rows = np.concatenate([features(one.snapshot, one.days, scale) for one in inner])
    counts, value = map(np.concatenate, zip(*(one.outcome for one in inner), strict=True))
    ours, longer = features(current, days, scale), days / inner[0].days
    package: Any = import_module("lightgbm")
    options = {
        "n_estimators": 300,
        "learning_rate": 0.03,
        "num_leaves": 15,
        "min_child_samples": int(np.clip(len(rows) // 200, 10, 100)),
        "subsample": 0.8,
        "subsample_freq": 1,
        "colsample_bytree": 0.8,
        "reg_lambda": 1.0,
        "random_state": seed,
        "n_jobs": 1,
        "deterministic": True,
        "verbose": -1,
    }
    spend = package.LGBMRegressor(objective="tweedie", tweedie_variance_power=1.5, **options)
    count = package.LGBMRegressor(objective="poisson", **options)
    buys = package.LGBMClassifier(**options)
    return Prediction(
        count=count.fit(rows, counts).predict(ours) * longer,
        value=spend.fit(rows, np.maximum(value, 0.0) / scale).predict(ours) * scale * longer,
        probability=buys.fit(rows, counts > 0).predict_proba(ours)[:, 1],
    )


def features(snapshot: Snapshot, days: int, scale: float) -> Array:
    """What is known of the customers, with times as multiples of the horizon, shape (customers, features)."""
    x, size = snapshot.column("frequency"), days / DAYS_PER_UNIT[snapshot.unit]
    recency, age = (snapshot.column(name) / size for name in ("recency", "T"))
    silent, gap = snapshot.days_since_last / days, recency / np.maximum(x, 1.0)
    total = snapshot.total / scale
    windows = [snapshot.window(round(part * days)) for part in _WINDOWS]
    return feature_array(
        [
            x,
            recency,
            age,
            silent,
            gap,
            silent / np.maximum(gap, 1.0 / days),
            snapshot.daily_rate(MINIMUM_DAYS) * days,
            total,
            total / (x + 1.0),
            np.nan_to_num(snapshot.column("monetary_value")) / scale,
            *(part for counts, values in windows for part in (counts, values / scale)),
        ]
    )
