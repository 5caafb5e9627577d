"""How good predictions are: errors, order, concentration, probabilities.

Predictions may tie, and then an order is not given. Every measure of order is its mean over all orders of the tied
customers, in closed form: what breaking ties at random gives on average, without a seed. So a coarse prediction earns
nothing by its ties, and a constant one has no rank correlation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from clvmodels.errors import ArgumentError

Array = NDArray[np.float64]


def bias(y: ArrayLike, predicted: ArrayLike) -> float:
    """ΣE / ΣY - 1; NaN if nothing was bought.

    Examples
    --------
    >>> bias([1, 3], [1, 2])
    -0.25
    """
    actual, expected = _pair(y, predicted)
    return float(expected.sum() / actual.sum() - 1.0) if actual.sum() > 0 else np.nan


def mae(y: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error.

    Examples
    --------
    >>> mae([1, 3], [1, 2])
    0.5
    """
    actual, expected = _pair(y, predicted)
    return float(np.abs(expected - actual).mean())


def rmse(y: ArrayLike, predicted: ArrayLike) -> float:
    """Root of the mean squared error.

    Examples
    --------
    >>> rmse([0, 0, 0, 0], [0, 0, 0, 2])
    1.0
    """
    actual, expected = _pair(y, predicted)
    return float(np.sqrt(np.square(expected - actual).mean()))


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
    actual, expected = _pair(y, predicted)
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
    actual, expected = _pair(y, predicted)
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
    actual, expected = _pair(y, predicted)
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
    outcome, values = _pair(bought, score)
    ones = outcome > 0
    n_1, n_0 = int(ones.sum()), int((~ones).sum())
    if n_1 == 0 or n_0 == 0:
        return np.nan
    return float((stats.rankdata(values)[ones].sum() - n_1 * (n_1 + 1) / 2.0) / (n_1 * n_0))


def brier(bought: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared error of probabilities: 0 is perfect.

    Examples
    --------
    >>> brier([0, 1], [0.0, 0.5])
    0.125
    """
    outcome, p = _pair(bought, probability)
    if p.min() < 0 or p.max() > 1:
        raise ArgumentError(f"Probabilities must lie between 0 and 1; these run from {p.min():g} to {p.max():g}.")
    return float(np.square(p - (outcome > 0)).mean())


def reliability(bought: ArrayLike, probability: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Predicted and observed shares of buyers, in groups of equal size by rising probability.

    Customers of equal probability stay together, so there may be fewer groups.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``group`` (from 1); ``customers``, ``predicted`` (mean probability), ``observed`` (share of buyers).

    Examples
    --------
    >>> reliability([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9], bins=2).round(2).to_numpy().tolist()
    [[2.0, 0.15, 0.0], [2.0, 0.75, 1.0]]
    """
    outcome, p = _pair(bought, probability)
    frame = pd.DataFrame({"group": _groups(p, bins), "predicted": p, "observed": outcome > 0})
    grouped = frame.groupby("group")
    table = grouped[["predicted", "observed"]].mean()
    table.insert(0, "customers", grouped.size())
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="group"))


