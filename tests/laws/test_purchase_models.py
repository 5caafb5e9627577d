"""What every purchase model must satisfy, written once and run for all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.fits.published import predictions
from clvmodels.transactions.customers import Customers
from tests.reference.parameters import PURCHASES
from tests.reference.tolerances import QUADRATURE, ROUNDING, STANDARD_ERRORS, SUMMATION, TWO_QUADRATURES

WITHOUT_DROPOUT = {"nbd"}
BY_OPPORTUNITY = {"bg/bb"}  # time is a whole number of opportunities
CASES = [(name, parameters) for name, row in PURCHASES.items() for parameters in row.laws]


def _customers(name: str) -> Customers:
    rows = [(0, 0.0, 0.0), (0, 0.0, 39.0), (1, 0.1, 39.0), (2, 30.4, 38.9), (9, 39.0, 39.0), (26, 12.0, 30.0)]
    if name in BY_OPPORTUNITY:
        rows = [(0, 0.0, 0.0), (0, 0.0, 39.0), (1, 1.0, 39.0), (2, 30.0, 38.0), (9, 39.0, 39.0), (12, 12.0, 30.0)]
    return Customers.from_frame(pd.DataFrame(rows, columns=["frequency", "recency", "T"]), unit="week")


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{next(iter(case[1].values()))}")
def fitted(request: pytest.FixtureRequest) -> PurchasePredictions:
    return at_parameters(*request.param)


def at_parameters(name: str, parameters: dict[str, float]) -> PurchasePredictions:
    """Predictions from given parameters for a few customers, young and old."""
    return predictions(name, parameters, unit="week", customers=_customers(name))


def test_law_probabilities_sum_to_one_and_give_the_mean(fitted: PurchasePredictions) -> None:
    pmf = np.asarray(fitted.purchases_pmf(range(400), 13.0))
    assert pmf.sum(axis=1) == pytest.approx(np.ones(len(pmf)), rel=TWO_QUADRATURES)
    expected = np.asarray(fitted.expected_purchases(13.0))
    # what 400 purchases and more leave
    assert pmf @ np.arange(400) == pytest.approx(expected, rel=1e-8)


def test_law_purchase_probability_is_one_minus_pmf_at_zero(fitted: PurchasePredictions) -> None:
    some = np.asarray(fitted.purchase_probability("1Y"))
    assert some + np.asarray(fitted.purchases_pmf(0, "1Y")) == pytest.approx(np.ones(len(some)), rel=ROUNDING)


def test_law_discounted_purchases_are_the_sum_of_discounted_increments(fitted: PurchasePredictions) -> None:
    """DERT as a Riemann sum: increments over steps of h, discounted at their middle, err by O(h²)."""
    rate, delta = 0.10, np.log(1.10) * 7 / 365.25
    if fitted.model in BY_OPPORTUNITY:
        cumulative = np.asarray(fitted.expected_purchases(list(range(261))))
        exact = np.asarray(fitted.discounted_expected_purchases(rate, 260))
        assert exact == pytest.approx(
            np.diff(cumulative, axis=1) @ np.exp(-delta * np.arange(1, 261)), rel=TWO_QUADRATURES
        )
        return

    def discounted_sum(h: float, horizon: float) -> Any:
        ends = np.arange(0, horizon + h / 2, h)
        cumulative = np.asarray(fitted.expected_purchases(list(ends)))
        return np.diff(cumulative, axis=1) @ np.exp(-delta * (ends[:-1] + h / 2))

    for horizon in (26.0, 260.0):
        coarse, fine = discounted_sum(2.0, horizon), discounted_sum(1.0, horizon)
        extrapolated = fine + (fine - coarse) / 3.0
        exact = np.asarray(fitted.discounted_expected_purchases(rate, horizon))
        # what is left is O(h⁴) of purchases that change over about 4 weeks
        assert exact == pytest.approx(extrapolated, rel=2e-5)
    life = np.asarray(fitted.discounted_expected_purchases(rate))
    nearly = np.asarray(fitted.discounted_expected_purchases(rate, 30_000.0))
    # e^(-delta · 30,000) = 2e-24; for CNBD the two are two quadratures
    assert life == pytest.approx(nearly, rel=1e-10)


def test_law_windows_add_up(fitted: PurchasePredictions) -> None:
    for quantity in ("expected_purchases", "discounted_expected_purchases", "discounted_time_alive"):
        arguments = () if quantity == "expected_purchases" else (0.1,)
        method = getattr(fitted, quantity)
        whole = method(*arguments, horizon=30.0)
        parts = method(*arguments, horizon=11.0) + method(*arguments, horizon=19.0, start=11.0)
        assert np.asarray(parts) == pytest.approx(np.asarray(whole), rel=TWO_QUADRATURES)


def test_law_more_time_more_purchases_less_survival(fitted: PurchasePredictions) -> None:
    horizons = [0.0, 1.0 if fitted.model in BY_OPPORTUNITY else 1e-3, 2.0, 10.0, 100.0, 1e4]
    assert (np.diff(np.asarray(fitted.expected_purchases(horizons)), axis=1) > 0).all()
    bought = np.diff(np.asarray(fitted.purchase_probability(horizons)), axis=1)
    assert (bought[:, :3] > 0).all()
    assert (bought[:, 3:] >= -1e-15).all()  # a heavy buyer buys within 100 weeks, to all digits
    lost = np.diff(np.asarray(fitted.survival(horizons)), axis=1)
    assert (lost == 0).all() if fitted.model in WITHOUT_DROPOUT else (lost < 0).all()
    assert np.asarray(fitted.survival([0.0]))[:, 0] == pytest.approx(
        np.asarray(fitted.probability_alive()), rel=SUMMATION
    )


def test_law_discounting_lowers_and_vanishes_with_the_rate(fitted: PurchasePredictions) -> None:
    plain = np.asarray(fitted.expected_purchases("1Y"))
    assert np.asarray(fitted.discounted_expected_purchases(0.0, "1Y")) == pytest.approx(plain, rel=QUADRATURE)
    assert (np.asarray(fitted.discounted_expected_purchases(0.2, "1Y")) < plain).all()


def test_law_time_unit_is_only_a_unit(fitted: PurchasePredictions) -> None:
    definition = fitted.definition
    if not definition.spec.units:
        pytest.skip("time is counted in opportunities")
    factor = dict.fromkeys(definition.spec.scaled, 7.0) | dict.fromkeys(definition.spec.rates, 1.0 / 7.0)
    in_days = {name: value * factor.get(name, 1.0) for name, value in fitted.parameters.items()}
    days = predictions(fitted.model, in_days, unit="day", customers=fitted.customers)
    for quantity, arguments in (
        ("probability_alive", ()),
        ("expected_purchases", ("1Y",)),
        ("discounted_expected_purchases", (0.1,)),
        ("purchase_probability", ("90D",)),
    ):
        expected = np.asarray(getattr(fitted, quantity)(*arguments))
        assert np.asarray(getattr(days, quantity)(*arguments)) == pytest.approx(expected, rel=SUMMATION)


def test_law_simulated_mean_equals_expectation(fitted: PurchasePredictions) -> None:
    """New customers, and customers with a history: 200,000 draws each, within 4.5 standard errors."""
    n = 200_000
    definition: Any = fitted.definition
    T = np.full(n, 26.0)
    x, _ = definition.simulate(np.random.default_rng(1), T, **fitted.parameters)
    expected = float(fitted.expected_purchases(26.0, "new").iloc[0])
    assert x.mean() == pytest.approx(expected, abs=STANDARD_ERRORS * x.std() / np.sqrt(n))
    table = pd.DataFrame({"frequency": np.full(n, 3), "recency": 20.0, "T": 30.0})
    many = Customers.from_frame(table, unit="week")
    counts = fitted.simulate(26.0, many, seed=2)
    expected = float(fitted.expected_purchases(26.0, many).iloc[0])
    assert counts.mean() == pytest.approx(expected, abs=STANDARD_ERRORS * counts.std() / np.sqrt(n))
    pmf = np.asarray(fitted.purchases_pmf([0, 1, 2], 26.0, many))[0]
    for k in range(3):
        share = float((counts == k).mean())
        assert share == pytest.approx(pmf[k], abs=STANDARD_ERRORS * np.sqrt(pmf[k] * (1 - pmf[k]) / n))


def test_law_simulated_histories_are_alive_as_often_as_said(fitted: PurchasePredictions) -> None:
    """What simulated customers buy after T matches the forecast from their own histories, in sum and by count."""
    n = 50_000
    definition: Any = fitted.definition
    rng = np.random.default_rng(7)
    x, t_x = definition.simulate(rng, np.full(n, 30.0), **fitted.parameters)
    again = np.random.default_rng(8)
    # a second sample, independent of the first: weeks 30 to 60 of the first can't be had
    longer, _ = definition.simulate(again, np.full(n, 60.0), **fitted.parameters)
    customers = Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": 30.0}), unit="week")
    forecast = np.asarray(fitted.expected_purchases(30.0, customers))
    error = np.sqrt((x.var() + longer.var() + forecast.var()) / n)
    assert x.mean() + forecast.mean() == pytest.approx(longer.mean(), abs=STANDARD_ERRORS * error)


def test_law_interpolation_over_ages_equals_direct_evaluation(fitted: PurchasePredictions) -> None:
    rng = np.random.default_rng(9)
    n = 3_000
    x = rng.integers(0, 4, n)
    T = rng.uniform(0.01, 500.0, n)
    t_x = np.where(x > 0, T * rng.uniform(0.1, 1.0, n), 0.0)
    if fitted.model in BY_OPPORTUNITY:
        T = np.ceil(T) + 3
        t_x = np.where(x > 0, np.maximum(np.ceil(t_x), x), 0.0)
    customers = Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="week")
    some = rng.choice(n, 40, replace=False)
    few = Customers.from_frame(customers.table.iloc[some].reset_index(drop=True), unit="week")
    for quantity, arguments in (
        ("expected_purchases", (1.0,)),
        ("expected_purchases", (1000.0,)),
        ("discounted_expected_purchases", (0.1,)),
        ("discounted_time_alive", (0.1, "1Y")),
        ("purchase_probability", (26.0,)),
        ("purchases_pmf", (2, 26.0)),
    ):
        method = getattr(fitted, quantity)
        interpolated = np.asarray(method(*arguments, customers=customers))[some]
        assert interpolated == pytest.approx(np.asarray(method(*arguments, customers=few)), rel=TWO_QUADRATURES)
