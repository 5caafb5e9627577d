"""Fitting BG/NBD to histories of which no two are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter

import clvmodels as clv

from . import simulate
from .task import SIDES, Task


def _agree(data, ours, theirs):
    """Their likelihood, at our parameters, is ours, and at their parameters no higher."""
    columns = [data[name] for name in ("frequency", "recency", "T")]
    n = len(columns[0])

    def log_likelihood(parameters) -> float:
        return -n * BetaGeoFitter._negative_log_likelihood(np.log(parameters), *columns, np.ones(n), 0.0)

    at_ours = log_likelihood(np.array(list(ours.parameters.values())))
    at_theirs = log_likelihood(theirs.params_[list(ours.parameters)].to_numpy())
    assert ours.n_histories == n
    assert at_ours == pytest.approx(ours.log_likelihood, rel=1e-10)
    assert -1e-6 < at_ours - at_theirs < 0.01  # they stop at a gradient of 1e-7 a customer, far below a standard error


TASK = Task(
    title="fit bg/nbd",
    data=simulate.histories,
    prepare={
        "clvmodels": lambda data: (clv.Customers.from_frame(pd.DataFrame(data), unit="week"),),
        "lifetimes": lambda data: (pd.DataFrame(data),),
    },
    run={
        "clvmodels": lambda customers: clv.fit(customers, "bg/nbd"),
        "lifetimes": lambda df: BetaGeoFitter().fit(df["frequency"], df["recency"], df["T"]),
    },
    agree=_agree,
)
ROUNDS = {
    2_357: {"clvmodels": 20, "lifetimes": 10},
    100_000: {"clvmodels": 7, "lifetimes": 3},
    1_000_000: {"clvmodels": 5, "lifetimes": 1},
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size", ROUNDS)
def test_fit(compare, size, side):
    compare(TASK, side, size, ROUNDS[size][side])
