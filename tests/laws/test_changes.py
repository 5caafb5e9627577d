"""What a change from now on does to the future of customers, for every model: numbers, simulation, second routes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import pytest

from clvmodels import models
from clvmodels.errors import ModelError
from clvmodels.inference.fits.published import predictions
from clvmodels.models.assembly import assemble
from clvmodels.models.numerics.quadrature import changed_beta_expectation
from clvmodels.models.numerics.special import expit
from clvmodels.models.purchases import bgnbd
from tests.reference.interventions import Change, renewals, simulator
from tests.reference.parameters import PURCHASES, RENEWALS
from tests.reference.tolerances import (
    ABSOLUTE_PREDICTION,
    PREDICTION,
    QUADRATURE,
    STANDARD_ERRORS,
    TWO_QUADRATURES,
    printed,
)

CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
SBG = {"alpha": 0.704, "beta": 1.182}
X, T_X, T = np.array([2.0]), np.array([30.43]), np.array([38.86])  # customer A of the methods
CASES = [(name, row.laws[0]) for name, row in PURCHASES.items() if row.laws]
IDS = [name for name, _ in CASES]
CHANGES = [(1.3, 0.7), (0.8, 1.5)]
MPMATHS_EDGES = 1e-9  # p^-0.8 and (1 - p)^-0.6 at the ends


def _purchases(name: str, own: dict[str, float], rate: float, dropout: float, t: float = 39.0) -> float:
    """Of customer A, times P(alive)."""
    model: Any = models.get(name)
    alive = expit(model.log_odds_alive(X, T_X, T, **own))
    return float((alive * model.changed_purchases(X, T, t, 0.0, rate, dropout, **own))[0])


@pytest.mark.parametrize(
    ("rate", "dropout", "expected"),
    [(1.0, 1.0, 1.22603), (1.1, 1.0, 1.32886), (1.0, 0.8, 1.26458), (1.1, 0.8, 1.37359)],
)
def test_bgnbd_of_customer_a(rate: float, dropout: float, expected: float) -> None:
    """Checked by simulation when the method was written: 1.32908 ± .0012, 1.26371, 1.37070 ± .0012."""
    assert _purchases("bg/nbd", CDNOW, rate, dropout) == pytest.approx(expected, abs=printed(5))


def test_a_rate_in_the_conditional_formula_would_rewrite_the_past() -> None:
    model: Any = models.get("bg/nbd")
    alive = expit(model.log_odds_alive(X, T_X, T, **CDNOW))
    wrong = alive * model.expected_purchases(X, T, 39.0, **{**CDNOW, "alpha": 4.414 / 1.1})
    now = _purchases("bg/nbd", CDNOW, 1.0, 1.0)
    assert _purchases("bg/nbd", CDNOW, 1.1, 1.0) / now - 1.0 == pytest.approx(0.084, abs=printed(3))
    assert wrong[0] / now - 1.0 < 0.01


def test_of_a_new_customer_it_is_the_scale_of_the_rates() -> None:
    model: Any = models.get("bg/nbd")
    zero = np.zeros(1)
    changed = model.changed_purchases(zero, zero, 39.0, 0.01, 1.1, 1.0, **CDNOW)
    scaled = model.discounted_expected_purchases(zero, zero, 39.0, 0.01, **{**CDNOW, "alpha": 4.414 / 1.1})
    assert changed == pytest.approx(scaled, rel=QUADRATURE)


def test_discounted_purchases_of_customer_a() -> None:
    model: Any = models.get("bg/nbd")
    found = model.changed_purchases(X, T, 39.0, 0.01, 1.1, 1.0, **CDNOW)[0]
    assert found == pytest.approx(1.53262, abs=printed(5))  # simulated 1.53296 ± .0010


def test_a_faster_rate_wears_off_where_purchases_bring_dropout() -> None:
    ratios = [
        _purchases("bg/nbd", CDNOW, 1.1, 1.0, t) / _purchases("bg/nbd", CDNOW, 1.0, 1.0, t) for t in (13, 156, 1e4)
    ]
    assert ratios == pytest.approx([1.093, 1.066, 1.032], abs=printed(3))


def test_paretonbd_given_alive() -> None:
    """Simulated: 1.84156, and 1.72651 ± .0007."""
    model: Any = models.get("pareto/nbd")
    found = [model.changed_purchases(X, T, 39.0, 0.0, *change, **PARETO)[0] for change in ((1, 1), (1.1, 1), (1, 0.8))]
    assert found == pytest.approx([1.67416, 1.84157, 1.72683], abs=printed(5))


def test_sbg_changes_within_the_mean_and_not_the_mean() -> None:
    model: Any = models.get("sbg")
    until = [model.changed_lifetime(np.ones(1), 0.0, count, 0.8, **SBG)[0] for count in (1.0, 2.0, 3.0, 4.0)]
    assert np.diff(until)[[0, 2]] == pytest.approx([0.80485, 0.58962], abs=printed(5))  # on the mean: .52137


@pytest.mark.parametrize(("name", "own"), CASES, ids=IDS)
def test_without_a_change_nothing_changes(name: str, own: dict[str, float]) -> None:
    model: Any = models.get(name)
    x, T = np.array([0.0, 3.0, 12.0]), np.array([39.0, 39.0, 39.0])
    for changed, discounted in (
        (model.changed_purchases, model.discounted_expected_purchases),
        (model.changed_time_alive, model.discounted_time_alive),
    ):
        for window, start in (((52.0, 0.002), 0.0), ((26.0, 0.002), 13.0), ((np.inf, 0.002), 0.0)):
            same = changed(x, T, *window, 1.0, 1.0, start=start, **own)
            assert same == pytest.approx(discounted(x, T, *window, start=start, **own), rel=QUADRATURE)


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize(("name", "own"), CASES, ids=IDS)
def test_simulated_customers_do_as_foreseen(name: str, own: dict[str, float], change: tuple[float, float]) -> None:
    """Customers who are drawn, live until T and change then: sums over all of what each history promises."""
    asked = Change(T=26.0, t=39.0, delta=0.01, rate=change[0], dropout=change[1])
    lives = simulator(name)(np.random.default_rng(13), 40_000, asked, **own)
    rows: Any = predictions(name, own, unit="week").structure.of_histories(lives.x, lives.t_x, np.full(40_000, 26.0))
    alive, window = expit(rows.log_odds_alive(own)), (asked.t, asked.delta, *change)
    for quantity, simulated in (("changed_purchases", lives.purchases), ("changed_time_alive", lives.time)):
        off = simulated - alive * rows.given_alive(own, quantity, *window)
        assert abs(off.mean()) < STANDARD_ERRORS * off.std() / np.sqrt(len(off)) + ABSOLUTE_PREDICTION


@pytest.mark.parametrize("dropout", [0.7, 1.4])
@pytest.mark.parametrize("made", [0, 2])
@pytest.mark.parametrize(("name", "own"), [(name, row.laws[0]) for name, row in RENEWALS.items()], ids=list(RENEWALS))
def test_simulated_subscribers_do_as_foreseen(name: str, own: dict[str, float], made: int, dropout: float) -> None:
    there, renewed = renewals(np.random.default_rng(13), 100_000, made, 8, dropout, own)
    model: Any = models.get(name)
    foreseen = np.diff([model.changed_lifetime(np.full(1, made), 0.0, j, dropout, **own)[0] for j in range(1, 10)])
    errors = np.sqrt(foreseen * (1.0 - foreseen) / there)
    assert (np.abs(renewed / there - foreseen) < STANDARD_ERRORS * errors).all()


@pytest.mark.parametrize(("name", "own"), [(name, row.laws[0]) for name, row in RENEWALS.items()], ids=list(RENEWALS))
def test_lifetimes_without_a_change_are_the_discounted_ones(name: str, own: dict[str, float]) -> None:
    model: Any = models.get(name)
    made = np.array([0.0, 1.0, 7.0])
    for delta, count in ((0.0, 24.0), (0.01, np.inf)):
        same = model.changed_lifetime(made, delta, count, 1.0, **own)
        assert same == pytest.approx(model.discounted_lifetime(made, delta, count, **own), rel=TWO_QUADRATURES)


@pytest.mark.parametrize("factor", [0.3, 1.01, 5.0])
@pytest.mark.parametrize(("a", "b"), [(0.793, 2.426), (0.2, 0.4), (3.0, 900.0)])
def test_a_changed_probability_stays_one(a: float, b: float, factor: float) -> None:
    """Against the tanh-sinh rule of mpmath, which bears edges at its ends, cut where factor p reaches 1."""
    found = changed_beta_expectation(lambda p: (1.0 + 5.0 * p) ** -3.0, np.full(1, a), np.full(1, b), factor)[0]

    def value(p: mpmath.mpf) -> mpmath.mpf:
        return (1 + 5 * min(1, factor * p)) ** -3 * p ** (a - 1) * (1 - p) ** (b - 1)

    mean, edge = a / (a + b), min(1.0, 1.0 / factor)
    ends = sorted({0.0, mean / 2, mean, min(4 * mean, 0.99), edge, (1 + edge) / 2, 1.0})
    with mpmath.workdps(60):
        expected = mpmath.quad(value, ends) / mpmath.beta(a, b)
    assert found == pytest.approx(float(expected), rel=MPMATHS_EDGES)


def test_cnbd_with_one_event_a_purchase_is_bgnbd() -> None:
    """The sums over hidden events, their closed form and the integral over p are three routes to one number."""
    one, plain = models.get("bg/cnbd-1"), models.get("bg/nbd")
    x, T = np.array([0.0, 3.0, 400.0]), np.full(3, 39.0)
    for t, delta in ((26.0, 0.01), (np.inf, 0.01), (5_000.0, 0.0)):
        for change in CHANGES:
            for quantity in ("changed_purchases", "changed_time_alive"):
                found = getattr(one, quantity)(x, T, t, delta, *change, **CDNOW)
                assert found == pytest.approx(
                    getattr(plain, quantity)(x, T, t, delta, *change, **CDNOW), rel=PREDICTION
                )


def test_a_model_that_says_nothing_of_dropout_is_asked_to() -> None:
    functions = {name: getattr(bgnbd, name) for name in vars(bgnbd) if not name.startswith(("_", "changed"))}
    model: Any = assemble(SimpleNamespace(**functions), "here")
    same = model.changed_purchases(X, T, 39.0, 0.0, 1.1, 1.0, **CDNOW)
    assert same == pytest.approx(bgnbd.changed_purchases(X, T, 39.0, 0.0, 1.1, 1.0, **CDNOW), rel=QUADRATURE)
    time = model.changed_time_alive(X, T, 39.0, 0.0, 1.1, 1.0, **CDNOW)
    assert time == pytest.approx(bgnbd.changed_time_alive(X, T, 39.0, 0.0, 1.1, 1.0, **CDNOW), rel=QUADRATURE)
    with pytest.raises(ModelError, match="define changed_purchases"):
        model.changed_purchases(X, T, 39.0, 0.0, 1.0, 0.8, **CDNOW)
