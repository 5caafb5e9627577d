"""Windows of the next purchase are counted as they are meant: on simulated buyers, whose windows hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

import clvmodels as clv
from clvmodels.evaluation.studies import next_purchases


def log(customers: int) -> pd.DataFrame:
    """Buyers at rates ~ Gamma(2, 40) a day for 364 days, who never leave."""
    rng = np.random.default_rng(6)
    rate = rng.gamma(2.0, 1.0 / 40.0, customers)
    starts = rng.integers(0, 60, customers)
    rows = [(k, starts[k]) for k in range(customers)]
    for k in range(customers):
        day = starts[k] + rng.exponential(1.0 / rate[k])
        while day < 364:
            rows.append((k, int(day)))
            day += rng.exponential(1.0 / rate[k])
    table = pd.DataFrame(rows, columns=["id", "day"])
    return table.assign(day=pd.Timestamp("2023-01-01") + pd.to_timedelta(table["day"], unit="D"))


def test_windows_hold_where_the_model_is_true() -> None:
    origin = "2023-07-01"  # the 182nd day, with 182 to come
    models = {"nbd": lambda customers: clv.fit(customers, "nbd")}
    found = next_purchases.of_origin(clv.Log(log(1_500), customer="id", date="day"), origin, models).loc["nbd"]
    # some 1,400 buyers: standard errors .013 and .008; days are whole, and of one day there is one purchase
    assert abs(found["in 50%"] - 0.5) < 0.05
    assert abs(found["in 90%"] - 0.9) < 0.03
    for level in ("50%", "90%"):
        shares = found[[f"in {level}", f"before {level}", f"after {level}"]]
        assert abs(shares.sum() - 1.0) < 1e-12  # of three shares, each rounded once
    assert found["buyers"] > 1_200


def test_the_origins_leave_the_horizon() -> None:
    for name, bound, origin in next_purchases.cases():
        last = pd.Timestamp("1998-06-30" if name == "CDNOW" else "2011-12-09")
        assert pd.Timestamp(origin) + pd.Timedelta(days=next_purchases.HORIZON) <= last
        assert bound.customer == "customer_id"
