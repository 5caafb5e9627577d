"""The derivatives of the one log-likelihood, against numerical derivatives in 40 digits by mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from clvmodels import models
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.jet import Jet, parameter_jets, weighted_total
from clvmodels.inference.posterior.likelihood import CHUNK, LogLikelihood
from clvmodels.models.numerics import special
from clvmodels.models.purchases import bgnbd
from tests.reference.parameters import PURCHASES, SPEND
from tests.reference.tolerances import (
    ABSOLUTE_QUADRATURE,
    ABSOLUTE_ROUNDING,
    ABSOLUTE_SUMMATION,
    MANY_ROUNDINGS,
    ONE_ROUNDING,
    QUADRATURE,
    ROUNDING,
    SPECIAL_FUNCTIONS,
    SUMMATION,
)

# Derivatives by sums of terms that are large where parameters are small, and cancel: each order loses two digits.
SLOPE = {"rel": 1e-8, "abs": 1e-9}
CURVATURE = {"rel": 1e-6, "abs": 1e-7}
# Renewals have their own test, in more digits: ``tests/models/renewals``.
CASES = {name: row for name, row in (PURCHASES | SPEND).items() if row.derivatives}


@pytest.mark.parametrize("name", CASES)
def test_jets_equal_numerical_derivatives(name: str) -> None:
    model: Any = models.get(name)
    reference: Any = CASES[name].log_likelihood
    names = CASES[name].parameters
    for values in CASES[name].derivatives:
        for row in CASES[name].histories:

            def f(*theta: Any, row: Any = row) -> Any:
                return reference(*row, **dict(zip(names, theta, strict=True)))

            data = [np.array([float(u)]) for u in row]
            jet = model.log_likelihood(*data, **dict(zip(names, parameter_jets(values), strict=True)), xp=jets)
            value, gradient, hessian = weighted_total(jet, None, len(names), 1)
            first = model.log_likelihood(*data, **dict(zip(names, parameter_jets(values, 1), strict=True)), xp=jets)
            assert weighted_total(first, None, len(names), 1)[1] == pytest.approx(gradient, rel=MANY_ROUNDINGS)
            assert first.hess is None
            assert value == pytest.approx(float(f(*values)), rel=QUADRATURE, abs=ABSOLUTE_QUADRATURE)
            for i in range(len(names)):
                order = [int(k == i) for k in range(len(names))]
                assert gradient[i] == pytest.approx(_derivative(f, values, order), **SLOPE)
                for j in range(i, len(names)):
                    both = [int(k == i) + int(k == j) for k in range(len(names))]
                    assert hessian[i, j] == pytest.approx(_derivative(f, values, both), **CURVATURE)


def _derivative(f: Callable[..., Any], at: list[float], order: list[int]) -> float:
    """Central differences of a function that is good to about 30 digits; the step leaves 8 of them at least."""
    steps = [mpmath.mpf(value) * mpmath.mpf("1e-6") for value in at]

    def differ(which: list[int], point: list[Any]) -> Any:
        for k, times in enumerate(which):
            if times:
                rest = [*which[:k], times - 1, *which[k + 1 :]]
                up = [*point[:k], point[k] + steps[k], *point[k + 1 :]]
                down = [*point[:k], point[k] - steps[k], *point[k + 1 :]]
                return (differ(rest, up) - differ(rest, down)) / (2 * steps[k])
        return f(*point)

    with mpmath.workdps(40):
        return float(differ(order, [mpmath.mpf(value) for value in at]))


def test_namespaces_agree_on_every_function() -> None:
    rng = np.random.default_rng(3)
    u, v = rng.uniform(0.1, 5.0, 50), rng.uniform(0.1, 5.0, 50)
    x = rng.integers(0, 40, 50)
    one, two = Jet(u, {0: 1.0}, {}), Jet(v, {1: 1.0}, {})
    mask = u > v
    for name in ("log", "log1p", "exp", "expm1", "gammaln"):
        assert getattr(jets, name)(one).value == pytest.approx(getattr(special, name)(u), rel=ONE_ROUNDING)
    assert jets.betaln(one, two).value == pytest.approx(special.betaln(u, v), rel=ROUNDING)
    assert jets.logaddexp(one, two, where=mask).value == pytest.approx(
        special.logaddexp(u, v, where=mask), rel=ROUNDING
    )
    assert jets.where(mask, one, two).value == pytest.approx(np.where(mask, u, v))
    assert jets.log_rising(Jet(0.7, {0: 1.0}, {}), x).value == pytest.approx(special.log_rising(0.7, x), rel=ROUNDING)
    matrix = np.stack([u, v], axis=1)
    summed = jets.logsumexp(Jet(matrix, {0: matrix}, {}))
    assert summed.value == pytest.approx(special.logsumexp(matrix), rel=ROUNDING)


def test_logsumexp_and_logaddexp_have_the_same_derivatives() -> None:
    rng = np.random.default_rng(4)
    u, v = rng.normal(size=(2, 30))
    slopes = rng.normal(size=(4, 30))
    one = Jet(u, {0: slopes[0], 1: slopes[1]}, {(0, 1): slopes[2]})
    two = Jet(v, {1: slopes[3]}, {(1, 1): slopes[0]})
    stacked = Jet(
        np.stack([u, v], axis=1),
        {0: np.stack([slopes[0], np.zeros(30)], axis=1), 1: np.stack([slopes[1], slopes[3]], axis=1)},
        {(0, 1): np.stack([slopes[2], np.zeros(30)], axis=1), (1, 1): np.stack([np.zeros(30), slopes[0]], axis=1)},
    )
    added, summed = jets.logaddexp(one, two), jets.logsumexp(stacked)
    for key in added.grad:
        assert added.grad[key] == pytest.approx(summed.grad[key], rel=SUMMATION, abs=ABSOLUTE_ROUNDING)
    for pair in added.hess:
        assert added.hess[pair] == pytest.approx(summed.hess[pair], rel=SUMMATION, abs=ABSOLUTE_ROUNDING)


def test_log_rising_equals_mpmath_and_differs_by_row() -> None:
    for c in (1e-3, 0.243, 1.0, 17.3, 1e3):
        x = np.array([0, 1, 2, 40, 2000])
        exact = [float(mpmath.loggamma(mpmath.mpf(c) + int(k)) - mpmath.loggamma(c)) for k in x]
        assert special.log_rising(c, x) == pytest.approx(exact, rel=MANY_ROUNDINGS, abs=MANY_ROUNDINGS)
        # as a difference of two log Γ, of up to 1e4
        assert special.log_rising(np.full(5, c), x) == pytest.approx(exact, rel=1e-12, abs=1e-11)
    few_groups, counts = np.repeat([0.243, 17.3], 500), np.tile([0, 1, 2, 40, 7], 200)
    exact = special.sc.gammaln(few_groups + counts) - special.sc.gammaln(few_groups)
    assert special.log_rising(few_groups, counts) == pytest.approx(exact, rel=SPECIAL_FUNCTIONS, abs=ABSOLUTE_SUMMATION)
    slopes = special.sc.digamma(few_groups + counts) - special.sc.digamma(few_groups)
    assert special.log_rising_derivatives(few_groups, counts, 1)[1] == pytest.approx(
        slopes, rel=SPECIAL_FUNCTIONS, abs=ABSOLUTE_SUMMATION
    )
    beyond = special.log_rising(0.5, np.array([3, 1_000_000]))
    assert beyond[1] == pytest.approx(float(mpmath.loggamma(1_000_000.5) - mpmath.loggamma(0.5)), rel=MANY_ROUNDINGS)


def test_chunks_add_up_to_the_plain_sum() -> None:
    """Counts alone in a chunk, mixed chunks, weights: all give the sum over rows."""
    rng = np.random.default_rng(5)
    x = np.concatenate(
        [np.zeros(2 * CHUNK + 7), np.ones(CHUNK), rng.integers(2, 400, 3 * CHUNK).astype(float), [5000.0]]
    )
    T = rng.uniform(1.0, 40.0, len(x))
    t_x = np.where(x > 0, T * rng.uniform(0.01, 1.0, len(x)), 0.0)
    values = np.array([0.4, 3.0, 0.9, 2.0])
    parameters = dict(zip(bgnbd.SPEC.parameters, values, strict=True))
    rows = bgnbd.log_likelihood(x, t_x, T, **parameters)
    for weight in (np.ones(len(x)), rng.integers(1, 9, len(x)).astype(float)):
        likelihood = LogLikelihood(models.get("bg/nbd"), (x, t_x, T), weight)
        assert likelihood.value(values) == pytest.approx(float(weight @ rows), rel=SUMMATION)
        assert likelihood.derivatives(values)[0] == pytest.approx(float(weight @ rows), rel=SUMMATION)
