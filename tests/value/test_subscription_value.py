"""Value of subscribers: against plain sums of survival, closed forms, simulation, and by hand."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from clvmodels.value.attrition_risk import attrition_risk, renewals_in
from tests.reference.tolerances import MANY_ROUNDINGS, ONE_ROUNDING, STANDARD_ERRORS, SUMMATION, SURROGATE_OF_WIDTH

BETA_FUNCTIONS = 1e-10  # betaln of SciPy is good to some 1e-13 of its size, which is ten here

# Fader and Hardie (2007), Table 1: of 1,000 customers, those still there after 0 to 7 years.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
COLUMNS = ["retention", "attrition_risk", "expected_periods", "price", "lifetime_value"]


def terms(starts: Any) -> pd.DataFrame:
    """Rows of who started on these days and is still there, but for the last, who left."""
    frame = pd.DataFrame({"start": starts, "end": None}, index=pd.Index([f"c{k}" for k in range(len(starts))]))
    frame.loc[frame.index[-1], "end"] = "2023-06-01"
    return frame


@pytest.fixture(scope="module", params=["sbg", "bdw"])
def fit(request: pytest.FixtureRequest) -> clv.Fit:
    return clv.fit(
        clv.Subscriptions.from_survival({"old": HIGH_END, "young": [500, 430, 360]}, unit="month"), request.param
    )


@pytest.fixture(scope="module")
def subscribers() -> clv.Subscriptions:
    starts = ["2023-01-15", "2023-05-31", "2022-01-15", "2023-12-20", "2023-01-01"]
    return clv.Subscriptions.from_frame(
        terms(starts), start="start", end="end", observation_end="2023-12-31", unit="month"
    )


def survival(fit: clv.Fit, t: Any) -> Any:
    """S(t) = B(alpha, beta + t^c) / B(alpha, beta), with scipy."""
    alpha, beta, c = (fit.parameters.get(name, 1.0) for name in ("alpha", "beta", "c"))
    return np.exp(betaln(alpha, beta + np.asarray(t, dtype=float) ** c) - betaln(alpha, beta))


@pytest.mark.parametrize(("horizon", "periods"), [(None, 5_000), ("1Y", 12), (3, 3), ("18M", 18)])
def test_value_is_the_plain_sum_of_discounted_survival(
    fit: clv.Fit, subscribers: clv.Subscriptions, horizon: Any, periods: int
) -> None:
    value = clv.lifetime_value(fit, 20.0, subscribers, horizon=horizon, annual_discount_rate=0.10, margin=0.3)
    assert list(value.columns) == COLUMNS
    assert list(value.index) == ["c0", "c1", "c2", "c3"]  # who has left has no value to come
    discount = 1.10 ** (-1 / 12)
    for name, made in zip(value.index, [11, 7, 23, 0], strict=True):
        total = 0.0
        for j in range(periods):  # payment j is that of renewal made + 1 + j
            total += survival(fit, made + 1 + j) / survival(fit, made) * discount**j
        assert value.loc[name, "lifetime_value"] == pytest.approx(0.3 * 20.0 * total, rel=BETA_FUNCTIONS)
        within = periods if horizon is not None else 12
        later = survival(fit, made + np.arange(1, within + 1)) / survival(fit, made)
        assert value.loc[name, "retention"] == pytest.approx(later[0], rel=BETA_FUNCTIONS)
        # as before, of one minus a survival
        assert value.loc[name, "attrition_risk"] == pytest.approx(1.0 - later[-1], rel=1e-9)
        assert value.loc[name, "expected_periods"] == pytest.approx(later.sum(), rel=BETA_FUNCTIONS)


def test_new_customer_pays_at_once_and_costs_the_acquisition(fit: clv.Fit) -> None:
    options = {"annual_discount_rate": 0.10, "margin": 0.5, "acquisition_cost": 12.0}
    discount = 1.10 ** (-np.arange(4_000.0) / 12)
    for horizon, periods in ((None, 4_000), (1, 1), ("2Y", 24), (0, 0)):
        value = clv.lifetime_value(fit, 20.0, "new", horizon=horizon, **options)
        expected = 10.0 * float((survival(fit, np.arange(4_000)) * discount)[:periods].sum()) - 12.0
        assert value["lifetime_value"].to_list() == pytest.approx([expected], rel=BETA_FUNCTIONS)
    with pytest.raises(ArgumentError, match="for new customers"):
        clv.lifetime_value(fit, 20.0, horizon=None, annual_discount_rate=0.1, acquisition_cost=1.0)


def test_published_sbg_gives_the_residual_value_of_fader_hardie_2010() -> None:
    """(β+n-1)/(α+β+n-1) · ₂F₁(1, β+n; α+β+n; 1/(1+d)) at the α and β that the paper of 2007 prints."""
    fit = clv.fit(clv.Subscriptions.from_survival(HIGH_END, unit="year"), "sbg")
    value = clv.lifetime_value(fit, 1.0, horizon=None, annual_discount_rate=0.10)["lifetime_value"]
    alpha, beta, n = 0.668, 3.806, len(HIGH_END)
    exact = (
        (beta + n - 1) / (alpha + beta + n - 1) * mpmath.hyp2f1(1, beta + n, alpha + beta + n, 1 / mpmath.mpf("1.1"))
    )
    assert value["all"] == pytest.approx(float(exact), rel=5e-4)  # three digits of α and β
    new = clv.lifetime_value(fit, 1.0, "new", horizon=8, annual_discount_rate=0.0).iloc[0]
    # customer-years of the 1,000 customers in eight years; sBG is within 1 % of each of the published survivals
    assert new["lifetime_value"] == new["expected_periods"] == pytest.approx(sum(HIGH_END) / 1000, rel=0.01)


def test_simulated_subscribers_bring_what_is_expected(fit: clv.Fit) -> None:
    """Who has made 5 renewals, simulated with the model's own churn: mean of discounted payments of 24 months."""
    model: Any = fit.definition
    n, _ = model.simulate(np.random.default_rng(7), np.full(400_000, 29.0), **fit.parameters)
    stayed = n[n >= 5] - 5  # further renewals, of which 24 count
    discount = 1.10 ** (-np.arange(24.0) / 12)
    brought = np.concatenate(([0.0], np.cumsum(discount)))[np.minimum(stayed, 24).astype(int)]
    table = pd.DataFrame({"periods": [5], "lost": False, "active": True, "customers": 1, "segment": "all"})
    value = clv.lifetime_value(fit, 1.0, clv.Subscriptions(table, "month"), horizon="2Y", annual_discount_rate=0.10)
    error = brought.std() / np.sqrt(len(brought))
    assert value["lifetime_value"].iloc[0] == pytest.approx(brought.mean(), abs=STANDARD_ERRORS * error)
    assert value["attrition_risk"].iloc[0] == pytest.approx(
        (stayed < 24).mean(), abs=STANDARD_ERRORS * 0.5 / np.sqrt(len(stayed))
    )


