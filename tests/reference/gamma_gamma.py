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


def expected_spend(x: float, m: float, *, p: float, q: float, v: float) -> mpf:
    """E[mean spend | x, m] = p (v + xm)/(px + q - 1), infinite for px + q <= 1; m is not read when x = 0."""
    with mp.workdps(DIGITS):
        x, p, q, v = map(mpf, (x, p, q, v))
        total = x * mpf(m) if x else mpf(0)
        excess = p * x + q - 1
        return p * (v + total) / excess if excess > 0 else mp.inf
