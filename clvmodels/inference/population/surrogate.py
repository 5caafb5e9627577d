"""A quantity at many draws of the parameters from its exact values at some of them.

Near the mode a prediction is a smooth function of the parameters: the log of each row's is fitted by a cubic polynomial
in whitened parameters on draws that span them, and compared with its exact value on draws left out. Draws far from the
middle, and rows that the polynomial misses, are computed. Where parameters are many, the polynomial is quadratic; where
they are too many for that, as with a calendar, it is cubic in the few directions along which the rows change most, and
linear in the others (active subspaces, [1]_).

References
----------
.. [1] Constantine, P. G. (2015). Active Subspaces: Emerging Ideas for Dimension Reduction in Parameter Studies. SIAM.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from clvmodels.arrays import Array, Places
from clvmodels.inference.population.population import Parameters

# Exact values of some rows at some draws, shape (rows, draws): (places of draws, places of rows or None for all).
type Exact = Callable[[Places, Places | None], Array]
type Mask = NDArray[np.bool_]

_DEGREES = (3, 2)
_SPARE = 2.5  # draws fitted to a coefficient: fewer follow the noise of the quadrature, more cost time
_CHECKED = 24  # draws left out of the fit, on which each row is checked
_FAR = 0.04  # share of the draws, the farthest from the middle, that are always computed
_LEAST_ACTIVE = 4  # directions of a cubic polynomial among many
_ALONG = 0.25  # share of the draws that may be computed for it
_LEAST_GAIN = 0.5  # share of the draws, or of the rows, above which computing all of them is as quick
_TOLERANCE = 0.1  # of a row's standard deviation over draws; 1,000 draws leave .07 of it open of a 90 % range's bounds
_OUTLIER = 6.0  # how many times as much a single draw may be missed by


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Polynomials of one quantity for some rows.

    Attributes
    ----------
    exact : callable
        The quantity itself.
    basis : ndarray of shape (draws, terms)
        Monomials of the parameters.
    computed : ndarray of int
        Draws at which the quantity is known.
    known : ndarray of shape (rows, computed)
        Its values there.
    coefficients : ndarray of shape (rows, terms)
        Of the monomials.
    positive : ndarray of bool
        Rows whose log is fitted.
    missed : ndarray of bool
        Rows that the polynomials miss.
    """

    exact: Exact
    basis: Array
    computed: Places
    known: Array
    coefficients: Array
    positive: Mask
    missed: Mask

    def values(self, rows: Places) -> Array:
        """The quantity of some rows at every draw, shape (rows, draws)."""
        values = self.coefficients[rows] @ self.basis.T
        np.exp(values, where=self.positive[rows, None], out=values)
        known, missed = self.known[rows], self.missed[rows]
        np.clip(values, known.min(axis=1)[:, None], known.max(axis=1)[:, None], out=values)  # a probability stays one
        values[:, self.computed] = known
        if missed.any():
            values[missed] = self.exact(np.arange(len(self.basis)), rows[missed])
        return np.asarray(values)


def fit_surrogate(exact: Exact, draws: Sequence[Parameters]) -> Surrogate | None:
    """Polynomials for a quantity; None where they gain nothing.

    Parameters
    ----------
    exact
        Exact values at some draws.
    draws
        Sets of parameters.
    """
    white = _whitened(draws)
    if white is None:
        return None
    begun, basis = np.empty(0, dtype=np.intp), _basis(white)
    parts = []
    if basis is None:
        begun = _begun(white)
        if not len(begun):
            return None
        parts = [exact(begun, None)]
        basis = _basis_along(_directions(white[begun], parts[0]), white)
    fitted, checked, far = _chosen(basis, (white**2).sum(axis=1), begun)
    rest = np.r_[fitted[len(begun) :], checked, far]
    known = np.column_stack([*parts, exact(rest, None)])
    logs, positive = _log(known[:, : len(fitted)])
    coefficients = np.linalg.lstsq(basis[fitted], logs.T, rcond=None)[0].T
    at_checked = coefficients @ basis[checked].T
    np.exp(at_checked, where=positive[:, None], out=at_checked)
    missed = _missed(known[:, len(fitted) : len(fitted) + len(checked)], at_checked)
    if missed.mean() > _LEAST_GAIN:
        return None
    return Surrogate(exact, basis, np.r_[begun, rest], known, coefficients, positive, missed)


