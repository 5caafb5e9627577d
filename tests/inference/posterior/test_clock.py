"""The clock of calendar, tenure and cohort, and the likelihood of models on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from tests.reference.tolerances import DIFFERENCES, QUADRATURE, SUMMATION


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    log = clv.datasets.load_cdnow(sample=True)
    made = clv.summarize(log, customer="customer_id", date="date", unit="week", keep_purchases=True)
    return made.join((made.table["T"] > 70).rename("early").to_frame())


@pytest.mark.parametrize(
    ("model", "covariates"),
    [
        ("mbg/nbd", None),
        ("bg/cnbd-3", None),
        ("nbd", None),
        ("mbg/cnbd-2", clv.Covariates(purchase="early", dropout="early")),
    ],
)
def test_derivatives_equal_differences(customers: clv.Customers, model: str, covariates: clv.Covariates | None) -> None:
    calendar = clv.Calendar(season=2, holidays=["1997-11-28"], tenure=(30, 200))
    fit = clv.fit(customers, model, calendar=calendar, covariates=covariates)
    likelihood = fit.data().likelihood
    values = np.array(list(fit.parameters.values())) + 0.02
    value, gradient, hessian = likelihood.derivatives(values)
    assert value == pytest.approx(likelihood.value(values), rel=SUMMATION)
    assert likelihood.pointwise(values).sum() == pytest.approx(value, rel=SUMMATION)
    np.testing.assert_allclose(likelihood.derivatives(values, order=1)[1], gradient, rtol=SUMMATION)
    steps = 1e-5 * np.eye(len(values))  # h² of the third derivative, beside a rounding over h
    slopes = [(likelihood.value(values + h) - likelihood.value(values - h)) / 2e-5 for h in steps]
    np.testing.assert_allclose(slopes, gradient, atol=DIFFERENCES * np.abs(gradient).max())
    bends = [
        (likelihood.derivatives(values + h, 1)[1] - likelihood.derivatives(values - h, 1)[1]) / 2e-5 for h in steps
    ]
    np.testing.assert_allclose(bends, hessian, atol=DIFFERENCES * np.abs(hessian).max())


@pytest.mark.parametrize("model", ["bg/nbd", "mbg/nbd", "bg/cnbd-2", "nbd"])
def test_a_clock_that_runs_evenly_is_no_clock(customers: clv.Customers, model: str) -> None:
    """With coefficients of 0 everything is as without a calendar."""
    from clvmodels.inference.fits.kinds import BarePurchases

    plain, fit = clv.fit(customers, model), clv.fit(customers, model, calendar=clv.Calendar(season=1))
    zero = {name: plain.parameters.get(name, 0.0) for name in fit.parameters}
    even = BarePurchases(structure=fit.structure, values=zero, customers=customers)
    assert fit.data().likelihood.value(np.array(list(zero.values()))) == pytest.approx(
        plain.log_likelihood, rel=SUMMATION
    )
    for name in ("expected_purchases", "purchase_probability", "survival"):
        expected = getattr(plain, name)("39W")
        pd.testing.assert_series_equal(getattr(even, name)("39W"), expected, rtol=SUMMATION)
    pd.testing.assert_series_equal(even.probability_alive(), plain.probability_alive(), rtol=SUMMATION)
    pd.testing.assert_series_equal(even.purchases_pmf(2, "39W"), plain.purchases_pmf(2, "39W"), rtol=QUADRATURE)


def test_what_takes_no_calendar_says_so(customers: clv.Customers) -> None:
    with pytest.raises(ArgumentError, match=r"Pareto/NBD takes no calendar.*varying"):
        clv.fit(customers, "pareto/nbd", calendar=clv.Calendar())
    without = clv.Customers(customers.table, "week", customers.observation_end)
    with pytest.raises(ArgumentError, match=r"calendar= asks on which days.*keep_purchases=True"):
        clv.fit(without, "bg/nbd", calendar=clv.Calendar())


def test_calendars_are_compared_by_what_their_priors_leave_open(customers: clv.Customers) -> None:
    fits = {"plain": clv.fit(customers, "bg/cnbd-2")}
    fits["on a calendar"] = clv.fit(customers, "bg/cnbd-2", calendar=clv.Calendar())
    compared = clv.compare(customers, fits)
    on_clock = fits["on a calendar"]
    assert 4 < on_clock.effective_parameters < len(on_clock.parameters)
    assert on_clock.aic == pytest.approx(2 * on_clock.effective_parameters - 2 * on_clock.log_likelihood, rel=SUMMATION)
    assert compared.recommended == "on a calendar"
    # the gaps of regular buyers count once: on an even clock both likelihoods are the same
    zero = np.array([fits["plain"].parameters.get(name, 0.0) for name in on_clock.parameters])
    even = on_clock.data().likelihood.pointwise(zero).sum()
    assert even == pytest.approx(fits["plain"].log_likelihood, rel=SUMMATION)
