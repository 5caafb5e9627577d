"""Harsh BG/NBD and Gamma-Gamma cases with their exact answers, as CSV.

    python -m tests.reference.grid > tests/reference/bgnbd_grid.csv
    python -m tests.reference.grid gamma-gamma > tests/reference/gamma_gamma_grid.csv

Inputs are written so that they read back as the same floats, answers to 17 significant digits (some lie below 1e-308
and read as 0). `t` is the horizon, `delta` the continuous discount rate per unit, `s` the start of a window
(T+s, T+s+t] and `k` a number of purchases in (T, T+t]. A column that ends in `_lifetime` has an infinite horizon, and
is nan for delta = 0.
"""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from mpmath import mp, mpf

from . import bgnbd, gamma_gamma

SEED = 20050424
PARAMETERS = ("r", "alpha", "a", "b")
INPUTS = (*PARAMETERS, "x", "t_x", "T", "t", "delta", "s", "k")
BGNBD_FILE = Path(__file__).with_name("bgnbd_grid.csv")
GAMMA_GAMMA_FILE = Path(__file__).with_name("gamma_gamma_grid.csv")
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}

Case = dict[str, float]


def answers(case: Case) -> dict[str, mpf]:
    """Every BG/NBD quantity of one case."""
    parameters = {name: case[name] for name in PARAMETERS}
    history = case["x"], case["t_x"], case["T"]
    t, delta, s, k = case["t"], case["delta"], case["s"], int(case["k"])
    lifetime = delta > 0
    return {
        "log_likelihood": bgnbd.log_likelihood(*history, **parameters),
        "probability_alive": bgnbd.probability_alive(*history, **parameters),
        "survival": bgnbd.survival(t, *history, **parameters),
        "expected_purchases": bgnbd.expected_purchases(t, *history, **parameters),
        "purchase_probability": bgnbd.purchase_probability(t, *history, **parameters),
        "purchases_pmf": bgnbd.purchases_pmf(k, t, *history, **parameters),
        "discounted_expected_purchases": bgnbd.discounted_expected_purchases(t, delta, *history, **parameters),
        "discounted_expected_purchases_lifetime": (
            bgnbd.discounted_expected_purchases(mp.inf, delta, *history, **parameters) if lifetime else mp.nan
        ),
        "discounted_time_alive": bgnbd.discounted_time_alive(t, delta, *history, **parameters),
        "discounted_time_alive_lifetime": (
            bgnbd.discounted_time_alive(mp.inf, delta, *history, **parameters) if lifetime else mp.nan
        ),
        "window_expected_purchases": bgnbd.window_expected_purchases(s, t, *history, **parameters),
        "window_purchase_probability": bgnbd.window_purchase_probability(s, t, *history, **parameters),
    }


def gamma_gamma_answers(case: Case) -> dict[str, mpf]:
    """Every Gamma-Gamma quantity of one case."""
    arguments = dict(case)
    x, m = arguments.pop("x"), arguments.pop("m")
    return {
        "log_likelihood": gamma_gamma.log_likelihood(x, m, **arguments),
        "expected_spend": gamma_gamma.expected_spend(x, m, **arguments),
    }


# --------------------------------------------------------------------------------------------------------- cases


def corner_cases() -> Iterator[Case]:
    """All corners of the parameters, a at and about 1, whole n; histories and horizons at their ends."""
    histories = ((0.0, 0.0, 0.0), (0.0, 0.0, 39.0), (1.0, 39.0, 39.0), (2000.0, 38.9, 39.0))
    for values in itertools.product((1e-3, 1e3), repeat=4):
        parameters = dict(zip(PARAMETERS, values, strict=True))
        for index, (x, t_x, T) in enumerate(histories):
            for ratio in (1e-6, 1e3):
                t = ratio * (T or 1.0)
                delta = (0.002, 1e-5, 1.0, 0.0)[index]
                yield {**parameters, "x": x, "t_x": t_x, "T": T, "t": t, "delta": delta, "s": T, "k": float(index)}
    histories = ((0.0, 0.0, 0.0), (2.0, 30.43, 38.86), (2000.0, 860.0, 861.0))
    for a in (1.0, 1 - 1e-12, 1 + 1e-9, 1 - 1e-6, 1 + 1e-3, 2.0, 3.0):
        for x, t_x, T in histories:
            for t, delta in ((1e-4, 0.0), (39.0, 0.002), (5000.0, 0.0)):
                parameters = {**CDNOW, "a": a, "r": 1.0 if delta else 0.243}
                yield {**parameters, "x": x, "t_x": t_x, "T": T, "t": t, "delta": delta, "s": 13.0, "k": 1.0}


