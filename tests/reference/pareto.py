"""Pareto/NBD in mpmath, one customer at a time, by the closed forms of the literature in as many digits as they cost.

Where clvmodels integrates over the lifetime, this has ₂F₁, Tricomi's Ψ and incomplete gamma functions; only the
probability of a count is a quadrature here as well, over y itself and not over its logarithm.

    python -m tests.reference.pareto > tests/reference/pareto_grid.csv
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from mpmath import mp, mpf

SEED = 19870101
DIGITS = 70
FILE = Path(__file__).with_name("pareto_grid.csv")
PARAMETERS = ("r", "alpha", "s", "beta")


def log_likelihood(x: float, t_x: float, T: float, *, r: float, alpha: float, s: float, beta: float) -> mpf:
    """ln L, Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model, equations (14) to (17)."""
    with mp.workdps(DIGITS):
        x, t_x, T, r, alpha, s, beta = map(mpf, (x, t_x, T, r, alpha, s, beta))
        shared = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta)
        alive = mp.exp(-(r + x) * mp.log(alpha + T) - s * mp.log(beta + T))
        return shared + mp.log(alive + s * powers_integral(alpha, r + x, beta, s + 1, t_x, T))


def probability_alive(x: float, t_x: float, T: float, *, r: float, alpha: float, s: float, beta: float) -> mpf:
    """P(alive at T | x, t_x, T)."""
    with mp.workdps(DIGITS):
        x, t_x, T, r, alpha, s, beta = map(mpf, (x, t_x, T, r, alpha, s, beta))
        lost = s * powers_integral(alpha, r + x, beta, s + 1, t_x, T)
        return 1 / (1 + lost * mp.exp((r + x) * mp.log(alpha + T) + s * mp.log(beta + T)))


def powers_integral(alpha: mpf, n: mpf, beta: mpf, q: mpf, low: mpf, high: mpf) -> mpf:
    """∫ (alpha + y)^-n (beta + y)^-q dy from low to high, by the antiderivative that holds ₂F₁."""
    if low == high:
        return mpf(0)
    if alpha < beta:
        alpha, n, beta, q = beta, q, alpha, n

    def upper(y: mpf) -> mpf:
        p = n + q - 1
        return mp.hyp2f1(p, q, p + 1, (alpha - beta) / (alpha + y)) / (p * (alpha + y) ** p)

    return upper(low) - upper(high)


def survival(t: float, T: float, *, s: float, beta: float) -> mpf:
    """P(alive at T + t | alive at T)."""
    with mp.workdps(DIGITS):
        return (1 + mpf(t) / (mpf(beta) + mpf(T))) ** -mpf(s)


def expected_purchases(start: float, t: float, x: float, T: float, **parameters: float) -> mpf:
    """E[purchases in (T + start, T + start + t] | alive at T]."""
    with mp.workdps(DIGITS):
        r, alpha, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        B = beta + mpf(T)
        low, high = B + mpf(start), B + mpf(start) + mpf(t)
        time = mp.log(high / low) if s == 1 else (high ** (1 - s) - low ** (1 - s)) / (1 - s)
        return (r + mpf(x)) / (alpha + mpf(T)) * B**s * time


def discounted_expected_purchases(t: float, delta: float, x: float, T: float, **parameters: float) -> mpf:
    """Discounted purchases in (T, T + t] | alive at T; for life by Tricomi's Ψ, else by exponential integrals."""
    with mp.workdps(DIGITS):
        r, alpha, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        B, delta = beta + mpf(T), mpf(delta)
        rate = (r + mpf(x)) / (alpha + mpf(T))
        if delta == 0:
            return expected_purchases(0, t, x, T, **parameters)
        if t == mp.inf:
            return rate * B**s * delta ** (s - 1) * mp.hyperu(s, s, delta * B)
        high = B + mpf(t)
        part = B ** (1 - s) * mp.expint(s, delta * B) - high ** (1 - s) * mp.expint(s, delta * high)
        return rate * mp.exp(delta * B) * B**s * part


def purchase_probability(start: float, t: float, x: float, T: float, **parameters: float) -> mpf:
    """P(at least one purchase in (T + start, T + start + t] | alive at T)."""
    with mp.workdps(DIGITS):
        r, alpha, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        n, A, B, start = r + mpf(x), alpha + mpf(T), beta + mpf(T), mpf(start)
        return n * A**n * B**s * powers_integral(A, n + 1, B + start, s, mpf(0), mpf(t))


