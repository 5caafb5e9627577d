"""Simulate, fit, compare with the truth, for every model of purchases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.errors import IdentificationWarning
from clvmodels.inference.posterior.likelihood import LogLikelihood

SETS = 30
TRUTHS = {
    "mbg/nbd": {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.5},
    "nbd": {"r": 0.6, "alpha": 6.0},
    "pareto/nbd": {"r": 0.9, "alpha": 6.0, "s": 0.8, "beta": 12.0},
    "bg/cnbd-2": {"r": 0.9, "alpha": 3.0, "a": 0.9, "b": 2.5},
    "mbg/cnbd-3": {"r": 0.9, "alpha": 2.0, "a": 0.9, "b": 2.5},
    "bg/bb": {"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 2.8},
}


@pytest.mark.parametrize("name", TRUTHS)
def test_likelihood_ratio_at_the_truth_averages_the_number_of_parameters(name: str) -> None:
    """Over 30 sets the mean of chi-square(k) is k with a standard error of sqrt(2 k / 30); four of them."""
    truth, definition = TRUTHS[name], models.get(name)
    simulate: Any = definition.simulate  # type: ignore[attr-defined]
    rng, ratios = np.random.default_rng(31), []
    for _ in range(SETS):
        T = rng.integers(20, 50, 3_000).astype(float)
        x, t_x = simulate(rng, T, **truth)
        customers = clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="week")
        fit, histories = clv.fit(customers, name), customers.histories()
        at_truth = LogLikelihood(definition, histories.columns, histories.weight).value(np.array([*truth.values()]))
        ratios.append(2.0 * (fit.log_likelihood - at_truth))
    assert min(ratios) >= 0.0
    assert np.mean(ratios) == pytest.approx(len(truth), abs=4 * np.sqrt(2 * len(truth) / SETS))


def test_ggomnbd_finds_ageing_where_there_is_some() -> None:
    """Lifetimes that end within a few weeks of each other: GGom/NBD beats Pareto/NBD by far and finds its rate."""
    truth = {"r": 0.8, "alpha": 4.0, "b": 0.3, "s": 1.2, "beta": 400.0}
    definition: Any = models.get("ggom/nbd")
    x, t_x = definition.simulate(np.random.default_rng(32), np.full(6_000, 60.0), **truth)
    customers = clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": 60.0}), unit="week")
    fit = clv.fit(customers, "ggom/nbd")
    with pytest.warns(IdentificationWarning, match=r"s = .*, beta = .* are not identified"):  # all alike, none ages
        pareto = clv.fit(customers, "pareto/nbd")
    assert fit.log_likelihood > pareto.log_likelihood + 100.0
    table = fit.summary(level=0.999)
    assert all(table.lower[name] <= value <= table.upper[name] for name, value in truth.items())
