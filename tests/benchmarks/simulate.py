"""Data for the benchmarks: the same in every run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels import models

Columns = dict[str, NDArray]

PURCHASES = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
T_WEEKS = (27.0, 39.0)
LOG_BEGIN, LOG_DAYS, LOG_JOINING = np.datetime64("2023-01-01", "s"), 730, 365


def histories(n: int, seed: int = 1) -> Columns:
    """BG/NBD histories like CDNOW's, in weeks; T is continuous, so that no two are the same."""
    rng = np.random.default_rng([seed, n])
    T = rng.uniform(*T_WEEKS, n)
    x, t_x = models.get("bg/nbd").simulate(rng, T, **PURCHASES)
    return {"frequency": x, "recency": t_x, "T": T}


def histories_with_spend(n: int, seed: int = 1) -> Columns:
    """The same with the mean spend of the repeat purchases, 0 where there are none."""
    columns = histories(n, seed)
    x = columns["frequency"]
    m = models.get("gamma-gamma").simulate(np.random.default_rng([seed + 1, n]), np.maximum(x, 1.0), **SPEND)
    return columns | {"monetary_value": np.where(x > 0, m, 0.0)}


def log(rows: int, seed: int = 1) -> Columns:
    """A transaction log in the order of time, with about 4 lines a customer, some of them on one day."""
    rng = np.random.default_rng([seed, rows])
    customers = rows * 36 // 100  # of whom three in ten have no line
    share = np.cumsum(rng.gamma(0.8, size=customers))
    customer = np.searchsorted(share, rng.random(rows) * share[-1])
    joined = rng.uniform(0.0, LOG_JOINING, customers)[customer]
    days = joined + rng.random(rows) * (LOG_DAYS - joined)
    order = np.argsort(days)
    ids = rng.permutation(customers) + 100_000
    return {
        "customer_id": ids[customer][order],
        "date": LOG_BEGIN + (days[order] * 86_400).astype("timedelta64[s]"),
        "amount": np.round(np.exp(rng.normal(3.2, 0.8, rows)), 2) + 0.01,
    }
