"""Individual network value: worked numbers, a dense second route, circles, long chains, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError, DataError

KEPT = 1e-9  # of the total: by how much accounts may miss it
ROUNDING = 1e-10  # relative, of sums over levels against a dense solution
VALUE = pd.Series({1: 100.0, 2: 60.0, 3: 40.0})
CHAIN = pd.DataFrame({"referrer": [1, 2], "referee": [2, 3], "weight": [0.5, 0.5]})
COLUMNS = ["own_value", "referral_value", "influence", "network_value", "conserving_value", "referrals", "depth"]


def test_a_chain_of_three() -> None:
    table = clv.network_value(VALUE, CHAIN, rho=0.9).table
    assert table.columns.tolist() == COLUMNS
    assert table.index.name == "customer_id"
    assert table["own_value"].tolist() == [100.0, 60.0, 40.0]
    assert table["referral_value"].tolist() == [30.0, 20.0, 0.0]
    assert table["network_value"].tolist() == [130.0, 80.0, 40.0]
    assert table["conserving_value"].tolist() == pytest.approx([140.0, 40.0, 20.0])
    assert table["influence"].tolist() == pytest.approx([135.1, 78.0, 40.0])
    assert table["referrals"].tolist() == [1, 1, 0]
    assert table["depth"].tolist() == [2, 1, 0]


def test_influence_at_rho_1_is_the_gross_sum_that_counts_money_once_per_ancestor() -> None:
    assert clv.network_value(VALUE, CHAIN, rho=1.0).table["influence"].tolist() == pytest.approx([140.0, 80.0, 40.0])
    assert clv.network_value(VALUE, CHAIN, rho=0.0).table["influence"].tolist() == [100.0, 60.0, 40.0]


def test_a_circle_is_solved() -> None:
    circle = pd.concat([CHAIN, pd.DataFrame({"referrer": [3], "referee": [1], "weight": [0.5]})])
    table = clv.network_value(VALUE, circle, rho=1.0).table
    assert table["influence"].tolist() == pytest.approx([160.0, 120.0, 120.0])
    assert table["conserving_value"].tolist() == pytest.approx([80.0, 60.0, 60.0])
    assert table["depth"].tolist() == [1, 1, 1]


def test_a_homogeneous_chain_and_its_branching_process() -> None:
    """V / (1 - qρ) with q .4, ρ .9, V 50: 78.125; so is the mean of Poisson families, each level counting ρ less."""
    places = np.arange(200)
    chain = pd.DataFrame({"referrer": places[:-1], "referee": places[1:], "weight": 0.4})
    found = clv.network_value(pd.Series(50.0, index=places), chain, rho=0.9).table.loc[0]
    assert found["influence"] == pytest.approx(78.125, rel=ROUNDING)
    rng, families = np.random.default_rng(5), 400_000
    alive, total, level = np.ones(families, dtype=np.int64), np.full(families, 50.0), 0
    while alive.any():
        level += 1
        alive = rng.poisson(0.4 * alive)
        total += 50.0 * 0.9**level * alive
    assert total.mean() == pytest.approx(78.125, abs=4.0 * total.std() / math.sqrt(families))  # four standard errors


def test_who_would_have_come_anyway_saves_the_cost_of_acquisition() -> None:
    """.6 × 100 + .4 × 20 - 10 = 58; π = (joined with the programme - without it) / referred = 30 / 50."""
    value = pd.Series({"ann": 70.0, "bob": 100.0})
    one = pd.DataFrame({"referrer": ["ann"], "referee": ["bob"]})
    options: dict[str, Any] = {"acquisition_cost": 20.0, "reward": 10.0}
    found = clv.network_value(value, one, share_incremental=30 / 50, **options)
    assert found.table.loc["ann", "referral_value"] == pytest.approx(58.0)
    assert found.parts.loc["ann"].tolist() == pytest.approx([60.0, 8.0, 10.0])
    assert found.assumed["referral_value"].to_dict() == pytest.approx(
        {"0": 10.0, "0.5": 50.0, "1": 90.0, "given": 58.0}
    )
    assert not found.share_is_assumed
    by_referee = clv.network_value(value, one, share_incremental=pd.Series({"bob": 0.6}), **options)
    assert by_referee.table["referral_value"].tolist() == pytest.approx([58.0, 0.0])
    unknown = clv.network_value(value, one, **options)
    assert unknown.share_is_assumed
    assert unknown.table.loc["ann", "referral_value"] == pytest.approx(90.0)
    assert "If all, half or none: 10.00, 50.00 or 90.00" in unknown.summary()


def test_without_weights_a_referee_is_shared_by_its_referrers() -> None:
    value = pd.Series({"a": 10.0, "b": 20.0, "c": 60.0})
    referrals = pd.DataFrame({"referrer": ["a", "b"], "referee": ["c", "c"]})
    table = clv.network_value(value, referrals).table
    assert table["referral_value"].tolist() == [30.0, 30.0, 0.0]
    assert table["conserving_value"].tolist() == pytest.approx([40.0, 50.0, 0.0])
    half = clv.network_value(value, referrals, share_incremental=0.5).table
    assert half["conserving_value"].tolist() == pytest.approx([25.0, 35.0, 30.0])
    assert half["referral_value"].tolist() == [15.0, 15.0, 0.0]
    none = clv.network_value(value, referrals, share_incremental=0.0).table
    assert none["conserving_value"].tolist() == [10.0, 20.0, 60.0]
    assert none["referrals"].tolist() == [1, 1, 0]
    assert none["depth"].tolist() == [1, 1, 0]


def test_repeated_lines_sum_and_are_one_referral() -> None:
    twice = pd.concat([CHAIN.assign(weight=0.25)] * 2)
    pd.testing.assert_frame_equal(clv.network_value(VALUE, twice).table, clv.network_value(VALUE, CHAIN).table)
    rewarded = clv.network_value(VALUE, twice, reward=5.0).table["referral_value"]
    assert rewarded.tolist() == [25.0, 15.0, 0.0]


def test_delays_discount_what_comes_later() -> None:
    """A year at 10 %, continuously compounded, is a factor of 1 / 1.1; what came before has no delay."""
    dates = pd.to_datetime(["2025-01-01", "2026-01-01"]) + pd.Timedelta(hours=0)
    dated = CHAIN.assign(date=[dates[0], dates[0] + pd.Timedelta(days=365.25)])
    table = clv.network_value(VALUE, dated, annual_discount_rate=0.10).table
    assert table["referral_value"].tolist() == pytest.approx([30.0, 20.0 / 1.1, 0.0])
    late = clv.network_value(VALUE, dated, annual_discount_rate=0.10, as_of="2027-01-01").table
    assert late["referral_value"].tolist() == [30.0, 20.0, 0.0]
    assert clv.network_value(VALUE, dated).table["referral_value"].tolist() == [30.0, 20.0, 0.0]
    rewarded = clv.network_value(VALUE, dated, annual_discount_rate=0.10, reward=11.0).parts["rewards"]
    assert rewarded.tolist() == pytest.approx([11.0, 10.0, 0.0])
    with pytest.raises(DataError, match="no column 'date'"):
        clv.network_value(VALUE, CHAIN, annual_discount_rate=0.10)
    with pytest.raises(ArgumentError, match="as_of"):
        clv.network_value(VALUE, dated, annual_discount_rate=0.10, as_of="some day")


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ([1, 2], "numbers"),
        (["03/04/2025", "2025-01-01"], "can't be read as dates"),
        ([pd.NaT, pd.Timestamp("2025-01-01")], "no date"),
    ],
)
def test_dates_matter_only_where_delays_are_discounted(dates: list[Any], words: str) -> None:
    dated = CHAIN.assign(date=dates)
    assert clv.network_value(VALUE, dated).table["referral_value"].tolist() == [30.0, 20.0, 0.0]
    with pytest.raises(DataError, match=words):
        clv.network_value(VALUE, dated, annual_discount_rate=0.10)


def test_with_influence_adds_the_levels_that_referral_value_does_not_have() -> None:
    """(ρW)² V of the first is .45² × 40 = 8.1."""
    table = clv.network_value(VALUE, CHAIN, rho=0.9, with_influence=True).table
    assert table["network_value"].tolist() == pytest.approx([138.1, 80.0, 40.0])


@settings(deadline=None, max_examples=50)
@given(size=st.integers(2, 30), edges=st.integers(0, 90), most=st.floats(0.0, 1.0), seed=st.integers(0, 10_000))
def test_any_graph_is_as_a_dense_matrix_says(size: int, edges: int, most: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    referrer, referee = rng.integers(0, size, (2, edges))
    other = referrer != referee
    referrer, referee = referrer[other], referee[other]
    weight = rng.random(len(referrer)) * (rng.random(len(referrer)) < 0.9)
    given_away = np.bincount(referee, weight, minlength=size)
    share = most * rng.random(size)  # below 1, so that circles converge
    weight *= np.divide(share, given_away, out=np.zeros(size), where=given_away > 0.0)[referee]
    value = pd.Series(rng.normal(50.0, 40.0, size), index=[f"c{i}" for i in range(size)])
    named = pd.DataFrame({"referrer": value.index[referrer], "referee": value.index[referee], "weight": weight})
    table = clv.network_value(value, named, rho=0.7).table
    W = np.zeros((size, size))
    np.add.at(W, (referrer, referee), weight)
    V, s, one = value.to_numpy(), W.sum(axis=0), np.eye(size)
    scale = np.abs(V).sum()
    assert np.abs(table["conserving_value"] - (1.0 - s) * np.linalg.solve(one - W, V)).max() <= ROUNDING * scale
    assert np.abs(table["influence"] - np.linalg.solve(one - 0.7 * W, V)).max() <= ROUNDING * scale
    assert np.abs(table["referral_value"] - W @ V).max() <= ROUNDING * scale
    assert abs(table["conserving_value"].sum() - V.sum()) <= KEPT * scale
    assert table["referrals"].tolist() == [len(set(referee[referrer == i])) for i in range(size)]


@pytest.mark.parametrize("branches", [1, 2])
def test_depth_of_trees_and_of_graphs_with_two_referrers(branches: int) -> None:
    """Depth by recursion, on graphs whose referees always come later."""
    rng, size = np.random.default_rng(branches), 300
    pairs = {(int(rng.integers(0, j)), j) for j in range(1, size) for _ in range(branches)}
    below: dict[int, list[int]] = {i: [j for k, j in pairs if k == i] for i in range(size)}
    depth = dict.fromkeys(range(size), 0)
    for i in reversed(range(size)):
        depth[i] = max((1 + depth[j] for j in below[i]), default=0)
    table = clv.network_value(pd.Series(1.0, index=range(size)), pd.DataFrame(pairs, columns=["referrer", "referee"]))
    assert table.table["depth"].to_dict() == depth


def test_a_chain_of_100_000_is_exact() -> None:
    places = np.random.default_rng(1).permutation(100_000)
    value = pd.Series(np.ones(len(places)))
    chain = pd.DataFrame({"referrer": places[:-1], "referee": places[1:], "weight": 1.0})
    table = clv.network_value(value, chain, rho=1.0).table.loc[places]
    assert table["influence"].tolist() == np.arange(len(places), 0, -1).tolist()
    assert table["depth"].tolist() == np.arange(len(places) - 1, -1, -1).tolist()
    assert table["conserving_value"].tolist() == [len(places)] + [0.0] * (len(places) - 1)


def test_a_large_circle_that_fades_slowly_keeps_the_total() -> None:
    """20,000 customers who refer one another and give everything away, but for the few whom nobody referred."""
    rng, size = np.random.default_rng(2), 20_000
    pairs = pd.DataFrame({"referrer": rng.integers(0, size, 5 * size), "referee": rng.integers(0, size, 5 * size)})
    value = pd.Series(rng.lognormal(3.0, 1.0, size))
    table = clv.network_value(value, pairs[pairs["referrer"] != pairs["referee"]]).table
    assert table["conserving_value"].sum() == pytest.approx(value.sum(), rel=KEPT)
    assert table["conserving_value"].min() >= 0.0
    keeps = table["conserving_value"] > 0.0
    assert keeps.sum() == (~value.index.isin(pairs.loc[pairs["referrer"] != pairs["referee"], "referee"])).sum()


def test_a_circle_with_a_way_out_is_solved_though_all_give_everything_away() -> None:
    """1 ⇄ 2, and 3 shares 1's value with 2: all ends with 3."""
    pairs = pd.DataFrame({"referrer": [1, 2, 3], "referee": [2, 1, 1], "weight": [1.0, 0.5, 0.5]})
    assert clv.network_value(VALUE, pairs).table["conserving_value"].tolist() == pytest.approx([0.0, 0.0, 200.0])