def deciles(y: ArrayLike, predicted: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Mean prediction and outcome in groups of equal size, the highest predictions first.

    Examples
    --------
    >>> deciles([0, 0, 1, 5], [0.0, 0.5, 1.0, 4.0], bins=2).to_numpy().tolist()
    [[2.5, 3.0], [0.25, 0.0]]
    """
    actual, expected = _pair(y, predicted)
    member = memberships(expected, bins)
    sizes = np.maximum(member.sum(axis=0), 1e-300)
    return pd.DataFrame(
        {"predicted": expected @ member / sizes, "actual": actual @ member / sizes},
        index=pd.RangeIndex(1, member.shape[1] + 1, name="decile"),
    )


def decile_mape(y: ArrayLike, predicted: ArrayLike, bins: int = 10) -> float:
    """Mean of |predicted / actual - 1| over the deciles that bought anything; NaN if none did.

    Examples
    --------
    >>> decile_mape([0, 0, 2, 5], [0.0, 0.5, 1.0, 4.0], bins=4)
    0.35
    """
    table = deciles(y, predicted, bins)
    table = table[table["actual"] > 0]
    return float((table["predicted"] / table["actual"] - 1.0).abs().mean()) if len(table) else np.nan


def confusion(y: ArrayLike, predicted: ArrayLike, segments: int = 5) -> pd.DataFrame:
    """Customers by predicted segment (rows) and by actual one (columns); segment 1 is the most valuable.

    Segments have equal size. Who is tied across a border, most often with an outcome of 0, is counted in parts: the
    expected number under random order.

    Examples
    --------
    >>> confusion([0, 0, 0, 9], [1, 2, 3, 4], segments=2).round(2).to_numpy().tolist()
    [[1.33, 0.67], [0.67, 1.33]]
    """
    actual, expected = _pair(y, predicted)
    counts = memberships(expected, segments).T @ memberships(actual, segments)
    labels = pd.RangeIndex(1, len(counts) + 1)
    return pd.DataFrame(counts, index=labels.rename("predicted"), columns=labels.rename("actual"))


def precision_recall(counts: pd.DataFrame) -> pd.DataFrame:
    """Precision and recall of each segment of a confusion matrix; alike where segments are of one size.

    Examples
    --------
    >>> precision_recall(pd.DataFrame([[3, 1], [1, 5]])).round(3).to_numpy().tolist()
    [[0.75, 0.75], [0.833, 0.833]]
    """
    table = counts.to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore"):
        right = np.diag(table)
        columns = {"precision": right / table.sum(axis=1), "recall": right / table.sum(axis=0)}
    return pd.DataFrame(columns, index=counts.index.rename("segment"))


def memberships(values: ArrayLike, groups: int) -> Array:
    """For each customer the probability of each group of equal size, the highest values first.

    Ones and zeros, but for those who are tied across a border.

    Examples
    --------
    >>> memberships([1, 1, 5], 3).tolist()
    [[0.0, 0.5, 0.5], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]
    """
    array = np.asarray(values, dtype=np.float64)
    if groups < 1:
        raise ArgumentError(f"There must be at least one group, not {groups!r}.")
    n = len(array)
    low = stats.rankdata(-array, method="min") - 1.0  # customers before the tied ones …
    high = stats.rankdata(-array, method="max") * 1.0  # … and those up to the last of them
    borders = np.round(np.arange(groups + 1) * n / groups)
    inside = np.minimum(high[:, None], borders[1:]) - np.maximum(low[:, None], borders[:-1])
    member: Array = np.maximum(inside, 0.0) / (high - low)[:, None]
    return member


def _gains(y: Array, predicted: Array) -> Array:
    """Share of Σy held by the first k customers in falling order of prediction; tied ones hold their mean each."""
    order = np.argsort(-predicted, kind="stable")
    _, group = np.unique(-predicted[order], return_inverse=True)
    means = np.bincount(group, weights=y[order]) / np.bincount(group)
    gains: Array = np.cumsum(means[group]) / y.sum()
    return gains


def _groups(values: Array, bins: int) -> NDArray[np.intp]:
    rank = stats.rankdata(values, method="min") - 1.0
    groups: NDArray[np.intp] = (rank * bins / len(values)).astype(np.intp)
    return groups


def _share_to_count(share: float, n: int) -> int:
    return int(np.ceil(share * n - 1e-9))  # 0.2 · 15 is 3, although the product is a little more


def _pair(y: ArrayLike, predicted: ArrayLike) -> tuple[Array, Array]:
    actual, expected = (np.asarray(values, dtype=np.float64) for values in (y, predicted))
    if actual.shape != expected.shape or actual.ndim != 1 or len(actual) == 0:
        raise ArgumentError(
            f"Outcomes and predictions must be as many, one a customer; their shapes are {actual.shape} and "
            f"{expected.shape}."
        )
    if not (np.isfinite(actual).all() and np.isfinite(expected).all()):
        raise ArgumentError("Outcomes and predictions must be finite; some are NaN or infinite.")
    return actual, expected
