"""Two million transactions become recency, frequency and monetary value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

import clvmodels as clv

from . import simulate
from .task import SIDES, Task

END = "2024-12-31"


def _ours(log):
    return clv.summarize(log, customer="customer_id", date="date", amount="amount", unit="week", observation_end=END)


def _theirs(log):
    """Days divided by seven, as ours; with freq="W" they would cut off whole weeks."""
    return summary_data_from_transaction_data(
        log, "customer_id", "date", "amount", observation_period_end=END, freq="D", freq_multiplier=7
    )


def _agree(data, ours, theirs):
    theirs = theirs.sort_index()
    assert np.array_equal(ours.table.index, theirs.index)
    for name in ("frequency", "recency", "T"):
        np.testing.assert_allclose(ours.table[name], theirs[name], rtol=1e-14)
    np.testing.assert_allclose(ours.table["monetary_value"].fillna(0.0), theirs["monetary_value"], rtol=1e-12)


TASK = Task(
    title="summary of transactions",
    data=simulate.log,
    prepare=dict.fromkeys(SIDES, lambda data: (pd.DataFrame(data),)),
    run={"clvmodels": _ours, "lifetimes": _theirs},
    agree=_agree,
)


@pytest.mark.parametrize("side", SIDES)
def test_summary(compare, side):
    compare(TASK, side, 2_000_000, 3)
