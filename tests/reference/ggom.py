"""GGom/NBD in mpmath, straight from the process: a rate Gamma(r, alpha) until a time of loss, whose density is known.

Quadrature over the time of loss in panels; nothing of the substitutions of clvmodels is used but a logarithmic scale.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from mpmath import mp, mpf

DIGITS = 50
PARAMETERS = ("r", "alpha", "b", "s", "beta")


def _survival(y: mpf, b: mpf, s: mpf, beta: mpf) -> mpf:
    return (1 + mp.expm1(b * y) / beta) ** -s


def _density(y: mpf, b: mpf, s: mpf, beta: mpf) -> mpf:
    return s * b / beta * mp.exp(b * y) * (1 + mp.expm1(b * y) / beta) ** (-s - 1)


def _integral(f: Callable[[mpf], mpf], low: mpf, high: mpf, scale: mpf, panel: str) -> mpf:
    """∫ f over (low, high), over u = log(1 + (y - low) / scale) in panels; scaled, since mpmath wants values near 1."""
    if low == high:
        return mpf(0)
    length = mp.log1p((high - low) / scale)
    count = int(mp.ceil(length / mpf(panel)))
    edges = [length * i / count for i in range(count + 1)]

    def g(u: mpf) -> mpf:
        return f(low + scale * mp.expm1(u)) * scale * mp.exp(u)

    size = max(max(map(g, edges)), max(g((i + j) / 2) for i, j in pairwise(edges)))
    return size * mp.quad(lambda u: g(u) / size, edges, method="gauss-legendre", maxdegree=4)


def log_likelihood(
    x: float, t_x: float, T: float, *, r: float, alpha: float, b: float, s: float, beta: float, panel: str = "0.7"
) -> mpf:
    """ln of G(r+x)/G(r) alpha^r [S(T) (alpha+T)^-(r+x) + ∫ f(y) (alpha+y)^-(r+x) dy from t_x to T]."""
    with mp.workdps(DIGITS):
        x, t_x, T, r, alpha, b, s, beta = map(mpf, (x, t_x, T, r, alpha, b, s, beta))
        # (alpha + y)^-(r+x) relative to y = t_x, so that all numbers are moderate
        shared = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) - (r + x) * mp.log(alpha + t_x)
        scale = min((alpha + t_x) / (1 + (r + x) / 8), 1 / b, (beta + mp.expm1(b * t_x)) / b)

        def count(y: mpf) -> mpf:
            return ((alpha + y) / (alpha + t_x)) ** -(r + x)

        lost = _integral(lambda y: _density(y, b, s, beta) * count(y), t_x, T, scale, panel)
        return shared + mp.log(_survival(T, b, s, beta) * count(T) + lost)


def purchases_pmf(k: int, t: float, x: float, T: float, **parameters: float) -> mpf:
    """P(k purchases in (T, T + t] | alive at T)."""
    with mp.workdps(30):
        r, alpha, b, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        x, T, t = mpf(x), mpf(T), mpf(t)
        n, A, alive = r + x, alpha + T, _survival(T, b, s, beta)

        def count(y: mpf) -> mpf:
            return mp.rf(n, k) / mp.factorial(k) * (A / (A + y)) ** n * (y / (A + y)) ** k

        scale = min(A / (1 + n / 8), 1 / b, (beta + mp.expm1(b * T)) / b)
        lost = _integral(lambda y: _density(T + y, b, s, beta) / alive * count(y), mpf(0), t, scale, "0.5")
        return _survival(T + t, b, s, beta) / alive * count(t) + lost


def purchase_probability(t: float, x: float, T: float, **parameters: float) -> mpf:
    """P(at least one purchase in (T, T + t] | alive at T), by the time of the first."""
    with mp.workdps(30):
        r, alpha, b, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        x, T, t = mpf(x), mpf(T), mpf(t)
        n, A, alive = r + x, alpha + T, _survival(T, b, s, beta)
        scale = min(A / (1 + n / 8), 1 / b, (beta + mp.expm1(b * T)) / b)

        def first(y: mpf) -> mpf:
            return n / A * (1 + y / A) ** (-n - 1) * _survival(T + y, b, s, beta) / alive

        return _integral(first, mpf(0), t, scale, "0.5")


def discounted_expected_purchases(t: float, delta: float, x: float, T: float, **parameters: float) -> mpf:
    """Discounted purchases in (T, T + t] | alive at T; for t = inf up to where less than 1e-25 is left."""
    with mp.workdps(30):
        r, alpha, b, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        x, T, delta = mpf(x), mpf(T), mpf(delta)
        t = min(mpf(t), (60 + s * max(mp.log(beta), 0)) / (delta + s * b))
        alive = _survival(T, b, s, beta)
        scale = min(1 / b, 1 / delta, (beta + mp.expm1(b * T)) / b / (1 + s / 8))

        def value(y: mpf) -> mpf:
            return mp.exp(-delta * y) * _survival(T + y, b, s, beta) / alive

        return (r + x) / (alpha + T) * _integral(value, mpf(0), t, scale, "0.5")
