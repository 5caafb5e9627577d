"""Targeting: the plan, its promise, its holdout, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError, DataError
from tests.reference.tolerances import STANDARD_ERRORS, SUMMATION

V = pd.Series([100.0, 60.0, 10.0], index=pd.Index(["a", "b", "c"], name="customer_id"))
CALL = clv.Activity(name="call", cost=5.0, effect=0.10)


def _customers(rng: np.random.Generator, size: int = 2_000) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lifetime_value": rng.gamma(1.0, 40.0, size),
            "attrition_risk": rng.random(size),
            "segment": rng.integers(0, 40, size),
        },
        index=pd.RangeIndex(size, name="customer_id"),
    )


def test_net_values_of_the_methods_under_their_budgets() -> None:
    """v (5,8), (4,9), (3,0) and c (2,4), (2,6), (1,5): B 3: 8; B 5: 12; B 7: 15."""
    table = pd.DataFrame(
        {"lifetime_value": [1.0] * 3, "v0": [5.0, 4.0, 3.0], "v1": [8.0, 9.0, 0.0], "c0": [2, 2, 1], "c1": [4, 6, 5]},
        index=pd.Index(["x", "y", "z"], name="customer_id"),
    )
    activities = [
        clv.Activity(name=str(k), cost=f"c{k}", effect=table[f"v{k}"] + table[f"c{k}"], worth=1.0) for k in (0, 1)
    ]
    for budget, best in ((3.0, 8.0), (5.0, 12.0), (7.0, 15.0)):
        plan = clv.target(table, activities, budget=budget)
        assert plan.profit == best
        assert plan.budget_used <= budget
        assert plan.gap == 0.0


def test_size_without_a_budget_is_the_top_of_the_curve() -> None:
    rng = np.random.default_rng(1)
    table = _customers(rng)
    effect = pd.Series(rng.normal(0.05, 0.1, len(table)), table.index)
    plan = clv.target(table, clv.Activity(name="call", cost=2.0, effect=effect))
    gains = effect * table["lifetime_value"] - 2.0
    assert set(plan.plan["customer_id"]) == set(gains.index[gains > 0.0])
    assert plan.profit == pytest.approx(gains[gains > 0.0].sum(), rel=SUMMATION)
    curve = plan.curve.set_index("customers")["profit"]
    assert curve.idxmax() == plan.best_size == len(plan.plan)
    assert curve.max() == pytest.approx(plan.profit, rel=SUMMATION)
    assert curve.iloc[-1] == pytest.approx(gains.sum(), rel=SUMMATION)


def test_the_plan_beats_ranking_by_value_by_risk_and_at_random() -> None:
    rng = np.random.default_rng(2)
    table = _customers(rng)
    effect = pd.Series(rng.normal(0.05, 0.1, len(table)), table.index)
    rules = clv.target(table, clv.Activity(name="call", cost=2.0, effect=effect), budget=500.0).comparison
    assert list(rules.index) == ["plan", "by value", "by risk", "at random", "everyone"]
    assert (rules.loc["plan", "profit"] > rules["profit"].drop("plan")).all()
    assert (rules["cost"].drop("everyone") <= 500.0).all()


@pytest.mark.parametrize("budget", [None, 1e9])
def test_with_money_to_spare_rankings_reach_as_many_as_the_plan(budget: float | None) -> None:
    rng = np.random.default_rng(2)
    table = _customers(rng)
    effect = pd.Series(rng.normal(0.05, 0.1, len(table)), table.index)
    rules = clv.target(table, clv.Activity("call", cost=2.0, effect=effect), budget=budget).comparison
    assert rules["customers"].drop("everyone").nunique() == 1
    assert rules["customers"].iloc[0] < len(table)


def test_the_price_of_a_wrong_effect() -> None:
    """Regret is 0 where the effect is as believed, and rises with the error; by definition against the best plan."""
    table = _customers(np.random.default_rng(3))
    regret = clv.target(table, clv.Activity(name="call", cost=3.0, effect=0.1)).regret
    assert list(regret.index) == [0.5, 0.75, 1.0, 1.25]
    assert regret.loc[1.0, "regret"] == 0.0
    assert regret.loc[0.5, "regret"] > regret.loc[0.75, "regret"] > 0.0
    at_half = 0.05 * table["lifetime_value"] - 3.0
    assert regret.loc[0.5, "best_profit"] == pytest.approx(at_half[at_half > 0.0].sum(), rel=SUMMATION)
    believed = 0.1 * table["lifetime_value"] > 3.0
    assert regret.loc[0.5, "profit"] == pytest.approx(at_half[believed].sum(), rel=SUMMATION)


def test_the_holdout_is_random_seeded_and_of_all() -> None:
    table = _customers(np.random.default_rng(4), 10_000)
    plan, same, other = (clv.target(table, CALL, seed=seed) for seed in (1, 1, 2))
    assert plan.holdout.equals(same.holdout)
    assert not plan.holdout.equals(other.holdout)
    held = set(plan.holdout["customer_id"])
    chosen = plan.plan.set_index("customer_id")
    assert set(chosen.index[chosen["group"] == "holdout"]) == held & set(chosen.index)
    for group in (chosen.index, table.index.difference(chosen.index)):
        share = len(held & set(group)) / len(group)
        assert abs(share - 0.1) < STANDARD_ERRORS * np.sqrt(0.1 * 0.9 / len(group))
    assert plan.holdout["activity"].isna().sum() == len(held - set(chosen.index))
    assert len(clv.target(table, CALL, holdout=0.0).holdout) == 0


def test_with_known_effects_all_of_the_profit_of_an_oracle_is_had() -> None:
    """At least 95 %; here the bound itself says how much is missing."""
    rng = np.random.default_rng(5)
    table = _customers(rng, 20_000)
    activities = [clv.Activity(name=str(k), cost=cost, effect=pd.Series(rng.normal(mean, 0.1, len(table)), table.index))
                  for k, (cost, mean) in enumerate([(4.0, 0.1), (1.0, 0.03), (2.0, 0.05)])]  # fmt: skip
    plan = clv.target(table, activities, budget=5_000.0)
    assert plan.profit >= 0.95 * plan.upper_bound
    assert plan.gap <= 0.001


def _campaign(rng: np.random.Generator) -> tuple[float, float, float, float, float]:
    """A test by 40 segments, a plan by it, and what that plan is worth in truth; beside ranking by value."""
    table = _customers(rng, 4_000)
    truth = rng.normal(2.0, 2.0, 40)
    tested = pd.DataFrame({"segment": rng.integers(0, 40, 8_000), "w": rng.integers(0, 2, 8_000)})
    tested["y"] = truth[tested["segment"]] * tested["w"] + rng.normal(0.0, 12.0, 8_000)
    test = clv.RandomisedTest.of(tested, treated="w", outcome="y", segment="segment")
    plan = clv.target(table, clv.Activity(name="call", cost=2.5, effect=test), holdout=0.0)
    gains = pd.Series(truth[table["segment"]] - 2.5, table.index)
    true = float(gains[plan.plan["customer_id"]].sum())
    by_value = float(gains[table["lifetime_value"].nlargest(len(plan.plan)).index].sum())
    return plan.profit, plan.profit_lower, plan.profit_upper, true, by_value


def test_promised_profit_is_delivered_within_its_range() -> None:
    """100 campaigns: no winner's curse, and more than ranking by value brings."""
    rng = np.random.default_rng(6)
    promised, lower, upper, true, by_value = np.array([_campaign(rng) for _ in range(100)]).T
    inside = ((lower <= true) & (true <= upper)).mean()
    assert 0.80 < inside <= 1.0  # 90 % give or take 3.3 standard errors of 100 runs
    off = promised - true
    assert abs(off.mean()) < STANDARD_ERRORS * off.std() / 10.0
    assert true.mean() > by_value.mean() + 1_000.0


