"""One log, every engine, one answer."""

from __future__ import annotations

import os

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from clvmodels.transactions.summary.holdout import holdout_split
from clvmodels.transactions.summary.opportunities import summarize_opportunities
from clvmodels.transactions.summary.summarize import summarize
from tests.reference.tolerances import SUMMATION

ENGINES = ["pandas", "polars", "polars lazy", "pyarrow", "duckdb", "ibis", "csv", "parquet glob"]
COLUMNS = {"customer": "customer_id", "date": "time", "amount": "paid"}


def make_log(number=3000, customers=250, seed=1):
    """Orders of a few lines, with zeros, refunds, lines without a customer and several orders a day."""
    rng = np.random.default_rng(seed)
    order = np.sort(rng.integers(0, number // 2, number))
    rng_order = np.random.default_rng(seed + 1)
    owner = rng_order.integers(0, customers, number)[order].astype(float)
    owner[owner == 0] = np.nan
    minutes = rng_order.integers(0, 60 * 24 * 300, number)[order]
    amount = np.round(rng.gamma(1.5, 20.0, number), 2)
    amount[rng.random(number) < 0.05] = 0.0
    amount[rng.random(number) < 0.15] *= -1
    return pd.DataFrame(
        {
            "customer_id": pd.array([None if np.isnan(value) else int(value) for value in owner], dtype="Int64"),
            "order": [f"A{value}" for value in order],
            "time": (pd.Timestamp("2023-01-01") + pd.to_timedelta(minutes, unit="min")).astype("M8[us]"),
            "paid": amount,
            **facts(number, rng),
        }
    )


def facts(number, rng):
    """What a log says about customers, in every type that can be kept, with gaps."""
    channel = rng.choice(["web", "shop", "Ärzte", None], number)
    age = np.where(rng.random(number) < 0.2, np.nan, rng.integers(18, 80, number))
    return {
        "channel": pd.Series(channel, dtype="str"),
        "tier": pd.Categorical(rng.choice(["gold", "basic"], number)),
        "age": age,
        "visits": rng.integers(0, 9, number),
        "member": pd.array(rng.choice([True, False, None], number, p=[0.1, 0.1, 0.8]), dtype="boolean"),
        "joined": pd.to_datetime(rng.integers(17_000, 19_000, number), unit="D").astype("M8[us]"),
    }


def hand_over(log, engine, folder):
    """The log as the engine holds it; DuckDB and Ibis read Parquet, so that they don't lean on pandas."""
    path = folder / "log.parquet"
    log.to_parquet(path, index=False)
    if engine == "pandas":
        return log
    if engine == "polars":
        return pl.read_parquet(path)
    if engine == "polars lazy":
        return pl.scan_parquet(path)
    if engine == "pyarrow":
        return pa.Table.from_pandas(log, preserve_index=False)
    if engine == "duckdb":
        return duckdb.connect().read_parquet(str(path))
    if engine == "ibis":
        return ibis.duckdb.connect().read_parquet(str(path))
    if engine == "csv":
        log.to_csv(folder / "log.csv", index=False)
        return str(folder / "log.csv")
    log.iloc[:1000].to_parquet(folder / "part-1.parquet", index=False)
    log.iloc[1000:].to_parquet(folder / "part-2.parquet", index=False)
    return folder / "part-*.parquet"


def assert_same(ours, theirs):
    # sums of floats in another order differ in the last bits only
    pd.testing.assert_frame_equal(ours.table, theirs.table, rtol=1e-12, atol=0, check_index_type=False)
    assert (ours.purchases is None) == (theirs.purchases is None)
    if ours.purchases is not None:
        pd.testing.assert_frame_equal(ours.purchases, theirs.purchases, rtol=SUMMATION, atol=0, check_dtype=False)
    ours, theirs = vars(ours.report), vars(theirs.report)
    assert {name: value for name, value in ours.items() if not isinstance(value, float)} == {
        name: value for name, value in theirs.items() if not isinstance(value, float)
    }
    for name, value in ours.items():
        if isinstance(value, float):
            assert theirs[name] == pytest.approx(value, rel=SUMMATION), name


CASES = {
    "lines": {},
    "orders": {"order": "order"},
    "drop": {"refunds": "drop", "observation_end": "2023-09-01"},
    "no amount": {"amount": None},
    "kept": {"keep": ["channel", "tier", "age", "visits", "member"], "keep_purchases": True, "order": "order"},
    "kept of lines": {"keep": ["channel", "joined"], "refunds": "drop"},
}


@pytest.fixture(scope="module")
def log():
    return make_log()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_summary_of_pandas(log, engine, case, tmp_path):
    arguments = COLUMNS | CASES[case]
    assert_same(summarize(log, **arguments), summarize(hand_over(log, engine, tmp_path), **arguments))


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_holdout_of_pandas(log, engine, tmp_path):
    arguments = COLUMNS | {"calibration_end": "2023-06-30", "keep": ["channel", "age"], "keep_purchases": True}
    ours, theirs = holdout_split(log, **arguments), holdout_split(hand_over(log, engine, tmp_path), **arguments)
    assert_same(ours.calibration, theirs.calibration)
    pd.testing.assert_frame_equal(ours.table, theirs.table, rtol=SUMMATION, check_index_type=False)
    assert ours.new_customers == theirs.new_customers > 0


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_opportunities_of_pandas(log, engine, tmp_path):
    arguments = COLUMNS | {"opportunity": "month", "order": "order"}
    ours = summarize_opportunities(log, **arguments)
    assert ours.observation_end == pd.Timestamp("2023-09-30")
    assert_same(ours, summarize_opportunities(hand_over(log, engine, tmp_path), **arguments))


@pytest.mark.parametrize("engine", ["polars", "pyarrow", "duckdb", "ibis"])
@pytest.mark.parametrize("kind", ["text", "number", "date"])
def test_every_engine_reads_every_kind_of_date(log, engine, kind, tmp_path):
    other = log.copy()
    if kind == "text":
        other["time"] = other["time"].dt.strftime("%Y-%m-%d %H:%M")
    elif kind == "number":
        other["time"] = other["time"].dt.strftime("%Y%m%d").astype(int)
    else:
        other["time"] = other["time"].dt.date
    assert_same(summarize(log, **COLUMNS), summarize(hand_over(other, engine, tmp_path), **COLUMNS))


@pytest.mark.parametrize("engine", ["pandas", "polars", "polars lazy", "pyarrow", "duckdb"])
def test_the_calendar_day_is_that_of_the_time_zone(engine, tmp_path):
    times = pd.to_datetime(["2024-01-01 23:30", "2024-07-01 22:30", "2024-07-02 03:00"]).tz_localize("UTC")
    log = pd.DataFrame({"customer_id": [1, 1, 1], "time": times, "paid": [1.0, 2.0, 3.0]})
    data = hand_over(log, engine, tmp_path)
    berlin = summarize(data, **COLUMNS, unit="day", timezone="Europe/Berlin")
    assert berlin.table.loc[1, "T"] == 182.0  # 2 January to 2 July; the last two are one day
    assert berlin.table.loc[1, "frequency"] == 1
    utc = summarize(data, **COLUMNS, unit="day", timezone="UTC")
    assert utc.table.loc[1, "T"] == 183.0
    assert utc.table.loc[1, "frequency"] == 2


@pytest.fixture(scope="session")
def spark():
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "America/New_York")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_spark_gives_the_summary_of_pandas(spark, log, case, tmp_path):
    arguments = COLUMNS | CASES[case]
    hand_over(log, "pandas", tmp_path)
    assert_same(summarize(log, **arguments), summarize(spark.read.parquet(str(tmp_path / "log.parquet")), **arguments))


@pytest.mark.slow
def test_spark_gives_the_holdout_of_pandas(spark, log, tmp_path):
    arguments = COLUMNS | {"calibration_end": "2023-06-30", "order": "order", "keep": "channel"}
    hand_over(log, "pandas", tmp_path)
    ours = holdout_split(log, **arguments)
    theirs = holdout_split(spark.read.parquet(str(tmp_path / "log.parquet")), **arguments)
    assert_same(ours.calibration, theirs.calibration)
    pd.testing.assert_frame_equal(ours.table, theirs.table, rtol=SUMMATION, check_index_type=False)


@pytest.mark.slow
def test_spark_takes_the_calendar_day_of_the_time_zone(spark, tmp_path):
    times = pd.to_datetime(["2024-01-01 23:30", "2024-07-01 22:30", "2024-07-02 03:00"]).tz_localize("UTC")
    log = pd.DataFrame({"customer_id": [1, 1, 1], "time": times.as_unit("us"), "paid": [1.0, 2.0, 3.0]})
    log.to_parquet(tmp_path / "log.parquet", index=False)
    data = spark.read.parquet(str(tmp_path / "log.parquet"))
    berlin = summarize(data, **COLUMNS, unit="day", timezone="Europe/Berlin").table.loc[1]
    assert (berlin["T"], berlin["frequency"]) == (182.0, 1)
    session = summarize(data, **COLUMNS, unit="day").table.loc[1]
    assert (session["T"], session["frequency"]) == (182.0, 1)
