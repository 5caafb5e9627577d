"""BG/NBD in mpmath, one customer at a time (Fader, Hardie and Lee 2005, Marketing Science 24(2)).

Purchases come at rate lambda ~ Gamma(r, alpha); after each repeat purchase the customer leaves with probability
p ~ Beta(a, b). Given a customer alive at T, with A = alpha + T and n = r + x, lambda ~ Gamma(n, A) and
p ~ Beta(a, b + x) are independent. For fixed lambda and p a living customer is alive s later with probability
exp(-lambda p s); over lambda that is (1 + p s/A)^-n, so every prediction is an expectation over p of elementary
functions (discounted ones need the generalised exponential integral as well).

The expectation is the trapezoidal rule in y = logit p. The integrand is analytic for |Im y| < pi, where the rule
converges exponentially; its two tails are exponentials, p^a and (1 - p)^(b + x), which are summed as geometric series.
The step is halved until two values agree to 1e-15; the error of the second is then about the square of that.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from mpmath import mp, mpf

DIGITS = 36  # working precision; results are good to 20 digits or more
AGREEMENT = mpf("1e-15")
NEGLIGIBLE = 62.0  # in nats
FINEST = 9

Exact = Callable[[mpf], mpf]
Rough = Callable[[np.ndarray], np.ndarray]


# ------------------------------------------------------------------------------------------------- closed forms


def log_likelihood(x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float) -> mpf:
    """ln L(r, alpha, a, b | x, t_x, T), their equation (6).

    L = G(r+x)/G(r) alpha^r [B(a, b+x)/B(a, b) (alpha+T)^-(r+x) + [x > 0] B(a+1, b+x-1)/B(a, b) (alpha+t_x)^-(r+x)].
    """
    with mp.workdps(DIGITS):
        x, t_x, T, r, alpha, a, b = map(mpf, (x, t_x, T, r, alpha, a, b))
        if x == 0:
            return -r * mp.log1p(T / alpha)
        shared = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
        log_beta = _log_beta(a, b)
        alive = _log_beta(a, b + x) - log_beta - (r + x) * mp.log(alpha + T)
        dead = _log_beta(a + 1, b + x - 1) - log_beta - (r + x) * mp.log(alpha + t_x)
        high, low = max(alive, dead), min(alive, dead)
        return shared + high + mp.log1p(mp.exp(low - high))


def probability_alive(x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float) -> mpf:
    """P(alive at T) = 1/(1 + [x > 0] a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x)), Fader, Hardie and Lee (2008 note)."""
    with mp.workdps(DIGITS):
        x, t_x, T, r, alpha, a, b = map(mpf, (x, t_x, T, r, alpha, a, b))
        if x == 0:
            return mpf(1)
        return 1 / (1 + a / (b + x - 1) * mp.exp((r + x) * mp.log1p((T - t_x) / (alpha + t_x))))


def purchase_probability(
    t: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float
) -> mpf:
    """P(at least one purchase in (T, T+t]) = P(alive) [1 - (1 + t/A)^-n]."""
    alive = probability_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    with mp.workdps(DIGITS):
        n, A = mpf(r) + mpf(x), mpf(alpha) + mpf(T)
        return -alive * mp.expm1(-n * mp.log1p(mpf(t) / A))


def purchases_pmf(
    k: int, t: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float
) -> mpf:
    """P(X(T, T+t] = k | history), the dead counted at k = 0.

    Given alive: E[(1-p)^k] P(N = k) + [k > 0] E[p (1-p)^(k-1)] P(N >= k), N negative binomial(n, A/(A+t)) and
    p ~ Beta(a, b+x): their equation (8) with posterior parameters.
    """
    alive = probability_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    with mp.workdps(DIGITS):
        n, z, a, b = mpf(r) + mpf(x), mpf(t) / (mpf(alpha) + mpf(T)), mpf(a), mpf(b) + mpf(x)
        if k == 0:
            return (1 - alive) + alive * mp.exp(-n * mp.log1p(z))  # 1 - alive is exactly 0 where x = 0
        stays = mp.rf(b, k) / mp.rf(a + b, k)  # E[(1-p)^k]
        leaves = mp.rf(b, k - 1) * a / mp.rf(a + b, k)  # E[p (1-p)^(k-1)]
        return alive * (stays * _negative_binomial(k, n, z) + leaves * _negative_binomial_tail(k, n, z))


# ------------------------------------------------------------------------------------------ expectations over p


def survival(t: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float) -> mpf:
    """P(alive at T+t | alive at T) = E[(1 + p t/A)^-n] = 2F1(n, a; a+b+x; -t/A)."""
    with mp.workdps(DIGITS):
        n, z = mpf(r) + mpf(x), mpf(t) / (mpf(alpha) + mpf(T))
        return _mean_over_p(
            lambda p: mp.exp(-n * mp.log1p(p * z)), lambda p: -float(n) * np.log1p(p * float(z)), n, z, a, b, x
        )


def expected_purchases(t: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float) -> mpf:
    """E[X(T, T+t] | history] = P(alive) E[(1 - (1 + p t/A)^-n)/p]; their equation (10)."""
    return window_expected_purchases(0.0, t, x, t_x, T, r=r, alpha=alpha, a=a, b=b)


def window_expected_purchases(
    s: float, t: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float
) -> mpf:
    """E[X(T+s, T+s+t] | history] = P(alive) E[((1 + p s/A)^-n - (1 + p (s+t)/A)^-n)/p]."""
    alive = probability_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    if t == 0:
        return mpf(0)
    with mp.workdps(DIGITS):
        A, n = mpf(alpha) + mpf(T), mpf(r) + mpf(x)
        u, z = mpf(s) / A, mpf(t) / A
        nf, uf, zf = float(n), float(u), float(z)

        def exact(p: mpf) -> mpf:
            return -mp.exp(-n * mp.log1p(p * u)) * mp.expm1(-n * mp.log1p(p * z / (1 + p * u))) / p

        def rough(p: np.ndarray) -> np.ndarray:
            return -nf * np.log1p(p * uf) + np.log(-np.expm1(-nf * np.log1p(p * zf / (1 + p * uf))) / p)

        return alive * _mean_over_p(exact, rough, n, u + z, a, b, x)


def window_purchase_probability(
    s: float, t: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float
) -> mpf:
    """P(at least one purchase in (T+s, T+s+t]) = P(alive) E[(1 + p s/A)^-n - (1 + (p s + t)/A)^-n].

    The customer must be alive at T+s, with probability exp(-lambda p s), and then buy, with 1 - exp(-lambda t).
    """
    alive = probability_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    if t == 0:
        return mpf(0)
    with mp.workdps(DIGITS):
        A, n = mpf(alpha) + mpf(T), mpf(r) + mpf(x)
        u, z = mpf(s) / A, mpf(t) / A
        nf, uf, zf = float(n), float(u), float(z)

        def exact(p: mpf) -> mpf:
            return -mp.exp(-n * mp.log1p(p * u)) * mp.expm1(-n * mp.log1p(z / (1 + p * u)))

        def rough(p: np.ndarray) -> np.ndarray:
            return -nf * np.log1p(p * uf) + np.log(-np.expm1(-nf * np.log1p(zf / (1 + p * uf))))

        return alive * _mean_over_p(exact, rough, n, u + z, a, b, x)


def discounted_expected_purchases(
    t: float, delta: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float
) -> mpf:
    """P(alive) (n/A) int_0^t e^(-delta s) 2F1(n+1, a; a+b+x; -s/A) ds; t may be infinite (DERT) when delta > 0."""
    alive = probability_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    with mp.workdps(DIGITS):
        n, A = mpf(r) + mpf(x), mpf(alpha) + mpf(T)
        return alive * n * _mean_discounted_survival(n + 1, mpf(t) / A, mpf(delta) * A, a, b, x)


def discounted_time_alive(
    t: float, delta: float, x: float, t_x: float, T: float, *, r: float, alpha: float, a: float, b: float
) -> mpf:
    """P(alive) int_0^t e^(-delta s) P(alive at T+s | alive at T) ds; t may be infinite when delta > 0."""
    alive = probability_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    with mp.workdps(DIGITS):
        n, A = mpf(r) + mpf(x), mpf(alpha) + mpf(T)
        return alive * A * _mean_discounted_survival(n, mpf(t) / A, mpf(delta) * A, a, b, x)


def _mean_discounted_survival(m: mpf, z: mpf, D: mpf, a: float, b: float, x: float) -> mpf:
    """E over p of int_0^z e^(-D u) (1 + p u)^-m du."""
    if z == 0:
        return mpf(0)
    if D == 0 and mp.isinf(z):
        raise ValueError("an infinite horizon needs delta > 0")
    reach = 1 / (1 / z + D)
    mf, zf = float(m), float(reach)
    integral = DiscountedPower(m)

    def rough(p: np.ndarray) -> np.ndarray:  # the undiscounted integral up to min(z, 1/D), roughly
        lengths = np.log1p(p * zf)
        return np.log((lengths if mf == 1 else np.expm1((1 - mf) * lengths) / (1 - mf)) / p)

    return _mean_over_p(lambda p: integral(D / p, p * z) / p, rough, m, min(z, 100 * reach), a, b, x)


def _mean_over_p(exact: Exact, rough: Rough, n: mpf, z: mpf, a: float, b: float, x: float) -> mpf:
    """E[exact(p)], p ~ Beta(a, b+x), for a function of p that moves on the scales 1/z, 1/(n z) and 1.

    `rough` is its logarithm in floating point to within a few nats: it tells where the integrand matters.
    """
    a, b = mpf(a), mpf(b) + mpf(x)
    af, bf = float(a), float(b)
    left = -float(mp.log(1 + z * (1 + n) + b)) - NEGLIGIBLE
    right = float(mp.log(1 + n + a)) + NEGLIGIBLE
    y = np.linspace(left, right, 40_001)
    log_p, log_q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
    height = af * log_p + bf * log_q + rough(np.exp(log_p))
    matters = np.flatnonzero(height > height.max() - NEGLIGIBLE)
    low, high = matters[0], matters[-1]
    core = np.flatnonzero(height > height.max() - 12)
    curvature = np.abs(np.gradient(np.gradient(height, y), y))[core[0] : core[-1] + 1].max()
    width = y[high] - y[low]
    start = mpf(float(y[low]))
    count = int(np.ceil(width / min(0.35, 0.7 / np.sqrt(curvature + 1e-9), width / 12)))
    step = mpf(float(width)) / count

    def integrand(v: mpf) -> mpf:
        odds = mp.exp(v)
        return mp.exp(a * v - (a + b) * mp.log1p(odds)) * exact(odds / (1 + odds))

    ends = integrand(start), integrand(start + count * step)
    inner = mp.fsum(integrand(start + j * step) for j in range(1, count))
    previous = mpf(0)
    for _ in range(FINEST):
        below = ends[0] / -mp.expm1(-a * step) if low == 0 else ends[0]
        above = ends[1] / -mp.expm1(-b * step) if high == len(y) - 1 else ends[1]
        value = step * (inner + below + above)
        if abs(value - previous) <= AGREEMENT * abs(value):
            return value * mp.exp(-_log_beta(a, b))
        previous = value
        inner += mp.fsum(integrand(start + (j + mpf(1) / 2) * step) for j in range(count))
        step, count = step / 2, 2 * count
    raise ArithmeticError("the trapezoidal rule did not converge")


class DiscountedPower:
    """The integral int_0^w e^(-k u) (1 + u)^-m du for one m > 0 and many (k, w); w may be infinite when k > 0."""

    def __init__(self, m: mpf) -> None:
        self.m = m
        self._series: tuple[mpf, list[mpf]] | None = None

    def __call__(self, k: mpf, w: mpf) -> mpf:
        if mp.isinf(w):
            return self._to_infinity(k)
        if 10 * w <= 3 and (k + self.m) * w <= 3:
            return self._taylor(k, w)
        if k * (1 + w) <= 3:
            return self._powers(k, w)
        rest = mp.exp(-k * w + (1 - self.m) * mp.log1p(w)) * self._to_infinity(k * (1 + w))
        return self._to_infinity(k) - rest

    def _taylor(self, k: mpf, w: mpf) -> mpf:
        """Integrated Taylor series of y = e^(-k u)(1+u)^-m, (1+u) y' = -(k (1+u) + m) y; few digits cancel."""
        before, term, total, j = mpf(0), w, w, 0  # term = c_j w^(j+1)
        kw2, smallest = k * w * w, mpf(10) ** (-DIGITS)
        while True:
            before, term = term, -((j + k + self.m) * w * term + kw2 * before) / (j + 1)
            j += 1
            total += term / (j + 1)
            if abs(term) + abs(before) < smallest * w:
                return total

    def _powers(self, k: mpf, w: mpf) -> mpf:
        """e^k sum_j (-k)^j/j! int_1^(1+w) v^(j-m) dv, for k (1+w) <= 3."""
        length, base = mp.log1p(w), 1 + w
        power = mp.exp((1 - self.m) * length)
        total, factor, j = mpf(0), mpf(1), 0
        smallest = mpf(10) ** (-DIGITS)
        while True:
            c = j + 1 - self.m
            if c == 0:
                part = length
            elif 10 * abs(c) * length < 1:
                part = mp.expm1(c * length) / c
            else:
                part = (power - 1) / c
            total += factor * part
            if factor == 0 or (j > 6 and abs(factor * part) < smallest * abs(total)):
                return mp.exp(k) * total
            j += 1
            factor *= -k / j
            power *= base

    def _to_infinity(self, k: mpf) -> mpf:
        """e^k E_m(k): continued fraction (Abramowitz and Stegun 5.1.22), or the power series where that is slow."""
        return self._power_series(k) if k < mpf(3) / 2 and self.m < 30 else self._fraction(k)

    def _fraction(self, k: mpf) -> mpf:
        m, small = self.m, mpf(10) ** (-DIGITS + 2)
        b = k + m
        c, d = mp.inf, 1 / b
        value, j = d, 0
        while True:
            j += 1
            numerator = -j * (m - 1 + j)
            b += 2
            d = 1 / (numerator * d + b)
            c = b + numerator / c
            value *= c * d
            if abs(c * d - 1) < small:
                return value

    def _power_series(self, k: mpf) -> mpf:
        """E_m(k) = G(1-m) k^(m-1) - sum_j (-k)^j/((1-m+j) j!), DLMF 8.19.10; digits to spare for m near an integer.

        A whole m is moved by 1e-40: the function is smooth in m.
        """
        with mp.workdps(2 * DIGITS + 40):
            if self._series is None:
                m = self.m if self.m != mp.nint(self.m) else self.m + mpf(10) ** -(DIGITS + 4)
                self._series = m, [mp.gamma(1 - m)] + [(-1) ** j / ((1 - m + j) * mp.factorial(j)) for j in range(60)]
            m, (singular, *regular) = self._series
            rest = mpf(0)
            for coefficient in reversed(regular):
                rest = rest * k + coefficient
            return mp.exp(k) * (singular * mp.exp((m - 1) * mp.log(k)) - rest)


