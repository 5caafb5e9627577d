"""Predictions of BG/NBD against mpmath, over r, alpha, a, b from 1e-3 to 1e3, x to 2,000 and t / T from 1e-6 to 1e3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.fits.published import predictions
from clvmodels.models.purchases import bgnbd
from clvmodels.models.spend import gamma_gamma
from clvmodels.transactions.customers import Customers
from tests.reference import grid
from tests.reference.tolerances import ABSOLUTE_PREDICTION, QUADRATURE

RELATIVE = 1e-9
SMALLEST = 1e-300

Row = Any


def _discount(row: Row) -> float:
    return float(np.expm1(row.delta * 365.25 / 7))


QUANTITIES: dict[str, Callable[[PurchasePredictions, Row], Any]] = {
    "probability_alive": lambda fit, row: fit.probability_alive(),
    "survival": lambda fit, row: fit.survival(row.t) / fit.probability_alive(),
    "expected_purchases": lambda fit, row: fit.expected_purchases(row.t),
    "purchase_probability": lambda fit, row: fit.purchase_probability(row.t),
    "purchases_pmf": lambda fit, row: fit.purchases_pmf(int(row.k), row.t),
    "discounted_expected_purchases": lambda fit, row: fit.discounted_expected_purchases(_discount(row), row.t),
    "discounted_expected_purchases_lifetime": lambda fit, row: fit.discounted_expected_purchases(_discount(row)),
    "discounted_time_alive": lambda fit, row: fit.discounted_time_alive(_discount(row), row.t),
    "discounted_time_alive_lifetime": lambda fit, row: fit.discounted_time_alive(_discount(row)),
    "window_expected_purchases": lambda fit, row: fit.expected_purchases(row.t, start=row.s),
    "window_purchase_probability": lambda fit, row: fit.purchase_probability(row.t, start=row.s),
}


@pytest.fixture(scope="module")
def cases() -> list[tuple[Row, PurchasePredictions]]:
    result = []
    for row in pd.DataFrame(grid.read()).itertuples():
        table = pd.DataFrame({"frequency": [row.x], "recency": [row.t_x], "T": [row.T]})
        customers = Customers.from_frame(table, unit="week")
        parameters = {name: getattr(row, name) for name in ("r", "alpha", "a", "b")}
        result.append((row, predictions("bg/nbd", parameters, unit="week", customers=customers)))
    return result


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_bgnbd_prediction_equals_mpmath(cases: list[tuple[Row, PurchasePredictions]], quantity: str) -> None:
    compared = 0
    for row, fit in cases:
        expected = getattr(row, quantity)
        if np.isnan(expected):  # for life, without discounting
            continue
        if quantity == "survival" and float(fit.probability_alive().iloc[0]) == 0.0:
            continue
        value = float(QUANTITIES[quantity](fit, row).iloc[0])
        assert np.isfinite(value)
        assert value >= 0.0
        if expected > SMALLEST:
            assert value == pytest.approx(expected, rel=RELATIVE), row
        else:
            assert value <= SMALLEST * (1 + RELATIVE)
        compared += 1
    assert compared > 400


def test_bgnbd_log_likelihood_equals_mpmath(cases: list[tuple[Row, PurchasePredictions]]) -> None:
    for row, fit in cases:
        value = bgnbd.log_likelihood(np.array([row.x]), np.array([row.t_x]), np.array([row.T]), **fit.parameters)[0]
        # a sum of up to 2,000 logarithms of up to 7 each, in which as much cancels
        assert value == pytest.approx(row.log_likelihood, rel=1e-12, abs=1e-9)


def test_gamma_gamma_equals_mpmath() -> None:
    for row in pd.DataFrame(grid.read(grid.GAMMA_GAMMA_FILE)).itertuples():
        x, m = np.array([float(row.x)]), np.array([row.m])
        parameters = {"p": row.p, "q": row.q, "v": row.v}
        spend = gamma_gamma.expected_spend(x, m, **parameters)[0]
        assert spend == pytest.approx(row.expected_spend, rel=RELATIVE)
        if row.x > 0:
            value = gamma_gamma.log_likelihood(x, m, **parameters)[0]
            assert value == pytest.approx(row.log_likelihood, rel=QUADRATURE, abs=ABSOLUTE_PREDICTION)
