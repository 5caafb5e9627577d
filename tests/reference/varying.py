"""Pareto/NBD with time-varying covariates in mpmath, one history at a time: by ₂F₁, or by quadrature over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mpmath import mp, mpf

from tests.reference.pareto import DIGITS, powers_integral

Piece = tuple[float, float, float]  # length, factor on purchases, factor on dropout


class Begun(NamedTuple):
    """A piece, and where the clocks stand and how much time has passed when it begins."""

    time: mpf
    P: mpf
    Q: mpf
    length: mpf
    g: mpf
    c: mpf


def walk(P: mpf, Q: mpf, pieces: Sequence[Piece]) -> tuple[list[Begun], mpf, mpf]:
    """The pieces one after the other, and the clocks at the end."""
    time, begun = mpf(0), []
    for length, g, c in (map(mpf, piece) for piece in pieces):
        begun.append(Begun(time, P, Q, length, g, c))
        time, P, Q = time + length, P + g * length, Q + c * length
    return begun, P, Q


def log_likelihood(
    x: float,
    log_factors: float,
    before: Sequence[Piece],
    after: Sequence[Piece],
    r: float,
    alpha: float,
    s: float,
    beta: float,
) -> mpf:
    """ln L and ln P(alive) / P(lost)."""
    with mp.workdps(DIGITS):
        x, r, alpha, s, beta = map(mpf, (x, r, alpha, s, beta))
        alive, lost = _alive_and_lost(r + x, s, *walk(alpha, beta, before)[1:], after)
        common = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta) + mpf(log_factors)
        return common + mp.log(alive + lost)


def log_odds_alive(
    x: float, before: Sequence[Piece], after: Sequence[Piece], r: float, alpha: float, s: float, beta: float
) -> mpf:
    """ln P(alive) / P(lost)."""
    with mp.workdps(DIGITS):
        x, r, alpha, s, beta = map(mpf, (x, r, alpha, s, beta))
        alive, lost = _alive_and_lost(r + x, s, *walk(alpha, beta, before)[1:], after)
        return mp.log(alive / lost)


def _alive_and_lost(n: mpf, s: mpf, P: mpf, Q: mpf, pieces: Sequence[Piece]) -> tuple[mpf, mpf]:
    """(P + A)^-n (Q + C)^-s, and ∫ s c (P + A)^-n (Q + C)^-(s+1)."""
    begun, P_end, Q_end = walk(P, Q, pieces)
    lost = sum(s * p.g**-n * p.c**-s * powers_integral(p.P / p.g, n, p.Q / p.c, s + 1, mpf(0), p.length) for p in begun)
    return P_end**-n * Q_end**-s, lost


def survival(n: float, P: float, Q: float, ahead: Sequence[Piece], s: float) -> mpf:
    """P(alive at the end)."""
    with mp.workdps(DIGITS):
        return (walk(mpf(P), mpf(Q), ahead)[2] / mpf(Q)) ** -mpf(s)


def expected_purchases(n: float, P: float, Q: float, ahead: Sequence[Piece], s: float, delta: float = 0.0) -> mpf:
    """Discounted purchases."""
    with mp.workdps(30):
        n, P, Q, s, delta = map(mpf, (n, P, Q, s, delta))
        return sum(
            p.g * n / P * _integral(lambda u, p=p: mp.exp(-delta * (p.time + u)) * ((p.Q + p.c * u) / Q) ** -s, p)
            for p in walk(P, Q, ahead)[0]
        )


def purchase_probability(n: float, P: float, Q: float, ahead: Sequence[Piece], s: float) -> mpf:
    """1 - P(no purchase)."""
    with mp.workdps(DIGITS):
        n, P, Q, s = map(mpf, (n, P, Q, s))
        return 1 - P**n * Q**s * sum(_alive_and_lost(n, s, P, Q, ahead))


def purchases_pmf(n: float, P: float, Q: float, ahead: Sequence[Piece], s: float, count: int) -> mpf:
    """P(count purchases)."""
    with mp.workdps(30):
        n, P, Q, s = map(mpf, (n, P, Q, s))
        begun, P_end, Q_end = walk(P, Q, ahead)

        def bought(A: mpf) -> mpf:
            return mp.binomial(n + count - 1, count) * (P / (P + A)) ** n * (A / (P + A)) ** count

        lost = sum(
            _integral(lambda u, p=p: s * p.c * Q**s * (p.Q + p.c * u) ** (-s - 1) * bought(p.P + p.g * u - P), p)
            for p in begun
        )
        return bought(P_end - P) * (Q / Q_end) ** s + lost


def _integral(function: object, p: Begun) -> mpf:
    """∫ over a piece, split where its clocks have doubled again and again."""
    scale = min(p.P / p.g, p.Q / p.c)
    at, places = scale, [mpf(0)]
    while at < p.length and len(places) < 60:
        places.append(at)
        at *= 2
    return mp.quad(function, [*places, p.length])