def test_a_closed_circle_is_refused_with_its_customers() -> None:
    pairs = pd.DataFrame({"referrer": [1, 2, 3], "referee": [2, 1, 1], "weight": [1.0, 1.0, 0.0]})
    with pytest.raises(DataError, match=r"circle .*ids 1, 2\)"):
        clv.network_value(VALUE, pairs)
    with pytest.raises(DataError, match=r"circle"):
        clv.network_value(VALUE, pairs.drop(columns="weight").head(2))
    almost = clv.network_value(VALUE, pairs.assign(weight=[0.999999, 1.0, 0.0])).table
    assert almost["conserving_value"].sum() == pytest.approx(200.0, rel=KEPT)


def test_shares_above_1_are_refused_and_rounding_is_not() -> None:
    with pytest.raises(DataError, match=r"weights of 2 sum to 1\.5"):
        clv.network_value(VALUE, CHAIN.assign(weight=[1.5, 0.5]))
    thirds = pd.DataFrame({"referrer": [1] * 10, "referee": [2] * 10, "weight": [0.1] * 10})
    assert clv.network_value(VALUE, thirds).table["conserving_value"].min() >= 0.0
    for wrong in (-0.1, np.nan, np.inf):
        with pytest.raises(DataError, match="weight"):
            clv.network_value(VALUE, CHAIN.assign(weight=[wrong, 0.5]))
    with pytest.raises(DataError, match="not a number"):
        clv.network_value(VALUE, CHAIN.assign(weight=["much", 0.5]))


