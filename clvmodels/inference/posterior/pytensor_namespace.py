"""The PyTensor reading of the models: the namespace ``xp`` for symbolic parameters.

The third namespace beside NumPy's (`clvmodels.models.numerics.special`) and the jets, for
`clvmodels.build_pymc_model`.
"""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.gradient import disconnected_grad


def __getattr__(name: str) -> Any:
    """All other functions are PyTensor's own, under the same names."""
    return getattr(pt, name)


def betaln(u: Any, v: Any) -> Any:
    """log B(u, v)."""
    return pt.gammaln(u) + pt.gammaln(v) - pt.gammaln(u + v)


def log_rising(c: Any, x: Any) -> Any:
    """log Γ(c + x) - log Γ(c)."""
    return pt.gammaln(c + x) - pt.gammaln(c)


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
