"""Pareto/NBD with time-varying covariates: limits, mpmath, derivatives and simulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from clvmodels.inference.data.calendar_histories import (
    Calendar,
    Pieces,
    VaryingHistories,
    histories,
    pieces,
    stretch,
)
from clvmodels.inference.data.design import Design, Part
from clvmodels.inference.posterior.calendar_likelihood import VaryingLikelihood
from clvmodels.models.numerics.special import expit
from clvmodels.models.purchases import paretonbd, paretonbd_calendar, paretonbd_future
from clvmodels.models.purchases.paretonbd_calendar import Alive, Stretch
from tests.reference import day_by_day
from tests.reference import varying as reference
from tests.reference.tolerances import (
    ABSOLUTE_PREDICTION,
    ABSOLUTE_QUADRATURE,
    ABSOLUTE_SUMMATION,
    PREDICTION,
    QUADRATURE,
    ROUNDING,
    SUMMATION,
    TWO_QUADRATURES,
)

PARAMETERS = {"r": 0.8, "alpha": 9.0, "s": 0.6, "beta": 14.0}


def _as_pieces(given: Stretch, row: int) -> list[tuple[float, float, float]]:
    return [tuple(map(float, piece)) for piece in zip(*(column[row] for column in given), strict=True)]


def _random_stretch(rng: np.random.Generator, m: int, K: int, spread: float) -> Stretch:
    length = 10.0 ** rng.uniform(-2.0, 2.5, (m, K)) * (rng.random((m, K)) < 0.9)
    return Stretch(length, np.exp(spread * rng.standard_normal((m, K))), np.exp(spread * rng.standard_normal((m, K))))


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("purchase", "dropout"), [(1.0, 1.0), (2.5, 0.3), (0.04, 7.0)])
def test_constant_covariates_are_the_static_model(purchase: float, dropout: float) -> None:
    """Factors g and c are α / g and β / c, with g^x from the purchases."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 30, 50).astype(float)
    lengths = rng.uniform(0.0, 10.0, (2, 50, 5))
    before, after = (
        Stretch(length, np.full(length.shape, purchase), np.full(length.shape, dropout)) for length in lengths
    )
    t_x, T = lengths[0].sum(axis=1), lengths.sum(axis=(0, 2))
    static = {**PARAMETERS, "alpha": PARAMETERS["alpha"] / purchase, "beta": PARAMETERS["beta"] / dropout}
    found = paretonbd_calendar.log_likelihood(x, x * np.log(purchase), before, after, **PARAMETERS)
    # sums of up to 30 logarithms
    np.testing.assert_allclose(found, paretonbd.log_likelihood(x, t_x, T, **static), rtol=1e-12, atol=1e-11)
    odds = paretonbd_calendar.log_odds_alive(x, before, after, **PARAMETERS)
    np.testing.assert_allclose(
        odds, paretonbd.log_odds_alive(x, t_x, T, **static), rtol=TWO_QUADRATURES, atol=ABSOLUTE_QUADRATURE
    )

    alive, s = Alive(PARAMETERS["r"] + x, PARAMETERS["alpha"] + purchase * T, PARAMETERS["beta"] + dropout * T), 0.6
    ahead = Stretch(lengths[0], np.full((50, 5), purchase), np.full((50, 5), dropout))
    for i in (0, 7, 20):
        t, one = float(t_x[i]), (x[i : i + 1], T[i : i + 1])
        np.testing.assert_allclose(
            [
                paretonbd_future.survival(alive, ahead, s)[i],
                paretonbd_future.expected_purchases(alive, ahead, s)[i],
                paretonbd_future.expected_purchases(alive, ahead, s, 0.02)[i],
                paretonbd_future.time_alive(alive, ahead, s, 0.02)[i],
                paretonbd_future.purchase_probability(alive, ahead, s)[i],
                *(paretonbd_future.purchases_pmf(alive, ahead, s, count)[i] for count in range(4)),
            ],
            [
                paretonbd.survival(*one, t, **static)[0],
                paretonbd.expected_purchases(*one, t, **static)[0],
                paretonbd.discounted_expected_purchases(*one, t, 0.02, **static)[0],
                paretonbd.discounted_time_alive(*one, t, 0.02, **static)[0],
                paretonbd.purchase_probability(*one, t, **static)[0],
                *(paretonbd.purchases_pmf(*one, t, count, **static)[0] for count in range(4)),
            ],
            rtol=1e-9,  # what both hold
        )


