"""Predictors beside outcomes: one row of metrics each, and the tables with the details."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.evaluation import metrics
from clvmodels.evaluation.snapshots.prediction import Prediction


@dataclass(frozen=True)
class Metric:
    """A column of the table.

    Attributes
    ----------
    words : str
        What it measures, to follow "is best at".
    name : str
        What it measures, in a few words.
    merit : callable
        A number that is the higher the better, of a value of the column.
    """

    words: str
    name: str
    merit: Callable[[float], float]


METRICS = {
    "count_bias": Metric("the total number of purchases", "total purchases", lambda v: -abs(v)),
    "count_mae": Metric(
        "the number of purchases of each customer (mean absolute error)", "purchases, MAE", lambda v: -v
    ),
    "count_rmse": Metric(
        "the number of purchases of each customer (root mean square error)", "purchases, RMSE", lambda v: -v
    ),
    "value_bias": Metric("total value", "total value", lambda v: -abs(v)),
    "value_mae": Metric("the value of each customer (mean absolute error)", "value, MAE", lambda v: -v),
    "value_rmse": Metric("the value of each customer (root mean square error)", "value, RMSE", lambda v: -v),
    "spearman": Metric("ordering all customers by value (Spearman)", "Spearman", lambda v: v),
    "gini": Metric("concentrating value at the top (normalised Gini)", "Gini", lambda v: v),
    "top_capture": Metric("finding the most valuable customers (capture)", "value captured at the top", lambda v: v),
    "decile_mape": Metric("the value of each decile", "value of deciles", lambda v: -v),
    "auc": Metric("telling buyers from others (AUC)", "AUC", lambda v: v),
    "brier": Metric("the probability of a purchase (Brier score)", "Brier score", lambda v: -v),
}


def score(counts: Array, value: Array, prediction: Prediction, top: float) -> dict[str, float]:
    """The metrics of one predictor; NaN where it predicts nothing, or the outcome leaves the metric undefined."""
    row = dict.fromkeys((*METRICS, "spearman_shared_ties"), np.nan)
    if prediction.count is not None:
        row |= {f"count_{name}": error(counts, prediction.count) for name, error in metrics.POINT_ERRORS.items()}
    if prediction.value is not None:
        row |= _of_ranks(value, prediction.value, top)
        if not prediction.ranks_only:
            row |= {f"value_{name}": error(value, prediction.value) for name, error in metrics.POINT_ERRORS.items()}
            row["decile_mape"] = metrics.decile_mape(value, prediction.value)
    if prediction.buyer_score is not None:
        row["auc"] = metrics.auc(counts > 0, prediction.buyer_score)
    if prediction.probability is not None:
        row["brier"] = metrics.brier(counts > 0, prediction.probability)
    return row


def _of_ranks(value: Array, predicted: Array, top: float) -> dict[str, float]:
    """How well customers are ordered by their value."""
    return {
        "spearman": metrics.spearman(value, predicted),
        "spearman_shared_ties": metrics.spearman(value, predicted, ties="shared"),
        "gini": metrics.normalised_gini(value, predicted),
        "top_capture": metrics.top_capture(value, predicted, top),
    }


def score_table(
    counts: Array, value: Array, predictions: Mapping[str, Prediction], kinds: Mapping[str, str], top: float
) -> pd.DataFrame:
    """One row a predictor: ``kind`` ("model", "combined" or "baseline") and the metrics."""
    rows = {name: score(counts, value, prediction, top) for name, prediction in predictions.items()}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.insert(0, "kind", [kinds[name] for name in table.index])
    return table.rename_axis("predictor")


def segment_tables(
    value: Array, predictions: Mapping[str, Prediction], segments: int
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Confusion matrices by predictor, and precision and recall of every segment."""
    matrices = {name: metrics.confusion(value, own, segments) for name, own in _of("value", predictions)}
    parts = {name: metrics.precision_recall(matrix) for name, matrix in matrices.items()}
    return matrices, pd.concat(parts, names=["predictor", "segment"])


def reliability_table(counts: Array, predictions: Mapping[str, Prediction]) -> pd.DataFrame:
    """Predicted and observed shares of buyers by predictor and group."""
    parts = {name: metrics.reliability(counts > 0, own) for name, own in _of("probability", predictions)}
    columns = ["customers", "predicted", "observed"]
    return pd.concat(parts, names=["predictor", "group"]) if parts else pd.DataFrame(columns=columns)


def decile_table(value: Array, predictions: Mapping[str, Prediction]) -> pd.DataFrame:
    """Mean predicted and actual value by predictor and decile."""
    parts = {name: metrics.deciles(value, own) for name, own in _of("value", predictions)}
    return pd.concat(parts, names=["predictor", "decile"])


def _of(quantity: str, predictions: Mapping[str, Prediction]) -> Iterator[tuple[str, Array]]:
    """The predictors that predict a quantity, and what they predict."""
    for name, prediction in predictions.items():
        if (own := getattr(prediction, quantity)) is not None:
            yield name, own
