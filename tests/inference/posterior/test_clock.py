"""The clock of calendar, tenure and cohort, and the likelihood of models on it."""

from __future__ import annotations

from dataclasses import replace

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


def _log(customer: list[int], day: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"id": customer, "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(day, unit="D")})


SMALL = {
    "nobody bought twice": (_log(list(range(30)), list(range(0, 300, 10))), 500),
    "one customer": (_log([1] * 5, [0, 30, 60, 100, 400]), 500),
    "all came on the last day": (_log(list(range(9)), [10] * 9), 10),
    "one day for all": (_log([1, 2, 3, 1, 2, 1], [0, 0, 0, 20, 90, 200]), 400),
}


@pytest.mark.parametrize("case", SMALL)
@pytest.mark.filterwarnings("ignore::clvmodels.errors.IdentificationWarning")
def test_small_logs_are_held_by_priors(case: str) -> None:
    log, days = SMALL[case]
    end = pd.Timestamp("2020-01-01") + pd.Timedelta(days=days)
    small = clv.summarize(log, customer="id", date="day", observation_end=end, keep_purchases=True)
    fit = clv.fit(small, "mbg/nbd", calendar=clv.Calendar())
    for predicted in (
        fit.expected_purchases("1Y"),
        fit.purchase_probability("4W", start="10W"),
        fit.discounted_expected_purchases(0.1),
        fit.expected_purchases("1D", start="30Y"),
        fit.survival(0),
        fit.expected_purchases("1Y", "new"),
    ):
        assert np.isfinite(predicted).all()
        assert (predicted >= 0).all()
    assert fit.summary().attrs["calendar"]


def test_a_season_of_half_a_year_is_pointed_out() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    seen = clv.summarize(log, customer="customer_id", date="date", observation_end="1997-06-30", keep_purchases=True)
    with pytest.warns(clv.errors.IdentificationWarning, match=r"181 days.*Calendar\(season=False\)"):
        clv.fit(seen, "bg/nbd", calendar=clv.Calendar(season=True))
    assert not clv.fit(seen, "bg/nbd", calendar=clv.Calendar()).structure.clock.harmonics  # type: ignore[attr-defined]


def test_other_days_to_come_change_what_is_expected_in_them(customers: clv.Customers) -> None:
    fit = clv.fit(customers, "mbg/nbd", calendar=clv.Calendar(season=2))
    end = customers.observation_end
    assert end is not None
    factors = pd.Series(2.0, index=pd.date_range(end + pd.Timedelta(days=8), periods=7))
    busy = fit.with_calendar(factors)
    pd.testing.assert_series_equal(busy.expected_purchases(1), fit.expected_purchases(1))
    second = busy.expected_purchases(1, start=1).sum() / fit.expected_purchases(1, start=1).sum()
    assert 1.9 < second < 2.0  # twice as often, by customers of whom some leave at these purchases
    assert busy.data().likelihood.value(np.array([*fit.parameters.values()])) == pytest.approx(fit.log_likelihood)
    with pytest.raises(ArgumentError, match="not after the end"):
        fit.with_calendar({end: 2.0})
    with pytest.raises(ArgumentError, match="must be positive"):
        fit.with_calendar({end + pd.Timedelta(days=1): 0.0})
    with pytest.raises(clv.errors.UnsupportedMethod, match="no calendar"):
        clv.fit(customers, "mbg/nbd").with_calendar(factors)


def test_holidays_have_factors_of_their_own(customers: clv.Customers) -> None:
    fit = clv.fit(customers, "bg/nbd", calendar=clv.Calendar(season=1, holidays="US"))
    effects = fit.calendar_effects()
    assert {"Thanksgiving Day", "Christmas Day", "Memorial Day"} <= set(effects.index[effects["part"] == "holiday"])
    with pytest.raises(ArgumentError, match="knows no 'XX'"):
        clv.Calendar(holidays="XX")


def test_what_a_calendar_has_no_answer_to_says_so(customers: clv.Customers) -> None:
    covariates = clv.Covariates(purchase="early")
    fit = clv.fit(customers, "bg/nbd", calendar=clv.Calendar(season=1), covariates=covariates)
    assert fit.effects().index.tolist() == ["purchase: early"]
    with pytest.raises(clv.errors.UnsupportedMethod, match="no covariates"):
        fit.at(early=True).at(early=True)
    with pytest.raises(ArgumentError, match=r"group= and calendar="):
        clv.fit(customers, "bg/nbd", calendar=clv.Calendar(), group="early", method="nuts")
    with pytest.raises(ArgumentError, match=r"calendar must be clvmodels.Calendar"):
        clv.fit(customers, "bg/nbd", calendar="GB")  # type: ignore[arg-type]


def test_customers_with_given_covariates_keep_their_calendar(customers: clv.Customers) -> None:
    covariates = clv.Covariates(purchase="early", dropout="early")
    fit = clv.fit(customers, "mbg/nbd", calendar=clv.Calendar(season=1), covariates=covariates)
    early = customers.table.index[customers.table["early"]]
    these = replace(customers, table=customers.table.loc[early], report=None, mean_purchase_time=None)
    at = fit.at(early=True)
    assert list(at.parameters) == [name for name in fit.parameters if ": early" not in name]
    expected = fit.expected_purchases(26, these)
    pd.testing.assert_series_equal(at.expected_purchases(26, these), expected, rtol=SUMMATION)
    new = float(at.expected_purchases(26, "new").iloc[0])
    late = float(fit.at(early=False).expected_purchases(26, "new").iloc[0])
    assert abs(new / late - 1.0) > 0.01
    # standard errors of the calendar stay as they are
    season = [name for name in fit.parameters if name.startswith("season")]
    kept = fit.summary().loc[season, "std_error"]
    pd.testing.assert_series_equal(at.summary().loc[season, "std_error"], kept, rtol=DIFFERENCES)
