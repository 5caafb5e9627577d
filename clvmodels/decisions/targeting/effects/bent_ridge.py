"""A regression that is shrunken and bends: the default where effects are learned, without another package."""

from __future__ import annotations

from typing import Self

import numpy as np

from clvmodels.arrays import Array

_BENDS = (0.25, 0.5, 0.75)  # quantiles of each feature at which its line may change its slope
_PENALTIES = 10.0 ** np.arange(-2.0, 6.5, 0.5)  # on features of unit variance; the last leaves nearly the mean alone


class BentRidge:
    """Ridge regression on each feature and its bends at the quartiles, its penalty by generalised cross-validation.

    Golub, Heath and Wahba (1979), Generalized Cross-Validation as a Method for Choosing a Good Ridge Parameter,
    Technometrics 21(2). It has the methods of a regressor of scikit-learn.

    Examples
    --------
    >>> x = np.linspace(-1.0, 1.0, 201)[:, None]
    >>> BentRidge().fit(x, np.abs(x[:, 0])).predict(np.array([[-0.8], [0.0], [0.8]])).round(2).tolist()
    [0.8, 0.0, 0.8]
    """

    def fit(self, x: Array, y: Array) -> Self:
        """Learn.

        Parameters
        ----------
        x : ndarray of shape (n, features)
            Features.
        y : ndarray of shape (n,)
            Outcomes.
        """
        self._bends = np.quantile(x, _BENDS, axis=0)
        basis = self._basis(x)
        self._centre, self._scale = basis.mean(axis=0), basis.std(axis=0)
        self._scale[self._scale <= 1e-12 * np.abs(basis).max(axis=0, initial=0.0)] = np.inf  # says nothing
        self._mean = float(y.mean())
        u, singular, v = np.linalg.svd((basis - self._centre) / self._scale, full_matrices=False)
        along = u.T @ (y - self._mean)
        kept = singular**2 / (singular**2 + _PENALTIES[:, None])
        left = ((y - self._mean) ** 2).sum() - (kept * (2.0 - kept)) @ along**2
        score = left / (len(y) - 1.0 - np.minimum(kept.sum(axis=1), len(y) - 2.0)) ** 2
        best = int(score.argmin())
        self._slopes = v.T @ (singular / (singular**2 + _PENALTIES[best]) * along)
        return self

    def predict(self, x: Array) -> Array:
        """Expected outcomes.

        Parameters
        ----------
        x : ndarray of shape (n, features)
            Features.
        """
        return np.asarray(self._mean + (self._basis(x) - self._centre) / self._scale @ self._slopes)

    def _basis(self, x: Array) -> Array:
        return np.hstack([x, *(np.maximum(x - bend, 0.0) for bend in self._bends)])
