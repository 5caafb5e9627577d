"""The evidence for parts of a calendar is the ratio of marginal likelihoods of the model with and without them."""

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.inference.estimation.calendar_evidence import log_bayes_factor
from clvmodels.inference.fits.kinds import PurchaseFit

FULL = clv.Calendar(season=2, weekday=False)
WITHOUT = {
    ("season", "year end"): clv.Calendar(season=False),
    ("tenure", "cohort"): clv.Calendar(season=2, weekday=False, tenure=False, cohort=False),
    ("season", "year end", "tenure", "cohort"): None,
}


@pytest.fixture(scope="module", params=[{}, {12: 3.0}], ids=["no season", "December"])
def customers(request) -> clv.Customers:
    log = clv.datasets.simulate_log(1_500, season=request.param, seed=1)
    return clv.summarize(log, customer="customer_id", date="date", keep_purchases=True)


def log_marginal_likelihood(fit: PurchaseFit) -> float:
    """By Laplace's method, without what is the same of all of these fits."""
    estimate = fit.estimate
    curvature = np.linalg.slogdet(estimate.covariance_log)[1] / 2
    if not hasattr(fit.structure, "clock"):
        return estimate.log_likelihood + curvature
    precision = fit.structure.clock.precision
    found = np.array([fit.parameters[name] for name in fit.structure.clock.coefficients])
    return estimate.log_likelihood + curvature - found @ precision @ found / 2 + np.linalg.slogdet(precision)[1] / 2


@pytest.mark.parametrize("parts", WITHOUT, ids=" ".join)
def test_one_fit_knows_the_ratio_of_marginal_likelihoods(customers, parts):
    whole = clv.fit(customers, "mbg/nbd", calendar=FULL)
    part = clv.fit(customers, "mbg/nbd", calendar=WITHOUT[parts])
    by_two_fits = log_marginal_likelihood(whole) - log_marginal_likelihood(part)
    # Both are normal approximations, around two modes and around one: the further apart, the less they agree.
    assert log_bayes_factor(whole, parts) == pytest.approx(by_two_fits, abs=0.5, rel=0.1)


def test_parts_that_a_calendar_lacks_have_no_evidence(customers):
    fit = clv.fit(customers, "mbg/nbd", calendar=clv.Calendar(season=False))
    assert log_bayes_factor(fit, ("season", "holiday")) == 0.0
