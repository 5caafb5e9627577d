"""evaluate on the CDNOW sample: what the table says, corners, errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.evaluation import metrics
from clvmodels.evaluation.holdout.score_tables import METRICS
from clvmodels.evaluation.ranking import boosting
from tests.evaluation.conftest import COLUMNS, SPLIT
from tests.reference.tolerances import SUMMATION

ALL = [
    "bg/nbd",
    "best",
    "last-period count",
    "last-period spend",
    "past rate",
    "past total",
    "hiatus",
    "pooled mean",
    "gradient boosting",
]


def test_every_predictor_has_a_row(evaluated):
    assert evaluated.table.index.tolist() == ALL
    assert evaluated.table["kind"].tolist() == ["model", "combined"] + ["baseline"] * 7


def test_bgnbd_on_the_sample_is_the_published_forecast(evaluated):
    # 1,653 purchases expected (Fader, Hardie, Lee 2005), 1,882 made
    assert evaluated.outcome["count"].sum() == 1882
    # 1653.4 has five figures
    assert evaluated.table.loc["bg/nbd", "count_bias"] == pytest.approx(1653.4 / 1882 - 1, abs=1e-4)


def test_the_table_is_made_of_the_predictions(evaluated):
    outcome, predictions = evaluated.outcome, evaluated.predictions
    for name in ("bg/nbd", "last-period spend", "gradient boosting"):
        value = predictions[name]["value"]
        assert evaluated.table.loc[name, "spearman"] == metrics.spearman(outcome["value"], value)
        assert evaluated.table.loc[name, "top_capture"] == metrics.top_capture(outcome["value"], value)
        assert evaluated.table.loc[name, "value_mae"] == metrics.mae(outcome["value"], value)


def test_the_model_is_what_lifetime_value_says(evaluated):
    value = clv.lifetime_value(
        evaluated.fits["bg/nbd"], evaluated.fits["gamma-gamma"], horizon="39W", annual_discount_rate=0.0
    )
    expected = value["lifetime_value"].to_numpy()
    assert evaluated.predictions["bg/nbd"]["value"].to_numpy() == pytest.approx(expected, rel=1e-9)  # two routes


def test_predictions_are_finite_and_not_negative(evaluated):
    values = evaluated.predictions.to_numpy()
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    probabilities = evaluated.predictions.xs("probability", axis=1, level="quantity")
    assert (probabilities <= 1).to_numpy().all()


def test_best_deals_out_the_values_of_its_model(evaluated):
    own, best = (evaluated.predictions[name]["value"].to_numpy() for name in ("bg/nbd", "best"))
    assert best.sum() == pytest.approx(own.sum(), rel=1e-9)  # the level is kept; equal scores share
    assert best.max() <= own.max()


def test_best_is_ahead_of_its_model_in_order(evaluated):
    table = evaluated.table
    for metric in ("spearman", "gini", "auc"):
        assert table.loc["best", metric] > table.loc["bg/nbd", metric]


def test_confusion_counts_all_customers(evaluated):
    for matrix in evaluated.confusion.values():
        assert matrix.shape == (5, 5)
        assert matrix.to_numpy().sum() == pytest.approx(2357, rel=SUMMATION)
    assert set(evaluated.segments.columns) == {"precision", "recall"}


def test_tables_behind_the_metrics(evaluated):
    assert evaluated.reliability.loc["bg/nbd", "customers"].sum() == 2357
    assert len(evaluated.deciles.loc["best"]) == 10
    assert evaluated.intervals.loc["bg/nbd", "coverage_90%"] > 0.9
    assert 0 < evaluated.intervals.loc["bg/nbd", "crps"] < evaluated.table.loc["bg/nbd", "count_mae"]


def test_words_and_tables_for_the_reader(evaluated):
    text, html = repr(evaluated), evaluated._repr_html_()
    assert "Best at ordering all customers by value (Spearman): best" in text
    assert "bg/nbd is beaten on" in text
    for name in ALL:
        assert name in text
        assert name in html
    assert "nan" not in text.lower().replace("finance", "")


def test_winners_are_the_best_of_each_column(evaluated):
    for metric, row in evaluated.winners.iterrows():
        merits = evaluated.table[metric].dropna().map(METRICS[metric].merit)
        assert merits[row["winner"]] == merits.max()


def test_a_past_total_is_no_forecast(evaluated):
    row = evaluated.table.loc["past total"]
    assert row[["count_bias", "value_bias", "value_mae", "brier"]].isna().all()
    assert row[["spearman", "gini", "top_capture", "auc"]].notna().all()


def test_the_same_seed_gives_the_same_answer(evaluated, sample):
    again = clv.evaluate(sample, **COLUMNS, **SPLIT, models=["bg/nbd", "best"])
    pd.testing.assert_frame_equal(again.table, evaluated.table, check_exact=True)


def test_cents_and_days_change_no_order(evaluated, sample):
    cents = sample.assign(amount=sample["amount"] * 100)
    other = clv.evaluate(cents, **COLUMNS, **SPLIT, unit="day", models=["bg/nbd", "best"], intervals=False)
    columns = ["count_bias", "value_bias", "spearman", "top_capture", "auc", "brier"]
    # fits agree to 1e-8; a customer whom that puts on the other side of a split of a tree moves "best" a little
    pd.testing.assert_frame_equal(other.table[columns], evaluated.table[columns], rtol=1e-4, atol=1e-4)


def test_a_log_without_amounts_is_judged_by_purchases(sample):
    columns = {"customer": "customer_id", "date": "date"}
    result = clv.evaluate(sample, **columns, **SPLIT, models=["bg/nbd", "best"])
    assert result.outcome["value"].equals(result.outcome["count"].rename("value"))
    assert list(result.fits) == ["bg/nbd"]
    assert result.table.loc["bg/nbd", "value_bias"] == result.table.loc["bg/nbd", "count_bias"]


def test_best_alone_shows_no_other_model(sample):
    result = clv.evaluate(sample, **COLUMNS, **SPLIT, models="best", baselines=False)
    assert result.table.index.tolist() == ["best"]
    assert "built on bg/nbd" in repr(result)


@pytest.mark.filterwarnings("ignore::clvmodels.errors.LogWarning")  # there is a gap, on purpose
def test_nobody_buys_in_the_holdout(sample):
    last = pd.DataFrame({"customer_id": [10**6], "date": [pd.Timestamp("1998-06-30")], "amount": [1.0]})
    log = pd.concat([sample[sample["date"] <= SPLIT["calibration_end"]], last])
    result = clv.evaluate(log, **COLUMNS, **SPLIT, baselines=["past rate"])
    assert result.table[["count_bias", "spearman", "top_capture", "auc"]].isna().all().all()
    assert result.table["count_mae"].notna().all()
    assert "1 customers who first bought in the holdout are left out" in repr(result)


@pytest.mark.filterwarnings("ignore::clvmodels.errors.LogWarning")  # there is a gap, on purpose
def test_everybody_buys_in_the_holdout(sample):
    known = sample.loc[sample["date"] <= SPLIT["calibration_end"]]
    later = known.drop_duplicates("customer_id").assign(date=pd.Timestamp("1998-01-01"), amount=10.0)
    result = clv.evaluate(pd.concat([known, later]), **COLUMNS, **SPLIT)
    assert result.table[["spearman", "auc"]].isna().all().all()
    assert result.table.loc["bg/nbd", "top_capture"] == pytest.approx(472 / 2357, rel=1e-9)  # ⌈0.2 · 2357⌉
    assert "–" in repr(result)


def test_a_short_calibration_leaves_boosting_out_and_says_so():
    rng = np.random.default_rng(4)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 60, 120), unit="D")
    log = pd.DataFrame({"id": rng.integers(0, 30, 120), "day": days, "paid": rng.exponential(10, 120)})
    options = {"customer": "id", "date": "day", "amount": "paid", "calibration_end": "2024-02-01"}
    result = clv.evaluate(log, **options)
    assert any("not identified" in note for note in result.notes)
    assert "gradient boosting" not in result.table.index
    assert any("Gradient boosting is left out" in note for note in result.notes)
    with pytest.raises(DataError, match="too few for one"):
        clv.evaluate(log, **options, models="best")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": ["gamma-gamma"]}, "purchase models"),
        ({"models": ["bg/nbt"]}, "Did you mean 'bg/nbd'"),
        ({"models": []}, "names no model"),
        ({"spend": "bg/nbd"}, "spend model"),
        ({"baselines": ["last year"]}, "Unknown baseline 'last year'"),
        ({"calibration_end": "1999-01-01"}, "calibration_end"),
    ],
)
def test_errors_say_what_to_do(sample, options, message):
    with pytest.raises((ArgumentError, DataError), match=message):
        clv.evaluate(sample, **{**COLUMNS, **SPLIT, **options})


def test_without_scikit_learn_the_rest_still_works(sample, monkeypatch):
    monkeypatch.setattr(boosting, "is_installed", lambda: False)
    result = clv.evaluate(sample, **COLUMNS, **SPLIT)
    assert "gradient boosting" not in result.table.index
    assert any("clvmodels[ml]" in note for note in result.notes)
    for options in ({"models": "best"}, {"baselines": ["gradient boosting"]}):
        with pytest.raises(ArgumentError, match=r"pip install .clvmodels\[ml\]"):
            clv.evaluate(sample, **{**COLUMNS, **SPLIT, **options})
