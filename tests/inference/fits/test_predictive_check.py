"""Predictive checks: simulated customers beside the actual ones."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

import clvmodels as clv
from clvmodels.inference.posterior.priors import Prior

mpl.use("Agg")


def test_posterior_check_agrees_with_the_closed_form(cdnow: clv.Customers, cdnow_bgnbd: clv.Fit) -> None:
    check = clv.posterior_check(cdnow_bgnbd, draws=200)
    closed = clv.plots.repeat_purchases_table(cdnow_bgnbd)
    assert check["actual"].tolist() == closed["actual"].tolist()
    assert check["actual"].sum() == pytest.approx(check["expected"].sum()) == len(cdnow)
    # a mean over 200 sets; parameters vary, so that the bounds are wider than those of chance alone
    error = (check["upper"] - check["lower"]) / np.sqrt(200)
    assert (abs(check["expected"] - closed["expected"]) < 3 * error + 3).all()
    assert ((check["upper"] - check["lower"]) > 0.95 * (closed["upper"] - closed["lower"])).all()


def test_spend_is_checked_by_levels(cdnow_spend: clv.Fit) -> None:
    check = clv.posterior_check(cdnow_spend, draws=100, last=5)
    assert len(check) == 5
    assert check["actual"].sum() == 946 == pytest.approx(check["expected"].sum())
    axes = clv.plots.repeat_purchases(check)
    assert "Mean spend" in axes.get_xlabel()
    mpl.pyplot.close(axes.figure)


@pytest.mark.parametrize("model", ["bg/nbd", "gamma-gamma"])
def test_default_priors_let_the_data_speak(cdnow: clv.Customers, model: str) -> None:
    prior = clv.prior_check(cdnow, model, draws=100)
    after = clv.posterior_check(clv.fit(cdnow, model), draws=100)
    wider = (prior["upper"] - prior["lower"]) / (after["upper"] - after["lower"])
    assert wider.iloc[0] > 5
    assert wider.iloc[-1] > 5


@pytest.mark.parametrize("distribution", ["gamma", "lognormal", "normal"])
def test_priors_are_sampled_as_they_are_said(distribution: str) -> None:
    values = Prior(distribution, 3.0, 0.6).sample(np.random.default_rng(1), 200_000)
    assert values.min() > 0
    # 200,000 draws: 4.5 standard errors are 0.2 % of the mean, and 0.7 % of the sd or more where it is skewed
    assert values.mean() == pytest.approx(3.0, rel=0.005)
    # as the mean
    assert values.std() == pytest.approx(0.6, rel=0.01)


@pytest.mark.parametrize("distribution", ["gamma", "lognormal", "normal"])
def test_derivatives_of_priors(distribution: str) -> None:
    prior, at, h = Prior(distribution, 3.0, 0.6), 2.2, 1e-5
    value, first, second = prior.derivatives(at)
    assert value == prior.log_density(at)
    # central differences of a smooth function of the order of 1: h² = 1e-10, and a rounding over h
    assert first == pytest.approx((prior.log_density(at + h) - prior.log_density(at - h)) / (2 * h), rel=1e-8)
    slopes = prior.derivatives(at + h)[1] - prior.derivatives(at - h)[1]
    # central differences of a smooth function of the order of 1: h² = 1e-10, and a rounding over h
    assert second == pytest.approx(slopes / (2 * h), rel=1e-8)
