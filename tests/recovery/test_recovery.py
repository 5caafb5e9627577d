"""Simulate, fit, compare with the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.inference.posterior.likelihood import LogLikelihood
from tests.reference.parameters import PARAMETERS
from tests.reference.tolerances import SEARCH

BGNBD = PARAMETERS["bg/nbd"].recovery
SETS = 40


def _bgnbd_customers(rng: np.random.Generator, n: int) -> clv.Customers:
    definition: Any = models.get("bg/nbd")
    T = rng.uniform(20.0, 50.0, n)
    x, t_x = definition.simulate(rng, T, **BGNBD)
    return clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="week")


def test_bgnbd_likelihood_ratio_at_the_truth_averages_four() -> None:
    """Over 40 sets the mean of chi-square(4) is 4 with a standard error of sqrt(8 / 40) = 0.45; three of them."""
    rng = np.random.default_rng(11)
    ratios, inside = [], []
    for _ in range(SETS):
        customers = _bgnbd_customers(rng, 4_000)
        fit = clv.fit(customers, "bg/nbd")
        histories = customers.histories()
        at_truth = LogLikelihood(fit.definition, histories.columns, histories.weight).value(np.array([*BGNBD.values()]))
        ratios.append(2.0 * (fit.log_likelihood - at_truth))
        table = fit.summary(level=0.9)
        inside.append([table.lower[k] <= v <= table.upper[k] for k, v in BGNBD.items()])
    assert min(ratios) >= 0.0
    assert np.mean(ratios) == pytest.approx(4.0, abs=3 * np.sqrt(8 / SETS))
    # 160 intervals at 90 %, four and four dependent: the standard error of a share of 40 bounds that of the mean
    assert np.mean(inside) == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / SETS))


def test_gamma_gamma_likelihood_ratio_at_the_truth_averages_three() -> None:
    truth = PARAMETERS["gamma-gamma"].recovery
    definition: Any = models.get("gamma-gamma")
    rng = np.random.default_rng(12)
    ratios = []
    for _ in range(SETS):
        x = rng.integers(1, 8, 1_500).astype(float)
        m = definition.simulate(rng, x, **truth)
        table = pd.DataFrame({"frequency": x, "recency": 1.0, "T": 2.0, "monetary_value": m})
        customers = clv.Customers.from_frame(table, unit="week")
        fit = clv.fit(customers, "gamma-gamma")
        histories = customers.spend_histories()
        at_truth = LogLikelihood(definition, histories.columns, histories.weight).value(np.array([*truth.values()]))
        ratios.append(2.0 * (fit.log_likelihood - at_truth))
    assert np.mean(ratios) == pytest.approx(3.0, abs=3 * np.sqrt(6 / SETS))


def test_a_sample_as_start_leads_to_the_same_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    customers = _bgnbd_customers(np.random.default_rng(13), 30_000)
    plain = clv.fit(customers, "bg/nbd")
    monkeypatch.setattr("clvmodels.inference.posterior.newton_search._SAMPLE", 2_000)
    sampled = clv.fit(customers, "bg/nbd")
    assert sampled.parameters == pytest.approx(plain.parameters, rel=SEARCH)
    assert sampled.iterations < plain.iterations
