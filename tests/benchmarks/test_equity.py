"""Customer equity of a million customers, with the same at earlier dates: at most 60 s are asked for."""

from __future__ import annotations

import warnings

import pytest

import clvmodels as clv
from clvmodels.errors import ClvWarning


@pytest.mark.parametrize("number", [10_000, 1_000_000], ids=["10,000 customers", "1,000,000 customers"])
def test_customer_equity(benchmark, number, tmp_path):
    path = clv.datasets.simulate_log(number, seed=1, output=tmp_path / "log.parquet")
    customers = clv.summarize(
        path, customer="customer_id", date="date", amount="amount", unit="week", keep_purchases=True
    )
    benchmark.group = f"customer equity, {number:,}"

    def run():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ClvWarning)
            return clv.customer_equity(customers, acquisition_cost=5.0, annual_discount_rate=0.10, margin=0.30)

    found = benchmark.pedantic(run, rounds=1)
    assert len(found.forecast.customers) == number
    assert (found.table["lower"] < found.table["upper"]).all()
