"""Discounted value of the next 52 weeks, of histories of which no two are the same."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter, GammaGammaFitter

import clvmodels as clv

from . import simulate
from .task import SIDES, Task

FITTED = 20_000  # customers that the models are fitted to; others are valued
RATE = 0.10


@lru_cache(maxsize=1)
def _our_models():
    """Two models from their files, as when scoring."""
    customers = clv.Customers.from_frame(pd.DataFrame(simulate.histories_with_spend(FITTED, seed=9)), unit="week")
    loaded = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("bg/nbd", "gamma-gamma"):
            path = Path(folder) / "model.json"
            clv.fit(customers, name).save(path)
            loaded.append(clv.load(path))
    return tuple(loaded)


@lru_cache(maxsize=1)
def _their_models():
    df = pd.DataFrame(simulate.histories_with_spend(FITTED, seed=9))
    repeat = df[df["frequency"] > 0]
    purchases = BetaGeoFitter().fit(df["frequency"], df["recency"], df["T"])
    return purchases, GammaGammaFitter().fit(repeat["frequency"], repeat["monetary_value"])


def _ours(purchases, spend, customers):
    return clv.lifetime_value(purchases, spend, customers, horizon="52W", annual_discount_rate=RATE)


def _theirs(purchases, spend, df):
    """The same rate, a month."""
    monthly = (1.0 + RATE) ** (1.0 / 12.0) - 1.0
    columns = (df["frequency"], df["recency"], df["T"], df["monetary_value"])
    return spend.customer_lifetime_value(purchases, *columns, time=12, freq="W", discount_rate=monthly)


def _agree(data, ours, theirs):
    """They value 12 months of 4.345 weeks (52.14 in all), and take a purchase to be made at the end of its month."""
    ratio = ours["lifetime_value"].to_numpy() / theirs.to_numpy()
    assert np.sum(ours["lifetime_value"]) == pytest.approx(np.sum(theirs), rel=0.01)
    assert np.all(np.abs(ratio - 1.0) < 0.02)


TASK = Task(
    title="52-week discounted value",
    data=simulate.histories_with_spend,
    prepare={
        "clvmodels": lambda data: (*_our_models(), clv.Customers.from_frame(pd.DataFrame(data), unit="week")),
        "lifetimes": lambda data: (*_their_models(), pd.DataFrame(data)),
    },
    run={"clvmodels": _ours, "lifetimes": _theirs},
    agree=_agree,
)
ROUNDS = {100_000: {"clvmodels": 5, "lifetimes": 3}, 1_000_000: {"clvmodels": 3, "lifetimes": 1}}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size", ROUNDS)
def test_value(compare, size, side):
    compare(TASK, side, size, ROUNDS[size][side])
