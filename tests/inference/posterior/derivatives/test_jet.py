"""The algebra of jets, against derivatives in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.jet import Jet, bundle, composed
from clvmodels.models.numerics import special

ROUNDING = 1e-13  # some ten roundings of numbers of the size of 1
U, V = np.array([0.7, 1.9, 4.0]), np.array([2.0, 0.3, 1.1])


def _pair(order: int = 2) -> tuple[Jet, Jet]:
    return tuple(Jet(value, {i: 1.0}, {} if order == 2 else None) for i, value in enumerate((U, V)))


def test_quotient() -> None:
    u, v = _pair()
    found = u / v
    np.testing.assert_allclose(found.value, U / V, rtol=ROUNDING)
    np.testing.assert_allclose([found.grad[0], found.grad[1]], [1 / V, -U / V**2], rtol=ROUNDING)
    np.testing.assert_allclose([found.hess[0, 1], found.hess[1, 1]], [-1 / V**2, 2 * U / V**3], rtol=ROUNDING)
    assert (0, 0) not in found.hess or np.all(found.hess[0, 0] == 0.0)


def test_quotient_of_functions_of_the_same_parameter_is_that_of_the_logarithms() -> None:
    u, v = _pair()
    above, below = u * v + 1.0, jets.exp(u) * v
    direct, by_logs = above / below, jets.exp(jets.log(above) - jets.log(below))
    np.testing.assert_allclose(direct.value, by_logs.value, rtol=ROUNDING)
    for i in range(2):
        np.testing.assert_allclose(direct.grad[i], by_logs.grad[i], rtol=ROUNDING)
        for j in range(i, 2):
            np.testing.assert_allclose(direct.hess[i, j], by_logs.hess[i, j], rtol=ROUNDING, atol=ROUNDING)


def test_composition_is_the_same_function_of_the_inner_parameters() -> None:
    u, v = _pair()
    outer = [Jet(one.value, {i: 1.0}, {}) for i, one in enumerate((u * v, jets.log(u + v)))]

    def function(a: Jet, b: Jet) -> Jet:
        return jets.log(a + 3.0) * b * b

    found, expected = composed(function(*outer), {0: u * v, 1: jets.log(u + v)}), function(u * v, jets.log(u + v))
    for i in range(2):
        np.testing.assert_allclose(found.grad[i], expected.grad[i], rtol=ROUNDING)
        for j in range(i, 2):
            np.testing.assert_allclose(found.hess[i, j], expected.hess[i, j], rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("order", [1, 2])
def test_by_rows_is_the_function_where_a_group_has_the_place(order: int) -> None:
    rows, number = Jet(U[:, None], {0: 1.0}, {} if order == 2 else None), 2.0
    columns = Jet(np.outer(U, V), {1: 1.0}, {} if order == 2 else None)
    groups = [np.array([0, 4]), np.array([7, 2, 8])]

    def function(a: Jet, b: Jet, c: float) -> Jet:
        return jets.log(a + b) * b * c

    found, whole = (
        jets.by_rows(function, groups, rows, columns, number, otherwise=-5.0),
        function(rows, columns, number),
    )
    there = np.isin(np.arange(9), np.concatenate(groups)).reshape(3, 3)
    np.testing.assert_allclose(found.value, np.where(there, whole.value, -5.0), rtol=ROUNDING)
    for i in range(2):
        np.testing.assert_allclose(found.grad[i], np.where(there, whole.grad[i], 0.0), rtol=ROUNDING)
        for j in range(i, 2) if order == 2 else ():
            np.testing.assert_allclose(
                found.hess[i, j], np.where(there, whole.hess[i, j], 0.0), rtol=ROUNDING, atol=ROUNDING
            )
    numbers = special.by_rows(
        lambda a, b, c: np.log(a + b) * b * c, groups, U[:, None], np.outer(U, V), number, otherwise=-5.0
    )
    np.testing.assert_allclose(numbers, found.value, rtol=ROUNDING)


def test_bundles_are_the_derivatives_one_by_one() -> None:
    values = np.array([[0.5, 1.0, 2.0], [1.5, 0.4, 0.3]])

    def function(a: Jet, b: Jet) -> Jet:
        return jets.exp(a) / b + jets.log(a * b)

    together = function(*bundle(values, 0)).grad[0]
    apart = function(*(Jet(row, {i: 1.0}, None) for i, row in enumerate(values))).grad
    np.testing.assert_allclose(together, [apart[0], apart[1]], rtol=ROUNDING)
