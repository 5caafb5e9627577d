"""Network value of a million customers with five million referrals, most of them by few."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv

CUSTOMERS, REFERRALS = 1_000_000, 5_000_000


@lru_cache(maxsize=1)
def _tables():
    rng = np.random.default_rng(0)
    referrer = (CUSTOMERS * rng.random(REFERRALS) ** 2).astype(np.int64)
    referee = rng.integers(0, CUSTOMERS, REFERRALS)
    other = referrer != referee
    referrer, referee = referrer[other], referee[other]
    weight = 0.5 / np.bincount(referee, minlength=CUSTOMERS)[referee]
    value = pd.Series(rng.lognormal(3.0, 1.0, CUSTOMERS), index=np.arange(CUSTOMERS) + 1_000)
    return value, pd.DataFrame({"referrer": referrer + 1_000, "referee": referee + 1_000, "weight": weight})


def test_network_value(benchmark):
    value, referrals = _tables()
    found = benchmark.pedantic(lambda: clv.network_value(value, referrals), rounds=3)
    assert found.table["conserving_value"].sum() == pytest.approx(value.sum(), rel=1e-9)


def test_a_chain_of_all_customers(benchmark):
    value, _ = _tables()
    chain = np.random.default_rng(1).permutation(value.index)
    referrals = pd.DataFrame({"referrer": chain[:-1], "referee": chain[1:], "weight": 0.9})
    found = benchmark.pedantic(lambda: clv.network_value(value, referrals), rounds=1)
    assert found.table["conserving_value"].sum() == pytest.approx(value.sum(), rel=1e-9)


def test_seeds_by_degree(benchmark):
    value, referrals = _tables()
    found = clv.network_value(value, referrals)
    chosen = benchmark.pedantic(lambda: found.seeds(1_000, 0.01, method="degree"), rounds=1)
    assert chosen.index.is_unique
