"""Timestamps that know their time zone become the local time of one zone, on every engine that can do it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals.stable.v2 as nw

from clvmodels.errors import ArgumentError


def to_local_time(frame: Any, column: str | None, timezone: str | None) -> Any:
    """The frame with ``column`` in local time, without a zone; other columns of dates stay as they are.

    Parameters
    ----------
    frame
        narwhals frame, eager or lazy.
    column
        Column with the dates; None if their days are known already.
    timezone
        Zone of the local time; None is the column's own (in SQL engines that of the session).
    """
    if timezone is not None:
        check_zone(timezone)
    if column is None:
        return frame
    dtype = frame.collect_schema()[column]
    if not isinstance(dtype, nw.Datetime) or dtype.time_zone is None:
        return frame
    engine = frame.implementation
    if engine.is_polars() or engine.is_pyarrow() or engine.is_pandas_like():
        local = nw.col(column).dt.convert_time_zone(timezone or dtype.time_zone).dt.replace_time_zone(None)
        return frame.with_columns(local)
    if timezone is None or timezone == dtype.time_zone:
        return frame
    if engine.is_duckdb():
        return _in_duckdb(frame, column, timezone)
    if engine.is_pyspark():
        return _in_spark(frame, column, timezone)
    raise ArgumentError(
        f"timezone={timezone!r} can't be applied here. Turn column {column!r} into local dates in the query that makes "
        "the table, and leave timezone out."
    )


def check_zone(timezone: str) -> None:
    """Raise if there is no such time zone."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(f'Unknown time zone {timezone!r}. Use a name such as "Europe/Berlin" or "UTC".') from None


def _in_duckdb(frame: Any, column: str, timezone: str) -> Any:
    import duckdb

    relation = frame.to_native()
    local = duckdb.FunctionExpression(
        "timezone", duckdb.ConstantExpression(timezone), duckdb.ColumnExpression(column)
    ).alias(column)
    others = [duckdb.ColumnExpression(name) for name in relation.columns if name != column]
    return nw.from_native(relation.select(*others, local))


def _in_spark(frame: Any, column: str, timezone: str) -> Any:
    """Spark shows an instant in the zone of the session, so the local day is counted from the instant itself."""
    from pyspark.sql import functions as F

    shifted = F.from_utc_timestamp(F.col(column), timezone)
    days = F.floor(F.unix_micros(shifted) / F.lit(86_400_000_000)).cast("int")
    return nw.from_native(frame.to_native().withColumn(column, F.date_add(F.lit("1970-01-01").cast("date"), days)))
