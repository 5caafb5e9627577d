"""Draws, posteriors and intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ConvergenceError, FileFormatError, IdentificationWarning
from clvmodels.inference.data.model_data import histories_of, scales_of
from clvmodels.inference.population.intervals import bounds
from clvmodels.inference.population.quantities import expected
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.log_posterior import LogPosterior
from clvmodels.inference.posterior.priors import all_priors
from tests.reference.tolerances import COARSE_QUADRATURE, DIFFERENCES, MANY_ROUNDINGS, PREDICTION, ROUNDING, SEARCH

MODELS = ("bg/nbd", "gamma-gamma")


@pytest.fixture(scope="module")
def laplace(cdnow: clv.Customers) -> dict[str, clv.Fit]:
    return {model: clv.fit(cdnow, model, method="laplace") for model in MODELS}


@pytest.fixture(scope="module")
def nuts(cdnow: clv.Customers) -> dict[str, clv.Fit]:
    return {model: clv.fit(cdnow, model, method="nuts", draws=500, progress=False) for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_laplace_and_nuts_agree(laplace: dict[str, clv.Fit], nuts: dict[str, clv.Fit], model: str) -> None:
    """Means and sds of 4,000 and 2,000 draws: five Monte Carlo errors, of a sample worth 1,500 at least."""
    one, two = laplace[model].summary(), nuts[model].summary()
    error = two["std_error"] / np.sqrt(1_500)
    assert (abs(one["estimate"] - two["estimate"]) < 5 * error).all()
    assert (abs(one["std_error"] / two["std_error"] - 1) < 5 * np.sqrt(0.5 / 1_500 * 3)).all()  # 3: skewed, not normal
    assert laplace[model].pareto_k is not None
    assert laplace[model].pareto_k < 0.5
    assert "no divergences" in nuts[model].summary().attrs["diagnosis"][0]


@pytest.mark.parametrize("model", MODELS)
def test_draws_around_the_maximum_have_its_spread(cdnow: clv.Customers, model: str) -> None:
    fit = clv.fit(cdnow, model)
    log_draws = np.log(fit.draws(4_000))
    spread = np.sqrt(np.diag(fit.covariance_log))
    assert np.abs(log_draws.mean() - np.log(pd.Series(fit.parameters))).max() < 0.35 * spread.max()
    assert log_draws.std().to_numpy() == pytest.approx(spread, rel=0.25)  # skewed: the sd is not that of the curvature


def test_posterior_derivatives_are_those_of_its_value(cdnow: clv.Customers) -> None:
    fit = clv.fit(cdnow, "bg/nbd")
    histories = histories_of(fit.definition, cdnow)
    names = tuple(fit.parameters)
    priors = all_priors(
        {"r": ("gamma", 1.0, 0.5), "b": ("normal", 2.0, 1.0)}, names, scales_of(fit.definition, histories).tolist()
    )
    posterior = LogPosterior(LogLikelihood(fit.definition, histories.columns, histories.weight), priors, of_logs=True)
    theta = np.log([0.3, 5.0, 0.7, 2.0])
    value, gradient, hessian = posterior.derivatives(theta)
    assert value == pytest.approx(posterior.value(theta), rel=MANY_ROUNDINGS)
    h = 1e-5
    for i in range(4):
        step = h * np.eye(4)[i]
        up, down = posterior.derivatives(theta + step), posterior.derivatives(theta - step)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * h), rel=DIFFERENCES)
        # central differences of slopes of some 1e4: a rounding of 1e-12 over h = 1e-5, and more where they cancel
        assert hessian[i] == pytest.approx((up[1] - down[1]) / (2 * h), rel=DIFFERENCES, abs=1e-5)


@pytest.mark.parametrize("unit", ["hour", "day"])
def test_default_priors_move_with_the_unit(cdnow: clv.Customers, laplace: dict[str, clv.Fit], unit: str) -> None:
    log = clv.datasets.load_cdnow(sample=True)
    customers = clv.summarize(log, customer="customer_id", date="date", unit=unit, observation_end="1997-09-30")
    fit = clv.fit(customers, "bg/nbd", method="laplace")
    expected_purchases = laplace["bg/nbd"].expected_purchases("39W").to_numpy()
    assert fit.expected_purchases("39W").to_numpy() == pytest.approx(expected_purchases, rel=SEARCH)
    cents = clv.summarize(
        log.assign(amount=100 * log["amount"]), customer="customer_id", date="date", amount="amount",
        observation_end="1997-09-30",
    )  # fmt: skip
    spend = clv.fit(cents, "gamma-gamma", method="laplace").expected_spend().to_numpy()
    assert spend == pytest.approx(100 * laplace["gamma-gamma"].expected_spend().to_numpy(), rel=SEARCH)


def test_interval_holds_the_point_and_widens(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    narrow = cdnow_bgnbd.expected_purchases("39W", interval=0.5)
    wide = cdnow_bgnbd.expected_purchases("39W", interval=0.9)
    lower, upper = wide["expected_purchases_lower"], wide["expected_purchases_upper"]
    assert ((lower < wide["expected_purchases"]) & (wide["expected_purchases"] < upper)).all()
    assert (lower < narrow["expected_purchases_lower"]).all()
    assert (upper > narrow["expected_purchases_upper"]).all()
    assert wide["expected_purchases"].to_numpy() == pytest.approx(cdnow_bgnbd.expected_purchases("39W").to_numpy())
    total = wide.attrs["total"]["expected_purchases"]
    assert lower.sum() < total["lower"] < total["estimate"] < total["upper"] < upper.sum()
    predictive = cdnow_bgnbd.expected_purchases("39W", interval=0.9, predictive=True)
    assert predictive["expected_purchases_upper"].sum() > upper.sum()
    spend = cdnow_spend.expected_spend(interval=0.9)
    one_purchase = cdnow_spend.expected_spend(interval=0.9, predictive=True)
    assert (one_purchase["expected_spend_upper"] > spend["expected_spend_upper"]).all()


def test_bounds_are_the_quantiles_over_draws(
    cdnow: clv.Customers, cdnow_bgnbd: clv.Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In blocks of a few histories or all at once, against quantiles of the whole matrix."""
    rows = cdnow_bgnbd.population(cdnow)
    draws = [dict(row) for row in cdnow_bgnbd.draws(50).to_dict("records")]
    quantity = expected("expected_purchases", 39.0)
    matrix = np.stack([rows.evaluate(quantity, parameters) for parameters in draws], axis=1)
    whole = np.quantile(matrix, [0.05, 0.95], axis=1)
    for held in (50 * 37, 10**7):
        monkeypatch.setattr("clvmodels.inference.population.population.HELD", held)
        found = bounds(quantity, draws, rows, 0.9)
        # 1e-5: over draws the quadrature is coarse
        assert found.lower == pytest.approx(whole[0], rel=1e-5)
        assert found.upper == pytest.approx(whole[1], rel=COARSE_QUADRATURE)
        totals = rows.weight @ matrix
        assert found.total == pytest.approx(np.quantile(totals, [0.05, 0.95]), rel=COARSE_QUADRATURE)