class _EconML:
    """The interface of EconML's estimators."""

    def effect(self, X: Any = None, *, T0: int = 0, T1: int = 1) -> np.ndarray:
        return 0.1 * X["x"].to_numpy()

    def effect_interval(self, X: Any = None, *, T0: int = 0, T1: int = 1, alpha: float = 0.05) -> Any:
        return self.effect(X) - 0.1645, self.effect(X) + 0.1645


class _CausalML:
    """That of CausalML's learners: one column a treatment."""

    def __init__(self, columns: int) -> None:
        self.columns = columns

    def predict(self, X: Any, treatment: Any = None, y: Any = None, p: Any = None) -> np.ndarray:
        return np.column_stack([X["x"].to_numpy() * (k + 1) for k in range(self.columns)])


def test_models_of_others_are_taken_by_their_methods() -> None:
    features = pl.DataFrame({"customer_id": ["c", "b", "a"], "x": [30.0, 20.0, 10.0]})
    plan = clv.target(V, clv.Activity(name="call", cost=0.5, effect=_EconML()), features=features, holdout=0.0)
    assert plan.plan["incremental_value"].tolist() == pytest.approx([0.5, 1.5, 2.5], rel=SUMMATION)
    assert plan.profit_upper - plan.profit == pytest.approx(3 * 0.1645, rel=1e-4)  # 1.645 for the 95 % point
    both = _CausalML(2)
    activities = [clv.Activity(name=name, cost=1.0, effect=both) for name in ("call", "letter")]
    plan = clv.target(V, activities, features=features, holdout=0.0)
    assert plan.plan["activity"].tolist() == ["letter"] * 3
    assert plan.plan["incremental_value"].tolist() == [19.0, 39.0, 59.0]
    assert "taken as known" in plan.summary()
    one = clv.target(V, clv.Activity(name="call", cost=1.0, effect=_CausalML(1)), features=features, holdout=0.0)
    assert one.profit == 57.0
    with pytest.raises(ArgumentError, match="shape"):
        clv.target(V, clv.Activity(name="call", cost=1.0, effect=_CausalML(3)), features=features)
    with pytest.raises(ArgumentError, match="can't be asked"):
        clv.target(V, clv.Activity(name="call", cost=1.0, effect=_EconML()))
    with pytest.raises(DataError, match="no row"):
        clv.target(V, clv.Activity(name="call", cost=1.0, effect=_EconML()), features=features.head(2))