def test_unknown_customers_and_referrals_of_oneself() -> None:
    strange = pd.concat([CHAIN, pd.DataFrame({"referrer": [9, 3, None], "referee": [1, 3, 1], "weight": 0.1})])
    with pytest.raises(ClvError, match="no referrer"):
        clv.network_value(VALUE, strange)
    with pytest.raises(ClvError, match=r"\(id 9\.0\)"):
        clv.network_value(VALUE, strange.head(4))
    with pytest.raises(ClvError, match=r"itself \(id 3\)"):
        clv.network_value(VALUE, strange, unknown="drop")
    found = clv.network_value(VALUE, strange, unknown="drop", self_referrals="drop")
    assert found.dropped == {"unknown": 2, "self": 1}
    assert found.summary().endswith("Referrals left out: 2 with unknown customers and 1 of customers to themselves.")
    pd.testing.assert_frame_equal(found.table, clv.network_value(VALUE, CHAIN).table)
    with pytest.raises(ClvError, match="None of the ids is known"):
        clv.network_value(VALUE, CHAIN.astype({"referrer": str, "referee": str}))


def test_tables_in_any_frame() -> None:
    expected = clv.network_value(VALUE, CHAIN).table
    frame = pd.DataFrame({"customer_id": VALUE.index, "lifetime_value": VALUE.to_numpy(), "x": 1.0})
    for value in (frame, frame.set_index("customer_id"), pl.from_pandas(frame), VALUE.to_frame("worth")):
        pd.testing.assert_frame_equal(clv.network_value(value, pl.from_pandas(CHAIN)).table, expected)
    nobody = clv.network_value(VALUE, CHAIN.head(0))
    assert nobody.table["network_value"].tolist() == VALUE.tolist()
    assert "0 of 3 customers" in nobody.summary()
    assert "<table" in nobody._repr_html_()
    assert not nobody.share_is_assumed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rho": 1.1}, "rho"),
        ({"rho": "much"}, "rho"),
        ({"share_incremental": 1.5}, "share_incremental"),
        ({"share_incremental": pd.Series({2: 2.0, 3: 0.5})}, "share_incremental"),
        ({"share_incremental": pd.Series({2: 0.5})}, "no entry for some referees"),
        ({"reward": -1.0}, "reward"),
        ({"acquisition_cost": np.nan}, "acquisition_cost"),
        ({"acquisition_cost": pd.Series({2: "x", 3: 1})}, "acquisition_cost"),
        ({"annual_discount_rate": -0.1}, "annual_discount_rate"),
        ({"unknown": "keep"}, "unknown"),
        ({"self_referrals": None}, "self_referrals"),
    ],
)
def test_arguments_without_a_meaning(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ClvError, match=words):
        clv.network_value(VALUE, CHAIN, **options)