def test_splitting_a_piece_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    before, after = (_random_stretch(rng, 40, 3, 1.0) for _ in range(2))
    x = rng.integers(0, 20, 40).astype(float)
    halves = [Stretch(*(np.repeat(column, 2, axis=1) for column in part)) for part in (before, after)]
    halves = [half._replace(length=half.length / 2.0) for half in halves]
    whole = paretonbd_calendar.log_likelihood(x, np.zeros(40), before, after, **PARAMETERS)
    np.testing.assert_allclose(
        paretonbd_calendar.log_likelihood(x, np.zeros(40), *halves, **PARAMETERS),
        whole,
        rtol=SUMMATION,
        atol=ABSOLUTE_SUMMATION,
    )


def test_a_purchase_at_the_end_leaves_the_customer_alive() -> None:
    none = Stretch(np.zeros((1, 2)), np.ones((1, 2)), np.ones((1, 2)))
    before = Stretch(np.array([[3.0, 4.0]]), np.ones((1, 2)), np.ones((1, 2)))
    assert paretonbd_calendar.log_odds_alive(np.ones(1), before, none, **PARAMETERS)[0] == np.inf
    static = paretonbd.log_likelihood(np.ones(1), np.array([7.0]), np.array([7.0]), **PARAMETERS)
    found = paretonbd_calendar.log_likelihood(np.ones(1), np.zeros(1), before, none, **PARAMETERS)
    assert found[0] == pytest.approx(static[0], rel=ROUNDING)


# --- mpmath -----------------------------------------------------------------------------------------------------------


