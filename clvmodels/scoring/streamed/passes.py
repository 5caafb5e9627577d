"""Two passes over the customers: their scores part by part, then each one's place among all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clvmodels.files import whole_file
from clvmodels.scoring.columns import in_order, meaning
from clvmodels.scoring.places import Places, worth_of
from clvmodels.scoring.scorer import Scorer
from clvmodels.scoring.streamed.summaries import Part
from clvmodels.scoring.streamed.work import COMPLETE
from clvmodels.transactions.summary.plain.in_parts import THREADS

_CUSTOMERS_AT_A_TIME = 100_000
type Told = Callable[[str, int, int], None]
"""Is told what is being done, how many parts of it are done, and of how many."""


def score_parts(parts: Sequence[Part], scorer: Scorer, folder: Path, told: Told) -> list[Path]:
    """A file of scores of each part, in their order; those that are there already are complete."""
    files = [folder / f"{place:05}.scores" for place in range(len(parts))]
    threads = ThreadPoolExecutor(THREADS)
    try:
        done = threads.map(_score_part, parts, [scorer] * len(parts), files)
        for number, _ in enumerate(done, 1):
            told("Scoring", number, len(parts))
    finally:
        threads.shutdown(cancel_futures=True)
    return [file for file in files if file.stat().st_size]


def _score_part(part: Part, scorer: Scorer, file: Path) -> None:
    if file.exists():
        return
    table = part()
    with whole_file(file) as unfinished:
        if table is None:
            return  # an empty file: a part without customers
        schema = scorer.schema(table.schema.field("customer_id").type)
        with pa.ipc.new_file(str(unfinished), schema) as writer:
            for batch in table.combine_chunks().to_batches(_CUSTOMERS_AT_A_TIME):
                writer.write_batch(scorer.of_batch(batch))


def places_of(files: Sequence[Path]) -> Places:
    """The places of all customers, in the order of the files."""
    with pa.ipc.open_file(str(files[0])) as first:
        name = worth_of(first.schema.names)
    return Places.of(np.concatenate([_column(file, name) for file in files]), valued=name == "lifetime_value")


def _column(file: Path, name: str) -> Any:
    options = pa.ipc.IpcReadOptions(included_fields=[pa.ipc.open_file(str(file)).schema.get_field_index(name)])
    with pa.ipc.open_file(str(file), options=options) as stored:
        return stored.read_all().column(0).to_numpy()


def write_file(files: Sequence[Path], found: Places, output: Path, told: Told) -> None:
    """All scores as one Parquet file."""
    writer: pq.ParquetWriter | None = None
    begin = 0
    try:
        for number, file in enumerate(files, 1):
            table = _placed(file, found, begin)
            begin += len(table)
            writer = writer or pq.ParquetWriter(output, table.schema)
            writer.write_table(table)
            told("Writing", number, len(files))
    finally:
        if writer is not None:
            writer.close()


def write_folder(files: Sequence[Path], found: Places, output: Path, about: dict[str, Any], told: Told) -> None:
    """A Parquet file of each part, and at the end a list of them, which says that all are there."""
    output.mkdir()
    begin, written = 0, []
    for number, file in enumerate(files):
        table = _placed(file, found, begin)
        begin += len(table)
        name = f"part-{number:05}.parquet"
        pq.write_table(table, output / name)
        written.append({"file": name, "customers": len(table), "bytes": (output / name).stat().st_size})
        told("Writing", number + 1, len(files))
    listed = {**about, "customers": begin, "files": written}
    (output / COMPLETE).write_text(json.dumps(listed, indent=1), encoding="utf-8")


def _placed(file: Path, found: Places, begin: int) -> pa.Table:
    """The scores of a part with each customer's place among all."""
    with pa.ipc.open_file(str(file)) as stored:
        table = stored.read_all()
    worth, risk = (table[name].to_numpy() for name in (worth_of(table.column_names), "attrition_risk"))
    for name, column in found.part(begin, worth, risk).items():
        values = pa.array(column.to_numpy())
        field = pa.field(str(name), values.type, metadata={"meaning": meaning(str(name))})
        table = table.append_column(field, values)
    return table.select(["customer_id", *(name for name in in_order(table.column_names) if name != "customer_id")])