def test_posterior_is_a_tree_that_arviz_reads(nuts: dict[str, clv.Fit], laplace: dict[str, clv.Fit]) -> None:
    import arviz as az

    table = az.summary(nuts["bg/nbd"].posterior)
    assert list(table.index) == ["r", "alpha", "a", "b"]
    assert dict(laplace["bg/nbd"].posterior["posterior"].sizes) == {"chain": 1, "draw": 4_000}
    pointwise = laplace["bg/nbd"].to_arviz(log_likelihood=True)
    weighted = (pointwise["log_likelihood"]["histories"] * pointwise["constant_data"]["weight"]).sum("history")
    # the best of 4,000 draws lies that close to the maximum, and the prior moves it
    assert float(weighted.max()) == pytest.approx(laplace["bg/nbd"].log_likelihood, abs=0.5)
    with pytest.raises(clv.errors.UnsupportedPrediction, match="no posterior"):
        _ = clv.fit(nuts["bg/nbd"].customers, "bg/nbd").posterior


def test_leaving_out_one_customer_counts_customers(laplace: dict[str, clv.Fit], cdnow: clv.Customers) -> None:
    import arviz as az

    fit = laplace["bg/nbd"]
    elpd = clv.loo(fit)
    assert elpd.n_data_points == len(cdnow) == elpd.elpd_i.size
    assert float(elpd.elpd_i.sum()) == pytest.approx(elpd.elpd)
    # to first order in p; what a few customers with skewed posteriors add is less than half of p
    assert elpd.elpd == pytest.approx(fit.log_likelihood - elpd.p, abs=1.5)
    assert 2.0 < elpd.p < 6.0  # four parameters
    other = clv.loo(clv.fit(cdnow, "bg/nbd", method="laplace", priors={"r": ("normal", 1.0, 0.01)}))
    assert list(az.compare({"held": other, "free": elpd}).index) == ["free", "held"]


