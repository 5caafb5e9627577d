"""Segments: tiers, scores, value × risk, profiles, and what is refused."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.decisions.segments.tiers import quantile_tiers, rfm_scores, score_borders, scores, share_tiers
from clvmodels.errors import ArgumentError, ClvError, DataError

SUMS = 1e-12  # relative, of sums in another order
VALUE = pd.Series([60.0, 30.0, 6.0, 4.0], index=list("abcd"))


@pytest.fixture(scope="module")
def value(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> pd.DataFrame:
    return clv.lifetime_value(cdnow_bgnbd, cdnow_spend, horizon="1Y", annual_discount_rate=0.10)


def test_equal_values_get_equal_scores() -> None:
    assert scores(np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 5]), 5).tolist() == [2, 2, 2, 2, 2, 2, 4, 4, 5, 5]


@settings(deadline=None, max_examples=100)
@given(values=st.lists(st.integers(-5, 5), min_size=1, max_size=60), q=st.integers(2, 7))
def test_scores_are_the_ceiling_of_average_ranks(values: list[int], q: int) -> None:
    """By counting: twice the average rank of v is 2 #{< v} + #{= v} + 1, so that whole numbers do."""
    found = scores(np.array(values, dtype=float), q)
    for value, score in zip(values, found, strict=True):
        twice = 2 * sum(other < value for other in values) + values.count(value) + 1
        assert score == -(-q * twice // (2 * len(values)))
    assert found.min() >= 1
    assert found.max() <= q


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.floats(-10, 100), min_size=2, max_size=40),
    q=st.integers(2, 6),
    by=st.sampled_from(["value", "share"]),
)
def test_tiers_fall_with_value_and_borders_give_them_again(values: list[float], q: int, by: str) -> None:
    worth = pd.Series(values)
    if by == "share" and not worth.clip(lower=0.0).sum() > 0.0:
        return
    tiers = clv.segment(worth, by=by, q=q)
    tier = tiers.customers["segment"].map(lambda name: ord(name) - ord("A"))
    expected = (quantile_tiers if by == "value" else share_tiers)(worth.to_numpy(), q)
    assert tier.tolist() == expected.tolist()
    assert tier.loc[worth.sort_values(ascending=False).index].is_monotonic_increasing
    assert tiers.assign(worth).tolist() == tiers.customers["segment"].tolist()
    assert tiers.table["customers"].sum() == len(values)
    assert (worth.groupby(tier).min().iloc[:-1].to_numpy() == tiers.borders.to_numpy()).all()


def test_tiers_of_value_and_of_share() -> None:
    by_value = clv.segment(VALUE, q=2)
    assert by_value.table["customers"].to_dict() == {"A": 2, "B": 2}
    assert by_value.table["share_of_value"].to_dict() == pytest.approx({"A": 0.9, "B": 0.1})
    assert by_value.borders.to_dict() == {"A": 30.0}
    by_share = clv.segment(VALUE, by="share", q=2, labels=["big", "small"])
    assert by_share.customers["segment"].tolist() == ["big", "small", "small", "small"]
    assert by_share.table["value"].tolist() == [60.0, 40.0]
    whale = clv.segment(pd.Series([99.0, 1.0, 1.0]), by="share", q=4)
    assert whale.table.index.tolist() == ["A", "D"]
    assert clv.segment(pd.Series([1.0] * 5), q=4).table["share_of_customers"].tolist() == [1.0]


def test_rfm_scores_of_the_sample(value: pd.DataFrame, cdnow_bgnbd: clv.Fit) -> None:
    customers = cdnow_bgnbd.customers
    assert isinstance(customers, clv.Customers)
    found = clv.segment(value, by="rfm", customers=customers)
    table = customers.table
    assert found.customers["segment"].tolist() == rfm_scores(table)["rfm"].tolist()
    silence = table["T"] - table["recency"]
    assert found.customers["recency_score"].corr(silence, method="spearman") < -0.9
    assert (found.customers.groupby(table["frequency"])["frequency_score"].nunique() == 1).all()
    assert found.table.index[0] == "555"
    assert found.table["customers"].sum() == len(table)
    one_frame = clv.segment(value.join(table), by="rfm")
    assert one_frame.customers["segment"].tolist() == found.customers["segment"].tolist()
    loyal = {code: "often" if code[1] in "45" else "seldom" for code in found.table.index}
    assert clv.segment(value, by="rfm", customers=table, labels=loyal).table.index.tolist() == ["often", "seldom"]
    with pytest.raises(ArgumentError, match="Pass customers="):
        clv.segment(value, by="rfm")
    with pytest.raises(DataError, match="from a summary"):
        found.assign(value)


def test_value_and_risk_are_the_groups_of_the_plot(value: pd.DataFrame) -> None:
    table = clv.plots.value_risk_table(value)
    found = clv.segment(value, by="value_risk")
    assert found.table["customers"].to_dict() == {name: n for name, n in table["customers"].items() if n}
    assert found.table["value"].to_dict() == pytest.approx({k: v for k, v in table["value"].items() if v})
    assert found.borders.to_dict() == table.attrs
    assert found.assign(value.head(50)).tolist() == found.customers["segment"].head(50).tolist()
    renamed = {"Mind the cost": "Wait", "Grow": "Wait", "Act now": "Win back", "Look after": "Look after"}
    again = clv.segment(value, by="value_risk", labels=renamed, high_risk=0.7)
    assert set(again.table.index) <= {"Look after", "Win back", "Wait"}
    assert again.assign(value).tolist() == again.customers["segment"].tolist()


