"""A jet: a value with its gradient and Hessian in a few parameters, and the algebra of its sparse derivatives.

Only derivatives that are not zero are stored, and a quantity that is the same for all rows stays a single number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from clvmodels.arrays import Array

Gradient = dict[int, Any]
Hessian = dict[tuple[int, int], Any] | None  # None: not asked for


class Jet:
    """A value with its nonzero first and second derivatives, keyed by parameter number (pairs in order)."""

    __array_ufunc__ = None  # NumPy arrays defer to the operators of a jet
    __slots__ = ("grad", "hess", "value")

    def __init__(self, value: Any, grad: Gradient, hess: Hessian) -> None:
        self.value = value
        self.grad = grad
        self.hess = hess

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.grad, self.hess)
        return Jet(self.value + other.value, added(self.grad, other.grad), added(self.hess, other.hess))

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, scaled(self.grad, other), scaled(self.hess, other))
        grad = added(scaled(self.grad, other.value), scaled(other.grad, self.value))
        if self.hess is None or other.hess is None:
            return Jet(self.value * other.value, grad, None)
        hess = added(scaled(self.hess, other.value), scaled(other.hess, self.value))
        return Jet(self.value * other.value, grad, added(hess, crossed(self.grad, other.grad)))

    def __neg__(self) -> Jet:
        return self * -1.0

    def __sub__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value - other, self.grad, self.hess)
        return Jet(self.value - other.value, subtracted(self.grad, other.grad), subtracted(self.hess, other.hess))

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    def __truediv__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return self * (1.0 / other)
        value, inverse = self.value / other.value, 1.0 / other.value
        grad = scaled(subtracted(self.grad, scaled(other.grad, value)), inverse)
        if self.hess is None or other.hess is None:
            return Jet(value, grad, None)
        hess = subtracted(self.hess, scaled(other.hess, value))
        return Jet(value, grad, scaled(subtracted(hess, crossed(grad, other.grad)), inverse))

    def __rtruediv__(self, other: Any) -> Jet:
        return chain(self, lambda v: 1.0 / v, lambda _, f: -f * f, lambda _, f: 2.0 * f * f * f) * other

    __radd__ = __add__
    __rmul__ = __mul__


def parameter_jets(values: Array, order: int = 2) -> list[Jet]:
    """Jets of the parameters themselves, with first (``order=1``) or first and second derivatives."""
    return [Jet(float(value), {i: 1.0}, {} if order == 2 else None) for i, value in enumerate(values)]


def bundle(values: Array, key: int) -> list[Jet]:
    """Jets of k values with first derivatives in each of them, all under one key, along the first axis.

    As many derivatives as that cost little more than one, where an array of them is short.
    """
    k = len(values)
    return [Jet(value, {key: row.reshape(k, 1)}, None) for value, row in zip(values, np.eye(k), strict=True)]


def composed(function: Jet, inner: dict[int, Jet]) -> Jet:
    """The derivatives of ``function`` in what its parameters are made of, by the chain rule.

    ``inner`` has the parameters (by number) that are functions of others; the rest are parameters themselves.
    """
    whole = {i: inner.get(i) or Jet(0.0, {i: 1.0}, {}) for i in function.grad}
    grad: Gradient = {}
    for i, slope in function.grad.items():
        grad = added(grad, scaled(whole[i].grad, slope))
    if function.hess is None:
        return Jet(function.value, grad, None)
    hess: Any = {}
    for i, slope in function.grad.items():
        hess = added(hess, scaled(whole[i].hess, slope))
        turned: Gradient = {}  # Σ_j ∂²function/∂i∂j · gradient of j, so that each i costs one product a pair
        for j in function.grad:
            bend = function.hess.get((min(i, j), max(i, j)))
            if bend is not None:
                turned = added(turned, scaled(whole[j].grad, bend))
        for k, g in whole[i].grad.items():
            for m, h in turned.items():
                if k <= m:
                    product = _times(h, g)
                    hess[k, m] = hess[k, m] + product if (k, m) in hess else product
    return Jet(function.value, grad, hess)


def weighted_total(u: Jet, weight: Array | None, size: int, n: int) -> tuple[float, Any, Any]:
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


def each(u: Jet, function: Callable[[Any], Any]) -> Jet:
    """The value and each derivative by the same function, which must be linear."""
    grad = {i: function(term) for i, term in u.grad.items()}
    hess = None if u.hess is None else {key: function(term) for key, term in u.hess.items()}
    return Jet(function(u.value), grad, hess)


def chain(u: Any, f: Callable[..., Any], first: Callable[..., Any], second: Callable[..., Any]) -> Any:
    """f(u) by the chain rule; ``first`` and ``second`` take u and f(u), so that f need not be computed again."""
    if not isinstance(u, Jet):
        return f(u)
    value = f(u.value)
    return applied(u, value, first(u.value, value), None if u.hess is None else second(u.value, value))


def applied(u: Jet, value: Any, first: Any, second: Any) -> Jet:
    hess = None if u.hess is None else added(scaled(u.hess, first), outer(u.grad, second))
    return Jet(value, scaled(u.grad, first), hess)


def outer(grad: Gradient, factor: Any) -> Hessian:
    """factor · g g', upper triangle."""
    result = {}
    for i, g in grad.items():
        scaled = _times(g, factor)
        for j, h in grad.items():
            if i <= j:
                result[i, j] = _times(h, scaled)
    return result


def crossed(u: Gradient, v: Gradient) -> dict[tuple[int, int], Any]:
    """u v' + v u', upper triangle."""
    result: dict[tuple[int, int], Any] = {}
    for i, g in u.items():
        for j, h in v.items():
            key = (i, j) if i <= j else (j, i)
            product = g * h if i != j else 2.0 * g * h
            result[key] = result[key] + product if key in result else product
    return result


def scaled(terms: Any, factor: Any) -> Any:
    return None if terms is None else {key: _times(term, factor) for key, term in terms.items()}


def _times(u: Any, factor: Any) -> Any:
    return factor if type(u) is float and u == 1.0 else u * factor


def added(u: Any, v: Any) -> Any:
    """Sum of two sparse collections of derivatives."""
    if u is None or v is None:
        return None
    result = dict(u)
    for key, term in v.items():
        result[key] = result[key] + term if key in result else term
    return result


def subtracted(u: Any, v: Any) -> Any:
    """Difference of two sparse collections of derivatives."""
    if u is None or v is None:
        return None
    result = dict(u)
    for key, term in v.items():
        result[key] = result[key] - term if key in result else -term
    return result
