"""Noisy effects of many groups, drawn towards their mean: who chooses the largest of them is not deceived."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clvmodels.arrays import Array


class Shrunken(NamedTuple):
    """Effects after shrinkage, and the standard deviations of their three errors.

    ``own`` is each group's, independent of the others; ``by_mean`` and ``by_spread`` are those of the mean m and of the
    spread s², which all groups share (with its sign).
    """

    effect: Array
    own: Array
    by_mean: Array
    by_spread: Array

    @property
    def sd(self) -> Array:
        """Of each group by itself."""
        return np.sqrt(self.own**2 + self.by_mean**2 + self.by_spread**2)


def shrink(effect: Array, error: Array) -> Shrunken:
    """m + s² / (s² + se²) (effect - m) with s² = max(var(effect) - mean(se²), 0).

    Parameters
    ----------
    effect, error : ndarray of shape (groups,)
        Estimates and their standard errors.

    Returns
    -------
    Shrunken

    Examples
    --------
    >>> shrink(np.array([0.0, 4.0]), np.array([1.0, 1.0])).effect.round(3).tolist()
    [0.25, 3.75]
    """
    groups, found = len(effect), float(np.var(effect, ddof=1)) if len(effect) > 1 else 0.0
    between = max(found - float(np.mean(error**2)), 0.0)
    weight = 1.0 / (between + error**2)
    mean = float(weight @ effect / weight.sum())
    kept = between * weight
    sd_of_between = np.sqrt(2.0 / max(groups - 1, 1)) * max(found, float(np.mean(error**2)))
    return Shrunken(
        effect=mean + kept * (effect - mean),
        own=np.sqrt(kept) * error,
        by_mean=(1.0 - kept) / np.sqrt(weight.sum()),
        by_spread=(error * weight) ** 2 * (effect - mean) * sd_of_between,  # d kept / d s² = se² / (s² + se²)²
    )
