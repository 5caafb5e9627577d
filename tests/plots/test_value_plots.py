"""Plots of value, acquisition, risk and next purchases: their numbers, corners, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError

COLUMNS = {"customer": "id", "date": "day", "amount": "paid"}


def log(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "day", "paid", "channel"][: len(rows[0])])


YEARS = [
    (1, "2023-01-05", 20.0, "a"),
    (1, "2024-01-05", 40.0, "a"),
    (2, "2024-02-01", 50.0, "b"),
    (1, "2024-02-20", 4.0, "a"),
]


def test_value_over_time_says_how_the_last_full_period_was() -> None:
    value = clv.value_per_customer(log(YEARS), **COLUMNS, observation_end="2024-02-25")
    ax = value.plot()
    assert "In the period to January 2024 a customer was worth 40.00, +100 % in a year" in _title(ax)
    drawn = {tuple(np.asarray(line.get_ydata(), dtype=float)) for line in ax.lines}
    assert (20.0, 40.0, 27.0) in drawn  # February: (50 + 4) / 2
    assert (27.0,) in drawn  # and hollow, since it isn't over


def test_value_over_time_by_group() -> None:
    value = clv.value_per_customer(log(YEARS), **COLUMNS, observation_end="2024-02-29", by="channel")
    assert "a customer of b was worth 50.00, of a 4.00" in _title(value.plot())
    one = clv.value_per_customer(log(YEARS[:2]), **COLUMNS, observation_end="2024-01-31", by="channel")
    assert "was worth 40.00" in _title(one.plot())  # one group is no group
    many = [(k, "2024-01-05", float(k), f"g{k}") for k in range(9)]
    crowd = clv.value_per_customer(log(many), **COLUMNS, observation_end="2024-01-05", by="channel")
    assert len({text.get_text() for text in crowd.plot().texts if text.get_text().startswith("g")}) == 6
    with pytest.raises(DataError, match="value_per_customer"):
        clv.plots.value_per_customer(pd.DataFrame({"a": [1.0]}))
    with pytest.raises(DataError, match="value_per_customer"):
        clv.plots.value_per_customer(3)


def economics(**options: Any) -> clv.UnitEconomics:
    purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    asked = {"horizon": "1Y", "annual_discount_rate": 0.1, "margin": 0.3, "acquisition_cost": 20.0} | options
    return clv.unit_economics(asked.pop("purchases", purchases), spend, **asked)


def test_payback_that_is_not_reached_is_an_arrow_at_the_edge() -> None:
    found = economics(acquisition_cost=2_000.0)
    assert np.isinf(found.table.loc["all", "payback"])
    ax = found.plot("payback")
    assert "does not pay back" in _title(ax)
    assert "not reached" in {text.get_text() for text in ax.texts}
    assert "winning one with the first purchase" in _title(economics(acquisition_cost=5.0).plot("payback"))
    assert "after 26 weeks" in _title(economics().plot("payback"))


def test_bars_of_groups_are_ordered_and_counted() -> None:
    purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    groups = dict.fromkeys(["dear", "cheap"], purchases)
    ax = economics(purchases=groups, acquisition_cost={"dear": 100.0, "cheap": 10.0}).plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cheap", "dear"]
    assert "1 of 2 groups bring back less" in _title(ax)
    ax = economics(purchases=groups, acquisition_cost={"dear": 20.0, "cheap": 10.0}).plot()
    assert "cheap brings back 2.53 times what a customer costs, dear 1.26 times" in _title(ax)
    with pytest.raises(ArgumentError, match="of must be"):
        economics().plot("profit")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"clvmodels\.unit_economics"):
        clv.plots.payback(economics().table)  # type: ignore[arg-type]


def test_the_calendar_holds_the_most_likely_buyers(split: Any, purchases: clv.Fit) -> None:
    found = clv.next_purchase(purchases, split.calibration, horizon="26W", interval=0.5)
    table = clv.plots.next_purchase_calendar_table(found, top=7)
    assert set(table.index) == set(found.table["purchase_probability"].nlargest(7).index)
    assert table["date_median"].is_monotonic_increasing
    some = found.table["date_median"].dropna().index[:3]
    assert set(clv.plots.next_purchase_calendar_table(found, customers=some).index) == set(some)
    ax = clv.plots.next_purchase_calendar(table)
    assert "of these 7 are expected to buy" in _title(ax)
    assert "is most likely to buy by" in _title(found.plot(top=1))
    with pytest.raises(ArgumentError, match="no customer 'nobody'"):
        clv.plots.next_purchase_calendar(found, customers=["nobody"])
    with pytest.raises(ArgumentError, match="top must be"):
        found.plot(top=0)
    with pytest.raises(ArgumentError, match=r"clvmodels\.next_purchase"):
        clv.plots.next_purchase_calendar_table(found.table)  # type: ignore[arg-type]
    undated = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    unknown = clv.next_purchase(purchases, clv.Customers.from_frame(undated, unit="week"), horizon=39)
    with pytest.raises(DataError, match="No date is known"):
        unknown.plot()


def test_the_curve_of_value_at_risk_by_hand() -> None:
    risks = pd.DataFrame({"value_at_risk": [1.0, 6.0, 3.0, 0.0], "lifetime_value": [10.0, 10.0, 5.0, 15.0]})
    table = clv.plots.value_at_risk_table(risks, points=4)
    assert table["share_of_value_at_risk"].tolist() == pytest.approx([0.0, 0.6, 0.9, 1.0, 1.0])
    assert table["share_of_value"].tolist() == pytest.approx([0.0, 0.25, 0.375, 0.625, 1.0])
    assert _title(clv.plots.value_at_risk(table, top=0.25)) == "1 of 4 customers (25 %) hold 60 % of the value at risk"
    with pytest.raises(DataError, match="no value at risk"):
        clv.plots.value_at_risk(risks * 0.0)
    with pytest.raises(DataError, match="no column 'value_at_risk'"):
        clv.plots.value_at_risk(risks[["lifetime_value"]])
    with pytest.raises(DataError, match="not finite"):
        clv.plots.value_at_risk(risks.assign(lifetime_value=np.nan))
    with pytest.raises(ArgumentError, match="top must be"):
        clv.plots.value_at_risk(risks, top=1.0)


def _title(ax: Any) -> str:
    ax.figure.canvas.draw()
    return " ".join(ax.get_title(loc="left").split())
