"""Metrics equal scikit-learn's, SciPy's or what is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sklearn

from clvmodels.errors import ArgumentError
from clvmodels.evaluation import metrics
from clvmodels.evaluation.metrics.groups import memberships
from tests.reference.tolerances import ABSOLUTE_SUMMATION, SUMMATION

EXACT = 1e-12  # sums of a few hundred floats


@pytest.fixture(params=[1, 2, 3])
def case(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes, mostly 0, and predictions with many ties."""
    rng = np.random.default_rng(request.param)
    n = 300
    prediction = np.round(rng.exponential(2.0, n), 1)
    y = np.where(rng.random(n) < 0.3, np.round(rng.exponential(20.0, n) * (0.2 + prediction)), 0.0)
    return y, prediction


def in_random_orders(measure, y, prediction, n=4000, seed=0):
    """Mean and its standard error over random orders of the tied."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(n):
        order = np.lexsort((rng.random(len(y)), prediction))
        rank = np.empty(len(y))
        rank[order] = np.arange(len(y))
        values.append(measure(y, rank))
    return np.mean(values), np.std(values) / np.sqrt(n)


def test_errors_equal_scikit_learn(case):
    y, prediction = case
    assert metrics.mae(y, prediction) == pytest.approx(sklearn.mean_absolute_error(y, prediction), rel=EXACT)
    assert metrics.rmse(y, prediction) == pytest.approx(sklearn.root_mean_squared_error(y, prediction), rel=EXACT)
    assert metrics.bias(y, prediction) == pytest.approx(prediction.sum() / y.sum() - 1, rel=EXACT)


def test_probabilities_equal_scikit_learn(case):
    y, prediction = case
    p = prediction / (1 + prediction)
    assert metrics.auc(y > 0, prediction) == pytest.approx(sklearn.roc_auc_score(y > 0, prediction), rel=EXACT)
    assert metrics.brier(y > 0, p) == pytest.approx(sklearn.brier_score_loss(y > 0, p), rel=EXACT)


def test_spearman_with_shared_ties_equals_scipy(case):
    y, prediction = case
    expected = stats.spearmanr(y, prediction).statistic
    assert metrics.spearman(y, prediction, ties="shared") == pytest.approx(expected, rel=SUMMATION)


@pytest.mark.parametrize("measure", [metrics.spearman, metrics.normalised_gini, metrics.top_capture])
def test_order_measures_are_means_over_random_orders(case, measure):
    y, prediction = case
    mean, error = in_random_orders(measure, y, prediction, n=1000)
    assert measure(y, prediction) == pytest.approx(mean, abs=5 * error + EXACT)  # 5 standard errors


def test_spearman_without_ties_is_the_same_in_both_ways(case):
    y, _ = case
    prediction = np.random.default_rng(0).permutation(len(y))
    assert metrics.spearman(y, prediction) == pytest.approx(metrics.spearman(y, prediction, ties="shared"), rel=EXACT)


def test_shared_ties_flatter_a_prediction_that_is_made_coarser():
    rng = np.random.default_rng(3)
    rate = rng.gamma(0.3, 1.0, 5000)
    y = rng.poisson(rate)  # 80 % have 0
    coarse = np.maximum(rate, np.quantile(rate, 0.6))
    shared = [metrics.spearman(y, p, ties="shared") for p in (rate, coarse)]
    random = [metrics.spearman(y, p) for p in (rate, coarse)]
    assert shared[1] > shared[0]
    assert random[1] < random[0]


def test_normalised_gini_by_hand():
    # falling order of prediction: y = 3, 0, 1; g = 3/4, 3/4, 1; perfect order: 3/4, 1, 1
    assert metrics.normalised_gini([0, 3, 1], [2, 5, 1]) == pytest.approx((5 / 3 - 1) / (11 / 6 - 1), rel=EXACT)
    assert metrics.normalised_gini([0, 3, 1], [1, 3, 2]) == pytest.approx(1.0, rel=EXACT)


def test_top_capture_by_hand():
    y, prediction = [10, 20, 30, 40, 0], [5, 4, 4, 1, 0]
    assert metrics.top_capture(y, prediction, 0.2) == pytest.approx(0.10, rel=EXACT)
    assert metrics.top_capture(y, prediction, 0.4) == pytest.approx(0.10 + 0.25, rel=EXACT)  # one of the two tied
    assert metrics.top_capture(y, prediction, 1.0) == pytest.approx(1.0, rel=EXACT)


@pytest.mark.parametrize("n", [5, 10, 15, 35, 45])
def test_top_share_of_a_multiple_of_five_is_exact(n):
    assert metrics.top_capture(np.ones(n), np.arange(n), 0.2) == pytest.approx(0.2, rel=EXACT)


def test_confusion_equals_scikit_learn_without_ties():
    rng = np.random.default_rng(1)
    y = rng.permutation(100).astype(float)
    prediction = y + rng.normal(0, 30, 100)
    by_rank = [np.minimum((100 - stats.rankdata(values)) // 20, 4).astype(int) for values in (prediction, y)]
    expected = sklearn.confusion_matrix(*by_rank)
    counts = metrics.confusion(y, prediction, 5)
    assert counts.to_numpy() == pytest.approx(expected, abs=ABSOLUTE_SUMMATION)
    scores = metrics.precision_recall(counts)
    expected_precision = sklearn.precision_score(by_rank[1], by_rank[0], average=None)
    assert scores["precision"].to_numpy() == pytest.approx(expected_precision, abs=ABSOLUTE_SUMMATION)


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_memberships_fill_groups_of_equal_size(values, groups):
    member = memberships(values, groups)
    assert member.sum(axis=1) == pytest.approx(np.ones(len(values)), abs=ABSOLUTE_SUMMATION)
    sizes = np.diff(np.round(np.arange(groups + 1) * len(values) / groups))
    assert member.sum(axis=0) == pytest.approx(sizes, abs=ABSOLUTE_SUMMATION)


def test_reliability_by_hand():
    table = metrics.reliability([0, 1, 0, 1, 1, 1], [0.1, 0.1, 0.1, 0.5, 0.9, 1.0], bins=3)
    assert table["customers"].tolist() == [3, 1, 2]
    assert table["predicted"].to_numpy() == pytest.approx([0.1, 0.5, 0.95], rel=EXACT)
    assert table["observed"].to_numpy() == pytest.approx([1 / 3, 1.0, 1.0], rel=EXACT)


def test_one_customer():
    assert metrics.mae([2.0], [1.0]) == 1.0
    assert metrics.top_capture([2.0], [1.0]) == 1.0
    assert metrics.normalised_gini([2.0], [1.0]) == 1.0
    assert np.isnan(metrics.spearman([2.0], [1.0]))
    assert np.isnan(metrics.auc([1], [0.5]))
    assert metrics.confusion([2.0], [1.0], 1).to_numpy().tolist() == [[1.0]]


def test_nobody_buys():
    y, prediction = np.zeros(10), np.arange(10.0)
    for measure in (metrics.bias, metrics.normalised_gini, metrics.top_capture, metrics.spearman, metrics.decile_mape):
        assert np.isnan(measure(y, prediction))
    assert np.isnan(metrics.auc(y > 0, prediction))
    assert metrics.brier(y > 0, np.zeros(10)) == 0.0


def test_everybody_buys_alike():
    y, prediction = np.ones(10), np.arange(10.0)
    assert metrics.top_capture(y, prediction) == pytest.approx(0.2, rel=EXACT)
    assert np.isnan(metrics.spearman(y, prediction))
    assert np.isnan(metrics.auc(y > 0, prediction))


def test_a_constant_prediction_orders_nobody():
    y = np.array([0.0, 0.0, 3.0, 1.0, 0.0])
    assert metrics.spearman(y, np.ones(5)) == 0.0
    assert metrics.auc(y > 0, np.ones(5)) == 0.5
    assert metrics.top_capture(y, np.ones(5)) == pytest.approx(0.2, rel=EXACT)


@pytest.mark.parametrize(
    ("y", "prediction", "message"),
    [
        ([1.0, 2.0], [1.0], "as many"),
        ([], [], "as many"),
        ([1.0, np.nan], [1.0, 2.0], "finite"),
        ([1.0, 2.0], [np.inf, 2.0], "finite"),
    ],
)
def test_bad_input_is_named(y, prediction, message):
    with pytest.raises(ArgumentError, match=message):
        metrics.mae(y, prediction)


def test_probabilities_out_of_range_are_refused():
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        metrics.brier([0, 1], [0.5, 1.5])
