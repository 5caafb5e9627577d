"""Peak memory of `summarize` for a log of ten million lines: text, Parquet, and a stream of record batches.

    python tests/benchmarks/memory_of_logs.py [LINES]

Each kind runs in a process of its own. What Python with all imports takes, and the table that comes back, is part of
the peak; the first line has it for a log of a thousand lines.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

LINES, PART, CUSTOMERS = 10_000_000, 500_000, 1_000_000
SCHEMA = pa.schema({"customer_id": pa.int64(), "date": pa.string(), "amount": pa.float64()})


def parts(lines: int) -> Iterator[pa.RecordBatch]:
    """The log, one part after the other."""
    days = np.datetime_as_string(np.datetime64("2022-01-01") + np.arange(1000))
    for start in range(0, lines, PART):
        rng, number = np.random.default_rng(start), min(PART, lines - start)
        columns = (rng.integers(0, CUSTOMERS, number), days[rng.integers(0, 1000, number)], rng.gamma(2, 20, number))
        yield pa.RecordBatch.from_arrays(
            [pa.array(column) for column in (*columns[:2], columns[2].round(2))], schema=SCHEMA
        )


def write(folder: Path, lines: int) -> None:
    """The log as text and as Parquet."""
    with (
        pyarrow.csv.CSVWriter(folder / "log.csv", SCHEMA) as text,
        pyarrow.parquet.ParquetWriter(folder / "log.parquet", SCHEMA) as parquet,
    ):
        for part in parts(lines):
            text.write_batch(part)
            parquet.write_batch(part)


def measure(kind: str, folder: Path, lines: int) -> None:
    """Summarize one kind, and print what it took."""
    import clvmodels as clv

    stream = kind == "stream"
    log = pa.RecordBatchReader.from_batches(SCHEMA, parts(lines)) if stream else folder / f"log.{kind}"
    start = time.perf_counter()
    customers = clv.summarize(log, customer="customer_id", date="date", amount="amount")
    assert customers.report is not None
    assert customers.report.lines_used == lines
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = 0 if stream else Path(str(log)).stat().st_size / 2**20
    print(
        f"{kind:8} {lines:>12,} lines {size:8.0f} MB {peak:8.0f} MB at most {time.perf_counter() - start:8.1f} s",
        flush=True,
    )


def main(lines: int) -> None:
    """All kinds, each in a process of its own."""
    for number in (1_000, lines):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), number)
            for kind in ("csv", "parquet", "stream"):
                subprocess.run([sys.executable, __file__, kind, folder, str(number)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
