"""GGom/NBD against quadrature in mpmath, from slow ageing to sudden death, and against simulated lifetimes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clvmodels import models
from clvmodels.models.purchases import ggomnbd
from tests.reference import ggom
from tests.reference.tolerances import ABSOLUTE_QUADRATURE, PREDICTION, QUADRATURE, STANDARD_ERRORS, UNDERFLOW

CASES = 40


def _cases() -> list[dict[str, Any]]:
    rng = np.random.default_rng(2012)

    def scale(low: float, high: float) -> float:
        return float(10 ** rng.uniform(low, high))

    result = []
    for _ in range(CASES):
        parameters = {
            "r": scale(-2, 1.5), "alpha": scale(-1, 3), "b": scale(-5, 0.5), "s": scale(-2, 1.5), "beta": scale(-3, 4)
        }  # fmt: skip
        x, T = float(rng.choice([0, 0, 1, 3, 20, 200])), scale(-1, 2.5)
        t_x = 0.0 if x == 0 else T * float(rng.uniform(0.05, 1))
        t, delta, k = T * scale(-2, 1.5), scale(-4, -0.5), int(rng.choice([0, 1, 2, 5, 30]))
        result.append({"parameters": parameters, "x": x, "t_x": t_x, "T": T, "t": t, "delta": delta, "k": k})
    return result


@pytest.mark.parametrize("case", _cases(), ids=range(CASES))
def test_ggomnbd_equals_mpmath(case: dict[str, Any]) -> None:
    p, x, t_x, T, t, delta, k = case.values()
    one_x, one_T = np.array([x]), np.array([T])
    value = ggomnbd.log_likelihood(one_x, np.array([t_x]), one_T, **p)[0]
    assert value == pytest.approx(float(ggom.log_likelihood(x, t_x, T, **p)), rel=QUADRATURE, abs=ABSOLUTE_QUADRATURE)
    pairs = [
        (ggomnbd.purchases_pmf(one_x, one_T, t, k, **p), ggom.purchases_pmf(k, t, x, T, **p)),
        (ggomnbd.purchase_probability(one_x, one_T, t, **p), ggom.purchase_probability(t, x, T, **p)),
    ]
    for horizon in (t, np.inf):
        exact = ggom.discounted_expected_purchases(horizon, delta, x, T, **p)
        pairs.append((ggomnbd.discounted_expected_purchases(one_x, one_T, horizon, delta, **p), exact))
    for found, expected in pairs:
        assert found[0] == pytest.approx(float(expected), rel=PREDICTION, abs=UNDERFLOW)


def test_ggomnbd_expectation_is_that_of_simulated_lifetimes() -> None:
    """Adler (2022): the mean rate times the mean time alive in the window; 400,000 draws, 4.5 standard errors."""
    p = {"r": 0.8, "alpha": 9.0, "b": 0.15, "s": 0.4, "beta": 3.0}
    rng, n, t = np.random.default_rng(22), 400_000, 30.0
    risk = rng.gamma(p["s"], 1.0 / p["beta"], n)
    life = np.log1p(rng.exponential(1.0, n) / risk) / p["b"]
    counts = rng.poisson(rng.gamma(p["r"], 1.0 / p["alpha"], n) * np.minimum(life, t))
    zero = np.zeros(1)
    model: Any = models.get("ggom/nbd")
    expected = model.expected_purchases(zero, zero, t, **p)[0]
    assert counts.mean() == pytest.approx(expected, abs=STANDARD_ERRORS * counts.std() / np.sqrt(n))
    discounted = np.exp(-0.01 * np.minimum(life, t))
    time = ggomnbd.discounted_time_alive(zero, zero, t, 0.01, **p)[0]
    assert ((1.0 - discounted) / 0.01).mean() == pytest.approx(
        time, abs=STANDARD_ERRORS * discounted.std() / 0.01 / np.sqrt(n)
    )
