"""Customer equity: sums that agree, second routes, simulation, and what is no input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvWarning, DataError
from tests.decisions.equity.conftest import COLUMNS, GIVEN, TERMS, equity_of

EXACT = 1e-9  # the same sums in another order
OF_PIECES = 2e-3  # months in which purchases are discounted together
OF_A_SAMPLE = 5e-3  # of 2,000 customers in whom the effect of a rate is seen


def _total(equity: clv.CustomerEquity) -> float:
    return float(equity.table.loc["total", "estimate"])


def test_parts_and_cohorts_sum_to_the_total(given_equity: clv.CustomerEquity) -> None:
    table, cohorts = given_equity.table, given_equity.cohorts
    assert table.loc["total", "estimate"] == pytest.approx(table.loc[["base", "future"], "estimate"].sum(), rel=EXACT)
    assert cohorts["discounted_net"].sum() == pytest.approx(table.loc["future", "estimate"], rel=EXACT)
    net = (cohorts["value"] - cohorts["cost"]) * cohorts["discount"]
    assert net.to_numpy() == pytest.approx(cohorts["discounted_net"].to_numpy(), rel=EXACT)
    assert (cohorts["cost"] == 20.0 * cohorts["new_customers"]).all()
    assert cohorts.index[0] == pd.Timestamp("1997-10-31")
    assert cohorts.index[-1] == pd.Timestamp("1998-09-30")
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()


def test_base_and_new_are_those_of_lifetime_value(plain: clv.Customers) -> None:
    """Customers who don't carry their purchases have no level to be moved to: then the value is that of two fits."""
    costs = {"cost_per_purchase": 1.0, "retention_cost_per_year": 0.5}
    options = {"spend": "gamma-gamma", "counts": [0.0, 100.0], "horizon": "2M", "model": "bg/nbd", "value_horizon": 52}
    equity = equity_of(plain, **options, **costs)
    purchases, spend = clv.fit(plain, "bg/nbd"), clv.fit(plain, "gamma-gamma")
    terms = {"horizon": 52, "annual_discount_rate": 0.10, "margin": 0.30, **costs}
    base = clv.lifetime_value(purchases, spend, **terms)["lifetime_value"].sum()
    assert equity.table.loc["base", "estimate"] == pytest.approx(base, rel=EXACT)
    new = clv.lifetime_value(purchases, spend, "new", **terms)["lifetime_value"].iloc[0]
    assert equity.cohorts["clv"].to_numpy() == pytest.approx([new, new], rel=OF_PIECES)
    assert len(equity.backtest) == 0
    assert "too short" in equity.summary()


def test_the_value_of_a_life(plain: clv.Customers) -> None:
    options = {"spend": "gamma-gamma", "counts": [10.0], "horizon": "1M", "model": "bg/nbd", "value_horizon": None}
    equity = equity_of(plain, **options)
    purchases, spend = clv.fit(plain, "bg/nbd"), clv.fit(plain, "gamma-gamma")
    terms = {"horizon": None, "annual_discount_rate": 0.10, "margin": 0.30}
    assert equity.table.loc["base", "estimate"] == pytest.approx(
        clv.lifetime_value(purchases, spend, **terms)["lifetime_value"].sum(), rel=EXACT
    )
    new = clv.lifetime_value(purchases, spend, "new", **terms)["lifetime_value"].iloc[0]
    assert equity.cohorts["clv"].iloc[0] == pytest.approx(new, rel=5 * OF_PIECES)  # pieces of a life grow


def test_new_customers_of_a_steady_business_are_foreseen(
    steady_log: pd.DataFrame, steady_equity: clv.CustomerEquity
) -> None:
    came = steady_log.groupby("customer_id")["date"].min()
    number = ((came > "2023-06-30") & (came <= "2023-12-31")).sum()
    cohorts = steady_equity.cohorts
    assert cohorts["new_customers"].sum() == pytest.approx(number, rel=0.08)  # a Poisson number of 1,570, and a trend
    assert cohorts["new_customers_lower"].sum() < number < cohorts["new_customers_upper"].sum()
    # p v / (q - 1) = 35.2 a purchase, and 2.0 repeat purchases in three years at these parameters
    truth = clv.lifetime_value(
        clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}),
        clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44}),
        "new", horizon="3Y", annual_discount_rate=0.10, margin=0.30,
    )["lifetime_value"].iloc[0]  # fmt: skip
    assert cohorts["clv"].iloc[0] == pytest.approx(truth, rel=0.10)  # parameters of 4,700 customers, most of a year