def test_a_range_holds_the_errors_that_customers_share() -> None:
    """Of one effect for all: errors add up. Of the values: the range that lifetime_value gives of their sum."""
    plan = clv.target(V, clv.Activity(name="call", cost=1.0, effect=(0.10, 0.02)), holdout=0.0, interval=0.9)
    chosen = V[plan.plan["customer_id"]].sum()
    assert plan.profit_upper - plan.profit == pytest.approx(
        1.6449 * 0.02 * chosen, rel=1e-4
    )  # 1.6449 for the 95 % point
    value = V.to_frame("lifetime_value")
    value.attrs = {"interval": 0.9, "total": {"lifetime_value": {"estimate": 170.0, "lower": 153.0, "upper": 187.0}}}
    with_values = clv.target(value, clv.Activity(name="call", cost=1.0, effect=0.10), holdout=0.0)
    assert with_values.profit_upper - with_values.profit == pytest.approx(0.1 * 0.1 * chosen, rel=SUMMATION)


def test_costs_effects_and_worths_in_every_form() -> None:
    table = V.to_frame("lifetime_value").assign(reach=[1.0, 2.0, 3.0], up=[0.2, 0.1, 0.0])
    forms = [
        clv.Activity(name="column", cost="reach", effect="up"),
        clv.Activity(name="series", cost=table["reach"].iloc[::-1], effect=table["up"].iloc[::-1]),
        clv.Activity(name="function", cost=lambda frame: frame["reach"], effect=table["up"].to_numpy()),
        clv.Activity(name="worth", cost="reach", effect="up", worth="lifetime_value"),
    ]
    profits = [clv.target(table, form, holdout=0.0).profit for form in forms]
    assert profits == pytest.approx([23.0] * 4, rel=SUMMATION)
    rows = pl.DataFrame({"name": ["a", "b"], "cost": ["reach", "reach"], "effect": ["up", "up"], "limit": [1, None]})
    assert clv.target(table, rows, holdout=0.0).profit == pytest.approx(23.0, rel=SUMMATION)
    assert clv.target(table, rows.head(1), holdout=0.0).profit == pytest.approx(19.0, rel=SUMMATION)


