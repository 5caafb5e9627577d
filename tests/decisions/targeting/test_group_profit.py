"""Groups by incremental profit, against sums over their customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from tests.reference.tolerances import SUMMATION

RNG = np.random.default_rng(5)
VALUE = pd.Series(RNG.gamma(0.5, 40.0, 500), pd.Index(range(500), name="customer_id"))
GROUPS = pd.Series(pd.Categorical(np.where(VALUE > 60.0, "high", "low"), ["low", "none", "high"]), VALUE.index)
CALL = clv.Activity(name="call", cost=3.0, effect=(0.10, 0.03))
LETTER = clv.Activity(name="letter", cost=1.0, effect=(0.04, 0.01))


def test_profits_are_sums_over_the_customers_of_a_group() -> None:
    plan = clv.target(VALUE, [CALL, LETTER], budget=200.0)
    table = plan.by_group(GROUPS.sample(frac=1.0, random_state=1))  # in any order
    assert list(table.index) == ["low", "none", "high"]
    for name in ("low", "high"):
        worth, row = VALUE[name == GROUPS], table.loc[name]
        each = {"call": (0.10 * worth - 3.0).sum(), "letter": (0.04 * worth - 1.0).sum()}
        assert row["activity"] == max(each, key=each.__getitem__)
        assert row["profit"] == pytest.approx(each[row["activity"]], rel=SUMMATION)
        spread = {"call": 0.03, "letter": 0.01}[row["activity"]] * worth.sum()  # one effect for all: errors add up
        half = stats.norm.ppf(0.95) * spread
        assert row["profit_upper"] - row["profit"] == pytest.approx(half, rel=SUMMATION)
        assert row["profit"] - row["profit_lower"] == pytest.approx(half, rel=SUMMATION)
    # a group is left alone although some of its customers pay by themselves, who are in the plan
    assert table.loc["low", "profit"] < 0.0 < table.loc["low", "chosen_profit"]
    assert table["chosen"].sum() == len(plan.plan)
    assert table["chosen_profit"].sum() == pytest.approx(plan.profit, rel=SUMMATION)
    assert table.loc["none", ["customers", "profit", "chosen"]].tolist() == [0, 0.0, 0]
    assert pd.isna(table.loc["none", "activity"])


def test_a_group_worth_little_on_average_is_acted_on_where_that_pays() -> None:
    plan = clv.target(VALUE, clv.Activity(name="e-mail", cost=0.05, effect=0.02))
    table = plan.by_group(GROUPS)
    low = VALUE[GROUPS == "low"]
    assert table.loc["low", "profit"] == pytest.approx((0.02 * low - 0.05).sum(), rel=SUMMATION)
    assert table.loc["low", "profit"] > 0.0


def test_groups_that_are_not_there_are_named() -> None:
    plan = clv.target(VALUE, CALL)
    with pytest.raises(DataError, match="no row for 1 customers"):
        plan.by_group(GROUPS.iloc[1:])
    with pytest.raises(DataError, match="1 customers have no group"):
        plan.by_group(GROUPS.astype(object).where(VALUE.index != 7))
    with pytest.raises(ArgumentError, match="a Series by customer"):
        plan.by_group(GROUPS.tolist())  # type: ignore[arg-type]
