"""(M)BG/CNBD-k in mpmath, from the process: gaps of k exponentials, and what may come in a window, event by event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

DIGITS = 60


def likelihood_of(k: int, *, modified: bool) -> Callable[..., mpf]:
    """ln L without (k - 1) Σ log gap, as a function of a history and the parameters.

    Given λ and p the density is λ^(kx) e^(-λ t_x) / (k-1)!^x times (1-p)^chances P(fewer than k events in T - t_x) + p
    (1-p)^(chances-1), with as many chances to leave as repeat purchases, and one more in the modified model.
    """

    def log_likelihood(x: float, t_x: float, T: float, *, r: Any, alpha: Any, a: Any, b: Any) -> mpf:
        with mp.workdps(DIGITS):
            x, t_x, T, r, alpha, a, b = map(mpf, (x, t_x, T, r, alpha, a, b))
            chances = x + int(modified)

            def rate_moment(power: Any, until: Any) -> Any:
                """E[λ^power e^(-λ until)]."""
                n = r + power
                return mp.exp(mp.loggamma(n) - mp.loggamma(r) + r * mp.log(alpha) - n * mp.log(alpha + until))

            stays = mp.beta(a, b + chances) / mp.beta(a, b)
            total = sum(stays * (T - t_x) ** j / mp.factorial(j) * rate_moment(k * x + j, T) for j in range(k))
            if chances > 0:
                total += mp.beta(a + 1, b + chances - 1) / mp.beta(a, b) * rate_moment(k * x, t_x)
            return mp.log(total) - x * mp.log(mp.factorial(k - 1))

    return log_likelihood


def future(n: Any, A: Any, a: Any, b: Any, k: int, stage: int, t: Any) -> tuple[mpf, mpf]:
    """E[purchases in t] and P(alive after t) for λ ~ Gamma(n, A) and p ~ Beta(a, b), summed over hidden events."""
    with mp.workdps(30):
        n, A, a, b, t = map(mpf, (n, A, a, b, t))
        share = t / (A + t)
        pmf, mass = [(1 - share) ** n], mpf(0)
        while True:
            mass += pmf[-1]
            m = len(pmf)
            if 1 - mass < mpf(10) ** -26 and m > k:
                break
            pmf.append(pmf[-1] * (n + m - 1) / m * share)
        purchases = alive = mpf(0)
        stays, made, so_far = mpf(1), 0, mpf(0)  # E[(1-p)^made], and its sum over fewer purchases
        for m, probability in enumerate(pmf):
            if (stage + m) // k > made:
                so_far += stays
                stays *= (b + made) / (a + b + made)
                made += 1
            purchases += probability * so_far
            alive += probability * stays
        return purchases, alive


def for_life(n: Any, A: Any, a: Any, b: Any, k: int, stage: int, delta: Any) -> mpf:
    """Discounted purchases for life: E[θ^(k-stage) ₂F₁(1, b; a+b; θ^k)] with θ = λ / (λ + delta), by quadrature."""
    with mp.workdps(20):
        n, A, a, b, delta = map(mpf, (n, A, a, b, delta))

        def value(w: Any) -> Any:
            theta = mp.exp(w) / (mp.exp(w) + delta * A)
            density = mp.exp(n * w - mp.exp(w) - mp.loggamma(n))
            return density * theta ** (k - stage) * mp.hyp2f1(1, b, a + b, theta**k)

        centre, step = mp.log(n), min(1 / mp.sqrt(n), mpf(1))
        ends = [
            centre - (80 / n if n < 1 else 60 * step),
            *(centre + i * step for i in (-30, -15, -8, -4, -2, 0, 2, 4)),
        ]
        return mp.quad(value, sorted({*ends, mp.log(n + 200 + 20 * mp.sqrt(n))}))
