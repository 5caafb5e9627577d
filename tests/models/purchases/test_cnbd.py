"""Regular buyers: k = 1 is BG/NBD and MBG/NBD, and every k is what mpmath and simulation say."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import gamma, roots_genlaguerre, roots_jacobi

import clvmodels as clv
from clvmodels import models
from clvmodels.errors import ArgumentError, DataError, IdentificationWarning
from clvmodels.inference.data.log_gaps import log_gap_terms, sums_of_log_gaps
from clvmodels.inference.fits.published import predictions
from clvmodels.models.numerics import erlang
from clvmodels.models.numerics.erlang import Alive
from clvmodels.models.numerics.quadrature import coarse
from clvmodels.models.purchases import cnbd
from tests.reference import cnbd as reference
from tests.reference.tolerances import (
    COARSE_QUADRATURE,
    PREDICTION,
    QUADRATURE,
    ROUNDING,
    STANDARD_ERRORS,
    SUMMATION,
    TWO_QUADRATURES,
)

X = np.array([0.0, 0.0, 1.0, 2.0, 9.0, 26.0])
T_X = np.array([0.0, 0.0, 0.1, 30.4, 39.0, 12.0])
T = np.array([0.0, 39.0, 39.0, 38.9, 39.0, 30.0])
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
# n, A, a, b: few and many purchases so far, rare and frequent dropout, a short and a long memory
STATES = [(0.25, 4.4, 0.8, 2.4), (120.0, 50.0, 1.0, 30.0), (3000.0, 500.0, 0.05, 900.0), (0.01, 10.0, 30.0, 0.02)]
WINDOWS = [
    ("survival", (52.0,), {}),
    ("survival", (1e4,), {}),
    ("expected_purchases", (52.0,), {}),
    ("expected_purchases", (1e4,), {}),
    ("expected_purchases", (52.0,), {"start": 2000.0}),
    ("purchase_probability", (52.0,), {}),
    ("purchase_probability", (52.0,), {"start": 30.0}),
    ("purchase_probability", (52.0,), {"start": 2000.0}),
    ("purchases_pmf", (52.0, 0), {}),
    ("purchases_pmf", (52.0, 3), {}),
    ("discounted_expected_purchases", (52.0, 0.002), {}),
    ("discounted_expected_purchases", (np.inf, 0.002), {}),
    ("discounted_expected_purchases", (np.inf, 0.002), {"start": 30.0}),
    ("discounted_time_alive", (52.0, 0.002), {}),
    ("discounted_time_alive", (np.inf, 0.002), {}),
]


def state(n: float, A: float, a: float, b: float, k: int, passed: int) -> Alive:
    return Alive(*(np.array([value]) for value in (n, A, a, b)), k, passed)


@pytest.mark.parametrize("prefix", ["", "m"])
def test_law_at_k_1_it_is_the_plain_model(prefix):
    model, plain = models.get(f"{prefix}bg/cnbd-1"), models.get(f"{prefix}bg/nbd")
    found, expected = (each.log_likelihood(X, T_X, T, **CDNOW) for each in (model, plain))
    assert found == pytest.approx(expected, rel=ROUNDING)
    found, expected = (each.log_odds_alive(X, T_X, T, **CDNOW) for each in (model, plain))
    assert np.isinf(expected).sum() == (0 if prefix else 2)
    assert np.array_equal(found[np.isinf(expected)], expected[np.isinf(expected)])
    assert found[2:] == pytest.approx(expected[2:], rel=ROUNDING)
    for quantity, window, options in WINDOWS:
        found, expected = (getattr(each, quantity)(X, T, *window, **options, **CDNOW) for each in (model, plain))
        assert found == pytest.approx(expected, rel=2e-12), quantity  # two quadratures, and differences at week 2,000


@pytest.mark.parametrize("k", [2, 3, 12])
@pytest.mark.parametrize("parameters", STATES, ids=lambda state: f"n={state[0]:g}")
def test_windows_equal_sums_over_events_in_mpmath(parameters, k):
    for passed in {0, k - 1}:
        for t in (0.1, 52.0, 1000.0):
            alive = state(*parameters, k, passed)
            purchases, stays = reference.future(*parameters, k, passed, t)
            assert alive.purchases(t)[0] == pytest.approx(float(purchases), rel=QUADRATURE)
            # a survival of 1e-7 and less is the sum of what is left of a few large terms
            assert alive.survival(t)[0] == pytest.approx(float(stays), rel=1e-11, abs=1e-20)


def test_both_ways_to_sum_are_tried_and_agree(monkeypatch):
    """Long sums are done in closed form; the same windows summed term by term."""
    for parameters in ((1.3, 40.0, 0.2, 0.4), (40.0, 50.0, 3.0, 5.0)):
        for k, passed in ((2, 1), (3, 0), (6, 5)):
            t = 2000.0
            monkeypatch.setattr(erlang, "_LONGEST", 0)
            closed = state(*parameters, k, passed)
            by_roots = [closed.purchases(t)[0], closed.survival(t)[0], closed.purchase_probability(t, 30.0)[0]]
            monkeypatch.setattr(erlang, "_LONGEST", 10**9)
            summed = state(*parameters, k, passed)
            by_term = [summed.purchases(t)[0], summed.survival(t)[0], summed.purchase_probability(t, 30.0)[0]]
            assert by_roots == pytest.approx(by_term, rel=QUADRATURE)


@pytest.mark.parametrize(("k", "passed"), [(2, 1), (3, 0), (6, 3)])
@pytest.mark.parametrize("parameters", STATES[:2], ids=lambda state: f"n={state[0]:g}")
def test_what_comes_for_life_equals_mpmath_and_the_integral_over_time(parameters, k, passed):
    for delta in (0.0018, 1.0):
        purchases, time = map(float, reference.for_life(*parameters, k, passed, delta))
        alive = state(*parameters, k, passed)
        for until in (np.inf, 1e7):
            assert alive.discounted_purchases(0.0, until, delta)[0] == pytest.approx(purchases, rel=TWO_QUADRATURES)
            assert alive.discounted_time(0.0, until, delta)[0] == pytest.approx(time, rel=TWO_QUADRATURES)
        with coarse():  # for quantiles over draws
            assert alive.discounted_purchases(0.0, 1e7, delta)[0] == pytest.approx(purchases, rel=COARSE_QUADRATURE)


def _harsh(seed: int) -> tuple[np.random.Generator, tuple[float, ...], int, int]:
    """Up to 3,000 purchases so far, dropout from rare to at once, any k and number of hidden events passed."""
    rng = np.random.default_rng(seed)
    k = int(rng.choice([1, 2, 3, 5, 8, 12]))
    passed, x = int(rng.integers(0, k)), int(10.0 ** rng.uniform(0.0, 3.5)) - 1
    r, alpha, a, b = (10.0 ** rng.uniform(low, high) for low, high in ((-1.5, 1.5), (-2, 3), (-2, 2.5), (-2, 2.5)))
    return rng, (r + k * x + passed, alpha + 10.0 ** rng.uniform(-5.0, 2.0), a, b + x), k, passed


@pytest.mark.parametrize("seed", range(12))
def test_discounted_windows_equal_mpmath_at_harsh_parameters(seed: int) -> None:
    rng, parameters, k, passed = _harsh(seed)
    events = 10.0 ** rng.uniform(-2.0, 2.0)  # about as many, and at most six times as much time as so far
    end = min(events / max(parameters[0], 1.0), 6.0) * parameters[1]
    alive = state(*parameters, k, passed)
    for start, delta in ((0.0, 10.0 ** rng.uniform(-3.0, 2.0) / end), (0.4 * end, 1.0 / end), (0.3 * end, 0.0)):
        purchases, time = map(float, reference.window(*parameters, k, passed, start, end, delta))
        assert alive.discounted_purchases(start, end - start, delta)[0] == pytest.approx(purchases, rel=PREDICTION)
        assert alive.discounted_time(start, end - start, delta)[0] == pytest.approx(time, rel=PREDICTION)
    some = float(reference.purchase_probability(*parameters, k, passed, 0.5 * end, 0.5 * end))
    assert alive.purchase_probability(0.5 * end, 0.5 * end)[0] == pytest.approx(some, rel=PREDICTION)


@pytest.mark.parametrize("seed", range(12))
def test_life_is_a_horizon_and_the_rest_at_harsh_parameters(seed: int) -> None:
    rng, parameters, k, passed = _harsh(100 + seed)
    scale = parameters[1] / max(parameters[0], 1.0)
    delta = 10.0 ** rng.uniform(-6.0, -1.0) / scale
    alive = state(*parameters, k, passed)
    life = reference.for_life(*parameters, k, passed, delta)
    for quantity, exact in zip((alive.discounted_purchases, alive.discounted_time), map(float, life), strict=True):
        whole = quantity(0.0, np.inf, delta)[0]
        assert whole == pytest.approx(exact, rel=PREDICTION)
        for t in 10.0 ** rng.uniform(0.0, 5.0, 2) * scale:
            parts = quantity(0.0, t, delta)[0] + quantity(t, np.inf, delta)[0]
            assert parts == pytest.approx(whole, rel=PREDICTION)
            assert quantity(0.0, t, delta)[0] <= whole * (1.0 + PREDICTION)


@pytest.mark.parametrize("prefix", ["", "m"])
def test_time_alive_of_customers_who_leave_long_before_money_loses_its_value(prefix: str) -> None:
    """2,940 purchases within 1.5e-5 of time: life is some 0.003 of it, and was a difference of two perpetuities."""
    parameters = {"r": 0.180402, "alpha": 0.373837, "a": 155.349, "b": 5.67287}
    model, x, until = models.get(f"{prefix}bg/cnbd-3"), np.array([2940.0, 0.0]), np.array([1.5e-5, 1.5e-5])
    for quantity in (model.discounted_time_alive, model.discounted_expected_purchases):
        life = quantity(x, until, np.inf, 0.0018, **parameters)
        parts = quantity(x, until, 52.0, 0.0018, **parameters)
        parts += quantity(x, until, np.inf, 0.0018, start=52.0, **parameters)
        np.testing.assert_allclose(parts, life, rtol=PREDICTION)


def test_nothing_is_negative_long_after_the_last_customer_has_left():
    for k, passed in ((2, 1), (6, 0)):
        alive = state(40.0, 10.0, 300.0, 0.5, k, passed)
        for start in (100.0, 1e4, 1e6):
            late = [
                alive.discounted_purchases(start, 1.0, 0.0)[0],
                alive.discounted_purchases(start, np.inf, 0.002)[0],
                alive.discounted_time(start, np.inf, 0.002)[0],
                alive.purchase_probability(start, 52.0)[0],
                alive.survival(start)[0],
            ]
            assert all(0.0 <= value < 1e-6 for value in late)


def test_likelihood_is_the_integral_over_rates_and_dropout():
    """One history, integrated over λ and p as the process has it, by Gauss-Laguerre and Gauss-Jacobi rules."""
    k, x, t_x, until = 3, 2, 7.0, 12.0
    r, alpha, a, b = 0.9, 1.5, 0.8, 2.4
    rate, of_rate = roots_genlaguerre(60, r - 1.0)
    rate, of_rate = rate / (alpha + t_x), of_rate * (alpha / (alpha + t_x)) ** r / gamma(r)
    leave, of_leave = roots_jacobi(40, b - 1.0, a - 1.0)
    leave, of_leave = (1.0 + leave) / 2.0, of_leave / of_leave.sum()
    silence = rate * (until - t_x)
    none = np.exp(-silence) * sum(silence**j / gamma(j + 1.0) for j in range(k))
    gaps = rate ** (k * x) / gamma(k) ** x
    stays, leaves = of_leave @ (1.0 - leave) ** x, of_leave @ (leave * (1.0 - leave) ** (x - 1))
    exact = np.log(of_rate @ (gaps * (stays * none + leaves)))
    data = (np.array([float(v)]) for v in (x, t_x, until))
    found = cnbd.RegularBuyers(k).log_likelihood(*data, r=r, alpha=alpha, a=a, b=b)[0]
    assert found == pytest.approx(exact, rel=QUADRATURE)


def simulate(k, n=6_000, modified=False, seed=1, **parameters):
    """Purchases by the day: a day is short beside the gaps."""
    model = cnbd.RegularBuyers(k, modified)
    T = np.random.default_rng(seed + 100).integers(500, 1000, n).astype(float)
    x, t_x, log_gaps = model.simulate_with_gaps(np.random.default_rng(seed), T, **parameters)
    return x, t_x, T, log_gaps


def test_expected_purchases_by_state_are_what_simulated_customers_do():
    """Simulated on to twice the time: by length of the silence, within 4.5 standard errors."""
    p = {"r": 1.5, "alpha": 2.0, "a": 0.8, "b": 3.0}
    model = cnbd.RegularBuyers(3, True)
    rng = np.random.default_rng(3)
    n = 300_000
    rate, leave = rng.gamma(p["r"], 1.0 / p["alpha"], n), rng.beta(p["a"], p["b"], n)
    clock, x, t_x, later = (np.zeros(n) for _ in range(4))
    active = np.flatnonzero(rng.random(n) >= leave)
    while len(active):
        clock[active] += rng.standard_gamma(3, len(active)) / rate[active]
        active = active[clock[active] <= 60.0]
        early = clock[active] <= 30.0
        x[active] += early
        later[active] += ~early
        t_x[active[early]] = clock[active[early]]
        active = active[rng.random(len(active)) >= leave[active]]
    fit = predictions(model.SPEC.name, p, unit="week")
    for low, high in ((0.0, 0.5), (0.5, 2.0), (2.0, 8.0), (8.0, 30.0)):
        chosen = np.flatnonzero((x == 4) & (30.0 - t_x >= low) & (30.0 - t_x < high))
        table = pd.DataFrame({"frequency": 4, "recency": t_x[chosen], "T": 30.0})
        customers = clv.Customers.from_frame(table, unit="week")
        forecast = fit.expected_purchases(30.0, customers).mean()
        error = later[chosen].std() / np.sqrt(len(chosen))
        assert later[chosen].mean() == pytest.approx(forecast, abs=STANDARD_ERRORS * error)
        bought = fit.purchase_probability(30.0, customers).mean()
        spread = np.sqrt(bought * (1 - bought) / len(chosen))
        assert (later[chosen] > 0).mean() == pytest.approx(bought, abs=STANDARD_ERRORS * spread)
        counts = fit.simulate(30.0, customers, seed=4)
        assert counts.mean() == pytest.approx(forecast, abs=STANDARD_ERRORS * error)


@pytest.fixture(scope="module")
def regular() -> clv.Customers:
    """A log of customers who buy like clockwork, k = 3, in days."""
    rng, rows = np.random.default_rng(8), []
    for customer in range(1_500):
        rate, leave, day = rng.gamma(2.0, 1.0 / 20.0), rng.beta(1.0, 6.0), float(rng.integers(0, 100))
        while day < 700.0:
            rows.append((customer, pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(day)), 10.0))
            day += max(rng.standard_gamma(3) / rate, 1.0)
            if rng.random() < leave:
                break
    log = pd.DataFrame(rows, columns=["id", "day", "paid"])
    arguments = {"customer": "id", "date": "day", "amount": "paid", "unit": "day", "observation_end": "2023-12-02"}
    return clv.summarize(log, **arguments, keep_purchases=True)


def test_k_is_chosen_by_likelihood_and_the_fit_is_of_the_concrete_model(regular, tmp_path):
    fit = clv.fit(regular, "bg/cnbd-k")
    assert fit.model == "bg/cnbd-3"
    assert fit.definition.spec.title == "BG/CNBD-3"
    each = {k: clv.fit(regular, f"bg/cnbd-{k}") for k in (2, 3, 4)}
    assert fit.log_likelihood == each[3].log_likelihood > max(each[2].log_likelihood, each[4].log_likelihood)
    plain = clv.fit(regular, "bg/nbd")
    assert each[2].log_likelihood > plain.log_likelihood + 100.0
    fit.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    assert loaded.expected_purchases("90D", regular).equals(fit.expected_purchases("90D"))
    some = clv.Customers.from_frame(regular.table.iloc[:40], unit="day")
    table = fit.expected_purchases("90D", some, interval=0.9)
    assert (table.iloc[:, 1] <= table.iloc[:, 2]).all()


def test_leaving_one_out_counts_the_gaps(regular):
    """What is lost by leaving a customer out is about the number of parameters, four here."""
    fit = clv.fit(regular, "bg/cnbd-3", method="laplace", draws=400)
    left_out = clv.loo(fit)
    # as many as there are parameters
    assert left_out.elpd == pytest.approx(fit.log_likelihood - 4.0, abs=4.0)
    assert left_out.elpd_i.to_numpy().sum() == pytest.approx(left_out.elpd, rel=SUMMATION)


def test_log_gaps_are_those_of_the_purchases(regular):
    sums = sums_of_log_gaps(regular)
    one = regular.table.index[int(np.argmax(regular.table["frequency"]))]
    days = regular.purchases.loc[regular.purchases["customer_id"] == one, "day"]
    assert sums[one] == pytest.approx(np.log(days.diff().dt.days.dropna()).sum(), rel=SUMMATION)
    assert (sums[regular.table["frequency"] == 0] == 0.0).all()
    assert log_gap_terms(models.get("bg/cnbd-3"), regular) == pytest.approx(2 * sums)
    assert log_gap_terms(models.get("bg/nbd"), regular) is None


def test_without_purchases_k_can_be_given_but_not_chosen(regular):
    table = clv.Customers.from_frame(regular.table, unit="day")
    fit, full = clv.fit(table, "mbg/cnbd-2"), clv.fit(regular, "mbg/cnbd-2")
    assert fit.parameters == full.parameters
    assert "the gaps between purchases are known" in fit.diagnosis[-1]
    assert not any("gaps" in sentence for sentence in full.diagnosis)
    with pytest.raises(DataError, match=r"To choose k, MBG/CNBD-k needs .*keep_purchases=True.*'mbg/cnbd-2'"):
        clv.fit(table, "mbg/cnbd-k")
    with pytest.raises(ArgumentError, match="Unknown model 'pareto/nbd-2'"):
        models.get("pareto/nbd-2")


def test_the_unit_is_only_a_unit_for_the_likelihood_with_its_gaps(regular):
    weeks = clv.Customers.from_frame(
        regular.table.assign(recency=regular.table["recency"] / 7, T=regular.table["T"] / 7), unit="week"
    )
    weeks = clv.Customers(weeks.table, "week", purchases=regular.purchases)
    ours, theirs = clv.fit(regular, "bg/cnbd-3"), clv.fit(weeks, "bg/cnbd-3")
    # each of the repeat purchases has a density per unit of time
    moved = regular.table["frequency"].sum() * np.log(7.0)
    # a sum of some 1e4 less one as large
    assert theirs.log_likelihood == pytest.approx(ours.log_likelihood + moved, rel=1e-10)


def test_evaluate_keeps_the_purchases_that_choosing_k_needs():
    result = clv.evaluate(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount",
        calibration_end="1997-09-30", models=["mbg/cnbd-k"], baselines=False, intervals=False,
    )  # fmt: skip
    assert result.fits["mbg/cnbd-k"].model == "mbg/cnbd-1"
    forecast = result.predictions[("mbg/cnbd-k", "count")].sum()
    assert forecast == pytest.approx(1577, abs=0.5)  # of MBG/NBD by BTYDplus 1.2.0


def test_regular_buyers_are_recovered():
    p = {"r": 0.9, "alpha": 8.0, "a": 0.8, "b": 2.5}
    x, t_x, T, _ = simulate(2, n=20_000, modified=True, **p)
    customers = clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="day")
    summary = clv.fit(customers, "mbg/cnbd-2").summary(level=0.9999)
    assert all(summary.lower[name] <= value <= summary.upper[name] for name, value in p.items())


def test_compare_holds_regular_buyers_against_the_plain_models_with_their_gaps(regular):
    comparison = clv.compare(regular, ["bg/nbd", "bg/cnbd-k", "bg/cnbd-2"])
    assert comparison.recommended == "bg/cnbd-3"
    test = comparison.tests.set_index(["model", "against"]).loc[("bg/cnbd-3", "bg/nbd")]
    assert test["test"] == "Vuong"
    assert test["better"] == "bg/cnbd-3"
    table = clv.Customers.from_frame(regular.table, unit="day")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)  # of GGom/NBD
        every, without = clv.compare(regular), clv.compare(table)
    assert {"bg/cnbd-3", "mbg/cnbd-3"} <= set(every.fits)
    assert not any("cnbd" in name for name in {*without.fits, *without.failed})
    with pytest.raises(DataError, match="BG/CNBD-2: the log-likelihood can be compared"):
        clv.compare(table, ["bg/nbd", "bg/cnbd-2"])


@pytest.mark.parametrize("k", ["101", "99999", "1" + 5_000 * "0"])
def test_a_k_beyond_any_buyer_is_refused_at_once(k):
    with pytest.raises(ArgumentError, match="k is 100 at most"):
        models.get(f"bg/cnbd-{k}")
