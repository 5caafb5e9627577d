"""BG/BB in mpmath: the sums and the ₂F₁ of Fader, Hardie and Shang (2010) as they print them."""

from __future__ import annotations

from mpmath import mp, mpf

DIGITS = 60
PARAMETERS = ("alpha", "beta", "gamma", "delta")


def log_likelihood(x: float, t_x: float, T: float, *, alpha: float, beta: float, gamma: float, delta: float) -> mpf:
    """ln L, their equation (7)."""
    with mp.workdps(DIGITS):
        alpha, beta, gamma, delta = map(mpf, (alpha, beta, gamma, delta))
        x, t_x, n = int(x), int(t_x), int(T)
        total = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n)
        for i in range(n - t_x):
            total += mp.beta(alpha + x, beta + t_x - x + i) * mp.beta(gamma + 1, delta + t_x + i)
        return mp.log(total / mp.beta(alpha, beta) / mp.beta(gamma, delta))


def probability_alive(x: float, t_x: float, T: float, **parameters: float) -> mpf:
    """P(alive after T periods), their equation (11) without the coin of the next period."""
    with mp.workdps(DIGITS):
        alpha, beta, gamma, delta = (mpf(parameters[name]) for name in PARAMETERS)
        alive = mp.beta(alpha + x, beta + T - x) / mp.beta(alpha, beta) * mp.beta(gamma, delta + T)
        return alive / mp.beta(gamma, delta) / mp.exp(log_likelihood(x, t_x, T, **parameters))


def purchases_pmf(k: int, periods: int, x: float, T: float, **parameters: float) -> mpf:
    """P(k purchases in the next periods | alive at T), by the last period that the customer lives."""
    with mp.workdps(DIGITS):
        alpha, beta, gamma, delta = (mpf(parameters[name]) for name in PARAMETERS)
        a, b, d = alpha + x, beta + T - x, delta + T
        total = mpf(0)
        for lives in range(k, periods + 1):
            count = mp.binomial(lives, k) * mp.beta(a + k, b + lives - k) / mp.beta(a, b)
            through = mp.beta(gamma, d + lives) if lives == periods else mp.beta(gamma + 1, d + lives)
            total += count * through / mp.beta(gamma, d)
        return total


def lifetime_discounted_expected_purchases(d: float, x: float, t_x: float, T: float, **parameters: float) -> mpf:
    """DERT for a discount rate d a period, their equation (14), not given alive."""
    with mp.workdps(DIGITS):
        alpha, beta, gamma, delta = (mpf(parameters[name]) for name in PARAMETERS)
        d = mpf(d)
        share = mp.beta(alpha + x + 1, beta + T - x) / mp.beta(alpha, beta)
        stays = mp.beta(gamma, delta + T + 1) / mp.beta(gamma, delta) / (1 + d)
        series = mp.hyp2f1(1, delta + T + 1, gamma + delta + T + 1, 1 / (1 + d))
        return share * stays * series / mp.exp(log_likelihood(x, t_x, T, **parameters))
