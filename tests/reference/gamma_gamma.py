"""Gamma-Gamma in mpmath, one customer at a time (Fader and Hardie 2013, "The Gamma-Gamma model of monetary value").

Spend per transaction z ~ Gamma(p, rate nu), nu ~ Gamma(q, rate v); a customer is seen through x transactions of mean m.
"""

from __future__ import annotations

from mpmath import mp, mpf

DIGITS = 40


def log_likelihood(x: float, m: float, *, p: float, q: float, v: float) -> mpf:
    """ln f(m | x) = -ln m - ln B(px, q) + q ln(v/(v + xm)) + px ln(xm/(v + xm)); 0 without a transaction."""
    if x == 0:
        return mpf(0)
    with mp.workdps(DIGITS):
        x, m, p, q, v = map(mpf, (x, m, p, q, v))
        log_beta = mp.loggamma(p * x) + mp.loggamma(q) - mp.loggamma(p * x + q)
        return -mp.log(m) - log_beta - q * mp.log1p(x * m / v) - p * x * mp.log1p(v / (x * m))


def log_likelihood_of_amounts(x: float, m: float, g: float, *, p: float, q: float, v: float) -> mpf:
    """ln of the density of x amounts with mean m and geometric mean g, term by term."""
    with mp.workdps(DIGITS):
        x, m, g, p, q, v = map(mpf, (x, m, g, p, q, v))
        constants = mp.loggamma(p * x + q) - mp.loggamma(q) - x * mp.loggamma(p) + q * mp.log(v)
        return constants - (p * x + q) * mp.log(v + x * m) + (p - 1) * x * mp.log(g)


def likelihood_by_quadrature(amounts: list[float], *, p: float, q: float, v: float) -> mpf:
    """∫ Π_j Gamma(z_j; p, rate ν) Gamma(ν; q, rate v) dν, over log ν."""
    with mp.workdps(25):
        z, p, q, v = [mpf(amount) for amount in amounts], mpf(p), mpf(q), mpf(v)

        def density(u: mpf) -> mpf:
            rate = mp.exp(u)
            of_rate = mp.exp(q * mp.log(v) - mp.loggamma(q) + q * u - v * rate)
            return of_rate * mp.fprod(mp.exp(p * u - mp.loggamma(p) + (p - 1) * mp.log(one) - rate * one) for one in z)

        shape = p * len(z) + q  # of the gamma-distributed rate, given the amounts
        breaks = (-80, -40, -20, -10, -7, -5, -3, -2, -1, 0, 1, 2, 3, 5, 7, 10)
        return mp.quad(density, [mp.log(shape / (v + sum(z))) + step / mp.sqrt(shape) for step in breaks])


def expected_spend(x: float, m: float, *, p: float, q: float, v: float) -> mpf:
    """E[mean spend | x, m] = p (v + xm)/(px + q - 1), infinite for px + q <= 1; m is not read when x = 0."""
    with mp.workdps(DIGITS):
        x, p, q, v = map(mpf, (x, p, q, v))
        total = x * mpf(m) if x else mpf(0)
        excess = p * x + q - 1
        return p * (v + total) / excess if excess > 0 else mp.inf