def test_the_profile_is_that_of_pandas(value: pd.DataFrame) -> None:
    cost = pd.Series(np.arange(len(value), dtype=float), index=value.index)
    found = clv.segment(value, cost=cost)
    assert found.table.columns.tolist() == [
        "customers", "share_of_customers", "value", "share_of_value", "purchase_rate", "spend", "risk", "cost",
        "value_per_customer",
    ]  # fmt: skip
    assert found.table.index.name == "segment"
    best = value[found.customers["segment"] == "A"]
    row = found.table.loc["A"]
    assert row["value"] == pytest.approx(best["lifetime_value"].sum(), rel=SUMS)
    assert row["value_per_customer"] == pytest.approx(best["lifetime_value"].mean(), rel=SUMS)
    assert row["purchase_rate"] == pytest.approx(best["expected_purchases"].mean(), rel=SUMS)
    spent = (best["expected_purchases"] * best["expected_spend"]).sum()
    assert row["spend"] == pytest.approx(spent / best["expected_purchases"].sum(), rel=SUMS)
    assert row["risk"] == pytest.approx(best["attrition_risk"].mean(), rel=SUMS)
    assert row["cost"] == pytest.approx(cost[best.index].mean(), rel=SUMS)
    assert found.table[["share_of_customers", "share_of_value"]].sum().tolist() == pytest.approx([1.0, 1.0])


def test_what_is_not_known_is_absent() -> None:
    assert clv.segment(VALUE, q=2).table.columns.tolist() == [
        "customers", "share_of_customers", "value", "share_of_value", "value_per_customer"
    ]  # fmt: skip
    losses = clv.segment(-VALUE, q=2)
    assert "share_of_value" not in losses.table
    assert losses.customers["segment"].tolist() == ["B", "B", "A", "A"]
    assert "of the value" not in losses.summary()


def test_segments_of_your_own(value: pd.DataFrame) -> None:
    channel = pd.Series(np.where(np.arange(len(value)) % 3, "web", "shop"), index=value.index, name="channel")
    for found in (
        clv.segment(value, by=channel.sample(frac=1.0, random_state=1)),
        clv.segment(value.assign(channel=channel), by="channel"),
        clv.segment(value, by="channel", customers=channel.to_frame()),
    ):
        assert found.by == "channel"
        assert found.table["customers"].to_dict() == channel.value_counts().sort_index().to_dict()
    with pytest.raises(ArgumentError, match="a Series by customer"):
        found.assign(value)
    assert found.assign(pd.Series(["web"], index=["x"])).to_dict() == {"x": "web"}
    with pytest.raises(DataError, match="no segment"):
        clv.segment(value, by=channel.mask(channel == "web"))
    with pytest.raises(DataError, match="no row"):
        clv.segment(value, by=channel.head(10))
    with pytest.raises(ArgumentError, match="by must be one of"):
        clv.segment(value, by="colour")


def test_any_frame(value: pd.DataFrame) -> None:
    expected = clv.segment(value).table
    pd.testing.assert_frame_equal(clv.segment(pl.from_pandas(value.reset_index())).table, expected)
    pd.testing.assert_frame_equal(clv.segment(value.reset_index()).table, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"q": 1},
        {"q": 2.5},
        {"q": "four"},
        {"labels": ["a", "b"]},
        {"labels": ["a", "a", "b", "c"]},
        {"labels": "abcd"},
        {"labels": {"A": "x"}},
        {"by": "value_risk", "high_risk": 1.5},
        {"by": "value_risk"},
        {"by": 3},
        {"cost": "much"},
        {"cost": [1.0, 2.0]},
    ],
)
def test_options_without_a_meaning(options: dict[str, Any]) -> None:
    with pytest.raises(ClvError):
        clv.segment(VALUE.to_frame("lifetime_value"), **options)


def test_values_that_can_not_be_divided() -> None:
    for wrong in (
        VALUE.replace(6.0, np.nan),
        VALUE.replace(6.0, np.inf),
        VALUE.head(0),
        pd.concat([VALUE, VALUE]),
        "x",
    ):
        with pytest.raises(ClvError):
            clv.segment(wrong)
    with pytest.raises(DataError, match="no customer has a value above 0"):
        clv.segment(-VALUE, by="share")


def test_it_is_shown(value: pd.DataFrame) -> None:
    found = clv.segment(value, labels=["<b>best</b>", "good", "fair", "poor"])
    assert "&lt;b&gt;best" in found._repr_html_()
    assert found.summary().splitlines()[0] == "2,357 customers in 4 segments."
    assert "share_of_value" in repr(found)
    for one in (found, clv.segment(-VALUE), clv.segment(pd.Series([1.0, -5.0, 10.0]), q=3)):
        ax = one.plot()
        assert "nan" not in ax.get_title(loc="left")
        plt.close(ax.figure)
    with pytest.raises(ArgumentError, match=r"clvmodels\.segment"):
        clv.plots.segments(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [[1.0], [2.0] * 7, [0.0] * 6 + [1.0, 1.0, 2.0, 5.0], list(range(11))], ids=str)
def test_borders_of_scores_are_those_of_the_scores(values):
    rng = np.random.default_rng(0)
    for known in (np.array(values, dtype=float), rng.integers(0, 30, 500) * 1.0, rng.random(997)):
        for highest in (2, 4, 5):
            borders = score_borders(np.sort(known), highest)
            np.testing.assert_array_equal(np.searchsorted(borders, known, side="right") + 1, scores(known, highest))
