"""How good predictions are: errors, order, groups, and whole distributions."""

from clvmodels.evaluation.metrics.groups import confusion, decile_mape, deciles, precision_recall, reliability
from clvmodels.evaluation.metrics.order import auc, normalised_gini, spearman, top_capture
from clvmodels.evaluation.metrics.point_errors import POINT_ERRORS, bias, brier, mae, rmse

__all__ = [
    "POINT_ERRORS",
    "auc",
    "bias",
    "brier",
    "confusion",
    "decile_mape",
    "deciles",
    "mae",
    "normalised_gini",
    "precision_recall",
    "reliability",
    "rmse",
    "spearman",
    "top_capture",
]
