"""Fitting Pareto/NBD to histories of which no two are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifetimes import ParetoNBDFitter

import clvmodels as clv

from . import simulate
from .task import SIDES, Task


def _agree(data, ours, theirs):
    """Their likelihood, at our parameters, is ours, and at their parameters no higher."""
    columns = [data[name] for name in ("frequency", "recency", "T")]

    def log_likelihood(parameters) -> float:
        return float(np.sum(ParetoNBDFitter._conditional_log_likelihood(parameters, *columns)))

    at_ours = log_likelihood(np.array(list(ours.parameters.values())))
    at_theirs = log_likelihood(theirs.params_[list(ours.parameters)].to_numpy())
    assert at_ours == pytest.approx(ours.log_likelihood, rel=1e-9)
    # their Nelder-Mead stops at steps of 1e-4 in the mean log-likelihood, mostly far below a standard error
    assert -1e-4 < at_ours - at_theirs < 1e-4 * len(columns[0])


TASK = Task(
    title="fit pareto/nbd",
    data=simulate.histories,
    prepare={
        "clvmodels": lambda data: (clv.Customers.from_frame(pd.DataFrame(data), unit="week"),),
        "lifetimes": lambda data: (pd.DataFrame(data),),
    },
    run={
        "clvmodels": lambda customers: clv.fit(customers, "pareto/nbd"),
        "lifetimes": lambda df: ParetoNBDFitter().fit(df["frequency"], df["recency"], df["T"]),
    },
    agree=_agree,
)
ROUNDS = {2_357: {"clvmodels": 20, "lifetimes": 3}, 100_000: {"clvmodels": 5, "lifetimes": 1}}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size", ROUNDS)
def test_fit_paretonbd(compare, size, side):
    compare(TASK, side, size, ROUNDS[size][side])