def test_draws_survive_the_file(tmp_path: Path, laplace: dict[str, clv.Fit], cdnow: clv.Customers) -> None:
    fit = laplace["bg/nbd"]
    fit.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    pd.testing.assert_frame_equal(loaded.draws(200), fit.draws(200), rtol=ROUNDING)
    assert loaded.pareto_k == fit.pareto_k
    assert repr(loaded) == repr(fit)
    expected_interval = fit.expected_purchases("39W", interval=0.9)
    pd.testing.assert_frame_equal(
        loaded.expected_purchases("39W", cdnow, interval=0.9), expected_interval, rtol=PREDICTION
    )
    (tmp_path / "model.purchases.nc").unlink()
    with pytest.raises(FileFormatError, match="beside the model file"):
        clv.load(tmp_path / "model.json")


def test_a_loaded_maximum_has_draws_of_the_gaussian(tmp_path: Path, cdnow: clv.Customers, cdnow_bgnbd: clv.Fit) -> None:
    cdnow_bgnbd.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    # 4,000 draws: 4.5 standard errors of an sd
    assert np.log(loaded.draws(4_000)).std().to_numpy() == pytest.approx(
        np.sqrt(np.diag(loaded.covariance_log)), rel=0.05
    )
    assert (loaded.expected_purchases("39W", cdnow, interval=0.5)["expected_purchases_lower"] > 0).all()


def test_priors_of_pymc_and_of_words_agree(cdnow: clv.Customers) -> None:
    import pymc as pm

    ours = clv.fit(cdnow, "bg/nbd", method="laplace", priors={"r": ("gamma", 0.4, 0.05), "a": ("lognormal", 1.0, 0.1)})
    variance = np.log1p(0.01)
    theirs = clv.fit(
        cdnow,
        "bg/nbd",
        method="laplace",
        priors={"r": pm.Gamma.dist(mu=0.4, sigma=0.05), "a": pm.LogNormal.dist(-variance / 2, np.sqrt(variance))},
    )
    # two searches, of posteriors whose priors are summed up in other ways
    assert theirs.parameters == pytest.approx(ours.parameters, rel=1e-6)
    assert ours.parameters["r"] > 0.25


def test_a_pathological_prior_is_told_in_words(cdnow: clv.Customers) -> None:
    with pytest.raises(ArgumentError, match="must be positive"):
        clv.fit(cdnow, "bg/nbd", method="nuts", priors={"r": ("gamma", 1.0, 0.0)})
    with pytest.raises(ArgumentError, match="a whole number"):
        clv.fit(cdnow, "bg/nbd", method="nuts", draws=0)
    with pytest.raises(ArgumentError, match="interval must be a level"):
        clv.fit(cdnow, "bg/nbd").expected_purchases(1, interval=90)


def test_what_data_cannot_tell_the_prior_does() -> None:
    """No repeat buyer: the posterior of a and b is the prior, and is said to be no worse than that."""
    table = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": np.linspace(1, 30, 200)})
    with np.errstate(all="raise"):
        fit = clv.fit(table, "bg/nbd", unit="week", method="nuts", draws=300, progress=False)
    # 1,200 draws of NUTS, worth fewer independent ones
    assert np.log(fit.draws(1_200)["a"]).std() == pytest.approx(1.5, rel=0.25)
    assert np.isfinite(fit.expected_purchases("1Y", interval=0.9)).all(axis=None)


def test_an_interrupted_sampler_says_so(cdnow: clv.Customers, monkeypatch: pytest.MonkeyPatch) -> None:
    import nutpie

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(nutpie, "sample", interrupted)
    with pytest.raises(KeyboardInterrupt, match="nothing is kept"):
        clv.fit(cdnow, "bg/nbd", method="nuts")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("could not find an initial point")

    monkeypatch.setattr(nutpie, "sample", broken)
    with pytest.raises(ConvergenceError, match="NUTS could not start"):
        clv.fit(cdnow, "bg/nbd", method="nuts")


def test_draws_that_cannot_be_trusted_are_announced(monkeypatch: pytest.MonkeyPatch, cdnow: clv.Customers) -> None:
    """Proposals a tenth as wide as they should be miss nearly all of the posterior."""
    cholesky = np.linalg.cholesky
    monkeypatch.setattr("clvmodels.inference.posterior.laplace._FREEDOM", 1e6)
    monkeypatch.setattr(
        "clvmodels.inference.posterior.laplace.np.linalg.cholesky", lambda matrix: cholesky(matrix) / 10.0
    )
    fit = clv.fit(cdnow, "gamma-gamma")
    with pytest.warns(IdentificationWarning, match="can't be trusted"):
        fit.draws(500)


def test_a_few_draws_can_be_had(cdnow_bgnbd: clv.Fit) -> None:
    assert cdnow_bgnbd.draws(3).shape == (3, 4)