def purchases_pmf(k: int, t: float, x: float, T: float, **parameters: float) -> mpf:
    """P(k purchases in (T, T + t] | alive at T): lives through it, or is lost at y having made them."""
    with mp.workdps(DIGITS):
        r, alpha, s, beta = (mpf(parameters[name]) for name in PARAMETERS)
        n, A, B, t = r + mpf(x), alpha + mpf(T), beta + mpf(T), mpf(t)

        def count(y: mpf) -> mpf:
            return mp.rf(n, k) / mp.factorial(k) * (A / (A + y)) ** n * (y / (A + y)) ** k

        def lost(y: mpf) -> mpf:
            return s / B * (1 + y / B) ** (-s - 1) * count(y)

        stayed = (1 + t / B) ** -s * count(t)
        if k == 0:
            return stayed + s * B**s * A**n * powers_integral(A, n, B, s + 1, mpf(0), t)
    with mp.workdps(30):
        edges = [mpf(0), *(t * mpf(10) ** (mpf(e) / 4) for e in range(-60, 0)), t]
        size = max(map(lost, edges[1:]))  # mpmath stops when its error is small beside 1
        return stayed + size * mp.quad(lambda y: lost(y) / size, edges)


# ---------------------------------------------------------------------------------------------------------- the grid


def answers(case: dict[str, float]) -> dict[str, mpf]:
    """Every quantity of one case, given alive but for the first two."""
    parameters = {name: case[name] for name in PARAMETERS}
    x, t_x, T, t, delta, start, k = (case[name] for name in ("x", "t_x", "T", "t", "delta", "start", "k"))
    return {
        "log_likelihood": log_likelihood(x, t_x, T, **parameters),
        "probability_alive": probability_alive(x, t_x, T, **parameters),
        "survival": survival(t, T, s=case["s"], beta=case["beta"]),
        "expected_purchases": expected_purchases(0.0, t, x, T, **parameters),
        "window_expected_purchases": expected_purchases(start, t, x, T, **parameters),
        "discounted_expected_purchases": discounted_expected_purchases(t, delta, x, T, **parameters),
        "lifetime_discounted_expected_purchases": discounted_expected_purchases(mp.inf, delta, x, T, **parameters),
        "purchase_probability": purchase_probability(0.0, t, x, T, **parameters),
        "window_purchase_probability": purchase_probability(start, t, x, T, **parameters),
        "purchases_pmf": purchases_pmf(int(k), t, x, T, **parameters),
    }


def cases(count: int) -> Iterator[dict[str, float]]:
    """Parameters and histories over the whole range, alpha and beta equal, close, and far apart."""
    rng = np.random.default_rng(SEED)

    def scale(low: float, high: float) -> float:
        return float(f"{10 ** rng.uniform(low, high):.6g}")

    for _ in range(count):
        case = {"r": scale(-3, 3), "alpha": scale(-3, 4), "s": scale(-3, 3), "beta": scale(-3, 4)}
        kind = rng.random()
        if kind < 0.1:
            case["beta"] = case["alpha"]
        elif kind < 0.3:
            case["beta"] = case["alpha"] * (1.0 + float(rng.choice([-1, 1])) * scale(-12, -1))
        if rng.random() < 0.1:
            case["s"] = float(rng.choice([1.0, 1.0 - 1e-12, 1.0 + 1e-9, 2.0]))
        x = float(rng.choice([0, 0, 1, 2, round(scale(0, 2)), round(scale(1, 3.3)), 2000]))
        T = scale(-3, 5)
        t_x = 0.0 if x == 0 else float(f"{T * rng.choice([1.0, 1.0 - scale(-9, -1), rng.uniform(0.01, 1)]):.12g}")
        yield case | {
            "x": x, "t_x": t_x, "T": T, "t": float(f"{T * scale(-5, 2):.6g}"), "delta": scale(-5, 0),
            "start": float(f"{T * scale(-4, 2):.6g}"), "k": float(rng.choice([0, 1, 2, 5, 30])),
        }  # fmt: skip


def _row(case: dict[str, float]) -> dict[str, str]:
    return {name: repr(value) for name, value in case.items()} | {
        name: mp.nstr(value, 17) for name, value in answers(case).items()
    }


def read() -> list[dict[str, float]]:
    """The grid as numbers."""
    with FILE.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


if __name__ == "__main__":
    with Pool() as pool:
        rows = pool.map(_row, cases(int(sys.argv[1]) if len(sys.argv) > 1 else 400), chunksize=4)
    writer = csv.DictWriter(sys.stdout, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
