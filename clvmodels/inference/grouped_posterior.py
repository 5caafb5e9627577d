"""The log-posterior of groups whose parameters are partially pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference import jets
from clvmodels.inference.likelihood import CHUNK
from clvmodels.models.protocol import Model

Array = NDArray[np.float64]

SPREAD_SD = 0.5  # prior of how far groups lie apart: half-normal, on the log scale


class GroupedPosterior:
    """Log-density of u = (m, log s, z): group g has log parameters θ_g = m + s z_g, with z_g standard normal.

    Parameters
    ----------
    model : Model
        The model.
    columns : sequence of ndarray of shape (rows,)
        Distinct rows of data within groups.
    weight, group : ndarray of shape (rows,)
        Customers that share each row, and the number of their group.
    priors : dict of str to Prior
        Of the typical parameters exp(m).
    """

    def __init__(
        self,
        model: Model,
        columns: Sequence[Array],
        weight: Array,
        group: NDArray[np.intp],
        priors: Mapping[str, Any],
    ) -> None:
        self.names = tuple(model.PARAMETERS)
        self.groups = int(group.max()) + 1
        self._model = model
        self._priors = priors
        order = np.lexsort((columns[0], group))
        self._columns = [column[order] for column in columns]
        self._weight, self._group = weight[order], group[order]

    @property
    def size(self) -> int:
        """Length of u."""
        return len(self.names) * (2 + self.groups)

    def log_parameters(self, u: Array) -> Array:
        """θ of every group, (…, groups, k), for u of shape (…, size)."""
        k = len(self.names)
        m, s = u[..., None, :k], np.exp(u[..., None, k : 2 * k])
        return np.asarray(m + s * u[..., 2 * k :].reshape(*u.shape[:-1], self.groups, k))

    def derivatives(self, u: Array, order: int = 1) -> tuple[float, Array, Any]:
        """Value and gradient at u (size,)."""
        k = len(self.names)
        m, s, z = u[:k], np.exp(u[k : 2 * k]), u[2 * k :].reshape(self.groups, k)
        value, by_theta = self._likelihood(m + s * z)
        gradient = np.empty_like(u)
        gradient[:k] = by_theta.sum(axis=0)
        # half-normal s, with the Jacobian of log s
        gradient[k : 2 * k] = (by_theta * z).sum(axis=0) * s - (s / SPREAD_SD) ** 2 + 1.0
        gradient[2 * k :] = (by_theta * s - z).ravel()
        value += float(-(z**2).sum() / 2.0 - ((s / SPREAD_SD) ** 2).sum() / 2.0 + u[k : 2 * k].sum())
        for i, name in enumerate(self.names):
            typical = float(np.exp(m[i]))
            log_density, first, _ = self._priors[name].derivatives(typical)
            value += log_density + m[i]
            gradient[i] += first * typical + 1.0
        return value, gradient, None

    def _likelihood(self, theta: Array) -> tuple[float, Array]:
        """Value, and gradient in θ (groups, k): one pass over all groups, with parameters that differ by row."""
        values = np.exp(theta)
        total, gradient = 0.0, np.zeros_like(theta)
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            for at in range(0, len(self._weight), CHUNK):
                part = slice(at, at + CHUNK)
                group, weight = self._group[part], self._weight[part]
                parameters = {name: jets.Jet(values[group, i], {i: 1.0}, None) for i, name in enumerate(self.names)}
                rows = self._model.log_likelihood(*(c[part] for c in self._columns), **parameters, xp=jets)
                total += float(weight @ np.broadcast_to(rows.value, weight.shape))
                for i, slope in rows.grad.items():
                    gradient[:, i] += np.bincount(group, weight * slope, minlength=self.groups)
        return total, gradient * values
