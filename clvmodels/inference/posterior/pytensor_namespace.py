"""The PyTensor reading of the models: the namespace ``xp`` for symbolic parameters.

The third namespace beside NumPy's (`clvmodels.models.numerics.special`) and the jets, for
`clvmodels.build_pymc_model`.
"""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.gradient import disconnected_grad
from pytensor.tensor import exp, expm1, gammaln, log, log1p, logsumexp, maximum, minimum
from pytensor.tensor import switch as where

__all__ = [
    "betaln",
    "constant",
    "exp",
    "expm1",
    "gammaln",
    "largest",
    "log",
    "log1p",
    "log_rising",
    "logaddexp",
    "logsumexp",
    "maximum",
    "minimum",
    "where",
]


def betaln(u: Any, v: Any) -> Any:
    """log B(u, v)."""
    return gammaln(u) + gammaln(v) - gammaln(u + v)


def log_rising(c: Any, x: Any) -> Any:
    """log Γ(c + x) - log Γ(c)."""
    return gammaln(c + x) - gammaln(c)


def logaddexp(u: Any, v: Any, where: Any = True) -> Any:
    """log(e^u + e^v), and u where the mask is false."""
    both = pt.logaddexp(u, v)
    return both if where is True else pt.switch(where, both, u)


def constant(u: Any) -> Any:
    """u as a constant to the gradient."""
    return disconnected_grad(pt.as_tensor_variable(u))


def largest(u: Any) -> float:
    """Infinite, since the largest value is not known before the graph runs: a quadrature then takes all its nodes."""
    return float("inf")