def test_the_backtest_has_what_the_log_has(steady_log: pd.DataFrame, steady_equity: clv.CustomerEquity) -> None:
    """Actual revenue by pandas: of customers known at the date without their first day, and of those who came later."""
    first = steady_log.groupby("customer_id")["date"].transform("min")
    found = steady_equity.backtest
    assert found.index.get_level_values("origin").nunique() >= 4
    for origin, rows in found.groupby(level="origin"):
        until = origin + pd.Timedelta(days=int(rows["days"].iloc[0]))
        inside = steady_log[(steady_log["date"] > origin) & (steady_log["date"] <= until)]
        known = first[inside.index] <= origin
        actual = rows.droplevel("origin")["actual"]
        assert actual["base"] == pytest.approx(inside.loc[known, "amount"].sum(), rel=EXACT)
        assert actual["new"] == pytest.approx(inside.loc[~known, "amount"].sum(), rel=EXACT)
        assert actual["both"] == pytest.approx(actual["base"] + actual["new"], rel=EXACT)
    assert (found["inside"] == ((found["lower"] <= found["actual"]) & (found["actual"] <= found["upper"]))).all()
    error = (found["actual"] / found["forecast"] - 1.0).abs().groupby(level="part").mean()
    assert error["base"] < 0.15  # an even stream of customers without a season
    assert error["new"] < 0.30


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("margin", {"margin": 0.33}),
        ("acquisition cost", {"acquisition_cost": 22.0}),
        ("new customers", {"counts": [110.0] * 12}),
        ("discount rate", {"annual_discount_rate": 0.12}),
    ],
)
def test_sensitivities_are_what_comes_out(
    plain: clv.Customers, given_equity: clv.CustomerEquity, what: str, change: dict[str, Any]
) -> None:
    again = equity_of(plain, **(GIVEN | change))
    tolerance = OF_A_SAMPLE if what == "discount rate" else EXACT
    assert given_equity.sensitivities.loc[what, "higher"] == pytest.approx(_total(again), rel=tolerance)
    assert given_equity.sensitivities["width"].is_monotonic_decreasing


def test_wider_levels_are_wider(plain: clv.Customers, given_equity: clv.CustomerEquity) -> None:
    narrow = equity_of(plain, **GIVEN, interval=0.5)
    assert (narrow.table["lower"] > given_equity.table["lower"]).all()
    assert (narrow.table["upper"] < given_equity.table["upper"]).all()


def test_a_log_of_one_cohort_has_no_customers_to_come() -> None:
    with pytest.warns(ClvWarning, match="Nobody has been new since 1997-03-25"):
        equity = clv.customer_equity(clv.datasets.path("cdnow_sample"), **COLUMNS, **TERMS, model="bg/nbd")
    assert equity.method == "none"
    assert equity.table.loc["future"].tolist() == [0.0, 0.0, 0.0]
    assert equity.table.loc["total"].tolist() == equity.table.loc["base"].tolist()


def test_one_number_a_period_from_any_table_and_seeds_repeat(
    plain: clv.Customers, given_equity: clv.CustomerEquity
) -> None:
    import polars as pl

    table = {"counts": pl.DataFrame({"new_customers": [100.0] * 12}), "acquisition_cost": [20.0] * 12}
    found = equity_of(plain, **(GIVEN | table))
    pd.testing.assert_frame_equal(found.cohorts, given_equity.cohorts)
    pd.testing.assert_frame_equal(found.table, given_equity.table)
    assert found.method == "given"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"counts": "lastyear"}, "counts must be one of 'auto'"),
        ({"counts": [100.0] * 11}, "counts has 11 numbers, and the horizon 12 months"),
        ({"counts": [100.0] * 11 + [float("nan")]}, "0 or more"),
        ({"counts": [100.0] * 11 + [-1.0]}, "0 or more"),
        ({"counts": ["many"] * 12}, "numbers of new customers"),
        ({"counts": None}, "one number a month"),
        ({"counts": pd.DataFrame({"n": [1.0] * 12})}, "no column 'new_customers'"),
        ({"acquisition_cost": -1.0}, "acquisition_cost must be a number, 0 or more"),
        ({"acquisition_cost": "20"}, "acquisition_cost must be"),
        ({"acquisition_cost": [20.0, 20.0]}, "acquisition_cost has 2 numbers"),
        ({"acquisition_cost": [20.0] * 11 + [np.inf]}, "acquisition_cost must be"),
        ({"margin": 0.0}, "margin must be"),
        ({"margin": 30.0}, "margin must be"),
        ({"annual_discount_rate": -0.1}, "annual_discount_rate must be"),
        ({"annual_discount_rate": 0.0, "value_horizon": None}, "can be infinite"),
        ({"cost_per_purchase": np.nan}, "cost_per_purchase must be"),
        ({"retention_cost_per_year": -1.0}, "retention_cost_per_year must be"),
        ({"interval": 1.0}, "interval must be a level"),
        ({"by": "day"}, 'by must be "month" or "quarter"'),
        ({"horizon": "0M"}, "horizon must be longer"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_what_is_no_input(plain: clv.Customers, change: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        equity_of(plain, **(GIVEN | change))


def test_amounts_and_purchases_are_needed(plain: clv.Customers) -> None:
    table = plain.table[["frequency", "recency", "T"]]
    without = clv.Customers.from_frame(table, unit="week", observation_end="1997-09-30")
    with pytest.raises(DataError, match="Without amounts there is no equity"):
        equity_of(without, **GIVEN)
    with pytest.raises(ArgumentError, match="can't be forecast of customers who don't carry their purchases"):
        equity_of(plain, horizon="1Y", model="bg/nbd")
    with pytest.raises(ArgumentError, match="observation_end=: only for a log"):
        equity_of(plain, observation_end="1997-09-30", counts=[1.0], horizon="1M")


def test_sentences(steady_equity: clv.CustomerEquity) -> None:
    text = steady_equity.summary()
    assert "customers are worth about" in text.splitlines()[0]
    assert "not that of the firm" in text
    assert "earlier dates the revenue of the next" in text
    assert "nan" not in text
    assert "<table" in steady_equity._repr_html_()
    assert str(steady_equity).startswith(text)
