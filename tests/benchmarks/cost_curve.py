"""What a log of 10^5 to 10^7 customers costs, step by step, beside one hand-written query of DuckDB for its summary.

    python -m tests.benchmarks.cost_curve [CUSTOMERS ...] [--folder FOLDER] [--plot cost.png]

Each side runs in a process of its own, one after the other, with two threads. Peak memory is all that the process
held, what Python with its imports takes included; time does not include imports, but for scores in parts. Logs are
simulated once and kept in the folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from .task import fresh_process

CUSTOMERS = (100_000, 1_000_000, 10_000_000)
PURCHASES = {"r": 0.6, "alpha": 2.4, "a": 0.6, "b": 5.0}  # ten lines a customer over three years
VALUE: Mapping[str, Any] = {"horizon": "1Y", "annual_discount_rate": 0.10}
START, END = "2022-01-01", "2024-12-31"
STEPS = ("query", "summary", "bg/nbd", "by week", "gamma-gamma", "value", "write", "in parts")

# The query of the issue, as somebody would write it who needs nothing but the numbers.
QUERY = f"""
COPY (
    WITH d AS (SELECT customer_id, date, sum(amount) s FROM '{{log}}' GROUP BY ALL)
    SELECT customer_id, count(*) - 1 frequency, datediff('day', min(date), max(date)) / 7.0 recency,
        datediff('day', min(date), TIMESTAMP '{END}') / 7.0 T,
        (sum(s) - arg_min(s, date)) / nullif(count(*) - 1, 0) monetary_value
    FROM d GROUP BY 1
) TO '{{output}}'
"""


def log_of(customers: int, folder: Path) -> Path:
    """The simulated log, made if it isn't there."""
    from clvmodels.datasets import simulate_log

    path = folder / f"log{customers}.parquet"
    if not path.exists():
        simulate_log(customers, purchases=PURCHASES, start=START, end=END, seed=1, output=path)
    return path


def run_query(log: Path, folder: Path) -> dict[str, float]:
    """The hand-written query."""
    import duckdb

    begin = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(QUERY.format(log=log, output=folder / "query.parquet"))
    return {"query": time.perf_counter() - begin}


def model_of(log: Path) -> Path:
    """The file with the fits, which scores in parts are made by."""
    return log.with_suffix(".json")


def run_in_parts(log: Path, folder: Path) -> dict[str, float]:
    """Everything but the fits in one: a log read, and scores with ranks written, within 2 GiB."""
    import clvmodels as clv

    begin = time.perf_counter()
    fits = [clv.load(model_of(log), kind) for kind in ("purchases", "spend")]
    clv.score_to(folder / "scores", log, fits, observation_end=END, memory="2GiB")
    return {"in parts": time.perf_counter() - begin}


def run_package(log: Path, folder: Path) -> dict[str, float]:
    """Summary, fits, value, file."""
    import clvmodels as clv
    from clvmodels.inference.fits.store import save

    warm_up = clv.summarize(clv.datasets.simulate_log(100), customer="customer_id", date="date", amount="amount")
    clv.lifetime_value(clv.fit(warm_up, "bg/nbd"), clv.fit(warm_up, "gamma-gamma"), **VALUE)
    took: dict[str, float] = {}
    step = timer(took)
    with step("summary"):
        customers = clv.summarize(log, customer="customer_id", date="date", amount="amount", observation_end=END)
    with step("bg/nbd"):
        purchases = clv.fit(customers, "bg/nbd")
    with step("by week"):
        grouped = clv.fit(customers, "bg/nbd", resolution="week")
    with step("gamma-gamma"):
        spend = clv.fit(customers, "gamma-gamma")
    with step("value"):
        value = clv.lifetime_value(purchases, spend, customers, **VALUE)
    with step("write"):
        value.to_parquet(folder / "value.parquet")
    save(model_of(log), purchases, spend)
    return took | {"histories": purchases.n_histories, "by week, histories": grouped.n_histories}


def timer(took: dict[str, float]) -> Callable[[str], AbstractContextManager[None]]:
    """A context that notes under a name what it took, in seconds."""

    @contextmanager
    def step(name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        took[name] = time.perf_counter() - begin

    return step


SIDES = {"query": run_query, "package": run_package, "in parts": run_in_parts}


def measure(customers: int, folder: Path) -> dict[str, float]:
    """All steps of both sides, and the peak memory of both in GiB."""
    log, found = log_of(customers, folder), {"customers": float(customers)}
    for side in SIDES:
        code = f"from tests.benchmarks.cost_curve import main_of_side; main_of_side({side!r}, {str(log)!r})"
        printed, peak = fresh_process(code)
        found |= json.loads(printed.splitlines()[-1]) | {f"{side}, GiB": peak / 2**30}
    return found


def main_of_side(side: str, log: str) -> None:
    """Run one side, and print what it took as JSON."""
    with tempfile.TemporaryDirectory(dir=Path(log).parent) as folder:
        print(json.dumps(SIDES[side](Path(log), Path(folder))))


def show(rows: list[dict[str, float]]) -> None:
    """One column a size."""
    for name in rows[0]:
        cells = [f"{row[name]:,.2f}" if name in STEPS or "GiB" in name else f"{row[name]:,.0f}" for row in rows]
        print(f"{name:20}" + "".join(f"{cell:>14}" for cell in cells), flush=True)
    for name in ("summary", "in parts"):
        print(f"{f'{name} / query':20}" + "".join(f"{row[name] / row['query']:14.2f}" for row in rows))


def plot(rows: list[dict[str, float]], output: str) -> None:
    """Seconds over customers, both on a logarithmic axis."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    for name in STEPS:
        axes.plot([row["customers"] for row in rows], [row[name] for row in rows], marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="Customers", ylabel="Seconds")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(output, dpi=120)


def main() -> None:
    """Measure every size, print the table, and draw it if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customers", nargs="*", type=int, default=CUSTOMERS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--plot")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        rows = [measure(customers, folder) for customers in given.customers]
    show(rows)
    if given.plot:
        plot(rows, given.plot)


if __name__ == "__main__":
    sys.exit(main())