def test_prices_margins_costs_and_renewal_days_by_customer(fit: clv.Fit, subscribers: clv.Subscriptions) -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.10}
    periods = clv.lifetime_value(fit, 1.0, subscribers, **options)["lifetime_value"]
    price = pd.Series({"c3": 5.0, "c2": 10.0, "c1": 20.0, "c0": 40.0, "somebody else": 1.0})
    waiting = pd.Series({"c0": 0.0, "c1": 0.5, "c2": 1.0, "c3": 0.25})
    value = clv.lifetime_value(
        fit, price, subscribers, **options, margin=[0.1, 0.2, 0.3, 0.4], cost_per_purchase=1.0,
        retention_cost_per_year=6.0, until_renewal=waiting,
    )  # fmt: skip
    earned = np.array([4.0, 4.0, 3.0, 2.0]) - 1.0 - 6.0 / 12
    expected = earned * periods * 1.10 ** (-waiting / 12)
    assert value["lifetime_value"].to_numpy() == pytest.approx(expected.to_numpy(), rel=MANY_ROUNDINGS)
    assert value["price"].to_list() == [40.0, 20.0, 10.0, 5.0]
    with pytest.raises(DataError, match="price has no value for 1 customers"):
        clv.lifetime_value(fit, price.drop("c2"), subscribers, **options)


