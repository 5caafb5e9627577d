"""Jets' reading of the models: the namespace ``xp`` of derivatives.

The second reading of a model's ``log_likelihood`` (the first is NumPy's, ``clvmodels.models.numerics.special``): called
with jets as parameters and this module as ``xp``, it returns exact first and second derivatives for every row, or the
first alone where no more is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Places
from clvmodels.inference.posterior.derivatives.jet import (
    Jet,
    added,
    applied,
    chain,
    composed,
    each,
    outer,
    scaled,
)
from clvmodels.models.namespace import Value
from clvmodels.models.numerics import special


def log(u: Value) -> Value:
    """Natural logarithm."""
    if not isinstance(u, Jet):
        return np.log(u)
    first = 1.0 / u.value
    return applied(u, np.log(u.value), first, None if u.hess is None else -first * first)


def log1p(u: Value) -> Value:
    """log(1 + u)."""
    return chain(u, np.log1p, lambda v, _: 1.0 / (1.0 + v), lambda v, _: -1.0 / (1.0 + v) ** 2)


def exp(u: Value) -> Value:
    """e^u."""
    return chain(u, np.exp, lambda _, f: f, lambda _, f: f)


def expm1(u: Value) -> Value:
    """e^u - 1."""
    return chain(u, np.expm1, lambda _, f: f + 1.0, lambda _, f: f + 1.0)


def gammaln(u: Value) -> Value:
    """log Γ(u)."""
    return chain(u, sc.gammaln, lambda v, _: sc.digamma(v), lambda v, _: sc.polygamma(1, v))


def betaln(u: Value, v: Value) -> Value:
    """log B(u, v); its value without the cancellation of three log Γ."""
    result = gammaln(u) + gammaln(v) - gammaln(u + v)
    values = (w.value if isinstance(w, Jet) else w for w in (u, v))
    return Jet(sc.betaln(*values), result.grad, result.hess)


def log_rising(c: Value, x: Value) -> Value:
    """log Γ(c + x) - log Γ(c) for whole x >= 0."""
    if not isinstance(c, Jet):
        return special.log_rising(c, x)
    value, first, *second = special.log_rising_derivatives(c.value, x, order=1 if c.hess is None else 2)
    return applied(c, value, first, second[0] if second else None)


def maximum(u: Value, v: Value) -> Value:
    """The larger of two; jets only where they are constants."""
    return np.maximum(u, v)


def minimum(u: Value, v: Value) -> Value:
    """The smaller of two; jets only where they are constants."""
    return np.minimum(u, v)


def where(mask: Value, u: Value, v: Value) -> Value:
    """u where the mask is true, else v."""
    if not isinstance(u, Jet) and not isinstance(v, Jet):
        return np.where(mask, u, v)
    if np.ndim(mask) == 0:
        return u if mask else v
    return u * np.where(mask, 1.0, 0.0) + v * np.where(mask, 0.0, 1.0)


def logaddexp(u: Jet, v: Jet, where: Value = True) -> Jet:
    """log(e^u + e^v), and u where the mask is false."""
    if np.ndim(where) == 0 and not where:
        return u
    difference = v.value - u.value
    if np.ndim(where):
        difference = np.where(where, difference, -np.inf)
    share = 1.0 / (1.0 + np.exp(-difference))  # of v in the sum
    value = u.value + np.maximum(difference, 0.0) + np.log1p(np.exp(-np.abs(difference)))
    apart = v + u * -1.0
    grad = added(u.grad, scaled(apart.grad, share))
    if apart.hess is None:
        return Jet(value, grad, None)
    hess = added(u.hess, scaled(apart.hess, share))
    return Jet(value, grad, added(hess, outer(apart.grad, share * (1.0 - share))))


def logsumexp(u: Jet, axis: int = -1) -> Jet:
    """log Σ exp(u) along the first or the last axis."""
    top = u.value.max(axis=axis, keepdims=True)
    share = np.exp(u.value - top)
    total = share.sum(axis=axis, keepdims=True)
    value = np.squeeze(np.log(total) + top, axis=axis)
    share *= 1.0 / total
    subscripts = {0: "i...,i...->...", -1: "...i,...i->..."}[axis]

    def mean(weight: Value, term: Value) -> Value:
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


def by_rows(function: Callable[..., Jet], groups: Sequence[Places], *columns: Value, otherwise: float = 0.0) -> Jet:
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
    return composed(each(whole, lambda term: term.reshape(shape)), inner)


def constant(u: Value) -> Value:
    """The value without its derivatives."""
    return u.value if isinstance(u, Jet) else u


def largest(u: Value) -> float:
    """The largest of constant values."""
    return special.largest(u)
