"""The model as a `pymc.Model`: the same density, and predictive sampling."""

from __future__ import annotations

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.posterior.likelihood import LogLikelihood
from tests.reference.tolerances import FLAT_SEARCH, SUMMATION

POINTS = {
    "bg/nbd": {"r": 0.25, "alpha": 4.0, "a": 0.8, "b": 2.5},
    "gamma-gamma": {"p": 6.0, "q": 3.0, "v": 15.0},
}


@pytest.mark.parametrize("model", POINTS)
@pytest.mark.filterwarnings("ignore")  # of PyTensor's compilation
def test_pymc_model_has_the_density_of_the_jets(cdnow: clv.Customers, model: str) -> None:
    import pymc as pm

    built = clv.build_pymc_model(cdnow, model)
    definition = clv.models.get(model)
    histories = histories_of(definition, cdnow)
    values = np.array([*POINTS[model].values()])
    likelihood = LogLikelihood(definition, histories.columns, histories.weight)
    value, gradient, _ = likelihood.derivatives(values, order=1)
    point = {f"{name}_log__": np.log(v) for name, v in POINTS[model].items()}
    compiled = built.compile_logp(vars=built.observed_RVs, jacobian=False)
    assert float(compiled(point)) == pytest.approx(value, rel=SUMMATION)
    total = built.compile_dlogp(jacobian=False)
    prior = sum(pm.logp(built[name], pm.math.exp(np.log(v))).eval() for name, v in POINTS[model].items())
    assert float(built.compile_logp(jacobian=False)(point)) == pytest.approx(value + float(prior), rel=SUMMATION)
    step = 1e-6
    slopes = np.asarray(total(point))
    for i, (name, v) in enumerate(POINTS[model].items()):
        up, down = ({**point, f"{name}_log__": np.log(v) + s} for s in (step, -step))
        prior_slope = (
            float(built.compile_logp(vars=[built[name]], jacobian=False)(up))
            - float(built.compile_logp(vars=[built[name]], jacobian=False)(down))
        ) / (2 * step)
        # central differences, of a log-density of some 1e4 too: a rounding of 1e-12 over h
        assert slopes[i] - prior_slope == pytest.approx(gradient[i] * v, rel=1e-5, abs=1e-4)


@pytest.mark.filterwarnings("ignore")
def test_prior_and_posterior_predictive_sampling(cdnow: clv.Customers) -> None:
    import pymc as pm

    fit = clv.fit(cdnow, "bg/nbd", method="laplace", draws=50)
    with clv.build_pymc_model(cdnow, "bg/nbd"):
        prior = pm.sample_prior_predictive(draws=5, random_seed=1)
        after = pm.sample_posterior_predictive(fit.posterior, random_seed=1, progressbar=False)
    drawn = after["posterior_predictive"]["histories"]
    assert drawn.dims == ("chain", "draw", "history", "column")
    assert drawn.shape == (1, 50, fit.n_histories, 3)
    assert prior["prior_predictive"]["histories"].shape == (1, 5, fit.n_histories, 3)
    x, t_x, T = np.moveaxis(drawn.to_numpy(), -1, 0)
    assert ((t_x <= T) & (x >= 0) & ((x == 0) == (t_x == 0))).all()
    weight = cdnow.histories().weight
    once = float(((x == 0) * weight).sum() / (weight.sum() * 50))
    assert once == pytest.approx(1411 / 2357, abs=0.03)  # the share of one-time buyers that the log has


@pytest.mark.filterwarnings("ignore")  # of PyTensor's compilation
@pytest.mark.slow
@pytest.mark.parametrize("model", ["mbg/nbd", "bg/cnbd-2"])
def test_pymc_model_on_a_clock_has_the_density_that_is_fitted(model: str) -> None:
    log = clv.datasets.load_cdnow(sample=True)
    customers = clv.summarize(log, customer="customer_id", date="date", unit="week", keep_purchases=True)
    calendar = clv.Calendar(season=1, tenure=(60,))
    fit = clv.fit(customers, model, calendar=calendar)
    built = clv.build_pymc_model(customers, model, calendar=calendar)
    values = np.array([*fit.parameters.values()]) + 0.01
    value, gradient, _ = fit.data().likelihood.derivatives(values, order=1)
    own = fit.own_parameters
    point = {f"{name}_log__": np.log(values[i]) for i, name in enumerate(own)} | {"calendar": values[len(own) :]}
    compiled = built.compile_logp(vars=[*built.observed_RVs, *built.potentials], jacobian=False)
    assert float(compiled(point)) == pytest.approx(value, rel=SUMMATION)
    slopes = np.asarray(built.compile_dlogp(vars=[built["calendar"]], jacobian=False)(point))
    precision = fit.structure.clock.precision  # type: ignore[attr-defined]
    np.testing.assert_allclose(slopes, gradient[len(own) :] - precision @ values[len(own) :], rtol=FLAT_SEARCH)
