"""Activities side by side: means over all customers, sums over the chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from tests.reference.tolerances import SUMMATION


def test_each_activity_has_its_costs_its_effect_and_what_the_plan_makes_of_it() -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        {"lifetime_value": rng.gamma(0.5, 40.0, 300), "postage": rng.uniform(0.5, 1.5, 300)},
        index=pd.Index(range(300), name="customer_id"),
    )
    call = clv.Activity(name="call", cost=3.0, effect=(0.10, 0.03))
    letter = clv.Activity(name="letter", cost="postage", effect=2.0, worth=1.0)
    gift = clv.Activity(name="gift", cost=1_000.0, effect=0.01)
    plan = clv.target(table, [call, letter, gift])
    found = plan.by_activity
    assert found["cost_each"].tolist() == pytest.approx([3.0, table["postage"].mean(), 1_000.0], rel=SUMMATION)
    assert found["effect"].tolist() == pytest.approx([0.10, 2.0, 0.01], rel=SUMMATION)
    assert found["effect_sd"].tolist() == pytest.approx([0.03, 0.0, 0.0], rel=SUMMATION)
    assert found["of_value"].tolist() == [True, False, True]
    assert set(found["source"]) == {"assumed"}
    sums = plan.plan.groupby("activity", observed=False)[["cost", "incremental_value"]].sum()
    assert np.allclose(found[["cost", "profit"]], sums.loc[found.index], rtol=SUMMATION)
    assert found["customers"].sum() == len(plan.plan)
    assert found.loc["gift", "customers"] == 0
    assert np.isnan(plan.break_even["gift"])


def test_a_table_says_how_unsure_effects_are_and_may_hold_numbers_as_text() -> None:
    value = pd.DataFrame({"lifetime_value": [100.0, 60.0], "postage": [0.5, 1.0]}, index=pd.Index(["a", "b"]))
    table = pd.DataFrame(
        {"name": ["call", "7"], "cost": ["5", "postage"], "effect": ["0.10", "0.02"], "effect_sd": [0.03, np.nan]}
    )
    plan = clv.target(value, table, holdout=0.0)
    assert plan.by_activity["effect_sd"].tolist() == pytest.approx([0.03, 0.0], rel=SUMMATION)
    assert plan.by_activity["cost_each"].tolist() == [5.0, 0.75]
    assert list(plan.by_activity.index) == ["call", "7"]
    assert plan.profit_lower < plan.profit
