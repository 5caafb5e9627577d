"""Bounds from a polynomial in the parameters are those of computing every draw, for every model of purchases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.inference.population import intervals, quantities, surrogate
from tests.reference.parameters import PURCHASES, SPEND

DRAWS = 300
SPREAD = 0.15  # standard deviation of log parameters: as wide as those of a thousand customers
AT_MEDIAN, AT_99 = 0.02, 0.05  # of the width of the exact range
CASES = {
    "probability_alive": quantities.probability_alive(),
    "purchase_probability": quantities.expected("purchase_probability", 26.0),
    "expected_purchases": quantities.expected("expected_purchases", 26.0),
}


def _draws(values: dict[str, float]) -> list[dict[str, float]]:
    rng = np.random.default_rng(1)
    shifts = rng.normal(0.0, SPREAD, (DRAWS, len(values)))
    shifts[:, 0] += shifts[:, -1]  # parameters hang together
    return [dict(zip(values, np.exp(np.log([*values.values()]) + shift), strict=True)) for shift in shifts]


def _both(quantity: Any, draws: list[dict[str, float]], population: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = intervals.bounds(quantity, draws, population, 0.9)
    monkeypatch.setattr(intervals, "fit_surrogate", lambda *_: None)
    return found, intervals.bounds(quantity, draws, population, 0.9)


def _agree(found: intervals.Bounds, exact: intervals.Bounds) -> None:
    width = exact.upper - exact.lower
    varies = width > 1e-9 * np.abs(exact.upper)  # more than rounding
    error = np.maximum(np.abs(found.lower - exact.lower), np.abs(found.upper - exact.upper))
    np.testing.assert_allclose(found.lower[~varies], exact.lower[~varies], rtol=1e-9)  # rounding
    if varies.any():
        median, high = np.quantile(error[varies] / width[varies], [0.5, 0.99])
        assert median < AT_MEDIAN
        assert high < AT_99
    total = exact.total[1] - exact.total[0]
    assert np.abs(np.subtract(found.total, exact.total)).max() <= AT_MEDIAN * total + 1e-9 * exact.total[1]


def _customers() -> clv.Customers:
    rng = np.random.default_rng(2)
    x, T = np.minimum(rng.geometric(0.4, 30) - 1, 12), rng.integers(20, 40, 30)
    last = np.where(x > 0, np.maximum(np.round(T * rng.random(30)), x), 0)
    table = pd.DataFrame({"frequency": x, "recency": last.astype(float), "T": T.astype(float)})
    return clv.Customers.from_frame(table, unit="week")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("model", [name for name in PURCHASES if PURCHASES[name].laws])
def test_bounds_are_those_of_every_draw(model: str, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = PURCHASES[model].laws[0]
    population = clv.predictions(model, values).population(_customers())
    _agree(*_both(CASES[case], _draws(values), population, monkeypatch))


def test_bounds_of_spend_are_those_of_every_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    values = dict(SPEND["gamma-gamma"].recovery or {})
    table = _customers().table.assign(monetary_value=lambda t: 20.0 + t["frequency"])
    customers = clv.Customers.from_frame(table, unit="week")
    population = clv.predictions("gamma-gamma", values).population(customers)
    _agree(*_both(quantities.expected_spend(), _draws(values), population, monkeypatch))


def _polynomials(function: Any, rows: int = 3) -> tuple[Any, list[dict[str, float]], list[int]]:
    """A surrogate of a function of one set of parameters, and how many values each call asked for."""
    draws, asked = _draws({"r": 1.0, "alpha": 2.0}), []

    def exact(places: Any, some: Any) -> Any:
        asked.append(len(places))
        values = np.array([function(draws[d]) for d in places]).T
        return values if some is None else values[some]

    return surrogate.fit_surrogate(exact, draws), draws, asked


def test_most_draws_are_not_computed() -> None:
    found, draws, asked = _polynomials(lambda p: [p["r"], p["r"] / p["alpha"], 0.0])
    assert found is not None
    values = found.values(np.arange(3))
    assert sum(asked) < DRAWS / 4
    expected = [[p["r"], p["r"] / p["alpha"], 0.0] for p in draws]
    np.testing.assert_allclose(values.T, expected, rtol=1e-9)  # logs of these are linear


def test_rows_that_are_not_smooth_are_computed() -> None:
    found, draws, asked = _polynomials(lambda p: [p["r"], p["alpha"], float(p["r"] > 1.0)])
    assert found is not None
    assert found.missed.tolist() == [False, False, True]
    jump = found.values(np.array([0, 2]))[1]
    assert asked[-1] == DRAWS
    assert jump.tolist() == [float(p["r"] > 1.0) for p in draws]


def test_nothing_is_gained_where_all_rows_jump_or_are_not_finite() -> None:
    assert _polynomials(lambda p: [float(p["r"] > 1.0)] * 3)[0] is None
    assert _polynomials(lambda p: [np.nan if p["r"] > 1.0 else 1.0] * 3)[0] is None


def test_of_many_parameters_a_few_directions_are_curved() -> None:
    rng = np.random.default_rng(3)
    draws = [dict(enumerate(np.exp(rng.normal(0.0, SPREAD, 36)))) for _ in range(1_000)]
    along = rng.normal(size=(36, 2)) / 6.0
    asked = []

    def exact(places: Any, some: Any) -> Any:
        asked.append(len(places))
        first, second = np.log([[*draws[place].values()] for place in places]).dot(along).T
        values = np.exp([first, first + 2.0 * first**2, first * second, second - first**3])
        return values if some is None else values[some]

    found = surrogate.fit_surrogate(exact, draws)
    assert found is not None
    assert sum(asked) < 300
    assert not found.missed.any()
    truth, rows = exact(range(1_000), None), np.arange(4)
    error = np.abs(np.log(found.values(rows)) - np.log(truth)).std(axis=1)
    assert (error < surrogate._TOLERANCE * np.log(truth).std(axis=1)).all()


def test_few_draws_or_many_parameters_are_computed() -> None:
    assert surrogate.fit_surrogate(lambda *_: pytest.fail("not asked"), _draws({"r": 1.0, "alpha": 2.0})[:50]) is None
    many = {f"p{number}": 1.0 for number in range(40)}
    assert surrogate.fit_surrogate(lambda *_: pytest.fail("not asked"), _draws(many)) is None
