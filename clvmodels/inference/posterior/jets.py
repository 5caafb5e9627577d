"""Jets: numbers that carry value, gradient and Hessian in a few parameters.

The second reading of a model's ``log_likelihood`` (the first is NumPy's, ``clvmodels.models.numerics.special``): called
with jets as parameters and this module as ``xp``, it returns exact first and second derivatives for every row, or the
first alone where no more is asked for. Only derivatives that are not zero are stored, and a quantity that is the same
for all rows stays a single number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.models.numerics import special

Array = NDArray[np.float64]
Gradient = dict[int, Any]
Hessian = dict[tuple[int, int], Any] | None  # None: not asked for


class Jet:
    """A value with its nonzero first and second derivatives, keyed by parameter number (pairs in order)."""

    __array_ufunc__ = None  # so that NumPy arrays leave arithmetic with jets to us
    __slots__ = ("grad", "hess", "value")

    def __init__(self, value: Any, grad: Gradient, hess: Hessian) -> None:
        self.value = value
        self.grad = grad
        self.hess = hess

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.grad, self.hess)
        return Jet(self.value + other.value, _merge(self.grad, other.grad), _merge(self.hess, other.hess))

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, _scale(self.grad, other), _scale(self.hess, other))
        grad = _merge(_scale(self.grad, other.value), _scale(other.grad, self.value))
        if self.hess is None or other.hess is None:
            return Jet(self.value * other.value, grad, None)
        hess = _merge(_scale(self.hess, other.value), _scale(other.hess, self.value))
        return Jet(self.value * other.value, grad, _merge(hess, _crossed(self.grad, other.grad)))

    def __neg__(self) -> Jet:
        return self * -1.0

    def __sub__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value - other, self.grad, self.hess)
        return Jet(self.value - other.value, _less(self.grad, other.grad), _less(self.hess, other.hess))

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    def __truediv__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return self * (1.0 / other)
        value, inverse = self.value / other.value, 1.0 / other.value
        grad = _scale(_less(self.grad, _scale(other.grad, value)), inverse)
        if self.hess is None or other.hess is None:
            return Jet(value, grad, None)
        hess = _less(self.hess, _scale(other.hess, value))
        return Jet(value, grad, _scale(_less(hess, _crossed(grad, other.grad)), inverse))

    def __rtruediv__(self, other: Any) -> Jet:
        return reciprocal(self) * other

    def __getitem__(self, place: Any) -> Jet:
        """Some of the rows; what is the same for all rows stays a single number."""
        return _each(self, lambda term: term[place] if np.ndim(term) else term)

    __radd__ = __add__
    __rmul__ = __mul__


def parameters(values: NDArray[np.float64], order: int = 2) -> list[Jet]:
    """Jets of the parameters themselves, with first (``order=1``) or first and second derivatives."""
    return [Jet(float(value), {i: 1.0}, {} if order == 2 else None) for i, value in enumerate(values)]


def bundle(values: Array, key: int) -> list[Jet]:
    """Jets of k values with first derivatives in each of them, all under one key, along the first axis.

    As many derivatives as that cost little more than one, where an array of them is short.
    """
    k = len(values)
    return [Jet(value, {key: row.reshape(k, 1)}, None) for value, row in zip(values, np.eye(k), strict=True)]


def composed(outer: Jet, inner: dict[int, Jet]) -> Jet:
    """The derivatives of ``outer`` in what its parameters are made of, by the chain rule.

    ``inner`` has the parameters (by number) that are functions of others; the rest are parameters themselves.
    """
    whole = {i: inner.get(i) or Jet(0.0, {i: 1.0}, {}) for i in outer.grad}
    grad: Gradient = {}
    for i, slope in outer.grad.items():
        grad = _merge(grad, _scale(whole[i].grad, slope))
    if outer.hess is None:
        return Jet(outer.value, grad, None)
    hess: Any = {}
    for i, slope in outer.grad.items():
        hess = _merge(hess, _scale(whole[i].hess, slope))
        turned: Gradient = {}  # Σ_j ∂²outer/∂i∂j · gradient of j, so that each i costs one product a pair
        for j in outer.grad:
            bend = outer.hess.get((min(i, j), max(i, j)))
            if bend is not None:
                turned = _merge(turned, _scale(whole[j].grad, bend))
        for k, g in whole[i].grad.items():
            for m, h in turned.items():
                if k <= m:
                    product = _times(h, g)
                    hess[k, m] = hess[k, m] + product if (k, m) in hess else product
    return Jet(outer.value, grad, hess)


def total(u: Jet, weight: NDArray[np.float64] | None, size: int, n: int) -> tuple[float, Any, Any]:
    """Weighted sums over n rows of value, gradient (``size``) and Hessian (``size`` x ``size``, 0 if not asked for)."""
    weights = float(n) if weight is None else float(weight.sum())

    def summed(term: Any) -> float:
        if np.ndim(term) == 0:
            return float(term) * weights
        return float(term.sum() if weight is None else weight @ term)

    gradient, hessian = np.zeros(size), np.zeros((size, size))
    for i, term in u.grad.items():
        gradient[i] = summed(term)
    for (i, j), term in (u.hess or {}).items():
        hessian[i, j] = hessian[j, i] = summed(term)
    return summed(u.value), gradient, hessian


# --- the namespace ``xp`` -------------------------------------------------------------------------------------------


def log(u: Any) -> Any:
    """Natural logarithm."""
    if not isinstance(u, Jet):
        return np.log(u)
    first = 1.0 / u.value
    return _compose(u, np.log(u.value), first, None if u.hess is None else -first * first)


def log1p(u: Any) -> Any:
    """log(1 + u)."""
    return _chain(u, np.log1p, lambda v, _: 1.0 / (1.0 + v), lambda v, _: -1.0 / (1.0 + v) ** 2)


def exp(u: Any) -> Any:
    """e^u."""
    return _chain(u, np.exp, lambda _, f: f, lambda _, f: f)


def expm1(u: Any) -> Any:
    """e^u - 1."""
    return _chain(u, np.expm1, lambda _, f: f + 1.0, lambda _, f: f + 1.0)


def reciprocal(u: Any) -> Any:
    """1 / u."""
    return _chain(u, lambda v: 1.0 / v, lambda _, f: -f * f, lambda _, f: 2.0 * f * f * f)


def gammaln(u: Any) -> Any:
    """log Γ(u)."""
    return _chain(u, sc.gammaln, lambda v, _: sc.digamma(v), lambda v, _: sc.polygamma(1, v))


def betaln(u: Any, v: Any) -> Any:
    """log B(u, v); its value without the cancellation of three log Γ."""
    result = gammaln(u) + gammaln(v) - gammaln(u + v)
    values = (w.value if isinstance(w, Jet) else w for w in (u, v))
    return Jet(sc.betaln(*values), result.grad, result.hess)


def log_rising(c: Any, x: Any) -> Any:
    """log Γ(c + x) - log Γ(c) for whole x >= 0."""
    if not isinstance(c, Jet):
        return special.log_rising(c, x)
    value, first, *second = special.log_rising_derivatives(c.value, x, order=1 if c.hess is None else 2)
    return _compose(c, value, first, second[0] if second else None)


def maximum(u: Any, v: Any) -> Any:
    """The larger of two; jets only where they are constants."""
    return np.maximum(u, v)


def minimum(u: Any, v: Any) -> Any:
    """The smaller of two; jets only where they are constants."""
    return np.minimum(u, v)


def where(mask: Any, u: Any, v: Any) -> Any:
    """u where the mask is true, else v."""
    if not isinstance(u, Jet) and not isinstance(v, Jet):
        return np.where(mask, u, v)
    if np.ndim(mask) == 0:
        return u if mask else v
    return u * np.where(mask, 1.0, 0.0) + v * np.where(mask, 0.0, 1.0)


def logaddexp(u: Jet, v: Jet, where: Any = True) -> Jet:
    """log(e^u + e^v), and u where the mask is false."""
    if np.ndim(where) == 0 and not where:
        return u
    difference = v.value - u.value
    if np.ndim(where):
        difference = np.where(where, difference, -np.inf)
    share = 1.0 / (1.0 + np.exp(-difference))  # of v in the sum
    value = u.value + np.maximum(difference, 0.0) + np.log1p(np.exp(-np.abs(difference)))
    apart = v + u * -1.0
    grad = _merge(u.grad, _scale(apart.grad, share))
    if apart.hess is None:
        return Jet(value, grad, None)
    hess = _merge(u.hess, _scale(apart.hess, share))
    return Jet(value, grad, _merge(hess, _outer(apart.grad, share * (1.0 - share))))


def logsumexp(u: Jet, axis: int = -1) -> Jet:
    """log Σ exp(u) along the first or the last axis."""
    top = u.value.max(axis=axis, keepdims=True)
    share = np.exp(u.value - top)
    total = share.sum(axis=axis, keepdims=True)
    value = np.squeeze(np.log(total) + top, axis=axis)
    share *= 1.0 / total
    subscripts = {0: "i...,i...->...", -1: "...i,...i->..."}[axis]

    def mean(weight: Any, term: Any) -> Any:
        same = np.shape(term) == share.shape
        return np.einsum(subscripts, weight, term if same else np.broadcast_to(term, share.shape))

    grad = {i: mean(share, g) for i, g in u.grad.items()}
    if u.hess is None:
        return Jet(value, grad, None)
    hess = {key: mean(share, term) for key, term in u.hess.items()}
    for i, g in u.grad.items():
        weighted = share * g
        for j, h in u.grad.items():
            if i <= j:
                product = mean(weighted, h) - grad[i] * grad[j]
                hess[i, j] = hess[i, j] + product if (i, j) in hess else product
    return Jet(value, grad, hess)


def linear(function: Callable[[Array], Array], u: Any) -> Any:
    """``function(u)`` for a linear function, such as a sum along an axis, which holds for derivatives as well."""
    if not isinstance(u, Jet):
        return function(u)
    shape = np.shape(u.value)
    return _each(u, lambda term: function(np.broadcast_to(term, shape)))


def by_rows(
    function: Callable[..., Jet], groups: Sequence[NDArray[np.intp]], *columns: Any, otherwise: float = 0.0
) -> Jet:
    """``function(*columns)``, element by element, computed by itself for each group of (flat) places."""
    shape = np.broadcast_shapes(*(np.shape(constant(column)) for column in columns))
    inner = {i: column for i, column in enumerate(columns) if isinstance(column, Jet)}
    once = any(column.hess is None for column in inner.values())
    flat = [np.broadcast_to(v, shape).ravel() if np.ndim(v) else v for v in map(constant, columns)]
    size = math.prod(shape)
    value, grad = np.full(size, otherwise), {i: np.zeros(size) for i in inner}
    hess = {} if once else {(i, j): np.zeros(size) for i in inner for j in inner if i <= j}
    for places in groups:
        some = [column[places] if np.ndim(column) else column for column in flat]
        found = function(*(Jet(v, {i: 1.0}, None if once else {}) if i in inner else v for i, v in enumerate(some)))
        value[places] = found.value
        for i, slope in found.grad.items():
            grad[i][places] = slope
        for key, bend in (found.hess or {}).items():
            hess[key][places] = bend
    whole = Jet(value, grad, None if once else hess)
    return composed(_each(whole, lambda term: term.reshape(shape)), inner)


def constant(u: Any) -> Any:
    """The value without its derivatives."""
    return u.value if isinstance(u, Jet) else u


def largest(u: Any) -> float:
    """The largest of constant values."""
    return special.largest(u)


# --- private helpers ------------------------------------------------------------------------------------------------


def _each(u: Jet, function: Callable[[Any], Any]) -> Jet:
    """The value and each derivative by the same function, which must be linear."""
    grad = {i: function(term) for i, term in u.grad.items()}
    hess = None if u.hess is None else {key: function(term) for key, term in u.hess.items()}
    return Jet(function(u.value), grad, hess)


def _chain(u: Any, f: Callable[..., Any], first: Callable[..., Any], second: Callable[..., Any]) -> Any:
    """f(u) by the chain rule; ``first`` and ``second`` take u and f(u), so that f need not be computed again."""
    if not isinstance(u, Jet):
        return f(u)
    value = f(u.value)
    return _compose(u, value, first(u.value, value), None if u.hess is None else second(u.value, value))


def _compose(u: Jet, value: Any, first: Any, second: Any) -> Jet:
    hess = None if u.hess is None else _merge(_scale(u.hess, first), _outer(u.grad, second))
    return Jet(value, _scale(u.grad, first), hess)


def _outer(grad: Gradient, factor: Any) -> Hessian:
    """factor · g g', upper triangle."""
    result = {}
    for i, g in grad.items():
        scaled = _times(g, factor)
        for j, h in grad.items():
            if i <= j:
                result[i, j] = _times(h, scaled)
    return result


def _crossed(u: Gradient, v: Gradient) -> dict[tuple[int, int], Any]:
    """u v' + v u', upper triangle."""
    result: dict[tuple[int, int], Any] = {}
    for i, g in u.items():
        for j, h in v.items():
            key = (i, j) if i <= j else (j, i)
            product = g * h if i != j else 2.0 * g * h
            result[key] = result[key] + product if key in result else product
    return result


def _scale(terms: Any, factor: Any) -> Any:
    return None if terms is None else {key: _times(term, factor) for key, term in terms.items()}


def _times(u: Any, factor: Any) -> Any:
    return factor if type(u) is float and u == 1.0 else u * factor


def _merge(u: Any, v: Any) -> Any:
    """Sum of two sparse collections of derivatives."""
    if u is None or v is None:
        return None
    result = dict(u)
    for key, term in v.items():
        result[key] = result[key] + term if key in result else term
    return result


def _less(u: Any, v: Any) -> Any:
    """Difference of two sparse collections of derivatives."""
    if u is None or v is None:
        return None
    result = dict(u)
    for key, term in v.items():
        result[key] = result[key] - term if key in result else -term
    return result
