"""The log-posterior of groups whose parameters are partially pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.jet import Jet, bundle, composed
from clvmodels.inference.posterior.likelihood import CHUNK
from clvmodels.inference.posterior.priors import AnyPrior
from clvmodels.models.numerics import special
from clvmodels.models.protocol import Model

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

    θ_g = μ + L z_g, where μ and L L' are mean and covariance of θ_g given m, s and the approximate likelihood. So the z
    are nearly independent and standard normal a posteriori, for groups of few customers (then μ = m, L = s) as for
    groups whose own data identify them, and at every s: there is no funnel. Papaspiliopoulos, Roberts and Sköld (2007),
    A General Framework for the Parametrization of Hierarchical Models, Statistical Science 22(1).

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
        group: Places,
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
        """θ of every group, (..., groups, k), for u of shape (..., size)."""
        k = len(self.names)
        common, z = u[..., None, : 2 * k], u[..., 2 * k :].reshape(*u.shape[:-1], self.groups, k)
        m, log_s, z = (np.moveaxis(part, -1, 0) for part in (common[..., :k], common[..., k:], z))
        return np.stack(_log_parameters(self._approximation, m, np.exp(-2.0 * log_s), z, special)[0], axis=-1)

    def derivatives(self, u: Array, order: int = 1) -> tuple[float, Array, None]:
        """Value and gradient at u (size,); no Hessian."""
        k = len(self.names)
        common, z = bundle(u[: 2 * k], 0), bundle(u[2 * k :].reshape(self.groups, k).T, 1)
        by_group = self._log_posterior_of_groups(common[:k], common[k:], z)
        by_common, by_z = (np.broadcast_to(by_group.grad[key], (d, self.groups)) for key, d in enumerate((2 * k, k)))
        prior, slope = self._log_prior(u[:k], u[k : 2 * k])
        gradient = np.concatenate((by_common.sum(axis=1) + slope, by_z.T.ravel()))
        return float(by_group.value.sum()) + prior, gradient, None

    def _log_posterior_of_groups(self, m: list[Jet], log_s: list[Jet], z: list[Jet]) -> Jet:
        """Log-likelihood and log-density of θ given m and s, with the Jacobian of z; its sum over groups counts."""
        precision = [jets.exp(one * -2.0) for one in log_s]
        theta, result = _log_parameters(self._approximation, m, precision, z, jets)
        value, by_theta = self.likelihood(np.column_stack([one.value for one in theta]))
        likelihood = Jet(value / self.groups, dict(enumerate(by_theta.T)), None)
        for i, one in enumerate(theta):
            away = one - m[i]
            result = result + away * away * (precision[i] * -0.5)
        return result + composed(likelihood, dict(enumerate(theta)))

    def _log_prior(self, m: Array, log_s: Array) -> tuple[float, Array]:
        """Log-density of m and log s, without the groups' exponents, and its gradient (2 k,).

        Typical parameters exp(m) have their priors; s is half-normal, and the density of each group's θ has a factor
        1 / s.
        """
        typical = jets.exp(Jet(m, {0: 1.0}, None))
        by_name = zip(self.names, typical.value.tolist(), strict=True)
        log_density, slope, _ = np.array([self._priors[name].derivatives(value) for name, value in by_name]).T
        of_m = composed(Jet(log_density + m, {0: slope}, None), {0: typical})
        log_s_jet = Jet(log_s, {0: 1.0}, None)
        of_log_s = jets.exp(log_s_jet * 2.0) * (-0.5 / SPREAD_SD**2) + log_s_jet * (1.0 - self.groups)
        return float(of_m.value.sum() + of_log_s.value.sum()), np.concatenate((of_m.grad[0] + 1.0, of_log_s.grad[0]))

    def likelihood(self, theta: Array) -> tuple[float, Array]:
        """Value, and gradient in θ (groups, k): one pass over all groups, with parameters that differ by row."""
        values = np.exp(theta)
        total, gradient = 0.0, np.zeros_like(theta)
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            for at in range(0, len(self._weight), CHUNK):
                part = slice(at, at + CHUNK)
                group, weight = self._group[part], self._weight[part]
                parameters = {name: Jet(values[group, i], {i: 1.0}, None) for i, name in enumerate(self.names)}
                rows = self._model.log_likelihood(*(c[part] for c in self._columns), **parameters, xp=jets)
                total += float(weight @ np.broadcast_to(rows.value, weight.shape))
                for i, slope in rows.grad.items():
                    gradient[:, i] += np.bincount(group, weight * slope, minlength=self.groups)
        return total, gradient * values


def _log_parameters(
    approximation: GaussianApproximation, m: Any, precision: Any, z: Any, xp: Any
) -> tuple[list[Any], Any]:
    """θ = μ + L z of each group, as k columns, and log |L|.

    The covariance L L' is the inverse of P = information + diag(precision), and μ = L L' (score + precision m). With
    P = V D V', V unit upper triangular and D diagonal, L = V'⁻¹ D^(-1/2) is lower triangular.
    """
    k = len(m)
    rest = [[approximation.information[:, i, j] for j in range(k)] for i in range(k)]
    for i in range(k):
        rest[i][i] = precision[i] + rest[i][i]
    V: dict[tuple[int, int], Any] = {}
    variance = [precision[0]] * k  # 1 / D
    for j in reversed(range(k)):
        variance[j] = 1.0 / rest[j][j]
        for i in range(j):
            V[i, j] = rest[i][j] * variance[j]
            for h in range(i + 1):
                rest[h][i] = rest[h][i] - V[i, j] * rest[h][j]
    solved = [precision[i] * m[i] + approximation.score[:, i] for i in range(k)]
    for i in reversed(range(k)):
        for j in range(i + 1, k):
            solved[i] = solved[i] - V[i, j] * solved[j]
    log_scale = [xp.log(one) * 0.5 for one in variance]
    theta = [solved[i] * variance[i] + xp.exp(log_scale[i]) * z[i] for i in range(k)]
    for i in range(k):
        for j in range(i):
            theta[i] = theta[i] - V[j, i] * theta[j]
    return theta, sum(log_scale[1:], log_scale[0])
