"""A month, or a day, is added to three years of purchases: what that costs beside starting anew.

Three rounds are timed each; `pytest tests/benchmarks/test_update.py --benchmark-only` prints them side by side.
"""

from __future__ import annotations

import shutil

import pytest

import clvmodels as clv

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
CUSTOMERS = 300_000  # with 1.5 million lines
BEFORE = {"month": "2024-12-01", "day": "2024-12-31"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The log, and for each step what was known before and the lines that are new."""
    folder = tmp_path_factory.mktemp("update")
    rates = {"r": 1.0, "alpha": 12.0, "a": 0.5, "b": 3.0}
    log = clv.datasets.simulate_log(CUSTOMERS, start="2022-01-01", end="2024-12-31", purchases=rates, seed=1)
    log.to_parquet(folder / "log.parquet")
    for step, first in BEFORE.items():
        log[log["date"] >= first].to_parquet(folder / f"{step}.parquet")
        clv.update_state(folder / f"before_{step}.parquet", log[log["date"] < first], **COLUMNS)
    return folder


@pytest.mark.parametrize("step", BEFORE)
def test_update(benchmark, folder, step):
    state = folder / "state.parquet"

    def copy() -> None:
        shutil.copy(folder / f"before_{step}.parquet", state)

    benchmark.pedantic(lambda: clv.update_state(state, folder / f"{step}.parquet"), setup=copy, rounds=3)


def test_anew(benchmark, folder):
    state = folder / "state.parquet"
    log = folder / "log.parquet"
    benchmark.pedantic(
        lambda: clv.update_state(state, log, **COLUMNS), setup=lambda: state.unlink(missing_ok=True), rounds=3
    )


def test_summarize(benchmark, folder):
    benchmark.pedantic(lambda: clv.summarize(folder / "log.parquet", **COLUMNS), rounds=3)
