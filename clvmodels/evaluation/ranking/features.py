"""Features from which `best` learns the order of customers; none grows with the age of the customer base alone."""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.evaluation.ranking import boosting
from clvmodels.evaluation.snapshots.prediction import Prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot

# The direction in which a feature may move the prediction: up (1), down (-1), or either (0).
DIRECTIONS = {
    "count": 1,
    "value": 1,
    "probability": 1,
    "per purchase": 0,
    "purchases so far": 1,
    "total so far": 1,
    "mean so far": 0,
    "count in 1": 1,
    "value in 1": 1,
    "count in 1/2": 1,
    "value in 1/2": 1,
    "count in 1/4": 1,
    "value in 1/4": 1,
    "count at past rate": 1,
    "value at past rate": 1,
    "time since the last": -1,
    "bought once": 0,
}
# Features of the value of those who buy: few, and on a log scale, where a straight line extrapolates well.
SPEND_FEATURES = ("value", "count", "per purchase", "total so far", "mean so far", "value in 1")
MINIMUM_DAYS = 7.0  # of a past rate: two purchases in two days are no rate yet


def ranking_features(snapshot: Snapshot, days: int, model: Prediction, scale: float) -> Array:
    """The features of `DIRECTIONS`, shape (customers, features).

    Parameters
    ----------
    snapshot : Snapshot
        The customers.
    days : int
        Length of the horizon.
    model : Prediction
        Of a purchase model, for the same customers and horizon.
    scale : float
        Amounts are divided by it.
    """
    x = snapshot.column("frequency")
    windows = [snapshot.window(round(days / parts)) for parts in (1, 2, 4)]
    count, value = required(model.count), required(model.value) / scale
    total = snapshot.total / scale
    probability = np.clip(required(model.probability), 1e-4, 1.0 - 1e-4)
    at_rate = snapshot.daily_rate(MINIMUM_DAYS) * days
    columns = [
        np.log(count + 1e-3),
        np.log1p(value),
        np.log(probability / (1.0 - probability)),
        np.log(np.where(count > 0, value / np.where(count > 0, count, 1.0), 0.0) + 1e-3),
        np.log1p(x),
        np.log1p(total),
        np.log1p(total / (x + 1.0)),
        *(np.log1p(part) for counts, values in windows for part in (counts, values / scale)),
        np.log1p(at_rate),
        np.log1p(at_rate * total / (x + 1.0)),
        np.log1p(8.0 * snapshot.days_since_last / days),
        x == 0,
    ]
    return boosting.feature_array(columns)


def required(part: Array | None) -> Array:
    """A part of a prediction, or an error if it is missing."""
    if part is None:
        raise DataError("A purchase model gives count, value and probability; one of them is missing.")
    return part
