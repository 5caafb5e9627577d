"""NUTS over distinct histories.

It runs on the log parameters written as mode + L z, with L the Cholesky factor of the inverse Hessian at the mode, so
that the posterior is all but a standard normal in z. Its gradient comes from the jets: nothing is compiled. The
`pymc.Model` of `build_pymc_model` has the same density, read from the same definition by PyTensor.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.errors import ConvergenceError
from clvmodels.inference.estimation.settings import Settings

_STATISTICS = ("diverging", "energy", "depth", "step_size", "mean_tree_accept", "n_steps")
_LONGEST_TREE = 8


@dataclass(frozen=True)
class Sample:
    """What a sampler returned.

    Attributes
    ----------
    theta : ndarray of shape (chains, draws, k)
        Log parameters.
    statistics : dict of str to ndarray of shape (chains, draws)
        Sampler statistics.
    """

    theta: Array
    statistics: dict[str, NDArray[Any]]


class Density(Protocol):
    """A log-density with its gradient."""

    def derivatives(self, theta: Array, order: int = ...) -> tuple[float, Array, Any]:
        """Value, gradient and, for ``order=2``, Hessian."""


def sample(
    posterior: Density, mode: Array, covariance: Array, settings: Settings, *, tune: int, target_accept: float = 0.8
) -> Sample:
    """NUTS from the mode; ``covariance`` (k, k) of the log parameters shapes the space."""
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    factor, size = np.linalg.cholesky(covariance), len(mode)

    def log_density(z: Array) -> tuple[float, Array]:
        value, gradient, _ = posterior.derivatives(mode + factor @ z, order=1)
        return value, factor.T @ gradient

    compiled = from_pyfunc(
        size,
        lambda: log_density,
        lambda *_: lambda z: {"z": np.asarray(z)},
        [np.dtype("float64")],
        [(size,)],
        ["z"],
        make_initial_point_fn=lambda s: np.random.default_rng(s).normal(0.0, 0.5, size),
    )
    with _in_our_words():
        tree = nutpie.sample(
            compiled,
            draws=settings.number_of_draws,
            tune=tune,
            chains=settings.number_of_chains,
            cores=1,  # the likelihood holds Python's lock: chains side by side would only wait for each other
            seed=settings.seed,
            save_warmup=False,
            progress_bar=settings.progress and sys.stderr.isatty(),
            maxdepth=_LONGEST_TREE,
            target_accept=target_accept,
        )
    z = np.asarray(tree["posterior"]["z"].values)
    statistics = {name: tree["sample_stats"][name].values for name in _STATISTICS if name in tree["sample_stats"]}
    return Sample(mode + z @ factor.T, statistics)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Errors of the sampler, with what to do."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            'NUTS was interrupted and nothing is kept. method="laplace" gives much the same in a fraction of a second.'
        ) from None
    except RuntimeError as error:
        raise ConvergenceError(
            f"NUTS could not start or go on ({str(error).splitlines()[0]}). A prior may leave no room for the data: "
            'look at priors=, or try method="laplace".'
        ) from None
