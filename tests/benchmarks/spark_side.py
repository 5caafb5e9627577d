"""A log on Spark: summary, fits and scores in place, beside the plain query of the summary, and equal to DuckDB.

    python -m tests.benchmarks.spark_side [CUSTOMERS ...] [--folder FOLDER]

Ten lines a customer, local[2]. Each side has a session of its own, in a fresh process, whose workers have been started
by a first small job. Both sides write their summary as Parquet; scores are written by the workers. Spark needs Java.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from .cost_curve import END, log_of, timer
from .task import fresh_process

CUSTOMERS = (2_000_000,)
QUERY = f"""
WITH d AS (SELECT customer_id, date, sum(amount) s FROM log GROUP BY customer_id, date)
SELECT customer_id, count(*) - 1 frequency, datediff(max(date), min(date)) / 7.0D recency,
    datediff(TIMESTAMP '{END}', min(date)) / 7.0D T, (sum(s) - min_by(s, date)) / nullif(count(*) - 1, 0) monetary_value
FROM d GROUP BY 1
"""


def session() -> Any:
    """Spark with two cores, whose workers run this Python."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.driver.memory": "6g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "16",
        "spark.ui.enabled": "false",
    }
    return SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()


def run_query(log: Path, folder: Path) -> dict[str, float]:
    """The plain query."""
    spark, took = session(), {}
    spark.range(10).selectExpr("sum(id)").collect()
    spark.read.parquet(str(log)).createOrReplaceTempView("log")
    with timer(took)("query"):
        spark.sql(QUERY).write.parquet(str(folder / "query"))
    return took


def run_package(log: Path, folder: Path) -> dict[str, float]:
    """Summary, fits of what is pulled, scores by the workers."""
    import clvmodels as clv
    from clvmodels.transactions.lazy import lazy_customers

    spark, took, pulled = session(), {}, []
    real = lazy_customers.collect
    lazy_customers.collect = lambda frame: pulled.append(found := real(frame)) or found  # type: ignore[func-returns-value]
    clv.fit(clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date"), "bg/nbd")
    spark.range(10).mapInArrow(lambda batches: batches, "id bigint").collect()
    step, columns = timer(took), {"customer": "customer_id", "date": "date", "amount": "amount"}
    with step("summary"):
        lazy = clv.summarize_lazy(spark.read.parquet(str(log)), **columns, observation_end=END)
        lazy.summary.write.parquet(str(folder / "summary"))
    there = clv.LazyCustomers.from_frame(spark.read.parquet(str(folder / "summary")), unit="week", observation_end=END)
    with step("bg/nbd"):
        purchases = clv.fit(there, "bg/nbd")
    with step("gamma-gamma"):
        spend = clv.fit(there, "gamma-gamma")
    with step("scores"):
        clv.score(there, [purchases, spend], horizon="1Y").write.parquet(str(folder / "scores"))
    rows = [len(found) for found in pulled]
    assert rows == [purchases.n_histories, spend.n_histories], rows  # nothing else came to the driver
    return took | {"pulled": rows[0], "pulled of spend": rows[1], "difference": _difference(log, folder, purchases)}


def _difference(log: Path, folder: Path, purchases: Any) -> float:
    """The largest difference of scores from those of DuckDB's summary in memory, as a share."""
    import numpy as np
    import pandas as pd

    import clvmodels as clv

    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    customers = clv.summarize(log, **columns, observation_end=END)
    ours = clv.score(customers, purchases, horizon="1Y")
    theirs = pd.read_parquet(folder / "scores").set_index("customer_id").loc[ours.index]
    names = [name for name in ours.select_dtypes("number") if name in theirs]
    return float(max(np.nanmax(np.abs(theirs[name] / ours[name] - 1.0)) for name in names if (ours[name] != 0).all()))


SIDES = {"query": run_query, "package": run_package}


def main_of_side(side: str, log: str) -> None:
    """Run one side, and print what it took as JSON."""
    with tempfile.TemporaryDirectory(dir=Path(log).parent) as folder:
        print(json.dumps(SIDES[side](Path(log), Path(folder))))


def main() -> None:
    """Measure every size, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("customers", nargs="*", type=int, default=CUSTOMERS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for customers in given.customers:
            log, found = log_of(customers, given.folder or Path(temporary)), {"customers": float(customers)}
            for side in SIDES:
                code = f"from tests.benchmarks.spark_side import main_of_side; main_of_side({side!r}, {str(log)!r})"
                printed, _ = fresh_process(code)
                found |= json.loads(printed.splitlines()[-1])
            found["summary / query"] = found["summary"] / found["query"]
            for name, value in found.items():
                print(f"{name:20}{value:18,.3g}" if value < 1_000 else f"{name:20}{value:18,.0f}", flush=True)


if __name__ == "__main__":
    main()
