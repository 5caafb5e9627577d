"""The functions that a log-likelihood may call, evaluated by NumPy, by jets (derivatives) or by PyTensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from clvmodels.arrays import Places

Value = Any
"""A number, an array of shape (rows,), a jet or a symbol: what a namespace takes and gives."""


class Namespace(Protocol):
    """What ``xp`` offers; all functions are elementwise but for `logsumexp` and `largest`.

    NumPy's is `clvmodels.models.numerics.special`, and that of derivatives
    `clvmodels.inference.posterior.derivatives.jets`.
    """

    def log(self, u: Value, /) -> Value:
        """log u."""

    def log1p(self, u: Value, /) -> Value:
        """log(1 + u)."""

    def exp(self, u: Value, /) -> Value:
        """e^u."""

    def expm1(self, u: Value, /) -> Value:
        """e^u - 1."""

    def gammaln(self, u: Value, /) -> Value:
        """log Γ(u)."""

    def betaln(self, u: Value, v: Value, /) -> Value:
        """log B(u, v)."""

    def log_rising(self, c: Value, x: Value, /) -> Value:
        """log Γ(c + x) - log Γ(c) for whole x >= 0, which are data: exact also where Γ is not."""

    def maximum(self, u: Value, v: Value, /) -> Value:
        """The larger one."""

    def minimum(self, u: Value, v: Value, /) -> Value:
        """The smaller one."""

    def where(self, mask: Value, u: Value, v: Value, /) -> Value:
        """u where the mask is true, else v; the mask is made of constants."""

    def logaddexp(self, u: Value, v: Value, where: Any = True) -> Value:
        """log(e^u + e^v), and u where the mask is false."""

    def logsumexp(self, u: Value, axis: int = -1) -> Value:
        """log Σ exp(u) along an axis."""

    def constant(self, u: Value, /) -> Value:
        """u as a constant, which derivatives leave out: for where a quadrature puts its nodes."""

    def largest(self, u: Value, /) -> float:
        """The largest of constant values, to choose by; infinite where they are not known yet."""


class PiecewiseNamespace(Namespace, Protocol):
    """What a likelihood over pieces of time needs as well; NumPy and jets offer it."""

    def by_rows(
        self,
        function: Callable[..., Value],
        groups: Sequence[Places],
        /,
        *columns: Value,
        otherwise: float = 0.0,
    ) -> Value:
        """``function(*columns)``, element by element, computed by itself for each group of (flat) places."""
