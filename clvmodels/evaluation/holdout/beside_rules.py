"""The learned order beside the best simple rule: ahead, behind or not to be told apart, by the paired bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from clvmodels.arrays import Array
from clvmodels.evaluation import metrics
from clvmodels.evaluation.holdout.choice import BEST
from clvmodels.evaluation.metrics.paired_bootstrap import paired_difference
from clvmodels.evaluation.snapshots.prediction import Prediction


def beside_rules(
    value: Array, predictions: Mapping[str, Prediction], kinds: Mapping[str, str], top: float, seed: int
) -> list[str]:
    """A sentence a measure of order; none without "best" or without a baseline.

    Parameters
    ----------
    value : ndarray of shape (n,)
        What customers spent.
    predictions, kinds
        By predictor.
    top
        Share of the customers whose value is added up.
    seed
        Of the samples.
    """
    rules = {
        name: one.value for name, one in predictions.items() if kinds[name] == "baseline" and one.value is not None
    }
    own = predictions[BEST].value if BEST in predictions else None
    if own is None or not rules or not (value > 0).any():
        return []
    measures: dict[str, Callable[[Array, Array], float]] = {
        "rank correlation": metrics.spearman,
        f"share of value in the top {top:.0%}": lambda y, predicted: metrics.top_capture(y, predicted, top),
    }
    return [_sentence(words, value, own, rules, measure, seed) for words, measure in measures.items()]


def _sentence(
    words: str,
    value: Array,
    own: Array,
    rules: Mapping[str, Array],
    measure: Callable[[Array, Array], float],
    seed: int,
) -> str:
    """How one measure compares."""
    merit = {name: float(np.nan_to_num(measure(value, rule), nan=-1.0)) for name, rule in rules.items()}
    rival = max(merit, key=lambda name: merit[name])
    difference, lower, upper = paired_difference(value, own, rules[rival], measure, seed=seed)
    verdict = "is ahead of" if lower > 0 else "is behind" if upper < 0 else "can't be told apart from"
    return (
        f'By {words} "best" {verdict} {rival}, the best baseline: {difference:+.3f} ({lower:+.3f} to {upper:+.3f}, '
        "95 % range of the paired bootstrap)."
    )
