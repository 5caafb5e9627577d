"""A scorer: batches of a summary have the scores of the customers, and a worker loads little to make them."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError, DataError, UnsupportedPrediction
from clvmodels.scoring.columns import OF_THE_BASE, meaning
from clvmodels.scoring.of_fits import scorer_of
from clvmodels.scoring.scorer import Scorer

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
END = "1997-09-30"
# Predictions are interpolated in the ages that are there, to 1e-12 each; the next purchase is found on a grid of them.
ANOTHER_GRID = 1e-9


@pytest.fixture(scope="module")
def customers():
    return clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS, observation_end=END)


@pytest.fixture(scope="module")
def fits(customers):
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


@pytest.fixture(scope="module")
def with_calendar(fits):
    """Fits of a log that saw a season; whom they score need not know their purchases."""
    log = clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS, keep_purchases=True)
    holidays = {"1998-01-01": "new year"}
    return clv.fit(log, "mbg/nbd", calendar=clv.Calendar(season=2, holidays=holidays)), fits[1]


def scorer_for(customers, fits, **conditions):
    asked = {"horizon": "1Y", **conditions}
    return scorer_of(fits, observation_end=customers.observation_end, unit=customers.unit, **asked)


def summary_of(customers, batch_size):
    table = pa.Table.from_pandas(customers.table.reset_index(), preserve_index=False)
    return table.to_batches(max_chunksize=batch_size)


def scored(scorer, batches):
    return pa.Table.from_batches([scorer.of_batch(batch) for batch in batches])


@pytest.mark.parametrize("model", ["bg/nbd", "pareto/nbd", "mbg/nbd with a calendar"])
@pytest.mark.parametrize("conditions", [{"margin": 0.3, "retention_cost_per_year": 2.0}, {"horizon": None}])
def test_batches_have_the_scores_of_their_customers(customers, fits, with_calendar, model, conditions):
    of_model = {"bg/nbd": fits, "mbg/nbd with a calendar": with_calendar}
    chosen = of_model.get(model) or (clv.fit(customers, model), fits[1])
    scorer = Scorer.from_json(scorer_for(customers, chosen, **conditions).to_json())
    found = scored(scorer, summary_of(customers, 1_000)).to_pandas().set_index("customer_id")
    expected = clv.score(customers, chosen, **{"horizon": "1Y", **conditions}).drop(columns=list(OF_THE_BASE))
    assert list(found) == list(expected)
    for name in expected.select_dtypes("datetime"):
        found[name] = pd.to_datetime(found[name]).astype(expected[name].dtype)
    pd.testing.assert_frame_equal(
        found, expected, check_dtype=False, check_categorical=False, check_index_type=False, rtol=ANOTHER_GRID
    )


def test_a_summary_in_another_unit_has_the_same_scores(customers, fits):
    days = clv.summarize(clv.datasets.path("cdnow_sample"), **COLUMNS, observation_end=END, unit="day")
    weeks = scored(scorer_for(customers, fits), summary_of(customers, 10_000)).to_pandas()
    found = scored(scorer_for(days, fits), summary_of(days, 10_000)).to_pandas()
    pd.testing.assert_frame_equal(found, weeks, rtol=ANOTHER_GRID)


def test_the_schema_says_what_columns_mean(customers, fits):
    schema = scorer_for(customers, fits).schema(pa.int64())
    assert {one.name: one.metadata[b"meaning"].decode() for one in schema} == {
        one.name: meaning(one.name) for one in schema
    }
    empty = summary_of(customers, 10)[0][:0]
    assert scorer_for(customers, fits).of_batch(empty).schema.equals(schema, check_metadata=True)


_WORKER = """
import sys
from clvmodels.scoring.scorer import Scorer
import pyarrow as pa
scorer = Scorer.from_json(sys.argv[1])
with pa.ipc.open_stream(sys.argv[2]) as stream, pa.ipc.new_stream(sys.argv[3], scorer.schema(pa.int64())) as out:
    for batch in stream:
        out.write(scorer.of_batch(batch))
import json
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize("calendar", [False, True])
def test_a_worker_that_scores_loads_numpy_scipy_and_pyarrow(customers, fits, with_calendar, calendar, tmp_path):
    chosen = with_calendar if calendar else fits
    batches, scorer = summary_of(customers, 1_000), scorer_for(customers, chosen, stages=clv.StageRules(window="26W"))
    with pa.ipc.new_stream(tmp_path / "in.arrow", batches[0].schema) as stream:
        for batch in batches:
            stream.write(batch)
    command = [sys.executable, "-c", _WORKER, scorer.to_json(), tmp_path / "in.arrow", tmp_path / "out.arrow"]
    loaded = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ours = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert {"clvmodels", "numpy", "pyarrow", "scipy"} <= ours
    heavy = {"arviz", "duckdb", "formulaic", "ibis", "matplotlib", "narwhals", "pandas", "polars", "pymc", "pyspark"}
    assert not ours & heavy
    with pa.ipc.open_stream(tmp_path / "out.arrow") as stream:
        assert stream.read_all().equals(scored(scorer, batches))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"recency": 99.0}, "recency > T"),
        ({"frequency": np.nan}, "a frequency that is missing"),
        ({"monetary_value": None}, "'monetary_value' not found"),
    ],
)
def test_rows_that_contradict_themselves_are_named(customers, fits, change, says):
    table = customers.head(3).table.reset_index()
    for name, value in change.items():
        table = table.drop(columns=name) if value is None else table.assign(**{name: value})
    batch = pa.RecordBatch.from_pandas(table, preserve_index=False)
    with pytest.raises(DataError, match=says):
        scorer_for(customers, fits).of_batch(batch)


def test_fits_that_know_more_than_the_summary_are_refused(customers, fits):
    early = (customers.table["T"] > 33).rename("early")
    moved = clv.fit(customers.join(early.to_frame()), "pareto/nbd", covariates=clv.Covariates(purchase="early"))
    with pytest.raises(UnsupportedPrediction, match="knows customers by 'early' too"):
        scorer_for(customers, moved)


def test_a_fit_with_a_calendar_asks_for_the_last_day(with_calendar):
    with pytest.raises(ArgumentError, match="Pass observation_end="):
        scorer_of(with_calendar, horizon="1Y", observation_end=None, unit="week")


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": "clvmodels scorer", "version": 99}'])
def test_other_texts_are_no_scorer(text):
    with pytest.raises(ClvError):
        Scorer.from_json(text)
