"""BG/BB against the paper's sums in mpmath, and data that are no opportunities."""

from __future__ import annotations

import mpmath
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import DataError
from clvmodels.models.numerics.special import expit
from clvmodels.models.purchases import bgbb
from tests.reference import bgbb as reference
from tests.reference.tolerances import ABSOLUTE_SUMMATION, MANY_ROUNDINGS, SPECIAL_FUNCTIONS, UNDERFLOW

BETA_FUNCTIONS = 1e-10  # of some 1e-13 each; probabilities are differences of them

POINTS = [
    {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783},
    {"alpha": 1e-3, "beta": 1e3, "gamma": 1e-3, "delta": 1e3},
    {"alpha": 1e3, "beta": 1e-3, "gamma": 30.0, "delta": 1e-2},
    {"alpha": 0.02, "beta": 0.05, "gamma": 1.0, "delta": 1.0},
]
HISTORIES = [(0, 0, 0), (0, 0, 6), (3, 4, 6), (6, 6, 6), (1, 1, 300), (150, 280, 300)]


@pytest.mark.parametrize("parameters", POINTS, ids=lambda p: f"alpha={p['alpha']:g}")
@pytest.mark.parametrize("history", HISTORIES)
def test_bgbb_equals_mpmath(parameters: dict[str, float], history: tuple[int, int, int]) -> None:
    x, t_x, T = (np.array([float(v)]) for v in history)
    exact = reference.log_likelihood(*history, **parameters)
    assert bgbb.log_likelihood(x, t_x, T, **parameters)[0] == pytest.approx(
        float(exact), rel=SPECIAL_FUNCTIONS, abs=ABSOLUTE_SUMMATION
    )
    alive = float(expit(bgbb.log_odds_alive(x, t_x, T, **parameters))[0])
    assert alive == pytest.approx(float(reference.probability_alive(*history, **parameters)), rel=BETA_FUNCTIONS)
    for k, periods in ((0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (11, 10), (40, 200)):
        pmf = bgbb.purchases_pmf(x, T, float(periods), k, **parameters)[0]
        expected = float(reference.purchases_pmf(k, periods, history[0], history[2], **parameters))
        assert pmf == pytest.approx(expected, rel=BETA_FUNCTIONS, abs=UNDERFLOW)
    for d in (0.01, 0.1, 1.0):
        dert = alive * bgbb.discounted_expected_purchases(x, T, np.inf, np.log1p(d), **parameters)[0]
        expected = float(reference.lifetime_discounted_expected_purchases(d, *history, **parameters))
        assert dert == pytest.approx(expected, rel=BETA_FUNCTIONS)


def test_bgbb_window_probability_is_a_sum_over_the_first_purchase() -> None:
    """From period 4 to 9: alive until the first purchase, none before it in the window."""
    p, x, T = POINTS[0], 3, 6
    a, b, d = p["alpha"] + x, p["beta"] + T - x, p["delta"] + T
    beta = mpmath.beta
    some = sum(
        beta(p["gamma"], d + 3 + i) / beta(p["gamma"], d) * beta(a + 1, b + i - 1) / beta(a, b) for i in range(1, 7)
    )
    found = bgbb.purchase_probability(np.array([3.0]), np.array([6.0]), 6.0, start=3.0, **p)[0]
    assert found == pytest.approx(float(some), rel=SPECIAL_FUNCTIONS)


def test_bgbb_time_alive_within_a_period() -> None:
    """The coin is tossed as a period begins: parts of periods add up, and undiscounted time is a sum of survival."""
    p, x, T = POINTS[0], np.array([3.0]), np.array([6.0])
    survival = [float(bgbb.survival(x, T, j, **p)[0]) for j in range(1, 8)]
    assert bgbb.discounted_time_alive(x, T, 7.0, 0.0, **p)[0] == pytest.approx(sum(survival), rel=MANY_ROUNDINGS)
    assert bgbb.survival(x, T, 0.5, **p)[0] == survival[0]
    pieces = [(0.0, 0.4), (0.4, 0.3), (0.7, 2.9), (3.6, 3.4)]
    parts = sum(bgbb.discounted_time_alive(x, T, t, 0.05, start=start, **p)[0] for start, t in pieces)
    assert parts == pytest.approx(bgbb.discounted_time_alive(x, T, 7.0, 0.05, **p)[0], rel=MANY_ROUNDINGS)


@pytest.mark.parametrize("row", [(1, 1.5, 6.0), (1, 2.0, 6.5), (4, 3.0, 6.0)])
def test_bgbb_refuses_what_is_no_opportunity(row: tuple[int, float, float]) -> None:
    table = pd.DataFrame([row, (0, 0.0, 6.0)], columns=["frequency", "recency", "T"])
    customers = clv.Customers.from_frame(table, unit="year")
    with pytest.raises(DataError, match=f"1 of 2 histories don't, such as frequency {row[0]}, recency {row[1]:g}"):
        clv.fit(customers, "bg/bb")
