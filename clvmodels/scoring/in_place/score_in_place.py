"""Scores of lazy customers: a frame of Spark, or a stream of Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from clvmodels.scoring.in_place.worker import score_batches
from clvmodels.scoring.of_fits import Fits, scorer_of
from clvmodels.scoring.scorer import Scorer
from clvmodels.transactions.lazy.lazy_customers import LazyCustomers
from clvmodels.transactions.log.engine import collect
from clvmodels.transactions.units import Span
from clvmodels.value.next_purchase.stages import StageRules

_ROWS = 262_144  # a batch: enough that what is computed once a batch doesn't count, and some 50 MB


def score_in_place(
    customers: LazyCustomers,
    fits: Fits,
    *,
    horizon: Span | None = "1Y",
    stages: StageRules | None = None,
    **conditions: float,
) -> Any:
    """The scores of lazy customers; nothing runs until they are read.

    Parameters
    ----------
    customers : LazyCustomers
        Who are scored.
    fits : Fit or sequence of Fit
        A fit of a purchase model, or that and a fit of a spend model, without covariates and groups.
    horizon, stages, **conditions
        As in `clvmodels.score`; margins and costs are numbers.

    Returns
    -------
    pyspark.sql.DataFrame or pyarrow.RecordBatchReader
        The columns of `clvmodels.score` but rank, tier and group, each with its meaning in the schema.
    """
    scorer = scorer_of(
        fits,
        horizon=horizon,
        observation_end=customers.observation_end,
        unit=customers.unit,
        stages=stages,
        **conditions,
    )
    frame = customers.frame
    names = ["customer_id", *scorer.needs, *(["spend_frequency"] if scorer.spend is not None else [])]
    there = frame.collect_schema().names()
    frame = frame.select(*(name for name in names if name in there))
    if frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect():
        return _on_spark(frame.to_native(), scorer)
    return _stream(frame, scorer)


def _on_spark(frame: Any, scorer: Scorer) -> Any:
    """A frame of Spark whose rows are scored by its workers, which get the scorer as text."""
    from pyspark.sql.pandas.types import from_arrow_type, to_arrow_type
    from pyspark.sql.types import StructField, StructType

    schema = scorer.schema(to_arrow_type(frame.schema["customer_id"].dataType))
    declared = StructType(
        [
            StructField(one.name, from_arrow_type(one.type), True, {"comment": one.metadata[b"meaning"].decode()})
            for one in schema
        ]
    )
    return frame.mapInArrow(partial(score_batches, scorer.to_json()), declared)


def _stream(frame: nw.LazyFrame[Any], scorer: Scorer) -> pa.RecordBatchReader:
    batches = _batches(frame)
    first = next(batches, None)
    kind = pa.string() if first is None else first.schema.field("customer_id").type

    def every() -> Iterator[pa.RecordBatch]:
        if first is not None:
            yield scorer.of_batch(first)
        yield from map(scorer.of_batch, batches)

    return pa.RecordBatchReader.from_batches(scorer.schema(kind), every())


def _batches(frame: nw.LazyFrame[Any]) -> Iterator[pa.RecordBatch]:
    """The rows of an engine in batches, as it makes them."""
    native, engine = frame.to_native(), frame.implementation
    if engine.is_ibis():
        backend = native.get_backend()
        if backend.name != "duckdb":
            return iter(native.to_pyarrow_batches(chunk_size=_ROWS))
        native = backend.con.sql(native.compile())  # Ibis 12 asks newer DuckDBs for a method that they lack
    if engine.is_duckdb() or engine.is_ibis():
        reader = getattr(native, "to_arrow_reader", None) or native.fetch_record_batch  # its name before DuckDB 1.5
        return iter(reader(_ROWS))
    return iter(collect(frame).to_native().to_batches(max_chunksize=_ROWS))
