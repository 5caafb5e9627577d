"""Fits to times that are grouped to steps: what is kept, what is lost, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import clvmodels as clv
from clvmodels import errors
from clvmodels.inference.data.resolution import group_times
from clvmodels.inference.estimation.resolution_cost import resolution_cost

# The loss comes from one Newton step, which is exact up to third derivatives of the log-likelihood.
ONE_STEP = 0.1


@pytest.fixture(scope="module")
def customers():
    return clv.summarize(
        clv.datasets.path("cdnow"), customer="customer_id", date="date", amount="amount", observation_end="1997-09-30"
    )


@pytest.fixture(scope="module")
def exact(customers):
    return clv.fit(customers, "bg/nbd")


@pytest.mark.parametrize("step", [0.1, 1.0, 7.3, 100.0])
def test_groups_keep_customers_and_the_sum_of_their_times(customers, step):
    times = group_times(customers.histories(), step)
    x, t_x, T = times.grouped.columns
    assert np.all((t_x >= 0) & (t_x <= T))
    assert np.array_equal(t_x > 0, x > 0)
    for grouped, name in zip(times.grouped.columns, ("frequency", "recency", "T"), strict=True):
        assert times.grouped.weight @ grouped == pytest.approx(customers.table[name].sum(), rel=1e-12)  # of doubles
    np.testing.assert_allclose(times.grouped.spread(T), customers.table["T"], atol=step)
    np.testing.assert_array_equal(times.grouped.spread(x), customers.table["frequency"])


@pytest.mark.parametrize("model", ["bg/nbd", "pareto/nbd"])
def test_the_loss_that_is_told_is_the_one_at_exact_times(customers, model):
    exact, grouped = clv.fit(customers, model), clv.fit(customers, model, resolution="week")
    values = np.array(list(grouped.parameters.values()))
    lost = exact.log_likelihood - exact.data().likelihood.value(values)
    cost = resolution_cost(grouped.definition, group_times(customers.histories(), 1.0), grouped.estimate)
    assert grouped.n_histories < exact.n_histories / 3
    assert 0 < lost < 0.01  # of log-likelihood, for 23,570 customers
    assert cost.loss == pytest.approx(lost, rel=ONE_STEP)
    changes = np.abs(values / np.array(list(exact.parameters.values())) - 1.0)
    assert cost.change == pytest.approx(changes.max(), rel=ONE_STEP)
    assert f"{cost.change:.2%}" in grouped.diagnosis[0]


def test_a_sample_of_the_groups_tells_the_loss_too(customers, exact, monkeypatch):
    monkeypatch.setattr("clvmodels.inference.estimation.resolution_cost._ROWS", 3_000)
    grouped = clv.fit(customers, "bg/nbd", resolution="2W")
    lost = exact.log_likelihood - exact.data().likelihood.value(np.array(list(grouped.parameters.values())))
    cost = resolution_cost(grouped.definition, group_times(customers.histories(), 2.0), grouped.estimate)
    assert cost.loss == pytest.approx(lost, rel=0.5)  # of a third of the groups


def test_predictions_are_made_of_exact_times(exact, customers):
    grouped = clv.fit(customers, "bg/nbd", resolution="2W")
    same = replace(exact, estimate=grouped.estimate)
    np.testing.assert_array_equal(grouped.probability_alive(), same.probability_alive())


def test_a_saved_fit_knows_its_resolution(customers, tmp_path):
    path = tmp_path / "model.json"
    clv.fit(customers, "bg/nbd", resolution="2W").save(path)
    loaded = clv.load(path)
    assert loaded.structure.resolution == 2.0
    assert "steps of 2 weeks" in loaded.summary().attrs["diagnosis"][0]
    content = json.loads(path.read_text())
    content["fits"][0]["resolution"] = -1
    path.write_text(json.dumps(content))
    with pytest.raises(errors.ClvError, match="its resolution is -1"):
        clv.load(path)


def test_a_step_that_is_too_long_is_pointed_out(customers):
    with pytest.warns(errors.IdentificationWarning, match="too long for these data"):
        clv.fit(customers, "bg/nbd", resolution="3M")


def test_draws_of_a_posterior_are_of_grouped_times(customers):
    fit = clv.fit(customers, "bg/nbd", resolution="week", method="laplace", draws=200)
    assert "steps of 1 week" in fit.diagnosis[0]
    assert fit.pareto_k < 0.7  # draws that can be trusted


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        ("gamma-gamma", {"resolution": "week"}, "groups times of purchases"),
        ("bg/nbd", {"resolution": "soon"}, "not a span"),
        ("bg/nbd", {"resolution": 0}, "above 0"),
        ("bg/nbd", {"resolution": "week", "calendar": clv.Calendar()}, "none of group=, covariates= and calendar="),
    ],
)
def test_a_resolution_without_a_meaning_is_refused(customers, model, given, words):
    with pytest.raises(errors.ArgumentError, match=words):
        clv.fit(customers, model, **given)