@pytest.mark.parametrize(
    ("value", "referrals", "words"),
    [
        (VALUE.replace(60.0, np.nan), CHAIN, "not finite"),
        (pd.Series([1.0, 2.0], index=[1, 1]), CHAIN, "more than one row"),
        (VALUE.head(0), CHAIN, "empty"),
        (VALUE.to_frame("a").assign(b=1.0), CHAIN, "lifetime_value"),
        ("value", CHAIN, "str"),
        (VALUE, "referrals", "str"),
        (VALUE, CHAIN.rename(columns={"referrer": "from"}), "referrer"),
    ],
)
def test_tables_that_can_not_be_used(value: Any, referrals: Any, words: str) -> None:
    with pytest.raises(ClvError, match=words):
        clv.network_value(value, referrals)


def test_the_tree_below_a_customer_and_its_picture() -> None:
    pairs = pd.DataFrame({"referrer": [1, 1, 2, 3], "referee": [2, 3, 1, 2], "weight": 0.1})
    found = clv.network_value(VALUE, pairs)
    assert found.tree(0, most=10) == ([0, 1, 2], [-1, 0, 0], 0)
    assert found.tree(1, most=2) == ([1, 0], [-1, 0], 1)
    for one in (found, clv.network_value(VALUE, pairs.head(0)), clv.network_value(-VALUE, pairs, reward=1e4)):
        ax = one.plot(top=2)
        assert "nan" not in ax.get_title(loc="left")
        plt.close(ax.figure)
    with pytest.raises(ArgumentError, match="top"):
        found.plot(top=0)
    with pytest.raises(ArgumentError, match="network_value returned"):
        clv.plots.network(VALUE)  # type: ignore[arg-type]


def test_values_with_any_name() -> None:
    for name in (0, "", "worth", None):
        found = clv.network_value(VALUE.rename(name), CHAIN).table
        assert found["own_value"].tolist() == VALUE.tolist()
