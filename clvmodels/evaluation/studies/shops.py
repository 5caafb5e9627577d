"""Three kinds of simulated shop beside the two real logs: their customers are known, and so is the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from clvmodels import datasets
from clvmodels.transactions.log.log import Log

START, END = "2022-01-01", "2024-12-31"
# How the shops differ from the customers of CDNOW, see `simulate_log`.
SHOPS: dict[str, dict[str, Any]] = {
    "grocery": {"purchases": {"r": 1.0, "alpha": 4.0, "a": 0.5, "b": 8.0}},  # often, and for long
    "gifts": {"season": {11: 1.5, 12: 4.0}},
    "fashion": {"season": {1: 1.4, 2: 0.8, 7: 1.4, 8: 0.8}, "cohort_trend": -0.3},
}


def simulated(customers: int = 2_000, seed: int = 0) -> Iterator[tuple[str, Log, str]]:
    """The log of each shop over three years, in all of which customers join, and its last day.

    Parameters
    ----------
    customers
        Of each shop.
    seed
        Of the random numbers.
    """
    for name, traits in SHOPS.items():
        frame = datasets.simulate_log(customers, start=START, end=END, seed=seed, **traits)
        assert isinstance(frame, pd.DataFrame)  # not written to a file
        yield f"simulated {name}", Log(frame, customer="customer_id", date="date", amount="amount"), END
