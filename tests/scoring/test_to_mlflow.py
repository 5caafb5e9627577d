"""Fits go to MLflow and come back as what scores the same."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.scoring.columns import OF_THE_BASE

mlflow = pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")  # MLflow looks at columns so
SAME = 1e-12  # relative: the same arithmetic, on rows in batches


@pytest.fixture
def tracking(tmp_path, monkeypatch):
    """A store of runs in a folder, which MLflow asks to be told is wanted."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    yield
    mlflow.set_tracking_uri(None)


@pytest.fixture
def logged(tracking, cdnow_bgnbd, cdnow_spend):
    return clv.to_mlflow([cdnow_bgnbd, cdnow_spend], horizon="39W", margin=0.3)


@pytest.fixture
def rows(cdnow):
    return cdnow.table[["frequency", "recency", "T", "monetary_value"]].astype("float64")


@pytest.fixture
def expected(cdnow, cdnow_bgnbd, cdnow_spend):
    scores = clv.score(cdnow, [cdnow_bgnbd, cdnow_spend], horizon="39W", margin=0.3)
    days = scores.select_dtypes("datetime").columns
    return scores.drop(columns=list(OF_THE_BASE)).assign(
        **{name: scores[name].dt.strftime("%Y-%m-%d").astype(object).replace(np.nan, None) for name in days}
    )


def test_a_loaded_model_scores_as_score_does(logged, rows, expected):
    found = mlflow.pyfunc.load_model(logged.model_uri).predict(rows)
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(found, expected, rtol=SAME, check_dtype=False)


def test_conditions_can_be_changed_at_each_call(logged, rows, cdnow, cdnow_bgnbd, cdnow_spend):
    found = mlflow.pyfunc.load_model(logged.model_uri).predict(rows, params={"horizon": "26W"})
    value = clv.score(cdnow, [cdnow_bgnbd, cdnow_spend], horizon="26W", margin=0.3)["lifetime_value"]
    np.testing.assert_allclose(found["lifetime_value"], value, rtol=SAME)


def test_spark_scores_with_it_where_the_rows_are(logged, rows, expected, spark):
    some = rows.reset_index(drop=True).head(200)
    frame = spark.createDataFrame(some.reset_index(names="place"))
    scored = mlflow.pyfunc.spark_udf(spark, logged.model_uri, env_manager="local")
    answer = frame.withColumn("scores", scored(*rows)).select("place", "scores.*").toPandas().sort_values("place")
    for name in ("probability_alive", "expected_purchases", "lifetime_value"):
        np.testing.assert_allclose(answer[name], expected[name].head(200), rtol=SAME)
    assert answer["stage"].tolist() == expected["stage"].head(200).tolist()


def test_signature_and_example_say_what_goes_in_and_out(logged, expected):
    kinds = {one.name: one.type.name for one in logged.signature.inputs}
    assert kinds == dict.fromkeys(["frequency", "recency", "T", "monetary_value"], "double")
    assert logged.signature.outputs.input_names() == list(expected)
    example = mlflow.pyfunc.load_model(logged.model_uri).input_example
    assert list(example) == list(kinds)


def test_parameters_and_the_measures_of_a_holdout_are_logged(tracking):
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    evaluation = clv.evaluate(
        clv.datasets.path("cdnow_sample"), calibration_end="1997-09-30", models=["bg/nbd"], **columns
    )
    with mlflow.start_run() as run:
        clv.to_mlflow(evaluation.fits["bg/nbd"], evaluation=evaluation)
    data = mlflow.get_run(run.info.run_id).data
    assert data.params["purchases_model"] == "bg/nbd"
    assert float(data.params["purchases_r"]) == evaluation.fits["bg/nbd"].parameters["r"]
    assert data.metrics["holdout_count_mae"] == evaluation.table.loc["bg/nbd", "count_mae"]
    assert data.metrics["best_baseline_count_mae"] == evaluation.winners.loc["count_mae", "baseline_value"]


def test_an_evaluation_of_other_models_is_refused(tracking, cdnow_bgnbd):
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    evaluation = clv.evaluate(
        clv.datasets.path("cdnow_sample"), calibration_end="1997-09-30", models=["mbg/nbd"], **columns
    )
    with pytest.raises(clv.errors.ArgumentError, match=r"evaluation is of mbg/nbd.*Evaluate 'bg/nbd'"):
        clv.to_mlflow(cdnow_bgnbd, evaluation=evaluation)


@pytest.mark.parametrize(
    "wrong", [{"horizon": "soon"}, {"margin": float("inf")}, {"annual_discount_rate": float("nan")}]
)
def test_what_can_not_be_scored_is_not_logged(tracking, cdnow_bgnbd, cdnow_spend, wrong):
    with pytest.raises(clv.errors.ArgumentError):
        clv.to_mlflow([cdnow_bgnbd, cdnow_spend], **wrong)
    assert mlflow.search_runs(output_format="list") == []


def test_a_fit_with_a_calendar_follows_the_day(tracking):
    columns = {"customer": "customer_id", "date": "date"}
    later = clv.summarize(
        clv.datasets.path("cdnow_sample"), observation_end="1998-03-31", keep_purchases=True, **columns
    )
    fit = clv.fit(later, "bg/nbd", calendar=clv.Calendar(season=False))
    model = mlflow.pyfunc.load_model(clv.to_mlflow(fit).model_uri)
    rows = later.table[["frequency", "recency", "T"]].astype("float64")
    np.testing.assert_allclose(
        model.predict(rows)["expected_purchases"], clv.score(later, fit)["expected_purchases"], rtol=SAME
    )
    with pytest.raises(Exception, match="observation_end"):
        model.predict(rows, params={"observation_end": ""})


def test_draws_go_along(tracking, cdnow):
    fit = clv.fit(cdnow, "bg/nbd", method="laplace", draws=50)
    info = clv.to_mlflow(fit)
    model = mlflow.pyfunc.load_model(info.model_uri).unwrap_python_model()
    np.testing.assert_allclose(model.fits[0].theta, fit.theta, rtol=SAME)


def test_without_mlflow_it_says_what_to_install(monkeypatch, cdnow_bgnbd):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(clv.errors.ArgumentError, match=r"pip install 'clvmodels\[mlflow\]'"):
        clv.to_mlflow(cdnow_bgnbd)
