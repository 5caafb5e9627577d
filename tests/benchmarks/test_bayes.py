"""Effective draws a second of NUTS, and the cost of intervals, first and second run apart.

PyMC-Marketing needs an environment of its own. To have it in the same run:

    python3 -m venv other && other/bin/pip install pymc-marketing
    PYMC_MARKETING_PYTHON=other/bin/python pytest tests/benchmarks/test_bayes.py --benchmark-only
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv

from . import simulate

CASES = [("bg/nbd", "CDNOW"), ("bg/nbd", "100,000 in weeks"), ("pareto/nbd", "CDNOW")]
OTHER = os.environ.get("PYMC_MARKETING_PYTHON")


def _data(name: str) -> pd.DataFrame:
    if name == "CDNOW":
        customers = clv.summarize(
            clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", observation_end="1997-09-30"
        )
        return customers.table.reset_index(drop=True)[["frequency", "recency", "T"]]
    return in_weeks(100_000)


def in_weeks(n: int) -> pd.DataFrame:
    """Histories observed by the week, as most logs of that size are."""
    df = pd.DataFrame(simulate.histories(n, seed=5))
    T = np.ceil(df["T"])
    recency = np.where(df["frequency"] > 0, np.minimum(np.maximum(np.ceil(df["recency"]), 1.0), T), 0.0)
    return df.assign(T=T, recency=recency, frequency=np.minimum(df["frequency"], recency))


@pytest.mark.parametrize("side", ["clvmodels", "pymc-marketing"])
@pytest.mark.parametrize(("model", "name"), CASES, ids=lambda value: value)
def test_nuts(benchmark, tmp_path: Path, side: str, model: str, name: str) -> None:
    if side == "pymc-marketing" and not OTHER:
        pytest.skip("set PYMC_MARKETING_PYTHON, see the top of this file")
    benchmark.group = f"NUTS {model}, {name}"
    path = tmp_path / "data.npz"
    np.savez(path, **{key: column.to_numpy() for key, column in _data(name).items()})
    script = Path(__file__).with_name("nuts_side.py")
    # minutes or more of theirs are enough once: of those, compilation is a small part
    python, runs = (sys.executable, 2) if side == "clvmodels" else (OTHER, 2 if (model, name) == CASES[0] else 1)

    def run() -> list[dict[str, float]]:
        done = subprocess.run(
            [python, str(script), side, str(path), model, str(runs)], capture_output=True, text=True, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    found = benchmark.pedantic(run, rounds=1)
    for label, each in zip(("first", "second"), found, strict=False):
        benchmark.extra_info[label] = each | {"ess_a_second": each["ess"] / each["seconds"]}
        print(f"\n{side} {model} {name}, {label} run: {each['seconds']:.1f} s, ESS {each['ess']:.0f}, "
              f"{each['ess'] / each['seconds']:.1f} a second")  # fmt: skip


@pytest.mark.parametrize("n", [100_000, 1_000_000])
def test_laplace(benchmark, n: int) -> None:
    """1,000 draws of customers in weeks."""
    df = in_weeks(n)
    benchmark.group = "Laplace, 1,000 draws"
    fit = benchmark.pedantic(
        clv.fit,
        setup=lambda: ((clv.Customers.from_frame(df, unit="week"), "bg/nbd"), {"method": "laplace", "draws": 1_000}),
        rounds=3,
        warmup_rounds=1,
    )
    benchmark.extra_info["histories"] = fit.n_histories
    assert fit.pareto_k < 0.7


_INTERVALS = """
import json, resource, sys, time
import numpy as np, pandas as pd
import clvmodels as clv
df = pd.DataFrame(dict(np.load(sys.argv[1])))
customers = clv.Customers.from_frame(df, unit="week")
purchases, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.1, interval=0.9)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peak_mb": peak / 1024, "more_mb": (peak - before) / 1024}))
"""


@pytest.mark.parametrize("n", [100_000, 1_000_000])
def test_intervals_of_value(benchmark, tmp_path: Path, n: int) -> None:
    """90 % intervals of a year's value from 1,000 draws; memory is that of the process."""
    df = in_weeks(n)
    spend = simulate.histories_with_spend(n, seed=5)["monetary_value"]
    df["monetary_value"] = np.where(df["frequency"] > 0, np.maximum(spend, 1.0), 0.0)
    np.savez(tmp_path / "data.npz", **{key: column.to_numpy() for key, column in df.items()})
    benchmark.group = "intervals of value"
    start = time.perf_counter()
    done = benchmark.pedantic(
        subprocess.run,
        args=([sys.executable, "-c", _INTERVALS, str(tmp_path / "data.npz")],),
        kwargs={"capture_output": True, "text": True, "check": True},
        rounds=1,
    )
    found = json.loads(done.stdout)
    benchmark.extra_info.update(found, process_seconds=time.perf_counter() - start)
    print(f"\nintervals of value, {n:,} customers: {found['seconds']:.1f} s, peak {found['peak_mb']:.0f} MB")
