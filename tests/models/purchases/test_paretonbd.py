"""Pareto/NBD against closed forms in mpmath over a harsh grid.

Shapes from 1e-3 to 1e3, scales from 1e-3 to 1e4, x to 2,000 and T from 1e-3 to 1e5; alpha and beta equal, close and far
apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from clvmodels.models.numerics.special import expit
from clvmodels.models.purchases import paretonbd
from tests.reference import pareto

RELATIVE = 1e-9
SMALLEST = 1e-290

Case = dict[str, float]

QUANTITIES: dict[str, Callable[..., Any]] = {
    "probability_alive": lambda case, x, T, p: expit(paretonbd.log_odds_alive(x, np.array([case["t_x"]]), T, **p)),
    "survival": lambda case, x, T, p: paretonbd.survival(x, T, case["t"], **p),
    "expected_purchases": lambda case, x, T, p: paretonbd.expected_purchases(x, T, case["t"], **p),
    "window_expected_purchases": lambda case, x, T, p: paretonbd.expected_purchases(
        x, T, case["t"], start=case["start"], **p
    ),
    "discounted_expected_purchases": lambda case, x, T, p: paretonbd.discounted_expected_purchases(
        x, T, case["t"], case["delta"], **p
    ),
    "lifetime_discounted_expected_purchases": lambda case, x, T, p: paretonbd.discounted_expected_purchases(
        x, T, np.inf, case["delta"], **p
    ),
    "purchase_probability": lambda case, x, T, p: paretonbd.purchase_probability(x, T, case["t"], **p),
    "window_purchase_probability": lambda case, x, T, p: paretonbd.purchase_probability(
        x, T, case["t"], start=case["start"], **p
    ),
    "purchases_pmf": lambda case, x, T, p: paretonbd.purchases_pmf(x, T, case["t"], int(case["k"]), **p),
}


@pytest.fixture(scope="module")
def grid() -> list[Case]:
    return pareto.read()


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_paretonbd_prediction_equals_mpmath(grid: list[Case], quantity: str) -> None:
    for case in grid:
        parameters = {name: case[name] for name in pareto.PARAMETERS}
        x, T = np.array([case["x"]]), np.array([case["T"]])
        with np.errstate(under="ignore"):
            value = float(QUANTITIES[quantity](case, x, T, parameters)[0])
        assert np.isfinite(value)
        assert value >= 0.0
        if case[quantity] > SMALLEST:
            assert value == pytest.approx(case[quantity], rel=RELATIVE), case
        else:
            assert value <= SMALLEST * (1.0 + RELATIVE)


def test_paretonbd_log_likelihood_equals_mpmath(grid: list[Case]) -> None:
    for case in grid:
        parameters = {name: case[name] for name in pareto.PARAMETERS}
        value = paretonbd.log_likelihood(*(np.array([case[name]]) for name in ("x", "t_x", "T")), **parameters)[0]
        # a sum of up to 2,000 logarithms of up to 10 each, in which as much cancels
        assert value == pytest.approx(case["log_likelihood"], rel=1e-12, abs=1e-10), case