def test_value_by_year_adds_up(fit: clv.Fit, subscribers: clv.Subscriptions) -> None:
    for who, more in ((subscribers, {"until_renewal": 0.5}), ("new", {"acquisition_cost": 7.0})):
        value = clv.lifetime_value(fit, 20.0, who, horizon="30M", annual_discount_rate=0.1, yearly=True, **more)
        years = value[[f"lifetime_value_year_{k}" for k in (1, 2, 3)]]
        assert years.sum(axis=1).to_numpy() == pytest.approx(value["lifetime_value"].to_numpy(), rel=SUMMATION)
        first = clv.lifetime_value(fit, 20.0, who, horizon="1Y", annual_discount_rate=0.1, **more)["lifetime_value"]
        assert years["lifetime_value_year_1"].to_numpy() == pytest.approx(first.to_numpy(), rel=SUMMATION)
    with pytest.raises(ArgumentError, match="with an end"):
        clv.lifetime_value(fit, 20.0, horizon=None, annual_discount_rate=0.1, yearly=True)


def test_bounds_are_quantiles_over_the_draws(fit: clv.Fit) -> None:
    options: dict[str, Any] = {"horizon": "3Y", "annual_discount_rate": 0.10, "cost_per_purchase": [5.0, 35.0]}
    value = clv.lifetime_value(fit, 20.0, **options, interval=0.90)
    model, made = fit.definition, np.array([7.0, 2.0])
    delta = np.log(1.10) / 12
    draws = []
    for parameters in fit.draws().to_dict("records"):
        renewed = np.exp(model.log_survival(made, 1.0, **parameters))  # type: ignore[attr-defined]
        periods = renewed * model.discounted_lifetime(made + 1, delta, 36, **parameters)  # type: ignore[attr-defined]
        draws.append(np.array([15.0, -15.0]) * periods)
    point = clv.lifetime_value(fit, 20.0, **options)["lifetime_value"]
    assert value["lifetime_value"].equals(point)
    lower, upper = np.quantile(draws, [0.05, 0.95], axis=0)
    wrong = SURROGATE_OF_WIDTH * (upper - lower)
    assert (np.abs(value["lifetime_value_lower"] - lower) < wrong).all()
    assert (np.abs(value["lifetime_value_upper"] - upper) < wrong).all()
    assert value["lifetime_value"]["young"] < 0  # who costs more than is paid
    sums = np.array(draws) @ [491, 360]
    total = value.attrs["total"]["lifetime_value"]
    assert total["estimate"] == pytest.approx(float(point @ [491, 360]), rel=SUMMATION)
    low, high = np.quantile(sums, [0.05, 0.95])
    assert [total["lower"], total["upper"]] == pytest.approx([low, high], abs=SURROGATE_OF_WIDTH * (high - low))
    for name in ("retention", "attrition_risk", "expected_periods", "lifetime_value"):
        assert (value[f"{name}_lower"] < value[name]).all()
        assert (value[name] < value[f"{name}_upper"]).all()
    new = clv.lifetime_value(
        fit, 20.0, "new", horizon="1Y", annual_discount_rate=0.1, acquisition_cost=50.0, interval=0.9
    )
    total = new.attrs["total"]["lifetime_value"]
    bounds = new[["lifetime_value", "lifetime_value_lower", "lifetime_value_upper"]].iloc[0]
    assert [total["estimate"], total["lower"], total["upper"]] == pytest.approx(bounds.to_list(), rel=SUMMATION)


