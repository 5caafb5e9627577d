"""Data that say little: every purchase model fits with a warning or fits well, and its predictions are numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.errors import IdentificationWarning
from clvmodels.models.purchases import ggomnbd, nbd, paretonbd

MODELS = [name.replace("-k", "-3") for name in models.names() if models.get(name).spec.kind == "purchases"]
TABLES = {
    "one-time buyers": [(0, 0.0, float(T)) for T in range(1, 31)],
    "the same customer": [(3, 20.0, 30.0)] * 40,
    "one customer": [(2, 10.0, 30.0)],
    "still buying": [(k, 30.0, 30.0) for k in range(1, 25)] * 10,
    "years and a heavy buyer": [(0, 0.0, 1.0), (1, 1.0, 1000.0), (900, 950.0, 1000.0), (2, 400.0, 1000.0)],
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("table", TABLES)
def test_predictions_are_finite_and_not_negative(name: str, table: str) -> None:
    frame = pd.DataFrame(TABLES[table], columns=["frequency", "recency", "T"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        fit = clv.fit(clv.Customers.from_frame(frame, unit="week"), name)
    for values in (
        fit.probability_alive(),
        fit.survival("1Y"),
        fit.expected_purchases("1Y"),
        fit.expected_purchases("1Y", start="10Y"),
        fit.purchase_probability("1Y"),
        fit.purchases_pmf([0, 1, 7], "1Y"),
        fit.discounted_expected_purchases(0.1),
        fit.discounted_time_alive(0.1),
        fit.expected_purchases(1.0, "new"),
    ):
        assert np.isfinite(np.asarray(values)).all()
        assert (np.asarray(values) >= 0.0).all()


def test_paretonbd_without_dropout_names_the_models_to_try() -> None:
    rng = np.random.default_rng(5)
    T = np.full(3_000, 40.0)
    x, t_x = nbd.simulate(rng, T, r=2.0, alpha=4.0)
    customers = clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="week")
    with pytest.warns(IdentificationWarning) as record:
        fit = clv.fit(customers, "pareto/nbd")
    words = " ".join(str(warning.message) for warning in record)
    assert "dropout is not identified" in words or "not identified by these data" in words
    assert paretonbd.diagnose(**(fit.parameters | {"s": 1e-6}))[0].endswith('Try "nbd", which has none, or "bg/nbd".')
    plain = clv.fit(customers, "nbd")
    assert fit.log_likelihood == pytest.approx(
        plain.log_likelihood, abs=3.0
    )  # two more parameters gain next to nothing
    # as the likelihoods: two models of the same data, nearly
    assert fit.expected_purchases("1Y").sum() == pytest.approx(plain.expected_purchases("1Y").sum(), rel=0.02)


def test_by_blocks_is_the_same_as_at_once() -> None:
    rng = np.random.default_rng(6)
    x = rng.integers(0, 40, 2_000).astype(float)
    T = rng.uniform(1.0, 60.0, 2_000)
    t_x = np.where(x > 0, T * rng.uniform(0.0, 1.0, 2_000), 0.0)
    for model, parameters in (
        (paretonbd, {"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 12.0}),
        (ggomnbd, {"r": 0.5, "alpha": 10.0, "b": 0.05, "s": 0.6, "beta": 2.0}),
    ):
        whole = model.log_odds_alive(x, t_x, T, **parameters)
        alone = [model.log_odds_alive(x[i : i + 1], t_x[i : i + 1], T[i : i + 1], **parameters)[0] for i in range(700)]
        assert whole[:700] == pytest.approx(np.array(alone), rel=1e-9, abs=1e-10)  # by fewer nodes


@pytest.mark.parametrize("name", ["bg/nbd", "mbg/nbd", "bg/cnbd-3", "mbg/cnbd-3"])
def test_customers_who_all_but_never_leave_are_simulated(name: str) -> None:
    n = 20_000
    x, T = np.zeros(n), np.full(n, 52.0)
    counts = models.get(name).simulate_future(np.random.default_rng(1), x, T, 52.0, r=2.0, alpha=1.0, a=0.003, b=0.05)
    assert np.isfinite(counts).all()
    assert (
        counts.mean() > 0.3
    )  # about 2 purchases are due, a third of them with k = 3; no warning, which is an error here
