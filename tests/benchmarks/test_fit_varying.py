"""Fitting Pareto/NBD with covariates by week, the same for all customers or each one's own.

No peer in Python has them. CLVTools 0.12.1 takes 84 s for 600 customers with 3 covariates (2 cores, not in this run).
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from tests.reference import day_by_day

PARAMETERS = {"r": 0.8, "alpha": 9.0, "s": 0.6, "beta": 14.0}
ORIGIN, WEEKS = pd.Timestamp("2020-01-05"), 60


def _data(customers: int, *, own: bool) -> tuple[clv.Customers, clv.Covariates]:
    rng, season = np.random.default_rng(customers), np.arange(WEEKS) % 26 < 8
    campaign = rng.random(WEEKS) < 0.3
    days = np.repeat(np.exp(0.6 * season + 0.3 * campaign), 7), np.repeat(np.exp(0.4 * season), 7)
    first = rng.integers(0, 90, customers).astype(float)
    log = day_by_day.log_of(day_by_day.simulate(rng, first, *days, **PARAMETERS, days_per_unit=7.0), str(ORIGIN.date()))
    end = ORIGIN + pd.Timedelta(days=7 * WEEKS - 1)
    made = clv.summarize(
        log, customer="customer_id", date="date", unit="week", observation_end=end, keep_purchases=True
    )
    dates = pd.date_range(ORIGIN, periods=WEEKS, freq="7D")
    table = pd.DataFrame({"date": dates, "season": season.astype(int), "campaign": campaign.astype(int)})
    if own:
        table = table.merge(pd.DataFrame({"customer_id": made.table.index}), how="cross")
        table["price"] = rng.normal(size=len(table))
    return made, clv.Covariates(
        purchase="season + campaign" + (" + price" if own else ""), dropout="season", varying=table
    )


@pytest.mark.parametrize("own", [False, True], ids=["the same for all", "each customer's own"])
@pytest.mark.parametrize(("size", "rounds"), [(600, 5), (10_000, 1)])
def test_fit_varying(benchmark, size, rounds, own):
    customers, covariates = _data(size, own=own)
    benchmark.group = f"fit pareto/nbd by week, {size:,}"

    def anew():  # what is made of customers is kept with them
        return (dataclasses.replace(customers), "pareto/nbd"), {"covariates": covariates}

    fit = benchmark.pedantic(clv.fit, setup=anew, rounds=rounds, warmup_rounds=int(rounds > 1))
    effects = fit.effects(0.9999)
    for name, truth in (("purchase: season", 0.6), ("purchase: campaign", 0.3), ("dropout: season", 0.4)):
        assert effects.loc[name, "lower"] < truth < effects.loc[name, "upper"]
