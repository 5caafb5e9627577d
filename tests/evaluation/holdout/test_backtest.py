"""Rolling origins."""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from tests.evaluation.conftest import COLUMNS
from tests.reference.tolerances import SUMMATION

OPTIONS = {**COLUMNS, "baselines": ["last-period spend"], "intervals": False}


@pytest.fixture(scope="module")
def tested(sample):
    return clv.backtest(sample, **OPTIONS, horizon="26W", origins=3)


def test_origins_end_with_the_log_and_lie_half_a_horizon_apart(tested):
    origins = list(tested.evaluations)
    assert origins == [pd.Timestamp(day) for day in ("1997-07-01", "1997-09-30", "1997-12-30")]
    for origin, one in tested.evaluations.items():
        assert one.holdout.observation_end == origin + pd.Timedelta(days=182)


def test_each_origin_is_an_evaluation(tested, sample):
    one = clv.evaluate(sample, **OPTIONS, calibration_end="1997-09-30", observation_end="1998-03-31")
    pd.testing.assert_frame_equal(tested.table.loc[pd.Timestamp("1997-09-30")], one.table, check_exact=True)


def test_means_take_biases_by_their_size(tested):
    rows = tested.table.xs("bg/nbd", level="predictor")
    assert tested.mean.loc["bg/nbd", "count_bias"] == pytest.approx(rows["count_bias"].abs().mean(), rel=SUMMATION)
    assert tested.mean.loc["bg/nbd", "spearman"] == pytest.approx(rows["spearman"].mean(), rel=SUMMATION)


def test_stability_of_the_parameters(tested):
    assert tested.stability.index.tolist()[:4] == [("bg/nbd", name) for name in ("r", "alpha", "a", "b")]
    r = tested.parameters.xs(("bg/nbd", "r"), level=("model", "parameter"))
    row = tested.stability.loc[("bg/nbd", "r")]
    assert row["lowest"] == r["estimate"].min()
    steps = [abs(r["estimate"].iloc[i + 1] - r["estimate"].iloc[i]) / r["std_error"].iloc[i] for i in (0, 1)]
    assert row["largest_step"] == pytest.approx(max(steps), rel=SUMMATION)


def test_words(tested):
    text = repr(tested)
    assert "3 origins (1997-07-01, 1997-09-30, 1997-12-30), 182 days ahead each" in text
    assert "bg/nbd, spearman: at least as good as every baseline at" in text
    assert "count |bias|" in text  # a mean of sizes has no sign
    assert "+" not in text
    assert "<table" in tested._repr_html_()


def test_origins_by_name_and_a_horizon_in_units(sample):
    result = clv.backtest(sample, **OPTIONS, horizon=13, origins=["1998-01-01", "1997-10-01"])
    assert list(result.evaluations) == [pd.Timestamp("1997-10-01"), pd.Timestamp("1998-01-01")]
    assert result.days == 91


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "at least a day"),
        ({"horizon": "26W", "origins": 0}, "number of days to forecast from"),
        ({"horizon": "26W", "origins": []}, "names no day"),
        ({"horizon": "26W", "origins": 9}, "would be 1996-01-02, and the log begins on 1997-01-01"),
    ],
)
def test_errors_say_what_to_do(sample, options, message):
    with pytest.raises((ArgumentError, DataError), match=message):
        clv.backtest(sample, **{**OPTIONS, **options})