def _harsh(seed: int) -> tuple[np.random.Generator, dict[str, float]]:
    rng = np.random.default_rng(seed)
    low, high = np.array([-2.0, -2.0, -2.0, -2.0]), np.array([1.5, 4.0, 1.5, 4.0])
    return rng, dict(zip(PARAMETERS, (10.0 ** rng.uniform(low, high)).tolist(), strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_likelihood_equals_mpmath(seed: int) -> None:
    """Factors from e^-6 to e^6, pieces of 0.01 to 300, shapes from 0.01 to 30, scales from 0.01 to 10^4."""
    rng, parameters = _harsh(seed)
    before, after = _random_stretch(rng, 1, 3, 2.0), _random_stretch(rng, 1, 4, 2.0)
    for x in (0.0, 3.0, 60.0, 1_500.0):
        args = (x, _as_pieces(before, 0), _as_pieces(after, 0))
        found = paretonbd_calendar.log_likelihood(np.array([x]), np.array([0.7]), before, after, **parameters)
        expected = float(reference.log_likelihood(x, 0.7, *args[1:], **parameters))
        # a sum of up to 1,500 logarithms of up to 10 each, in which as much cancels
        assert found[0] == pytest.approx(expected, rel=1e-11, abs=1e-10)
        odds = paretonbd_calendar.log_odds_alive(np.array([x]), before, after, **parameters)
        assert odds[0] == pytest.approx(
            float(reference.log_odds_alive(*args, **parameters)), rel=PREDICTION, abs=ABSOLUTE_PREDICTION
        )


def test_few_nodes_are_enough_for_short_pieces() -> None:
    """Each group at its own number of nodes, 3 at the least; pieces from all over each group."""
    rng, q = np.random.default_rng(20), 1.6
    n, a, b = (
        10.0 ** rng.uniform(-2.0, 3.0, 4_000),
        10.0 ** rng.uniform(0.0, 5.0, 4_000),
        10.0 ** rng.uniform(0, 5, 4_000),
    )
    groups = paretonbd_calendar.groups_by_nodes(n, q, a, b)
    assert len(groups) == 4
    assert sorted(np.concatenate(groups)) == list(range(4_000))
    for group in groups:
        found = paretonbd_calendar.log_unit_integral(n[group], q, a[group], b[group])
        for i in range(0, len(group), len(group) // 12):
            j = group[i]
            with reference.mp.workdps(reference.DIGITS):
                args = (reference.mpf(u) for u in (a[j], n[j], b[j], q, 0.0, 1.0))
                exact = float(reference.mp.log(reference.powers_integral(*args)))
            # 1e-11 of the integral, and the rounding of a sum as large as its logarithm
            assert found[i] == pytest.approx(exact, rel=1e-14, abs=2e-11)


@pytest.mark.parametrize("seed", range(12))
def test_predictions_equal_mpmath(seed: int) -> None:
    rng, parameters = _harsh(100 + seed)
    ahead, s = _random_stretch(rng, 1, 4, 2.0), parameters["s"]
    n, P, Q = parameters["r"] + float(rng.integers(0, 40)), parameters["alpha"] + 30.0, parameters["beta"] + 50.0
    alive, given = Alive(*(np.array([u]) for u in (n, P, Q))), (n, P, Q, _as_pieces(ahead, 0), s)
    found = {
        "survival": paretonbd_future.survival(alive, ahead, s),
        "expected": paretonbd_future.expected_purchases(alive, ahead, s),
        "discounted": paretonbd_future.expected_purchases(alive, ahead, s, 0.01),
        "some": paretonbd_future.purchase_probability(alive, ahead, s),
        "none": paretonbd_future.purchases_pmf(alive, ahead, s, 0),
        "two": paretonbd_future.purchases_pmf(alive, ahead, s, 2),
        "ten": paretonbd_future.purchases_pmf(alive, ahead, s, 10),
    }
    some = reference.purchase_probability(*given)
    expected = {
        "survival": reference.survival(*given),
        "expected": reference.expected_purchases(*given),
        "discounted": reference.expected_purchases(*given, delta=0.01),
        "some": some,
        "none": 1 - some,
        "two": reference.purchases_pmf(*given, count=2),
        "ten": reference.purchases_pmf(*given, count=10),
    }
    for name, value in found.items():
        assert value[0] == pytest.approx(float(expected[name]), rel=PREDICTION), name


# --- histories from days ----------------------------------------------------------------------------------------------


def _weeks(rng: np.random.Generator, kinds: int, weeks: int) -> Calendar:
    """A season, a campaign and a trend, each kind of customer with its own campaigns."""
    season = (np.arange(weeks) % 8 < 3).astype(float)
    trend = np.round(np.linspace(-0.5, 0.5, weeks), 2)
    table = np.array([np.column_stack([season, rng.random(weeks) < 0.3, trend]) for _ in range(kinds)])
    rows, code = np.unique(table.reshape(-1, 3), axis=0, return_inverse=True)
    return Calendar(7.0 * np.arange(weeks + 1), code.reshape(kinds, weeks), rows[:, :2], rows[:, [0, 2]])


COEFFICIENTS = (np.array([0.7, -0.4]), np.array([0.5, 0.8]))


def _simulated(seed: int, n: int, days: int = 560) -> tuple[Calendar, np.ndarray, day_by_day.Simulated]:
    """Customers of three kinds, which differ by their first digit modulo 3 alone, in one simulation a kind."""
    rng = np.random.default_rng(seed)
    calendar = _weeks(rng, 3, days // 7)
    kind, first = rng.integers(0, 3, n), rng.integers(0, 90, n).astype(float)
    parts = []
    for k in range(3):
        factors = [
            np.repeat(np.exp(rows @ gamma)[calendar.codes[k]], 7)
            for rows, gamma in zip((calendar.purchase, calendar.dropout), COEFFICIENTS, strict=True)
        ]
        parts.append(day_by_day.simulate(rng, first[kind == k], *factors, **PARAMETERS, days_per_unit=7.0))
    places = [np.flatnonzero(kind == k) for k in range(3)]
    life = np.empty(n)
    for place, part in zip(places, parts, strict=True):
        life[place] = part.life
    buyer = np.concatenate([place[part.buyer] for place, part in zip(places, parts, strict=True)])
    return calendar, kind, day_by_day.Simulated(first, life, buyer, np.concatenate([part.time for part in parts]))


def _histories(calendar: Calendar, kind: np.ndarray, data: day_by_day.Simulated, end: float) -> VaryingHistories:
    x, t_x, T, seen = data.upto(end)
    return histories(calendar, kind, data.first, x, t_x, T, data.buyer[seen], data.day[seen], days_per_unit=7.0)


VALUES = np.concatenate([list(PARAMETERS.values()), *COEFFICIENTS])


def _design(purchase: list[int], dropout: list[int]) -> Design:
    """The place of each column's coefficient."""
    count = max(*purchase, *dropout) + 1
    parts = [
        Part(process, paretonbd.SPEC.covariates[process], columns, np.array(places))
        for process, columns, places in (("purchase", slice(0, 2), purchase), ("dropout", slice(2, 4), dropout))
    ]
    return Design(tuple(f"c{i}" for i in range(count)), tuple(parts), np.ones(count))


DESIGN = _design([0, 1], [2, 3])


def test_histories_are_what_a_walk_over_the_days_finds() -> None:
    calendar, kind, data = _simulated(3, 200)
    end = 400.0
    made = _histories(calendar, kind, data, end)
    x, t_x, _, seen = data.upto(end)
    factors = np.exp(calendar.purchase @ COEFFICIENTS[0]), np.exp(calendar.dropout @ COEFFICIENTS[1])
    for i in range(0, 200, 7):
        row = i if made.index is None else made.index[i]
        day = np.arange(data.first[i] + 1, end + 1)
        code = calendar.codes[kind[i], (day // 7).astype(int)]
        bought = data.first[i] + t_x[i]
        upto = np.clip(bought - (day - 1.0), 0.0, 1.0)  # share of the day before the last purchase
        for part, share in ((made.before, upto), (made.after, 1.0 - upto)):
            clocks = stretch(*part.padded(np.array([row])), *factors).clocks()
            for clock, factor in zip(clocks, factors, strict=True):
                assert clock[0] == pytest.approx(
                    (share * factor[code]).sum() / 7.0, rel=SUMMATION, abs=ABSOLUTE_SUMMATION
                )
        mine = data.day[seen & (data.buyer == i)]
        codes = calendar.codes[kind[i], (mine // 7).astype(int)]
        np.testing.assert_allclose(made.factors[row], calendar.purchase[codes].sum(axis=0), atol=ABSOLUTE_SUMMATION)
        assert made.x[row] == x[i]


def test_customers_who_share_a_history_are_counted_once() -> None:
    calendar = _weeks(np.random.default_rng(4), 2, 20)
    kind, first = np.array([0, 0, 1, 0]), np.array([3.0, 3.0, 3.0, 4.0])
    x, t_x, T = np.zeros(4), np.zeros(4), np.array([100.0, 100.0, 100.0, 99.0])
    none = np.empty(0, dtype=np.intp)
    made = histories(calendar, kind, first, x, t_x, T, none, none.astype(float))
    np.testing.assert_array_equal(made.weight, [2.0, 1.0, 1.0])
    np.testing.assert_array_equal(made.index, [0, 0, 1, 2])


def test_neighbours_with_equal_covariates_are_one_piece() -> None:
    calendar = Calendar(np.array([0.0, 10.0, 20.0, 30.0]), np.array([[0, 0, 1]]), np.zeros((2, 1)), np.zeros((2, 1)))
    made = pieces(calendar, np.zeros(2, dtype=np.intp), np.array([5.0, 12.0]), np.array([25.0, 12.0]))
    np.testing.assert_array_equal(made.count, [2, 0])
    np.testing.assert_array_equal(made.length, [14.0, 6.0])  # day 20 is the time from 19 to 20


def test_a_held_calendar_goes_on() -> None:
    calendar = _weeks(np.random.default_rng(5), 1, 4)
    made = pieces(calendar.held(), np.zeros(1, dtype=np.intp), np.array([20.0]), np.array([np.inf]))
    assert made.length[-1] == np.inf
    assert made.code[-1] == calendar.codes[0, -1]


# --- the likelihood object --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def likelihood() -> VaryingLikelihood:
    calendar, kind, data = _simulated(6, 300)
    return VaryingLikelihood(_histories(calendar, kind, data, 500.0), DESIGN)


def test_value_is_the_sum_over_customers() -> None:
    calendar, kind, data = _simulated(7, 300)
    made = _histories(calendar, kind, data, 500.0)
    factors = np.exp(calendar.purchase @ COEFFICIENTS[0]), np.exp(calendar.dropout @ COEFFICIENTS[1])
    rows = np.arange(len(made))
    each = paretonbd_calendar.log_likelihood(
        made.x,
        made.factors @ COEFFICIENTS[0],
        stretch(*made.before.padded(rows), *factors),
        stretch(*made.after.padded(rows), *factors),
        **PARAMETERS,
    )
    likelihood = VaryingLikelihood(made, DESIGN)
    assert likelihood.customers == 300.0
    assert likelihood.value(VALUES) == pytest.approx(made.weight @ each, rel=SUMMATION)
    assert likelihood.derivatives(VALUES)[0] == pytest.approx(made.weight @ each, rel=SUMMATION)
    np.testing.assert_allclose(likelihood.pointwise(VALUES), each, rtol=SUMMATION)


def test_a_coefficient_that_two_columns_share_moves_both() -> None:
    calendar, kind, data = _simulated(11, 60)
    made = _histories(calendar, kind, data, 500.0)
    value, gradient, hessian = VaryingLikelihood(made, DESIGN).derivatives(VALUES[[0, 1, 2, 3, 4, 5, 4, 7]])
    same = VaryingLikelihood(made, _design([0, 1], [0, 2])).derivatives(VALUES[[0, 1, 2, 3, 4, 5, 7]])
    fold = np.eye(8)[[0, 1, 2, 3, 4, 5, 7]]
    fold[4, 6] = 1.0  # columns 4 and 6 have one coefficient
    assert same[0] == pytest.approx(value, rel=ROUNDING)
    np.testing.assert_allclose(same[1], fold @ gradient, rtol=SUMMATION)
    np.testing.assert_allclose(same[2], fold @ hessian @ fold.T, rtol=PREDICTION, atol=ABSOLUTE_PREDICTION)


@pytest.mark.parametrize("scale", [(1.0, 1.0, 1.0, 1.0), (20.0, 0.02, 0.1, 30.0), (0.05, 300.0, 8.0, 0.3)])
def test_derivatives_are_those_of_the_value(likelihood: VaryingLikelihood, scale: tuple[float, ...]) -> None:
    values = VALUES * np.concatenate([scale, np.full(4, 1.5)])
    value, gradient, hessian = likelihood.derivatives(values)
    assert likelihood.derivatives(values, order=1)[:2] == (value, pytest.approx(gradient, rel=SUMMATION))
    steps = np.diag(1e-4 * np.abs(values))
    found, rows = np.empty(8), np.empty((8, 8))
    for i, step in enumerate(steps):
        ends = [likelihood.derivatives(values + k * step) for k in (-2, -1, 1, 2)]
        weights = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * step[i])
        found[i] = weights @ [end[0] for end in ends]
        rows[i] = weights @ [end[1] for end in ends]
    size = np.abs(values)  # compare per relative change of each parameter
    # central differences of order 4: their error is about step^4 = 1e-16, and rounding 1e-15 / 1e-4 of the value
    np.testing.assert_allclose(found * size, gradient * size, rtol=1e-8, atol=1e-10 * abs(value))
    # and of its slopes
    np.testing.assert_allclose(
        rows * np.outer(size, size),
        hessian * np.outer(size, size),
        rtol=1e-8,
        atol=1e-9 * np.abs(gradient * size).max(),
    )
    # the same sums in another order, small ones beside large ones
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-9, atol=1e-12 * np.abs(hessian).max())


def _few_histories(rng: np.random.Generator, p: int, q: int) -> VaryingHistories:
    """With and without purchases, and with none, one and several pieces on either side of the last one."""
    calendar = Calendar(np.arange(9.0), np.arange(8)[None], rng.standard_normal((8, p)), rng.standard_normal((8, q)))
    before, after = (
        Pieces(count, rng.uniform(0.5, 60.0, count.sum()), rng.integers(0, 8, count.sum()))
        for count in np.array([[3, 0, 1, 2], [2, 3, 0, 4]])
    )
    x, unused = np.array([5.0, 0.0, 1.0, 40.0]), np.zeros(4)
    factors, weight = x[:, None] * rng.standard_normal((4, p)) / 3.0, np.array([1.0, 2.0, 1.0, 3.0])
    kind = np.zeros(4, dtype=np.intp)
    return VaryingHistories(x, factors, unused, unused, before, after, kind, calendar, weight, None)


def _in_mpmath(made: VaryingHistories, values: Sequence[reference.mpf]) -> reference.mpf:
    """The sum over histories, from parameters and coefficients."""
    mp, mpf, p = reference.mp, reference.mpf, made.factors.shape[1]
    gamma, delta = values[4 : 4 + p], values[4 + p :]
    g, c = (
        [mp.exp(mp.fdot(map(float, row), coefficients)) for row in rows]
        for rows, coefficients in ((made.calendar.purchase, gamma), (made.calendar.dropout, delta))
    )
    total = mpf(0)
    for i, weight in enumerate(made.weight):
        parts = [part.take(np.array([i])) for part in (made.before, made.after)]
        each = [[(t, g[k], c[k]) for t, k in zip(one.length.tolist(), one.code, strict=True)] for one in parts]
        log_factors = mp.fdot(map(float, made.factors[i]), gamma)
        total += mpf(weight) * reference.log_likelihood(made.x[i], log_factors, *each, *values[:4])
    return total


@pytest.mark.parametrize(("p", "q"), [(2, 1), (9, 6), (2, 0), (0, 2)])
@pytest.mark.parametrize("seed", range(2))
def test_derivatives_equal_mpmath(seed: int, p: int, q: int) -> None:
    """Along random directions, which leave out no entry of gradient or Hessian."""
    rng, parameters = _harsh(200 + seed)
    made = _few_histories(rng, p, q)
    values = np.concatenate([list(parameters.values()), rng.standard_normal(p + q) / 3.0])
    parts = [
        Part(process, paretonbd.SPEC.covariates[process], columns, np.arange(columns.start, columns.stop))
        for process, columns in (("purchase", slice(0, p)), ("dropout", slice(p, p + q)))
    ]
    design = Design(tuple(f"c{i}" for i in range(p + q)), tuple(parts), np.ones(p + q))
    value, gradient, hessian = VaryingLikelihood(made, design).derivatives(values)
    with reference.mp.workdps(reference.DIGITS):
        h = reference.mpf(10) ** -20  # of 70 digits the differences keep 30
        for direction in rng.standard_normal((3, len(values))) * np.abs(values):
            low, middle, high = (
                _in_mpmath(made, [v + k * h * reference.mpf(d) for v, d in zip(values, direction, strict=True)])
                for k in (-1, 0, 1)
            )
            assert value == pytest.approx(float(middle), rel=QUADRATURE)
            assert gradient @ direction == pytest.approx(float((high - low) / (2 * h)), rel=PREDICTION)
            second = float((high - 2 * middle + low) / h**2)
            assert direction @ hessian @ direction == pytest.approx(second, rel=PREDICTION)


def test_an_absurd_point_is_refused_and_not_a_number() -> None:
    """A search takes what is not finite as worse than anything."""
    calendar, kind, data = _simulated(8, 30)
    value = VaryingLikelihood(_histories(calendar, kind, data, 300.0), DESIGN).derivatives(
        np.array([1.0, 1, 1, 1, 2e3, 0, 0, 0])
    )[0]
    assert not value > -1e300


# --- brute-force simulation -------------------------------------------------------------------------------------------


def _factors(calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    return np.exp(calendar.purchase @ COEFFICIENTS[0]), np.exp(calendar.dropout @ COEFFICIENTS[1])


def _equal_up_to_chance(simulated: np.ndarray, expected: np.ndarray) -> None:
    """Means over customers, within four standard errors of their difference."""
    difference = simulated - expected
    assert abs(difference.mean()) < 4.0 * difference.std() / np.sqrt(len(difference))


@pytest.fixture(scope="module")
def simulated() -> tuple[Calendar, np.ndarray, day_by_day.Simulated]:
    return _simulated(9, 20_000)


def test_simulated_newcomers_equal_expectations(simulated: tuple[Calendar, np.ndarray, day_by_day.Simulated]) -> None:
    calendar, kind, data = simulated
    x, _, T, _ = data.upto(420.0)
    n, s = len(x), PARAMETERS["s"]
    ahead = stretch(*pieces(calendar, kind, data.first, data.first + T, 7.0).padded(np.arange(n)), *_factors(calendar))
    new = Alive(*(np.full(n, PARAMETERS[name]) for name in ("r", "alpha", "beta")))
    _equal_up_to_chance(x, paretonbd_future.expected_purchases(new, ahead, s))
    _equal_up_to_chance(x > 0, paretonbd_future.purchase_probability(new, ahead, s))
    _equal_up_to_chance(x == 3, paretonbd_future.purchases_pmf(new, ahead, s, 3))
    _equal_up_to_chance(data.life > T, paretonbd_future.survival(new, ahead, s))
    _equal_up_to_chance(np.minimum(data.life, T) / 7.0, paretonbd_future.time_alive(new, ahead, s))
    discounted = np.bincount(
        data.buyer, np.exp(-0.01 * (data.time - data.first[data.buyer]) / 7.0) * (data.time <= 420.0), n
    )
    _equal_up_to_chance(discounted, paretonbd_future.expected_purchases(new, ahead, s, 0.01))


def test_simulated_customers_equal_predictions_from_their_histories(
    simulated: tuple[Calendar, np.ndarray, day_by_day.Simulated],
) -> None:
    """In groups by frequency and silence: what follows day 300 in a window that begins with day 330."""
    calendar, kind, data = simulated
    x, t_x, T, _ = data.upto(300.0)
    n, s, factors = len(x), PARAMETERS["s"], _factors(calendar)
    names = {name: PARAMETERS[name] for name in ("r", "alpha", "beta")}

    def between(low: np.ndarray, high: np.ndarray) -> Stretch:
        return stretch(*pieces(calendar, kind, low, high, 7.0).padded(np.arange(n)), *factors)

    end = np.full(n, 300.0)
    before, after = between(data.first, data.first + t_x), between(data.first + t_x, end)
    lead, window = between(end, end + 30.0), between(end + 30.0, end + 150.0)
    probability = expit(paretonbd_calendar.log_odds_alive(x, before, after, **PARAMETERS))
    alive = paretonbd_calendar.alive_after(x, before, **names).after(after)
    reached = probability * paretonbd_future.survival(alive, lead, s)
    alive = paretonbd_future.waited(alive, lead)
    inside = (data.time > 330.0) & (data.time <= 450.0)
    bought = np.bincount(data.buyer[inside], minlength=n).astype(float)
    for group in (x == 0, (x > 0) & (t_x < 100), (x > 0) & (t_x > 180), x > 5):
        assert group.sum() > 500
        _equal_up_to_chance((data.life > T)[group], probability[group])
        _equal_up_to_chance(bought[group], (reached * paretonbd_future.expected_purchases(alive, window, s))[group])
        _equal_up_to_chance(
            (bought > 0)[group], (reached * paretonbd_future.purchase_probability(alive, window, s))[group]
        )


def test_simulated_futures_equal_expectations() -> None:
    rng = np.random.default_rng(10)
    ahead, s = _random_stretch(rng, 40_000, 4, 0.5), PARAMETERS["s"]
    ahead = ahead._replace(length=np.minimum(ahead.length, 20.0))
    alive = Alive(*(np.full(40_000, u) for u in (2.8, 40.0, 45.0)))
    row, time = paretonbd_future.simulate(rng, alive, ahead, s)
    assert ((time >= 0.0) & (time <= ahead.length.sum(axis=1)[row])).all()
    counts = np.bincount(row, minlength=40_000)
    _equal_up_to_chance(counts, paretonbd_future.expected_purchases(alive, ahead, s))
    _equal_up_to_chance(counts == 1, paretonbd_future.purchases_pmf(alive, ahead, s, 1))
    discounted = np.bincount(row, np.exp(-0.05 * time), 40_000)
    _equal_up_to_chance(discounted, paretonbd_future.expected_purchases(alive, ahead, s, 0.05))
