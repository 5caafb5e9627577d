"""Whom to reach first: against all live graphs of a small network."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ClvError

ERRORS = 4.0  # standard errors of the sampled cascades
EDGES = {(0, 1): 0.5, (0, 2): 0.5, (1, 3): 0.4, (2, 3): 0.4, (3, 4): 0.6, (4, 0): 0.1}
LIVE = pd.DataFrame([(i, j, p) for (i, j), p in EDGES.items()], columns=["referrer", "referee", "probability"])


def _spread(seeds: tuple[int, ...], value: list[float]) -> float:
    """Expected value that is reached, over all 2⁶ live graphs."""
    total = 0.0
    for live in product([False, True], repeat=len(EDGES)):
        weight = np.prod([p if on else 1.0 - p for p, on in zip(EDGES.values(), live, strict=True)])
        reached, waiting = set(seeds), list(seeds)
        while waiting:
            i = waiting.pop()
            new = {b for (a, b), on in zip(EDGES, live, strict=True) if on and a == i} - reached
            reached |= new
            waiting += new
        total += float(weight) * sum(value[i] for i in reached)
    return total


@pytest.mark.parametrize(("value", "best"), [([1.0] * 5, 3.600), ([1.0, 2.0, 3.0, 4.0, 5.0], 10.5)])
def test_the_best_pair_of_a_small_network(value: list[float], best: float) -> None:
    """Spread of 0: 2.576, of 3: 1.720; the best pair, which greedy choice finds, is {0, 3}."""
    pairs = {pair: _spread(pair, value) for pair in combinations(range(5), 2)}
    assert max(pairs, key=lambda pair: pairs[pair]) == (0, 3)
    assert pairs[0, 3] == pytest.approx(best, abs=0.05)  # printed to one digit
    found = clv.network_value(pd.Series(value), LIVE[["referrer", "referee"]].assign(weight=0.3)).seeds(2, LIVE, seed=3)
    assert set(found.index) == {0, 3}
    assert found["reached_value"].iloc[1] == pytest.approx(best, abs=0.05 + ERRORS * found["standard_error"].iloc[1])
    first = _spread((found.index[0],), value)
    assert found["gain"].iloc[0] == pytest.approx(first, abs=ERRORS * found["standard_error"].iloc[0])


def test_spread_of_single_customers_as_computed_exactly() -> None:
    assert _spread((0,), [1.0] * 5) == pytest.approx(2.576)
    assert _spread((3,), [1.0] * 5) == pytest.approx(1.720)


@pytest.fixture(scope="module")
def network() -> clv.NetworkValue:
    rng, size = np.random.default_rng(4), 400
    referrer, referee = (size * rng.random(1_600) ** 3).astype(int), rng.integers(0, size, 1_600)
    pairs = pd.DataFrame({"referrer": referrer, "referee": referee, "weight": 0.01})
    return clv.network_value(pd.Series(rng.lognormal(2, 1, size)), pairs[referrer != referee])


def test_choice_is_valued_without_the_winners_curse(network: clv.NetworkValue) -> None:
    """Few cascades choose badly, but what they promise is what many others find, within error."""
    few, many = network.seeds(10, 0.1, cascades=400, seed=1), network.seeds(10, 0.1, cascades=40_000, seed=2)
    assert few["reached_value"].iloc[-1] <= many["reached_value"].iloc[-1] + ERRORS * few["standard_error"].iloc[-1]
    assert many["reached_value"].is_monotonic_increasing
    assert many["gain"].sum() == pytest.approx(many["reached_value"].iloc[-1])


def test_greedy_choice_beats_chance_and_top_value(network: clv.NetworkValue) -> None:
    greedy = network.seeds(10, 0.2, seed=1)["reached_value"].iloc[-1]
    degree = network.seeds(10, 0.2, seed=1, method="degree")["reached_value"].iloc[-1]
    rich = network.table["own_value"].nlargest(10).sum()
    assert greedy > degree * 0.98  # degrees are often as good, and no better than chance allows
    assert greedy > rich


def test_degree_discount_takes_hubs_that_nobody_chosen_has_reached() -> None:
    """0 has 3 referrals, 1 and 5 have 2: 1 is 0's referral and counts 2 - 2 - 2p < 0, so that 5 comes next."""
    pairs = pd.DataFrame({"referrer": [0, 0, 0, 1, 1, 5, 5], "referee": [1, 2, 3, 2, 4, 6, 7], "weight": 0.5})
    found = clv.network_value(pd.Series(1.0, index=range(8)), pairs).seeds(2, 0.3, method="degree")
    assert found.index.tolist() == [0, 5]


def test_no_probability_and_certainty() -> None:
    chain = pd.DataFrame({"referrer": [0, 1], "referee": [1, 2]})
    network = clv.network_value(pd.Series([1.0, 5.0, 2.0, 4.0]), chain)
    assert network.seeds(4, 0.0).index.tolist() == [1, 3, 2, 0]
    sure = network.seeds(2, 1.0)
    assert sure.index.tolist() == [0, 3]
    assert sure["reached_value"].iloc[-1] == 12.0
    assert network.seeds(4, 1.0)["reached_value"].iloc[-1] == 12.0


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0},
        {"count": 401},
        {"probability": 1.2},
        {"probability": "x"},
        {"cascades": 1},
        {"method": "best"},
        {"seed": -1},
        {"probability": LIVE, "method": "degree"},
        {"probability": LIVE.assign(probability=2.0)},
        {"probability": LIVE.assign(referrer=-5)},
        {"probability": LIVE.drop(columns="referee")},
        {"probability": pd.concat([LIVE, LIVE])},
    ],
)
def test_what_is_refused(network: clv.NetworkValue, options: dict[str, Any]) -> None:
    with pytest.raises(ClvError):
        network.seeds(**{"count": 3, "probability": 0.1, **options})


def test_nothing_to_reach() -> None:
    poor = clv.network_value(pd.Series([-1.0, -2.0]), pd.DataFrame({"referrer": [0], "referee": [1]}))
    with pytest.raises(ClvError, match="above 0"):
        poor.seeds(1, 0.1)
