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


def window(n: Any, A: Any, a: Any, b: Any, k: int, stage: int, start: Any, end: Any, delta: Any) -> tuple[mpf, mpf]:
    """Purchases and time alive in (start, end], each discounted by e^(-delta s): integrals of sums over events.

    The (m + 1)-th event comes at the rate (n + m) / (A + s) after m events; every k-th is a purchase.
    """
    with mp.workdps(30):
        n, A, a, b, start, end, delta = map(mpf, (n, A, a, b, start, end, delta))
        mean = n * end / A
        size = int(mean + 16 * mp.sqrt(mean * (1 + end / A)) + 130 * (1 + end / A)) + k
        ways, stays, alive, buying = mpf(1), mpf(1), [], []
        for m in range(size):
            alive.append(ways * stays)
            next_one = (stage + m + 1) % k == 0
            buying.append(ways * stays * (n + m) if next_one else mpf(0))
            if next_one:
                made = (stage + m + 1) // k - 1
                stays *= (b + made) / (a + b + made)
            ways *= (n + m) / (m + 1)

        def integral(terms: list[mpf], over: Callable[[mpf], mpf]) -> mpf:
            def value(u: mpf) -> mpf:
                s = scale * mp.expm1(u)
                share = s / (A + s)
                total = mpf(0)
                for term in reversed(terms):
                    total = total * share + term
                return total * (1 - share) ** n * mp.exp(u - delta * s) * over(s) * scale

            low, high = mp.log1p(start / scale), mp.log1p(end / scale)
            pieces = int(2 * (high - low)) + 2
            places = [low + (high - low) * i / pieces for i in range(pieces + 1)]
            return mp.quad(value, places, method="gauss-legendre", maxdegree=4)

        scale = A / max(n, 1)
        return integral(buying, lambda s: 1 / (A + s)), integral(alive, lambda s: mpf(1))


def purchase_probability(n: Any, A: Any, a: Any, b: Any, k: int, stage: int, start: Any, t: Any) -> mpf:
    """P(a purchase in (start, start + t]): after m events, staying for their purchases, the missing ones come in t."""
    with mp.workdps(30):
        n, A, a, b, start, t = map(mpf, (n, A, a, b, start, t))
        share, after, total, mass, m = start / (A + start), t / (A + start + t), mpf(0), mpf(0), 0
        pmf, stays = (1 - share) ** n, mpf(1)
        while 1 - mass > mpf(10) ** -25:
            missing = k - (stage + m) % k
            total += pmf * stays * mp.betainc(missing, n + m, 0, after, regularized=True)
            if missing == 1:
                made = (stage + m + 1) // k - 1
                stays *= (b + made) / (a + b + made)
            mass, pmf, m = mass + pmf, pmf * (n + m) / (m + 1) * share, m + 1
        return total


def for_life(n: Any, A: Any, a: Any, b: Any, k: int, stage: int, delta: Any) -> tuple[mpf, mpf]:
    """Discounted purchases and time alive for life, by quadrature over λ, with θ = λ / (λ + delta).

    E[θ^(k-stage) ₂F₁(1, b; a+b; θ^k)], and of a perpetuity of 1 / delta what doesn't come after the customer has left,
    1 - E[p θ^(k-stage) / (1 - (1-p) θ^k)] = 1 - a / (a+b) E[θ^(k-stage) ₂F₁(1, b; a+b+1; θ^k)].
    """
    with mp.workdps(20):
        n, A, a, b, delta = map(mpf, (n, A, a, b, delta))

        def purchases(theta: Any) -> Any:
            return theta ** (k - stage) * mp.hyp2f1(1, b, a + b, theta**k)

        def time(theta: Any) -> Any:
            left = a / (a + b) * theta ** (k - stage) * mp.hyp2f1(1, b, a + b + 1, theta**k)
            return (1 - left) / delta

        def of_rate(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def value(w: Any) -> Any:
                theta = mp.exp(w) / (mp.exp(w) + delta * A)
                return mp.exp(n * w - mp.exp(w) - mp.loggamma(n)) * function(theta)

            return value

        centre, step = mp.log(n), min(1 / mp.sqrt(n), mpf(1))
        ends = [
            centre - (80 / n if n < 1 else 60 * step),
            *(centre + i * step for i in (-30, -15, -8, -4, -2, 0, 2, 4)),
        ]
        places = sorted({*ends, mp.log(n + 200 + 20 * mp.sqrt(n))})
        return mp.quad(of_rate(purchases), places), mp.quad(of_rate(time), places)
