"""The log-posterior of groups whose parameters are partially pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.posterior import jets
from clvmodels.inference.posterior.likelihood import CHUNK
from clvmodels.inference.posterior.priors import AnyPrior
from clvmodels.models.protocol import Model

Array = NDArray[np.float64]

SPREAD_SD = 0.5  # prior of how far groups lie apart: half-normal, on the log scale


@dataclass(frozen=True)
class GaussianApproximation:
    """The likelihood of each group by itself, approximated by a Gaussian in the group's log parameters.

    Attributes
    ----------
    information : ndarray of shape (groups, k, k)
        Minus the Hessian of the log-likelihood, without negative directions.
    score : ndarray of shape (groups, k)
        Its product with the centre of the Gaussian.
    """

    information: Array
    score: Array


class GroupedPosterior:
    """Log-density of u = (m, log s, z): group g has log parameters θ_g, normal around m with standard deviations s.

    θ_g = μ + L z_g, where μ and L L' are mean and covariance of θ_g given m, s and the approximate likelihood.
    So the z are all but independent and standard normal a posteriori, for groups of few customers (then μ = m, L = s)
    as for groups whose own data identify them, and at every s: there is no funnel. Papaspiliopoulos, Roberts
    and Sköld (2007), A General Framework for the Parametrization of Hierarchical Models, Statistical Science 22(1).

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
    approximation : GaussianApproximation
        Of the groups' likelihoods. The density does not depend on it; a good one makes sampling quick.
    """

    def __init__(
        self,
        model: Model,
        columns: Sequence[Array],
        weight: Array,
        group: NDArray[np.intp],
        priors: Mapping[str, AnyPrior],
        approximation: GaussianApproximation,
    ) -> None:
        self.names = tuple(model.spec.parameters)
        self.groups = int(group.max()) + 1
        self._model = model
        self._priors = priors
        self._approximation = approximation
        order = np.lexsort((columns[0], group))
        self._columns = [column[order] for column in columns]
        self._weight, self._group = weight[order], group[order]

    @property
    def size(self) -> int:
        """Length of u."""
        return len(self.names) * (2 + self.groups)

    def log_parameters(self, u: Array) -> Array:
        """θ of every group, (groups, k), for u of shape (size,)."""
        k = len(self.names)
        m, s, z = u[:k], np.exp(u[k : 2 * k]), u[2 * k :].reshape(self.groups, k)
        _, factor, mean = self._given(m, s)
        return np.asarray(mean + np.einsum("gij,gj->gi", factor, z))

    def derivatives(self, u: Array, order: int = 1) -> tuple[float, Array, Any]:
        """Value and gradient at u (size,)."""
        k = len(self.names)
        m, s, z = u[:k], np.exp(u[k : 2 * k]), u[2 * k :].reshape(self.groups, k)
        covariance, factor, mean = self._given(m, s)
        away = mean + np.einsum("gij,gj->gi", factor, z) - m
        value, by_theta = self.likelihood(m + away)
        log_factor = np.log(np.einsum("gii->gi", factor))
        value += float((log_factor - (away / s) ** 2 / 2.0 - u[k : 2 * k]).sum())
        slope = by_theta - away / s**2
        gradient = np.empty_like(u)
        gradient[:k] = (np.einsum("gi,gij->gj", slope, covariance) / s**2 + away / s**2).sum(axis=0)
        gradient[2 * k :] = np.einsum("gi,gij->gj", slope, factor).ravel()
        for j in range(k):  # d covariance / d log s_j = 2 / s_j² · (column j) (column j)'
            row = factor[:, j, :]
            bend = np.tril(row[:, :, None] * row[:, None, :])
            bend[:, range(k), range(k)] /= 2.0
            turned = np.einsum("gij,gjl,gl->gi", factor, bend, z)
            shift = covariance[:, :, j] * (mean - m)[:, j, None]
            moved = (slope * (shift + turned)).sum() + covariance[:, j, j].sum() / 2.0 + (away[:, j] ** 2).sum() / 2.0
            gradient[k + j] = 2.0 * moved / s[j] ** 2 - self.groups
        # half-normal s, with the Jacobian of log s
        value += float(-((s / SPREAD_SD) ** 2).sum() / 2.0 + u[k : 2 * k].sum())
        gradient[k : 2 * k] += 1.0 - (s / SPREAD_SD) ** 2
        for i, name in enumerate(self.names):
            typical = float(np.exp(m[i]))
            log_density, first, _ = self._priors[name].derivatives(typical)
            value += log_density + m[i]
            gradient[i] += first * typical + 1.0
        return value, gradient, None

    def _given(self, m: Array, s: Array) -> tuple[Array, Array, Array]:
        """Covariance, its Cholesky factor, and mean of each group's θ given m, s and its approximate likelihood."""
        prior = np.diag(1.0 / s**2)
        covariance = np.linalg.inv(self._approximation.information + prior)
        covariance = (covariance + covariance.transpose(0, 2, 1)) / 2.0
        mean = np.einsum("gij,gj->gi", covariance, self._approximation.score + m / s**2)
        return covariance, np.linalg.cholesky(covariance), mean

    def likelihood(self, theta: Array) -> tuple[float, Array]:
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