@pytest.mark.parametrize(
    "activity",
    [
        {"cost": -1.0}, {"cost": np.nan}, {"cost": "nowhere"}, {"cost": None}, {"cost": [1.0, 2.0]}, {"effect": None},
        {"effect": np.nan}, {"effect": np.inf}, {"effect": "nowhere"}, {"effect": (0.1, -0.1)}, {"effect": (0.1,)},
        {"effect": True}, {"effect": object()}, {"worth": np.inf}, {"limit": -1}, {"limit": "few"}, {"name": ""},
        {"name": None}, {"effect": pd.Series([0.1], index=["a"])},
    ],
)  # fmt: skip
def test_hostile_activities_are_refused(activity: dict[str, Any]) -> None:
    with pytest.raises(ClvError):
        clv.target(V, clv.Activity(**{"name": "call", "cost": 1.0, "effect": 0.1, **activity}))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"budget": -1.0}, ArgumentError), ({"budget": np.nan}, ArgumentError), ({"budget": "much"}, ArgumentError),
        ({"holdout": 1.0}, ArgumentError), ({"holdout": -0.1}, ArgumentError), ({"interval": 1.0}, ArgumentError),
        ({"seed": -1}, ArgumentError), ({"time_limit": np.nan}, ArgumentError), ({"activities": []}, ArgumentError),
        ({"activities": [CALL, CALL]}, ArgumentError), ({"activities": "call"}, ArgumentError),
        ({"activities": {"name": "call"}}, ArgumentError),
        ({"activities": pd.DataFrame({"name": ["a"]})}, ArgumentError),
        ({"value": V[:0]}, DataError), ({"value": V * np.nan}, DataError), ({"value": None}, ArgumentError),
        ({"value": pd.concat([V, V])}, DataError),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(options: dict[str, Any], error: type[ClvError]) -> None:
    with pytest.raises(error):
        clv.target(**{"value": V, "activities": CALL, **options})


def test_nobody_is_chosen_where_nothing_pays() -> None:
    plan = clv.target(V, clv.Activity(name="call", cost=50.0, effect=0.1))
    assert (len(plan.plan), plan.profit, plan.gap, plan.best_size) == (0, 0.0, 0.0, 0)
    assert plan.summary().startswith("None of 3 customers gets an activity")
    assert plan.break_even.isna().all()
    assert "No customer" in plan.plot().get_title(loc="left")
    assert clv.target(V, CALL, budget=0.0).profit == 0.0


def test_a_plan_is_told_shown_and_drawn() -> None:
    plan = clv.target(
        _customers(np.random.default_rng(7)), clv.Activity(name="call", cost=3.0, effect=(0.1, 0.02)), budget=900
    )
    text = plan.summary()
    for phrase in ("assumed, not measured", "half as large", "held out at random"):
        assert phrase in text
    assert "<table" in plan._repr_html_()
    assert plan.break_even["call"] < 0.1
    assert "best size" in plan.plot().get_title(loc="left")
