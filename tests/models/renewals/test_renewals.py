"""Models of renewals against mpmath and simulation, and laws that both must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.posterior import jets
from clvmodels.inference.posterior.jet import parameter_jets, weighted_total
from clvmodels.models.numerics import renewal_sums
from clvmodels.models.protocol import RenewalModel
from tests.reference.tolerances import (
    ABSOLUTE_ROUNDING,
    MANY_ROUNDINGS,
    ONE_ROUNDING,
    ROUNDING,
    SPECIAL_FUNCTIONS,
    STANDARD_ERRORS,
    SUMMATION,
)

LONG_SUM = 1e-11  # sums of up to 400,000 terms, and Euler and Maclaurin's remainder

CASES: list[tuple[str, dict[str, float]]] = [
    ("sbg", {"alpha": 0.668, "beta": 3.806}),
    ("sbg", {"alpha": 1e-3, "beta": 1e3}),
    ("sbg", {"alpha": 1e3, "beta": 1e-3}),
    ("bdw", {"alpha": 0.259, "beta": 1.722, "c": 1.584}),
    ("bdw", {"alpha": 0.7, "beta": 1.2, "c": 1.0}),
    ("bdw", {"alpha": 0.05, "beta": 0.01, "c": 0.3}),
    ("bdw", {"alpha": 40.0, "beta": 2e3, "c": 3.0}),
]


@pytest.fixture(params=CASES, ids=lambda case: "-".join(map(str, [case[0], *case[1].values()])))
def case(request: pytest.FixtureRequest) -> tuple[Any, dict[str, float]]:
    name, parameters = request.param
    return models.get(name), parameters


def _exact_survival(n: Any, *, alpha: Any, beta: Any, c: Any = 1) -> Any:
    exposure = mpmath.mpf(n) ** c if n else mpmath.mpf(0)
    alpha, beta = mpmath.mpf(alpha), mpmath.mpf(beta)
    return mpmath.beta(alpha, beta + exposure) / mpmath.beta(alpha, beta)


def test_every_model_of_renewals_is_tested() -> None:
    named = {name for name in models.names() if models.get(name).spec.kind == "subscriptions"}
    assert named == {name for name, _ in CASES}
    assert all(isinstance(models.get(name), RenewalModel) for name in named)


def test_ratio_of_beta_functions_keeps_all_digits() -> None:
    """alpha from 1e-6 to 1e6, v from 1e-6 to 1e8, h from 1e-8 to 1e8, against 60 digits."""
    rng = np.random.default_rng(0)
    with mpmath.workdps(60):
        for alpha, v, h in 10.0 ** rng.uniform([-6, -6, -8], [6, 8, 8], (600, 3)):
            a, u, d = mpmath.mpf(float(alpha)), mpmath.mpf(float(v)), mpmath.mpf(float(h))
            gamma = mpmath.loggamma
            exact = gamma(u + d) - gamma(u) - gamma(a + u + d) + gamma(a + u)
            # 16 logarithms and Stirling's series, each good to a rounding
            assert renewal_sums.log_beta_ratio(alpha, v, h) == pytest.approx(float(exact), rel=5e-15)
    assert renewal_sums.log_beta_ratio(0.7, 1.2, 0.0) == 0.0


def test_log_likelihood_and_survival_equal_mpmath(case: tuple[Any, dict[str, float]]) -> None:
    model, parameters = case
    with mpmath.workdps(60):
        for n in (0, 1, 2, 7, 100, 2000):
            now, then = (_exact_survival(k, **parameters) for k in (n, n + 1))
            for lost, exact in ((0.0, mpmath.log(now)), (1.0, mpmath.log(now - then))):
                value = model.log_likelihood(np.array([float(n)]), np.array([lost]), **parameters)[0]
                assert value == pytest.approx(float(exact), rel=SPECIAL_FUNCTIONS, abs=ABSOLUTE_ROUNDING)
            later = mpmath.log(_exact_survival(n + 12, **parameters) / now)
            assert model.log_survival(np.array([float(n)]), 12.0, **parameters)[0] == pytest.approx(
                float(later), rel=MANY_ROUNDINGS
            )


def test_law_probabilities_sum_to_one(case: tuple[Any, dict[str, float]]) -> None:
    model, parameters = case
    n = np.arange(500.0)
    left = np.exp(model.log_likelihood(n, np.ones(500), **parameters)).sum()
    stayed = np.exp(model.log_likelihood(np.array([500.0]), np.zeros(1), **parameters))[0]
    assert left + stayed == pytest.approx(1.0, rel=SUMMATION)


@pytest.mark.parametrize(("n", "lost"), [(0, 1), (1, 1), (3, 0), (9, 1), (60, 0)])
def test_jets_equal_numerical_derivatives(case: tuple[Any, dict[str, float]], n: int, lost: int) -> None:
    model, parameters = case
    values = np.array(list(parameters.values()))
    k = len(values)

    def exact(*theta: Any) -> Any:
        at = dict(zip(parameters, theta, strict=True))
        return mpmath.log(_exact_survival(n, **at) - (_exact_survival(n + 1, **at) if lost else 0))

    parts = dict(zip(parameters, parameter_jets(values), strict=True))
    jet = model.log_likelihood(np.array([float(n)]), np.array([float(lost)]), **parts, xp=jets)
    _, gradient, hessian = weighted_total(jet, None, k, 1)
    with mpmath.workdps(50):
        point = tuple(mpmath.mpf(float(value)) for value in values)
        for i in range(k):
            # the terms of a derivative, of which the largest are 1 / parameter (squared), cancel
            assert gradient[i] == pytest.approx(float(_slope(exact, i)(*point)), rel=1e-9, abs=1e-12 / values[i])
            for j in range(k):
                second = float(_slope(_slope(exact, i), j)(*point))
                # as gradients; second differences lose twice the digits
                assert hessian[i, j] == pytest.approx(second, rel=1e-7, abs=1e-11 / values[i] / values[j])


def _slope(f: Callable[..., Any], i: int) -> Callable[..., Any]:
    """A central difference in 50 digits, wide enough to leave 20 of them, narrow enough to be right in 12."""

    def slope(*at: Any) -> Any:
        step = at[i] * mpmath.mpf("1e-8")
        up, down = (tuple(v + sign * step if k == i else v for k, v in enumerate(at)) for sign in (1, -1))
        return (f(*up) - f(*down)) / (2 * step)

    return slope


@pytest.mark.parametrize("alpha", [1e-3, 0.668, 30.0, 1e3])
@pytest.mark.parametrize("beta", [1e-3, 3.806, 1e3])
@pytest.mark.parametrize("delta", [1e-6, 0.0953, 3.0])
def test_sbg_discounted_lifetime_is_the_hypergeometric_function(alpha: float, beta: float, delta: float) -> None:
    model: Any = models.get("sbg")
    n = np.array([0.0, 1.0, 7.0, 300.0])
    values = model.discounted_lifetime(n, delta, np.inf, alpha=alpha, beta=beta)
    same = models.get("bdw").discounted_lifetime(n, delta, np.inf, alpha=alpha, beta=beta, c=1.0)  # type: ignore[attr-defined]
    with mpmath.workdps(40):
        z = mpmath.exp(-mpmath.mpf(delta))
        for made, value, sum_of_terms in zip(n, values, same, strict=True):
            b = mpmath.mpf(beta) + made
            exact = float(mpmath.hyp2f1(1, b, mpmath.mpf(alpha) + b, z))
            assert value == pytest.approx(exact, rel=LONG_SUM)
            assert sum_of_terms == pytest.approx(exact, rel=LONG_SUM)


def test_discounted_lifetime_is_the_sum_of_its_terms(case: tuple[Any, dict[str, float]]) -> None:
    """Term by term up to where nothing is left, and up to a horizon; with and without discounting."""
    model, parameters = case
    j = np.arange(400_000.0)
    for n in (0.0, 1.0, 30.0):
        stay = np.exp(model.log_survival(np.full(len(j), n), j, **parameters))
        for delta, count in ((1e-4, np.inf), (0.1, np.inf), (1e-4, 10_000.0), (0.0, 5_000.0), (0.05, 3.0), (0.0, 1.0)):
            terms = (stay * np.exp(-delta * j))[: None if np.isinf(count) else int(count)]
            value = model.discounted_lifetime(np.array([n]), delta, count, **parameters)[0]
            assert value == pytest.approx(float(terms.sum()), rel=LONG_SUM)


def test_law_simulated_renewals_are_as_likely_as_said(case: tuple[Any, dict[str, float]]) -> None:
    """200,000 new customers over 6 periods: each count within 4.5 standard errors."""
    model, parameters = case
    size = 200_000
    n, lost = model.simulate(np.random.default_rng(1), np.full(size, 6.0), **parameters)
    assert n.max() <= 6
    assert (n[lost == 0] == 6).all()
    for made in range(6):
        share = float(((n == made) & (lost == 1)).mean())
        p = float(np.exp(model.log_likelihood(np.array([float(made)]), np.ones(1), **parameters))[0])
        assert share == pytest.approx(p, abs=STANDARD_ERRORS * np.sqrt(p * (1 - p) / size) + 1e-9)


@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_simulated_parameters_are_recovered(model: str) -> None:
    """20,000 customers observed for 1 to 10 periods; each parameter within 4 standard errors of the truth."""
    truth = {"alpha": 0.8, "beta": 2.5, "c": 1.3}
    if model == "sbg":
        del truth["c"]
    observed = np.random.default_rng(2).integers(1, 11, 20_000).astype(float)
    definition: Any = models.get(model)
    n, lost = definition.simulate(np.random.default_rng(3), observed, **truth)
    table = pd.DataFrame({"periods": n.astype(int), "lost": lost == 1, "active": lost == 0, "customers": 1})
    fit = clv.fit(clv.Subscriptions(table.assign(segment="all"), "month"), model)
    assert fit.converged
    for name, value in truth.items():
        distance = np.log(fit.parameters[name] / value)
        assert abs(distance) < 4.0 * fit.standard_errors[name] / fit.parameters[name]


# --- predictions ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def subscriptions() -> clv.Subscriptions:
    years = {"old": [1000, 869, 743, 653, 593, 551, 517, 491], "young": [500, 430, 360], "new": [80]}
    return clv.Subscriptions.from_survival(years, unit="year")


@pytest.fixture(scope="module", params=["sbg", "bdw"])
def fit(request: pytest.FixtureRequest, subscriptions: clv.Subscriptions) -> clv.Fit:
    return clv.fit(subscriptions, request.param)


def test_predictions_agree_with_one_another(fit: clv.Fit) -> None:
    assert list(fit.retention().index) == ["old", "young", "new"]
    curve, retention = fit.survival_curve(20), fit.retention_curve(20)
    assert retention.cumprod().to_numpy() == pytest.approx(curve.to_numpy()[1:], rel=MANY_ROUNDINGS)
    assert fit.retention().to_numpy() == pytest.approx(retention.loc[[8, 3, 1]].to_numpy(), rel=MANY_ROUNDINGS)
    assert (fit.retention() + fit.churn_risk()).to_numpy() == pytest.approx(np.ones(3), rel=ONE_ROUNDING)
    assert (fit.survival("5Y") + fit.churn_risk(5)).to_numpy() == pytest.approx(np.ones(3), rel=ONE_ROUNDING)
    assert fit.survival("5Y")["old"] == pytest.approx(curve[12] / curve[7], rel=MANY_ROUNDINGS)
    assert fit.survival([0, 3], "new").to_numpy()[0] == pytest.approx([1.0, curve[3]], rel=ROUNDING)
    expected = fit.expected_customers(5)
    assert expected[0] == 491 + 360 + 80
    assert expected[5] == pytest.approx(float(fit.survival(5) @ [491, 360, 80]), rel=MANY_ROUNDINGS)
    assert fit.expected_customers(3, "new").to_numpy() == pytest.approx(curve.to_numpy()[:4], rel=MANY_ROUNDINGS)


def test_discounted_lifetime_counts_from_the_next_renewal(fit: clv.Fit) -> None:
    curve = fit.survival_curve(2000).to_numpy()
    discount = 1.1 ** -np.arange(2000.0)
    new = float(curve[:2000] @ discount)
    assert fit.discounted_lifetime(0.1, customers="new").iloc[0] == pytest.approx(new, rel=LONG_SUM)
    old = float(curve[8:] @ discount[: len(curve) - 8] / curve[7])
    assert fit.discounted_lifetime(0.1)["old"] == pytest.approx(old, rel=LONG_SUM)
    assert fit.discounted_lifetime(0.1, until_renewal=1.0)["old"] == pytest.approx(old / 1.1, rel=LONG_SUM)
    assert fit.discounted_lifetime(0.0, horizon=3)["old"] == pytest.approx(curve[8:11].sum() / curve[7], rel=SUMMATION)
    assert fit.discounted_lifetime(0.1, horizon="1Y", customers="new").iloc[0] == 1.0


def test_only_who_is_still_there_is_predicted(fit: clv.Fit) -> None:
    frame = pd.DataFrame(
        {"id": ["ann", "bob", "cat"], "from": "2020-01-01", "to": [None, "2021-01-01", "2023-07-01"]},
    )
    them = clv.Subscriptions.from_frame(
        frame, start="from", end="to", observation_end="2023-08-01", unit="year", customer_id="id"
    )
    risk = fit.churn_risk(customers=them)
    assert list(risk.index) == ["ann"]
    assert risk["ann"] == pytest.approx(1.0 - fit.retention_curve(4)[4], rel=SUMMATION)


def test_a_loaded_fit_predicts(fit: clv.Fit, subscriptions: clv.Subscriptions, tmp_path: Any) -> None:
    fit.save(tmp_path / "renewals.json")
    loaded = clv.load(tmp_path / "renewals.json")
    assert loaded.churn_risk(customers=subscriptions).equals(fit.churn_risk())
    assert loaded.survival_curve(9).equals(fit.survival_curve(9))
    with pytest.raises(ArgumentError, match="carries no data"):
        loaded.churn_risk()


def test_predictions_without_meaning_name_one_that_has(
    fit: clv.Fit, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit
) -> None:
    calls: list[Any] = [
        lambda: fit.probability_alive(),
        lambda: fit.expected_purchases("1Y"),
        lambda: fit.purchase_probability("1Y"),
        lambda: fit.discounted_expected_purchases(0.1),
        lambda: fit.expected_spend(),
        lambda: fit.simulate("1Y"),
    ]
    for call in calls:
        with pytest.raises(UnsupportedPrediction, match=r"is a model of subscriptions and has no .*churn_risk"):
            call()
    with pytest.raises(UnsupportedPrediction, match=r"BG/NBD is a model of purchases .* purchase_probability"):
        cdnow_bgnbd.churn_risk()
    with pytest.raises(UnsupportedPrediction, match="Gamma-Gamma is a model of spend"):
        cdnow_spend.survival_curve(3)


def test_arguments_that_make_no_sense(fit: clv.Fit, subscriptions: clv.Subscriptions, cdnow: clv.Customers) -> None:
    with pytest.raises(ArgumentError, match="whole number of years"):
        fit.survival("18M")
    with pytest.raises(ArgumentError, match="lifetime can be infinite"):
        fit.discounted_lifetime(0.0)
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        fit.discounted_lifetime(0.1, until_renewal=2.0)
    with pytest.raises(ArgumentError, match="first period begins now"):
        fit.discounted_lifetime(0.1, customers="new", until_renewal=0.5)
    with pytest.raises(ArgumentError, match='Subscriptions or "new"'):
        fit.churn_risk(customers="old")
    monthly = clv.Subscriptions(subscriptions.table, "month")
    with pytest.raises(ArgumentError, match="renew each month"):
        fit.churn_risk(customers=monthly)
    with pytest.raises(ArgumentError, match=r"takes clvmodels.Subscriptions, not Customers"):
        clv.fit(cdnow, "sbg")
    with pytest.raises(ArgumentError, match=r"takes clvmodels.Customers, not Subscriptions"):
        clv.fit(subscriptions, "bg/nbd")
