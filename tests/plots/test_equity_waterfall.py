"""Steps of a customer equity: they begin where the one before ends, and end at the total."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError

EXACT = 1e-9  # the same sums in another order


@pytest.fixture(scope="module")
def equity() -> clv.CustomerEquity:
    path = clv.datasets.path("cdnow_sample")
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    plain = clv.summarize(path, **columns, unit="week", observation_end="1997-09-30")
    return clv.customer_equity(
        plain, acquisition_cost=20.0, annual_discount_rate=0.1, margin=0.3, counts=[100.0, 300.0], horizon="2M",
        model="bg/nbd", spend="gamma-gamma",
    )  # fmt: skip


def test_steps_begin_where_the_one_before_ends(equity: clv.CustomerEquity) -> None:
    table = clv.plots.equity_waterfall_table(equity)
    assert table["begin"].iloc[1:3].tolist() == table["end"].iloc[:2].tolist()
    assert table["end"].iloc[2] == pytest.approx(equity.table.loc["total", "estimate"], rel=EXACT)
    assert table["end"].iloc[3] == equity.table.loc["total", "estimate"]
    days = (equity.cohorts.index - pd.Timestamp("1997-09-30")).days  # months are paid for in their middle
    cost = 20.0 * (100.0 * 1.1 ** (-days[0] / 2 / 365.25) + 300.0 * 1.1 ** (-(days[0] + days[1]) / 2 / 365.25))
    assert table.loc["cost of winning them", "amount"] == pytest.approx(-cost, rel=1e-3)  # whole days
    assert table[["lower", "upper"]].isna().any(axis=1).tolist() == [False, True, True, False]


def test_without_customers_to_come_there_are_two_bars(equity: clv.CustomerEquity) -> None:
    none = replace(equity, cohorts=0.0 * equity.cohorts)
    assert list(clv.plots.equity_waterfall_table(none).index) == ["today's customers", "customer equity"]
    with pytest.raises(ArgumentError, match="equity_waterfall_table returns"):
        clv.plots.equity_waterfall(equity.table)
