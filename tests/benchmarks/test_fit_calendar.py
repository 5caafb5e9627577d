"""Fitting MBG/NBD with a calendar to CDNOW, its sample and all of it: at most 0.5 and 2 s are asked for."""

from __future__ import annotations

import dataclasses

import pytest

import clvmodels as clv


@pytest.mark.parametrize(("sample", "rounds"), [(True, 5), (False, 3)], ids=["2,357 customers", "23,570 customers"])
def test_fit_calendar(benchmark, sample, rounds):
    log = clv.datasets.load_cdnow(sample=sample)
    customers = clv.summarize(log, customer="customer_id", date="date", unit="week", keep_purchases=True)
    benchmark.group = f"fit mbg/nbd with a calendar, {len(customers):,}"

    def anew():  # what is made of customers is kept with them
        return (dataclasses.replace(customers), "mbg/nbd"), {"calendar": clv.Calendar()}

    fit = benchmark.pedantic(clv.fit, setup=anew, rounds=rounds, warmup_rounds=1)
    assert fit.diagnosis[0].startswith("Converged")
