"""Lazy customers: every engine has the summary, the fits and the scores of customers in memory, and pulls little."""

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.scoring.columns import OF_THE_BASE, meaning
from clvmodels.scoring.in_place.worker import score_batches
from clvmodels.transactions.lazy import lazy_customers
from tests.reference.tolerances import SUMMATION

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount", "observation_end": "1997-09-30"}
ENGINES = ["parquet", "duckdb", "ibis", "polars", pytest.param("spark", marks=pytest.mark.slow)]
SAME = 1e-9  # sums of amounts in another order, and ages interpolated batch by batch, to 1e-12 each


@pytest.fixture(scope="module")
def customers():
    return clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS)


@pytest.fixture(scope="module")
def fits(customers):
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("log") / "log.parquet"
    clv.datasets.load_cdnow(sample=True).to_parquet(found, index=False)
    return str(found)


@pytest.fixture(scope="module", params=ENGINES)
def lazy(request, path):
    readers = {
        "parquet": lambda: path,
        "duckdb": lambda: duckdb.connect().read_parquet(path),
        "ibis": lambda: ibis.duckdb.connect().read_parquet(path),
        "polars": lambda: pl.scan_parquet(path),
        "spark": lambda: request.getfixturevalue("spark").read.parquet(path),
    }
    found = clv.summarize_lazy(readers[request.param](), **COLUMNS)
    return found if request.param == "ibis" else found.cache()  # Ibis 12 trips over the names of tables it drops


def in_pandas(found):
    if isinstance(found, pa.RecordBatchReader):
        return found.read_all().to_pandas()
    return found.toArrow().to_pandas()


def sorted_by_id(table, like):
    table = table.set_index("customer_id").sort_index()
    for name in like.select_dtypes("datetime"):
        table[name] = pd.to_datetime(table[name]).astype(like[name].dtype)
    return table


def assert_same(found, expected):
    assert list(found) == list(expected)
    loose = {"check_dtype": False, "check_categorical": False, "check_index_type": False}
    pd.testing.assert_frame_equal(found, expected, rtol=SAME, **loose)


def test_every_engine_has_the_summary_in_memory(lazy, customers):
    assert lazy.count() == len(customers)
    assert lazy.observation_end == customers.observation_end
    assert_same(sorted_by_id(lazy.frame.collect("pyarrow").to_native().to_pandas(), customers.table), customers.table)


@pytest.mark.parametrize("model", ["bg/nbd", "gamma-gamma"])
def test_a_fit_pulls_distinct_histories_and_is_the_same(lazy, customers, model, monkeypatch):
    pulled = []

    def watched(frame):
        found = real(frame)
        pulled.append(len(found))
        return found

    real = lazy_customers.collect
    monkeypatch.setattr(lazy_customers, "collect", watched)
    expected, found = clv.fit(customers, model), clv.fit(lazy, model)
    # the likelihood is summed in another order, and the search ends where that order says
    assert found.parameters == pytest.approx(expected.parameters, rel=1e-7)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=SUMMATION)
    assert (found.n_customers, found.n_histories) == (expected.n_customers, expected.n_histories)
    assert pulled == [expected.n_histories]
    assert f"{expected.n_histories:,} distinct rows were pulled" in found.diagnosis[0]
    assert found.customers is None


@pytest.mark.parametrize("conditions", [{"margin": 0.3, "retention_cost_per_year": 2.0}, {"horizon": None}])
def test_scores_in_place_are_those_in_memory(lazy, customers, fits, conditions):
    expected = clv.score(customers, fits, **conditions).drop(columns=list(OF_THE_BASE))
    assert_same(sorted_by_id(in_pandas(clv.score(lazy, fits, **conditions)), expected), expected)


@pytest.mark.slow
def test_workers_of_spark_load_no_pandas_of_ours_and_know_what_columns_mean(spark, path, fits):
    lazy = clv.summarize_lazy(spark.read.parquet(path), **COLUMNS)
    scores = clv.score(lazy, fits[0])
    assert {field.name: field.metadata["comment"] for field in scores.schema} == {
        name: meaning(name) for name in scores.columns
    }

    def loaded(batches):
        import sys

        for _ in score_batches(text, batches):
            pass
        ours = {"arviz", "duckdb", "ibis", "matplotlib", "narwhals", "polars", "pymc"}
        yield pa.RecordBatch.from_pydict({"name": sorted(ours & {name.split(".")[0] for name in sys.modules})})

    text = _text_of(scores, lazy, fits[0])
    assert lazy.summary.mapInArrow(loaded, "name string").count() == 0


def _text_of(scores, lazy, fit):
    from clvmodels.scoring.of_fits import scorer_of

    return scorer_of(fit, horizon="1Y", observation_end=lazy.observation_end, unit=lazy.unit).to_json()


def test_more_rows_than_wanted_are_not_pulled(path):
    lazy = clv.summarize_lazy(path, **COLUMNS, max_rows=100)
    with pytest.raises(DataError, match="More than 100 distinct rows of frequency, recency, T would be pulled"):
        clv.fit(lazy, "bg/nbd")


def test_a_summary_that_is_there_is_taken_as_it_is(path, customers, fits):
    query = clv.summary_sql(f"'{path}'", **COLUMNS)
    lazy = clv.LazyCustomers.from_frame(duckdb.connect().sql(query), unit="week", observation_end="1997-09-30")
    expected = clv.score(customers, fits).drop(columns=list(OF_THE_BASE))
    assert_same(sorted_by_id(in_pandas(clv.score(lazy, fits)), expected), expected)


def test_refunds_are_refused_as_in_memory(path, tmp_path):
    log = pd.read_parquet(path).head(50)
    log.loc[2, "amount"] = -5.0
    log.to_parquet(tmp_path / "log.parquet")
    with pytest.raises(DataError, match="negative amount"):
        clv.summarize_lazy(tmp_path / "log.parquet", **COLUMNS, refunds="error")
    net = clv.summarize_lazy(tmp_path / "log.parquet", **COLUMNS, refunds="net")
    expected = clv.summarize(log, **COLUMNS, refunds="net").table
    assert_same(sorted_by_id(net.summary.df(), expected), expected)


def test_rows_of_a_summary_that_contradict_themselves_are_refused(fits):
    wrong = pl.LazyFrame({"customer_id": [1], "frequency": [2], "recency": [30.0], "T": [9.0]})
    lazy = clv.LazyCustomers.from_frame(wrong, unit="week")
    with pytest.raises(DataError, match="recency > T"):
        clv.fit(lazy, "bg/nbd")
    with pytest.raises(DataError, match=r"recency > T \(id 1\)"):
        clv.score(lazy, fits[0]).read_all()


@pytest.mark.parametrize(
    "call",
    [
        lambda lazy, fits: clv.fit(lazy, "bg/nbd", covariates=clv.Covariates(purchase="x")),
        lambda lazy, fits: clv.fit(lazy, "gamma-gamma-amounts"),
        lambda lazy, fits: clv.fit(lazy, "sbg"),
        lambda lazy, fits: clv.score(lazy),
        lambda lazy, fits: clv.score(lazy, fits, interval=0.9),
        lambda lazy, fits: clv.score(lazy, fits, margin=np.array([0.3, 0.2])),
        lambda lazy, fits: clv.LazyCustomers.from_frame({"x": 1}, unit="week"),
    ],
)
def test_what_needs_customers_in_memory_is_refused_in_words(path, fits, call):
    with pytest.raises((ArgumentError, DataError)):
        call(clv.summarize_lazy(path, **COLUMNS), fits)