def random_cases(count: int) -> Iterator[Case]:
    """Parameters, histories and horizons over the whole range, one scale as likely as another."""
    generator = np.random.default_rng(SEED)

    def scale(low: float, high: float, digits: int = 6) -> float:
        return float(f"{10 ** generator.uniform(low, high):.{digits}g}")

    for _ in range(count):
        case = {name: scale(-3, 3) for name in PARAMETERS}
        for name in PARAMETERS:
            if generator.random() < 0.08:
                case[name] = float(generator.choice([1e-3, 1.0, 1e3]))
        x = float(generator.choice([0, 1, 2, round(scale(0, 2)), round(scale(1, np.log10(2000))), 2000]))
        T = 0.0 if x == 0 and generator.random() < 0.3 else scale(-2, 3)
        kind = generator.random()
        silence = (case["alpha"] + T) * scale(-3, 1.5) / (case["r"] + x)  # its size beside the usual gap
        if x == 0:
            t_x = 0.0
        elif kind < 0.2:
            t_x = T
        elif kind < 0.7 and silence < T:
            t_x = float(f"{T - silence:.12g}")
        else:
            t_x = float(f"{T * generator.uniform(0.01, 1):.12g}")
        t = float(f"{scale(-6, 3) * (T or 1.0):.6g}")
        delta = float(generator.choice([0.0, 1.0, 0.0018, scale(-5, 0), scale(-5, 0), scale(-5, 0)]))
        s = float(f"{scale(-4, 2) * (T or 1.0):.6g}")
        mean = (case["r"] + x) * t / (case["alpha"] + T)
        k = float(generator.choice([0, 1, 2, 7, round(min(mean, 300.0)), round(scale(0, 2))]))
        yield {**case, "x": x, "t_x": min(t_x, T), "T": T, "t": t, "delta": delta, "s": s, "k": k}


def cases(count: int = 400) -> list[Case]:
    """The BG/NBD grid."""
    return [*corner_cases(), *random_cases(count)]


def gamma_gamma_cases(count: int = 200) -> list[Case]:
    """p, q and v from 1e-3 to 1e4, x from 0 to 2,000, a mean spend from 1e-3 to 1e6."""
    generator = np.random.default_rng(SEED)
    found = []
    for _ in range(count):
        p, q, v = (float(f"{10 ** generator.uniform(-3, 4):.6g}") for _ in range(3))
        x = float(generator.choice([0, 1, 2, round(10 ** generator.uniform(0, 3.3)), 2000]))
        m = float(f"{10 ** generator.uniform(-3, 6):.6g}") if x else 0.0
        found.append({"p": p, "q": q, "v": v, "x": x, "m": m})
    return found


# ----------------------------------------------------------------------------------------------------------- CSV


def read(path: Path = BGNBD_FILE) -> list[Case]:
    """The rows of a grid file as floats."""
    with path.open(newline="") as file:
        return [{name: float(text) for name, text in row.items()} for row in csv.DictReader(file)]


def _row(case: Case) -> dict[str, str]:
    found = gamma_gamma_answers(case) if "q" in case else answers(case)
    written = {name: repr(value).removesuffix(".0") for name, value in case.items()}
    return {**written, **{name: mp.nstr(value, 17) for name, value in found.items()}}


def main() -> None:
    """Write a grid to the standard output."""
    chosen = gamma_gamma_cases() if sys.argv[1:] == ["gamma-gamma"] else cases()
    writer = None
    with Pool(2) as pool:
        for row in pool.imap(_row, chosen):
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    main()
