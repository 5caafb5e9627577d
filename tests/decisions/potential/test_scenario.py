"""Scenarios: numbers of the methods, customers of every kind, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.potential.effects import Effect
from clvmodels.errors import ArgumentError, ClvError, DataError, UnsupportedPrediction
from tests.reference.tolerances import QUADRATURE, STANDARD_ERRORS, SUMMATION, printed

PURCHASES = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
SPEND = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
A = clv.Customers.from_frame(
    pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]}, index=["A"]), unit="week"
)
AS_THEY_ARE: dict[str, Any] = {"horizon": 39, "annual_discount_rate": 0.0, "margin": 0.30}
YEAR: dict[str, Any] = {"horizon": "1Y", "annual_discount_rate": 0.10, "margin": 0.30}


def _of_a(**changes: Any) -> clv.Scenario:
    return clv.scenario((PURCHASES, SPEND), A, **{**AS_THEY_ARE, **changes})


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    return clv.summarize(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount", unit="week",
        observation_end="1997-09-30",
    )  # fmt: skip


@pytest.fixture(scope="module")
def fits(customers: clv.Customers) -> tuple[clv.Fit, clv.Fit]:
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


def test_customer_a_returns_212_per_cent() -> None:
    """Value 12.954 and 14.513, gap 1.559; separate gaps add to 1.494 only."""
    both = _of_a(purchase_rate=0.1, dropout=-0.2, cost=0.5)
    found = both.total["estimate"]
    assert found[["value_now", "value_then", "gap"]].tolist() == pytest.approx([12.954, 14.513, 1.559], abs=printed(3))
    assert found["return"] == pytest.approx(2.12, abs=printed(2))
    alone = sum(_of_a(**one).total["estimate"]["gap"] for one in ({"purchase_rate": 0.1}, {"dropout": -0.2}))
    assert alone == pytest.approx(1.494, abs=printed(3))
    assert "Assumed, not measured" in both.summary()
    assert "As measured in a test" in _of_a(purchase_rate=0.1, source="tested").summary()


def test_steps_add_up_to_the_value_then() -> None:
    scenario = _of_a(purchase_rate=0.1, dropout=-0.2, spend=0.05, product={"case": (0.3, 20.0), "lens": (0.02, 200.0)})
    steps = scenario.steps
    assert list(steps.index) == ["now", "purchase rate", "dropout", "spend", "product"]
    assert steps["value"].sum() == pytest.approx(scenario.total["estimate"]["value_then"], rel=SUMMATION)
    assert steps["value"]["product"] == pytest.approx(10.0, rel=SUMMATION)


def test_spend_scales_all_of_a_new_customer_and_costs_do_not() -> None:
    new = clv.scenario((PURCHASES, SPEND), "new", spend=0.10, acquisition_cost=5.0, **YEAR).total["estimate"]
    assert new["value_then"] + 5.0 == pytest.approx(1.1 * (new["value_now"] + 5.0), rel=SUMMATION)
    plain = clv.lifetime_value(PURCHASES, SPEND, "new", acquisition_cost=5.0, **YEAR)["lifetime_value"].iloc[0]
    assert new["value_now"] == pytest.approx(plain, rel=SUMMATION)


def test_a_margin_is_replaced_then_and_not_now() -> None:
    """A discount: 10 % more purchases at a margin of .27 for .30; value now is as before, the steps add up."""
    plain, cut = _of_a(purchase_rate=0.1), _of_a(purchase_rate=0.1, margin={"now": 0.30, "then": 0.27})
    before, after = plain.total["estimate"], cut.total["estimate"]
    assert after["value_now"] == before["value_now"]
    assert after["value_then"] == pytest.approx(before["value_then"] * 0.27 / 0.30, rel=SUMMATION)
    assert list(cut.steps.index) == ["now", "purchase rate", "margin"]
    assert cut.steps["value"].sum() == pytest.approx(after["value_then"], rel=SUMMATION)
    assert "purchase rate +10 %, margin from 30 % to 27 %" in cut.summary()
    alone = _of_a(margin={"now": 0.30, "then": pd.Series([0.15], index=["A"])}).total["estimate"]
    assert alone["value_then"] == pytest.approx(0.5 * alone["value_now"], rel=SUMMATION)


def test_ranges_of_another_margin_and_costs_that_stay(fits: tuple[clv.Fit, clv.Fit]) -> None:
    cut = clv.scenario(fits, interval=0.9, **{**YEAR, "margin": {"now": 0.30, "then": 0.20}})
    ratio = cut.total.loc["value_then"] / cut.total.loc["value_now"]
    assert ratio.tolist() == pytest.approx([2.0 / 3.0] * 3, rel=1e-4)  # a polynomial stands for most draws
    for margin in ({"now": 0.30, "then": np.nan}, {"then": 0.30}, {}, {"now": 0.3, "then": {}}):
        with pytest.raises(ClvError, match="margin"):
            clv.scenario(fits, purchase_rate=0.1, **{**YEAR, "margin": margin})


def test_costs_while_alive_grow_with_the_time_alive() -> None:
    free, dear = (_of_a(dropout=-0.5, retention_cost_per_year=c).table["gap"].iloc[0] for c in (0.0, 10.0))
    assert dear < free
    time = [float(PURCHASES.population(A).evaluate(PURCHASES.discounted("changed_time_alive", 0.0, 39, 0, 1.0, d),
            PURCHASES.parameters)[0]) for d in (1.0, 0.5)]  # fmt: skip
    assert free - dear == pytest.approx(10.0 * (time[1] - time[0]) * 7.0 / 365.25, rel=QUADRATURE)


def test_values_now_are_those_of_lifetime_value(fits: tuple[clv.Fit, clv.Fit]) -> None:
    table = clv.scenario(fits, purchase_rate=0.1, **YEAR).table
    value = clv.lifetime_value(*fits, **YEAR)["lifetime_value"]
    pd.testing.assert_series_equal(table["value_now"], value, check_names=False, rtol=SUMMATION)
    assert (table["gap"] > 0.0).all()
    assert np.isfinite(table.to_numpy()).all()


def test_a_range_of_the_gap_is_paired_and_holds_that_of_the_changes(
    customers: clv.Customers, fits: tuple[clv.Fit, clv.Fit]
) -> None:
    some = customers[customers.table.index[:40]]
    known, believed = (
        clv.scenario(fits, some, purchase_rate=rate, interval=0.9, **YEAR).total for rate in (0.1, (0.1, 0.05))
    )
    widths = [float(total.loc["gap", "upper"] - total.loc["gap", "lower"]) for total in (known, believed)]
    assert widths[1] > 3.0 * widths[0]
    apart = np.hypot(*(known.loc[name, "upper"] - known.loc[name, "lower"] for name in ("value_now", "value_then")))
    assert widths[0] < apart / 3.0  # of values drawn apart
    assert (known["lower"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["upper"]).all()


def test_effects_have_their_mean_and_leave_something() -> None:
    factors = Effect(-0.9, 0.2).factors(np.random.default_rng(1), 200_000)
    assert factors.min() > 0.0
    assert factors.mean() == pytest.approx(0.1, abs=STANDARD_ERRORS * factors.std() / np.sqrt(len(factors)))


@pytest.mark.parametrize("name", ["sbg", "bdw"])
def test_subscribers(name: str) -> None:
    months = clv.Subscriptions.from_survival({"May": [900, 568, 421, 344], "June": [800, 505, 374]}, unit="month")
    fit = clv.fit(months, name) if name == "sbg" else clv.predictions(
        name, {"alpha": 0.7, "beta": 1.2, "c": 1.1}, unit="month", customers=months
    )  # fmt: skip
    scenario = clv.scenario((fit, 20.0), dropout=-0.2, spend=0.05, interval=0.9 if name == "sbg" else None, **YEAR)
    value = clv.lifetime_value(fit, 20.0, **YEAR)["lifetime_value"]
    assert scenario.table["value_now"].to_numpy() == pytest.approx(
        value.to_numpy(), rel=1e-9
    )  # closed sums beside quadrature
    assert (scenario.table["gap"] > 0.05 * scenario.table["value_now"]).all()
    counts = np.array([344.0, 374.0])
    assert scenario.total["estimate"]["gap"] == pytest.approx(counts @ scenario.table["gap"].to_numpy(), rel=SUMMATION)
    with pytest.raises(ArgumentError, match="no meaning for subscribers"):
        clv.scenario((fit, 20.0), purchase_rate=0.1, **YEAR)


def test_covariates_move_each_customers_own_rates(customers: clv.Customers, fits: tuple[clv.Fit, clv.Fit]) -> None:
    table = customers.table[["frequency", "recency", "T"]].iloc[:600]
    table = table.assign(channel=np.where(np.arange(600) % 3 == 0, "web", "shop"))
    some = clv.Customers.from_frame(table, unit="week", keep=["channel"])
    fit = clv.fit(some, "bg/nbd", covariates=clv.Covariates(purchase="channel"))
    spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44}, customers=customers)
    together = clv.scenario((fit, spend), customers[some.table.index].join(table[["channel"]]), dropout=-0.2, **YEAR)
    own, shop = fit.at(channel="shop"), table.index[table["channel"] == "shop"]
    alone = clv.scenario((own, spend), customers[shop], dropout=-0.2, **YEAR).table["gap"]
    pd.testing.assert_series_equal(together.table["gap"][shop], alone, rtol=QUADRATURE)


def test_under_a_calendar_the_clock_runs_faster() -> None:
    log = clv.datasets.load_cdnow()
    log = log[log["customer_id"] % 20 == 0]
    days = clv.summarize(log, customer="customer_id", date="date", amount="amount", unit="week", keep_purchases=True)
    spend = clv.fit(days, "gamma-gamma")
    fit = clv.fit(days, "bg/nbd", calendar=clv.Calendar(season=False))
    gap = clv.scenario((fit, spend), purchase_rate=0.1, dropout=-0.2, **YEAR).total["estimate"]
    assert 0.05 < gap["gap"] / gap["value_now"] < 0.25
    with pytest.raises(UnsupportedPrediction, match="retention_cost_per_year"):
        clv.scenario((fit, spend), purchase_rate=0.1, retention_cost_per_year=5.0, **YEAR)


@pytest.mark.parametrize(
    "hostile", [np.nan, np.inf, -1.0, -2.0, "10 %", None, (0.1,), (0.1, -0.1), (0.1, np.nan), [], {}]
)
@pytest.mark.parametrize("name", ["purchase_rate", "dropout", "spend"])
def test_hostile_changes_are_refused(name: str, hostile: Any) -> None:
    with pytest.raises(ArgumentError, match=name):
        _of_a(**{name: hostile})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ArgumentError, "Nothing changes"),
        ({"dropout": -0.1, "source": "felt"}, ArgumentError, "source must be"),
        ({"dropout": -0.1, "cost": np.nan}, DataError, "cost is not a finite number"),
        ({"dropout": -0.1, "cost": pd.Series([1.0], index=["B"])}, DataError, "no value for 1 customers"),
        ({"product": {"case": (1.2, 20.0)}}, ArgumentError, "between 0 and 1"),
        ({"product": {"case": 20.0}}, ArgumentError, "probability, profit"),
        ({"dropout": -0.1, "interval": 1.0}, ArgumentError, "interval"),
    ],
)
def test_what_has_no_meaning_is_refused(options: dict[str, Any], error: type[ClvError], message: str) -> None:
    with pytest.raises(error, match=message):
        _of_a(**options)


@pytest.mark.parametrize("fits", [PURCHASES, (PURCHASES,), (SPEND, PURCHASES), None, "bg/nbd"])
def test_fits_are_a_pair(fits: Any) -> None:
    with pytest.raises(ClvError):
        clv.scenario(fits, A, dropout=-0.1, **AS_THEY_ARE)


def test_nobody_leaves_under_nbd() -> None:
    nbd = clv.predictions("nbd", {"r": 0.385, "alpha": 12.072})
    assert clv.scenario((nbd, SPEND), A, dropout=-0.5, **AS_THEY_ARE).table["gap"].iloc[0] == 0.0


def test_a_scenario_is_drawn_and_shown() -> None:
    scenario = _of_a(purchase_rate=0.1, dropout=-0.2, cost=0.5)
    assert "larger" in scenario.plot().get_title(loc="left")
    assert "<table" in scenario._repr_html_()
    assert "212 %" in repr(scenario)