# ------------------------------------------------------------------------------------------------------- helpers


def _log_beta(a: mpf, b: mpf) -> mpf:
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def _negative_binomial(k: int, n: mpf, z: mpf) -> mpf:
    """P(N = k) = (n)_k/k! (1+z)^-n (z/(1+z))^k."""
    return mp.rf(n, k) / mp.factorial(k) * mp.exp(-n * mp.log1p(z)) * (z / (1 + z)) ** k


def _negative_binomial_tail(k: int, n: mpf, z: mpf) -> mpf:
    """P(N >= k): ascending terms beyond the mean, else one minus the head (with more digits if it cancels)."""
    w = z / (1 + z)
    if k > n * z and 10 * w < 9:
        term = total = _negative_binomial(k, n, z)
        j = k
        while term > total * mpf(10) ** (-DIGITS):
            term *= w * (n + j) / (j + 1)
            total += term
            j += 1
        return total
    for digits in (2 * DIGITS, 8 * DIGITS, 32 * DIGITS):
        with mp.workdps(digits):
            term = head = mp.exp(-n * mp.log1p(z))
            w = z / (1 + z)
            for j in range(k - 1):
                term *= w * (n + j) / (j + 1)
                head += term
            if 1 - head > mpf(10) ** (DIGITS - digits):
                return 1 - head
    raise ArithmeticError("the tail is lost in cancellation")
