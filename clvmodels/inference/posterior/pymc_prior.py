"""A distribution of PyMC as the prior of a parameter; PyTensor differentiates it."""

from __future__ import annotations

from typing import Any

import numpy as np

from clvmodels.arrays import Array


class PyMCPrior:
    """A PyMC distribution as the prior of one positive parameter; it answers what a `Prior` does.

    Parameters
    ----------
    distribution : pytensor variable
        Such as ``pm.Gamma.dist(2, 1)``.
    """

    def __init__(self, distribution: Any) -> None:
        import pymc as pm
        import pytensor
        import pytensor.tensor as pt

        self.distribution = distribution
        value = pt.dscalar("value")
        log_density = pm.logp(distribution, value)
        first: Any = pt.grad(log_density, value)
        second: Any = pt.grad(first, value)
        self._function = pytensor.function([value], [log_density, first, second], mode="FAST_COMPILE")

    def __repr__(self) -> str:
        return str(self.distribution.owner.op)

    def log_density(self, value: float) -> float:
        """Log-density at a parameter value."""
        return self.derivatives(value)[0]

    def derivatives(self, value: float) -> tuple[float, float, float]:
        """Log-density and its first two derivatives."""
        log_density, first, second = (float(found) for found in self._function(value))
        return log_density, first, second

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, shape (n,)."""
        import pymc as pm

        return np.asarray(pm.draw(self.distribution, draws=n, random_seed=int(rng.integers(2**31))))

    def to_json(self) -> str:
        """As a model file mentions it: a distribution of PyMC can't be read back, since loading runs no code."""
        return repr(self)
