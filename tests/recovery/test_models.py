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
from tests.reference.parameters import PURCHASES

SETS = 30
# BG/NBD has a test of its own, with intervals; ageing shows in old customers only, see below.
NAMES = [name for name, row in PURCHASES.items() if row.recovery and name not in ("bg/nbd", "ggom/nbd")]


@pytest.mark.parametrize("name", NAMES)
def test_likelihood_ratio_at_the_truth_averages_the_number_of_parameters(name: str) -> None:
    """Over 30 sets the mean of chi-square(k) is k with a standard error of sqrt(2 k / 30); four of them."""
    truth, definition = PURCHASES[name].recovery, models.get(name)
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
    truth = PURCHASES["ggom/nbd"].recovery
    definition: Any = models.get("ggom/nbd")
    x, t_x = definition.simulate(np.random.default_rng(32), np.full(6_000, 60.0), **truth)
    customers = clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": 60.0}), unit="week")
    fit = clv.fit(customers, "ggom/nbd")
    with pytest.warns(IdentificationWarning, match=r"s = .*, beta = .* are not identified"):  # all alike, none ages
        pareto = clv.fit(customers, "pareto/nbd")
    assert fit.log_likelihood > pareto.log_likelihood + 100.0
    table = fit.summary(level=0.999)
    assert all(table.lower[name] <= value <= table.upper[name] for name, value in truth.items())
