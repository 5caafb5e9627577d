"""How well predictions order customers: rank correlation, concentration, capture, AUC.

Predictions may tie, and then an order is not given. Every measure of order is its mean over all orders of the tied
customers, in closed form: what breaking ties at random gives on average, without a seed. So a coarse prediction earns
nothing by its ties, and a constant one has no rank correlation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.metrics.arrays import paired


def spearman(y: ArrayLike, predicted: ArrayLike, *, ties: str = "random") -> float:
    """Spearman's rank correlation.

    Parameters
    ----------
    y, predicted : array_like of shape (n,)
        Outcomes and predictions.
    ties
        What customers of equal *prediction* get. "random": ranks in random order, and the mean over these; "shared":
        their mean rank, as in SciPy. Where most outcomes are 0, "shared" rewards ties for themselves: on CDNOW it
        rises from .42 to .48 if the lower 60 % of the BG/NBD values are made equal. Outcomes share ranks in both.

    Returns
    -------
    float
        NaN if all outcomes are equal; for equal predictions 0 ("random") or NaN ("shared").

    Examples
    --------
    >>> round(spearman([0, 0, 1, 2], [1, 2, 3, 4]), 3)
    0.949
    >>> [round(spearman([0, 0, 0, 1], [0, 0, 0, 1], ties=ties), 3) for ties in ("random", "shared")]
    [0.775, 1.0]
    """
    actual, expected = paired(y, predicted)
    if ties not in ("random", "shared"):
        raise ArgumentError(f'ties must be "random" or "shared", not {ties!r}.')
    n = len(actual)
    centre = (n + 1) / 2.0
    a, e = stats.rankdata(actual) - centre, stats.rankdata(expected) - centre
    spread = np.sqrt((n * n - 1) / 12.0) if ties == "random" else np.sqrt(np.square(e).mean())
    scale = np.sqrt(np.square(a).mean()) * spread
    return float((a * e).mean() / scale) if scale > 0 else np.nan


def normalised_gini(y: ArrayLike, predicted: ArrayLike) -> float:
    """Gini coefficient of the order of the predictions, divided by that of the perfect order.

    With customers in falling order of prediction and g_k the share of Σy that the first k hold, raw = 2 mean(g) - 1
    (Wang, Liu, Miao 2019, arXiv 1912.07753). 1 is the perfect order, about 0 a random one. NaN if nothing was bought.

    Examples
    --------
    >>> normalised_gini([0, 0, 1, 2], [1, 2, 3, 4])
    1.0
    """
    actual, expected = paired(y, predicted)
    if not actual.sum() > 0:
        return np.nan
    raw, perfect = (2.0 * _gains(actual, order).mean() - 1.0 for order in (expected, actual))
    return float(raw / perfect)


def top_capture(y: ArrayLike, predicted: ArrayLike, share: float = 0.2) -> float:
    """Share of Σy held by the ⌈share · n⌉ customers with the highest predictions; NaN if nothing was bought.

    Examples
    --------
    >>> top_capture([0, 1, 0, 0, 9], [3, 1, 0, 2, 5])
    0.9
    >>> top_capture([0, 1, 0, 0, 9], [1, 1, 1, 1, 1])
    0.2
    """
    actual, expected = paired(y, predicted)
    if not 0.0 < share <= 1.0:
        raise ArgumentError(f"share must lie above 0 and not above 1, such as 0.2, not {share!r}.")
    if not actual.sum() > 0:
        return np.nan
    return float(_gains(actual, expected)[_share_to_count(share, len(actual)) - 1])


def auc(bought: ArrayLike, score: ArrayLike) -> float:
    """P(a random buyer has a higher score than a random non-buyer), ties one half; NaN if there are only ones or zeros.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    outcome, values = paired(bought, score)
    ones = outcome > 0
    n_1, n_0 = int(ones.sum()), int((~ones).sum())
    if n_1 == 0 or n_0 == 0:
        return np.nan
    return float((stats.rankdata(values)[ones].sum() - n_1 * (n_1 + 1) / 2.0) / (n_1 * n_0))


def _gains(y: Array, predicted: Array) -> Array:
    """Share of Σy held by the first k customers in falling order of prediction; tied ones hold their mean each."""
    order = np.argsort(-predicted, kind="stable")
    _, group = np.unique(-predicted[order], return_inverse=True)
    means = np.bincount(group, weights=y[order]) / np.bincount(group)
    return np.cumsum(means[group]) / y.sum()


def _share_to_count(share: float, n: int) -> int:
    """A share of n customers as a number of them, rounded up."""
    return int(np.ceil(share * n - 1e-9))  # 0.2 · 15 is 3, although the product is a little more
