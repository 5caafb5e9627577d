"""Gamma-Gamma of every purchase's amount: quadrature, simulation, and what it shares with Gamma-Gamma of means."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

import clvmodels as clv
from clvmodels.errors import DataError
from clvmodels.models.spend import gamma_gamma, gamma_gamma_amounts
from tests.reference.gamma_gamma import likelihood_by_quadrature
from tests.reference.parameters import PARAMETERS
from tests.reference.tolerances import FLAT_SEARCH, ONE_ROUNDING, SUMMATION

TRUTH = PARAMETERS["gamma-gamma-amounts"].recovery
READ = {"customer": "customer_id", "date": "date", "amount": "amount", "observation_end": "1997-09-30"}


def simulate(seed: int, customers: int) -> pd.DataFrame:
    """Single amounts, each customer with a rate of their own, and purchase days apart."""
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.4, customers)
    owner = np.repeat(np.arange(customers), x)
    rate = rng.gamma(TRUTH["q"], 1.0 / TRUTH["v"], customers)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(owner)) - np.repeat(x.cumsum() - x, x), unit="D")
    return pd.DataFrame({"id": owner, "day": day, "paid": rng.gamma(TRUTH["p"], size=len(owner)) / rate[owner]})


def kept(log: pd.DataFrame) -> clv.Customers:
    return clv.summarize(log, customer="id", date="day", amount="paid", keep_purchases=True)


@pytest.fixture(scope="module")
def cdnow() -> clv.Customers:
    return clv.summarize(clv.datasets.path("cdnow_sample"), **READ, keep_purchases=True)


@pytest.mark.parametrize("amounts", [[12.0], [5.0, 30.0, 7.5], [0.01, 400.0], [20.0] * 12])
@pytest.mark.parametrize("parameters", [TRUTH, {"p": 0.4, "q": 1.2, "v": 3.0}, {"p": 20.0, "q": 9.0, "v": 8.0}])
def test_likelihood_is_the_integral_over_the_rate(amounts: list[float], parameters: dict[str, float]) -> None:
    row = (
        np.array([float(len(amounts))]),
        np.mean(amounts, keepdims=True),
        np.exp(np.mean(np.log(amounts), keepdims=True)),
    )
    value = float(gamma_gamma_amounts.log_likelihood(*row, **parameters)[0])
    # mpmath's quadrature over the rate
    assert value == pytest.approx(float(mpmath.log(likelihood_by_quadrature(amounts, **parameters))), rel=1e-10)


def test_of_single_purchases_it_is_gamma_gamma() -> None:
    m = np.array([0.01, 3.0, 250.0])
    one = gamma_gamma_amounts.log_likelihood(np.ones(3), m, m, **TRUTH)
    assert one == pytest.approx(gamma_gamma.log_likelihood(np.ones(3), m, **TRUTH), rel=SUMMATION)


def test_amounts_are_told_apart_from_their_mean_by_the_dirichlet_of_their_shares() -> None:
    """f(z_1, …, z_x) = f(mean) · Dirichlet(p, …, p)(z / Σz) / (x (Σz)^(x-1))."""
    z = np.array([5.0, 30.0, 7.5, 11.0])
    x, m, g = np.array([4.0]), np.array([z.mean()]), np.array([np.exp(np.log(z).mean())])
    p = TRUTH["p"]
    shares = special.gammaln(4 * p) - 4 * special.gammaln(p) + (p - 1) * np.log(z / z.sum()).sum()
    expected = gamma_gamma.log_likelihood(x, m, **TRUTH) + shares - np.log(4.0) - 3.0 * np.log(z.sum())
    assert gamma_gamma_amounts.log_likelihood(x, m, g, **TRUTH) == pytest.approx(expected, rel=SUMMATION)


def test_simulated_parameters_are_recovered() -> None:
    """20,000 customers; each parameter within 4 standard errors of the truth."""
    fit = clv.fit(kept(simulate(1, 20_000)), "gamma-gamma-amounts")
    assert fit.converged
    for name, value in TRUTH.items():
        assert abs(np.log(fit.parameters[name] / value)) < 4.0 * fit.standard_errors[name] / fit.parameters[name]


def test_standard_errors_of_p_are_smaller_than_from_means() -> None:
    customers = kept(simulate(2, 3_000))
    amounts, means = (clv.fit(customers, name) for name in ("gamma-gamma-amounts", "gamma-gamma"))
    assert amounts.standard_errors["p"] < means.standard_errors["p"] / 3


def test_cdnow_is_the_maximum_that_a_plain_search_over_the_amounts_finds(cdnow: clv.Customers) -> None:
    spend = cdnow.purchases[cdnow.purchases["spend"] > 0].groupby("customer_id")["spend"]
    x, total = spend.size().to_numpy(dtype=float), spend.sum().to_numpy()
    log_total = spend.agg(lambda z: np.log(z).sum()).to_numpy()

    def negative(theta: Any) -> float:
        p, q, v = np.exp(theta)
        rows = special.gammaln(p * x + q) - special.gammaln(q) - x * special.gammaln(p) + q * np.log(v)
        return -float((rows - (p * x + q) * np.log(v + total) + (p - 1) * log_total).sum())

    options = {"xatol": 1e-8, "fatol": 1e-9, "maxiter": 4_000}
    plain = optimize.minimize(negative, np.log([3.0, 4.0, 30.0]), method="Nelder-Mead", options=options)
    fit = clv.fit(cdnow, "gamma-gamma-amounts")
    # the simplex stops within 1e-9
    assert fit.log_likelihood == pytest.approx(-plain.fun, abs=1e-6)
    assert list(fit.parameters.values()) == pytest.approx(np.exp(plain.x), rel=1e-4)  # where the simplex stops
    assert fit.n_customers == len(x)


def test_expected_spend_is_that_of_gamma_gamma_given_all_purchases(cdnow: clv.Customers) -> None:
    fit = clv.fit(cdnow, "gamma-gamma-amounts")
    p, q, v = fit.parameters.values()
    x, m, _ = cdnow.purchase_amounts()
    assert fit.expected_spend().to_numpy() == pytest.approx(p * (v + x * m) / (p * x + q - 1), rel=SUMMATION)
    assert float(fit.expected_spend("new").iloc[0]) == pytest.approx(p * v / (q - 1), rel=SUMMATION)


def test_cents_and_dollars_give_one_answer() -> None:
    log = simulate(4, 500)
    dollars, cents = kept(log), kept(log.assign(paid=100 * log["paid"]))
    one, other = (clv.fit(base, "gamma-gamma-amounts") for base in (dollars, cents))
    # both searches end within 1e-8 of one maximum
    assert other.expected_spend().to_numpy() == pytest.approx(100 * one.expected_spend().to_numpy(), rel=1e-6)
    assert other.parameters["v"] == pytest.approx(100 * one.parameters["v"], rel=FLAT_SEARCH)


def test_value_intervals_plots_and_files_take_it(cdnow: clv.Customers, tmp_path: Any) -> None:
    purchases, spend = clv.fit(cdnow, "bg/nbd"), clv.fit(cdnow, "gamma-gamma-amounts")
    some = clv.Customers(cdnow.table.head(50), cdnow.unit, cdnow.observation_end, purchases=cdnow.purchases)
    value = clv.lifetime_value(purchases, spend, some, horizon="1Y", annual_discount_rate=0.1, interval=0.9)
    assert (value["lifetime_value_lower"] < value["lifetime_value"]).all()
    assert np.isfinite(value.to_numpy()).all()
    spend.save(tmp_path / "spend.json")
    assert clv.load(tmp_path / "spend.json").expected_spend(cdnow).equals(spend.expected_spend())
    check = clv.posterior_check(spend)
    assert check["actual"].sum() == check["expected"].sum() == spend.n_customers
    density = clv.plots.spend_density_table(spend)
    assert density.attrs["customers"] == spend.n_customers
    # the density is shown up to a quantile of 99 %
    assert density["model"].sum() * (density.index[1] - density.index[0]) == pytest.approx(0.99, abs=0.01)
    laplace = clv.fit(cdnow, "gamma-gamma-amounts", method="laplace")
    # mean and maximum of a posterior with an sd of 2 %
    assert laplace.parameters["p"] == pytest.approx(spend.parameters["p"], rel=0.02)


def test_free_purchases_are_no_amounts_and_customers_taken_out_no_customers() -> None:
    days = ["2024-01-01", "2024-01-05", "2024-01-09", "2024-01-02", "2024-01-03"]
    log = pd.DataFrame({"id": [1, 1, 1, 2, 3], "day": days, "paid": [4.0, 0.0, 9.0, 0.0, 7.0]})
    customers = kept(log)
    some = clv.Customers(customers.table.loc[[1, 2]], customers.unit, purchases=customers.purchases)
    x, m, g = some.purchase_amounts()
    assert (x.tolist(), m.tolist(), g.tolist()) == ([2.0, 0.0], [6.5, 0.0], pytest.approx([6.0, 0.0], rel=ONE_ROUNDING))


def test_customers_without_their_purchases_are_asked_for_them(cdnow: clv.Customers) -> None:
    bare = clv.Customers.from_frame(cdnow.table, unit="day")
    with pytest.raises(DataError, match="keep_purchases=True"):
        clv.fit(bare, "gamma-gamma-amounts")
    with pytest.raises(DataError, match="keep_purchases=True"):
        clv.fit(cdnow, "gamma-gamma-amounts").expected_spend(bare)
    log = simulate(5, 50).assign(paid=0.0)
    with pytest.raises(DataError, match="with positive spend"):
        clv.fit(kept(log), "gamma-gamma-amounts")
