"""Models of renewals against mpmath and simulation, and laws that both must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from clvmodels import models
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.jet import parameter_jets, weighted_total
from clvmodels.models.numerics import renewal_sums
from clvmodels.models.protocol import RenewalModel
from tests.reference import renewals as reference
from tests.reference.parameters import RENEWALS, RENEWED_AND_LOST
from tests.reference.tolerances import (
    ABSOLUTE_ROUNDING,
    MANY_ROUNDINGS,
    SPECIAL_FUNCTIONS,
    STANDARD_ERRORS,
    SUMMATION,
)

LONG_SUM = 1e-11  # sums of up to 400,000 terms, and Euler and Maclaurin's remainder

CASES = [(name, parameters) for name, row in RENEWALS.items() for parameters in row.laws]


@pytest.fixture(params=CASES, ids=lambda case: "-".join(map(str, [case[0], *case[1].values()])))
def case(request: pytest.FixtureRequest) -> tuple[Any, dict[str, float]]:
    name, parameters = request.param
    return models.get(name), parameters


def test_models_of_renewals_are_typed() -> None:
    assert all(isinstance(models.get(name), RenewalModel) for name in RENEWALS)


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
            now, then = (reference.survival(k, **parameters) for k in (n, n + 1))
            for lost, exact in ((0.0, mpmath.log(now)), (1.0, mpmath.log(now - then))):
                value = model.log_likelihood(np.array([float(n)]), np.array([lost]), **parameters)[0]
                assert value == pytest.approx(float(exact), rel=SPECIAL_FUNCTIONS, abs=ABSOLUTE_ROUNDING)
            later = mpmath.log(reference.survival(n + 12, **parameters) / now)
            assert model.log_survival(np.array([float(n)]), 12.0, **parameters)[0] == pytest.approx(
                float(later), rel=MANY_ROUNDINGS
            )


def test_law_probabilities_sum_to_one(case: tuple[Any, dict[str, float]]) -> None:
    model, parameters = case
    n = np.arange(500.0)
    left = np.exp(model.log_likelihood(n, np.ones(500), **parameters)).sum()
    stayed = np.exp(model.log_likelihood(np.array([500.0]), np.zeros(1), **parameters))[0]
    assert left + stayed == pytest.approx(1.0, rel=SUMMATION)


@pytest.mark.parametrize(("n", "lost"), RENEWED_AND_LOST)
def test_jets_equal_numerical_derivatives(case: tuple[Any, dict[str, float]], n: int, lost: int) -> None:
    model, parameters = case
    values = np.array(list(parameters.values()))
    k = len(values)

    def exact(*theta: Any) -> Any:
        at = dict(zip(parameters, theta, strict=True))
        return reference.log_likelihood(n, lost, **at)

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