def _whitened(draws: Sequence[Parameters]) -> Array | None:
    """Uncorrelated coordinates of variance 1, from logs of what is positive; None where one is not finite."""
    values = np.array([list(draw.values()) for draw in draws])
    positive = (values > 0).all(axis=0)
    values[:, positive] = np.log(values[:, positive])
    if not np.isfinite(values).all():
        return None
    u, s, _ = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    return np.asarray(u[:, s > 1e-10 * max(s[0], 1e-300)] * np.sqrt(len(values)))  # nothing varies in the others


def _basis(white: Array) -> Array | None:
    """Monomials of all coordinates, shape (draws, terms), of the highest degree for which there are draws enough."""
    draws, directions = white.shape
    for degree in _DEGREES:
        if _affordable(comb(directions + degree, degree), draws, _LEAST_GAIN):
            return _monomials(white, degree)
    return None


def _affordable(terms: int, draws: int, share: float) -> bool:
    """Whether so many terms can be fitted and checked on a share of the draws."""
    return terms * _SPARE + _CHECKED + _FAR * draws <= share * draws


def _monomials(coordinates: Array, degree: int) -> Array:
    """Those up to a degree, shape (draws, terms)."""
    places = range(coordinates.shape[1])
    terms = [term for d in range(degree + 1) for term in combinations_with_replacement(places, d)]
    return np.column_stack([coordinates[:, list(term)].prod(axis=1) for term in terms])


def _begun(white: Array) -> Places:
    """Draws not far out on which the direction of change is found; none where there are too few for that."""
    draws, directions = white.shape
    if not _affordable(directions + comb(_LEAST_ACTIVE + 3, 3), draws, _ALONG):
        return np.empty(0, dtype=np.intp)
    near = np.argsort((white**2).sum(axis=1), kind="stable")[: draws - round(_FAR * draws)]
    return np.sort(np.random.default_rng(1).choice(near, round(_SPARE * (directions + 1)), replace=False))


def _directions(white: Array, values: Array) -> Array:
    """Orthogonal directions, those first along which the rows change most; shape (directions, directions)."""
    logs, _ = _log(values)
    scale = logs.std(axis=1, keepdims=True)
    usable = np.isfinite(scale[:, 0]) & (scale[:, 0] > 0)
    standard = (logs[usable] - logs[usable].mean(axis=1, keepdims=True)) / scale[usable]
    slopes = np.linalg.lstsq(np.column_stack((np.ones(len(white)), white)), standard.T, rcond=None)[0][1:]
    return np.asarray(np.linalg.eigh(slopes @ slopes.T)[1][:, ::-1])


def _basis_along(directions: Array, white: Array) -> Array:
    """Monomials up to the third degree of as many of the first directions as there are draws for, and the others."""
    turned = white @ directions
    draws, every = turned.shape
    active = _LEAST_ACTIVE
    while active < every and _affordable(comb(active + 4, 3) + every - active - 1, draws, _ALONG):
        active += 1
    return np.column_stack((_monomials(turned[:, :active], 3), turned[:, active:]))


def _chosen(basis: Array, distance: Array, begun: Places) -> tuple[Places, Places, Places]:
    """Draws to fit (``begun`` first, those that span the polynomials best, others), to check, and far out."""
    order = np.argsort(distance, kind="stable")
    near, far = np.split(order, [len(order) - round(_FAR * len(order))])
    near = np.setdiff1d(near, begun, assume_unique=True)
    pivots: Any = qr(basis[near].T, mode="r", pivoting=True)[1]
    spanning = near[pivots[: basis.shape[1]]]
    more = np.random.default_rng(0).permutation(np.setdiff1d(near, spanning))
    others = max(round(_SPARE * basis.shape[1]) - len(spanning) - len(begun), 0)
    return np.r_[begun, spanning, more[:others]], more[others : others + _CHECKED], far


def _log(values: Array) -> tuple[Array, Mask]:
    """The log of rows that are positive, the others as they are; and which are positive."""
    positive = (values > 0).all(axis=1)
    return np.log(values, where=positive[:, None], out=values.copy()), positive


def _missed(exact: Array, found: Array) -> Mask:
    """Rows that the polynomials miss on the draws left out, or whose values are not finite."""
    with np.errstate(invalid="ignore"):
        error = np.abs(found - exact)
        scale = _TOLERANCE * exact.std(axis=1) + 1e-10 * np.abs(exact).max(axis=1)
        near = (np.sqrt((error**2).mean(axis=1)) <= scale) & (error.max(axis=1) <= _OUTLIER * scale)
    return np.asarray(~near)