def test_attrition_risk_is_that_of_a_renewal_not_made(fit: clv.Fit, subscribers: clv.Subscriptions) -> None:
    risk = attrition_risk(fit, subscribers, horizon=1)
    assert risk.name == "attrition_risk"
    assert (risk + fit.retention(subscribers)).to_numpy() == pytest.approx(1.0, rel=ONE_ROUNDING)
    year = attrition_risk(fit, subscribers, interval=0.9)
    assert list(year.columns) == ["attrition_risk", "attrition_risk_lower", "attrition_risk_upper"]
    assert year["attrition_risk"].to_numpy() == pytest.approx(
        1.0 - fit.survival(12, subscribers).to_numpy(), rel=SUMMATION
    )


def test_a_horizon_holds_whole_periods() -> None:
    assert [renewals_in("1Y", unit) for unit in ("day", "week", "month", "year")] == [365, 52, 12, 1]
    assert [renewals_in(f"{months}M", "month") for months in range(1, 60)] == list(range(1, 60))
    with pytest.raises(ArgumentError, match="shorter than a year"):
        renewals_in("6M", "year")
    with pytest.raises(ArgumentError, match="a whole number"):
        renewals_in(1.5, "month")
    weekly = clv.fit(clv.Subscriptions.from_survival(HIGH_END, unit="week"), "sbg")
    value = clv.lifetime_value(weekly, 3.0, horizon=None, annual_discount_rate=0.1)
    assert value.attrs["counts_horizon"] == 52
    assert value["attrition_risk"].to_list() == pytest.approx([1.0 - weekly.survival(52).iloc[0]], rel=SUMMATION)


def test_nobody_left_has_no_rows_and_no_value() -> None:
    gone = clv.Subscriptions.from_survival([1000, 600, 400, 250, 0], unit="month")
    fit = clv.fit(clv.Subscriptions.from_survival(HIGH_END, unit="month"), "sbg")
    value = clv.lifetime_value(fit, 20.0, gone, horizon=None, annual_discount_rate=0.1, interval=0.9)
    assert len(value) == 0
    assert value.attrs["total"]["lifetime_value"] == {"estimate": 0.0, "lower": 0.0, "upper": 0.0}


def test_value_goes_into_the_plot_of_value_and_risk(fit: clv.Fit, subscribers: clv.Subscriptions) -> None:
    value = clv.lifetime_value(fit, 20.0, subscribers, horizon="1Y", annual_discount_rate=0.1)
    assert clv.plots.value_risk_table(value)["customers"].sum() == 4


def test_what_has_no_meaning(fit: clv.Fit, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    options: dict[str, Any] = {"horizon": "1Y", "annual_discount_rate": 0.1}
    with pytest.raises(ArgumentError, match="price must be a number or one number a customer"):
        clv.lifetime_value(fit, cdnow_spend, **options)
    with pytest.raises(UnsupportedPrediction, match="predictive=True is for purchases"):
        clv.lifetime_value(fit, 20.0, **options, interval=0.9, predictive=True)
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        clv.lifetime_value(fit, 20.0, **options, until_renewal=3)
    with pytest.raises(ArgumentError, match="first period begins now"):
        clv.lifetime_value(fit, 20.0, "new", **options, until_renewal=0.5)
    with pytest.raises(ArgumentError, match="until_renewal is for subscriptions"):
        clv.lifetime_value(cdnow_bgnbd, cdnow_spend, **options, until_renewal=0.5)
    with pytest.raises(UnsupportedPrediction, match="spend must be a fit of a spend model"):
        clv.lifetime_value(cdnow_bgnbd, 20.0, **options)
    with pytest.raises(ArgumentError, match="lifetime can be infinite"):
        clv.lifetime_value(fit, 20.0, horizon=None, annual_discount_rate=0.0)
