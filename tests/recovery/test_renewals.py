"""Simulate subscriptions, fit, compare with the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from tests.reference.parameters import RENEWALS


@pytest.mark.parametrize("model", RENEWALS)
def test_simulated_parameters_are_recovered(model: str) -> None:
    """20,000 customers observed for 1 to 10 periods; each parameter within 4 standard errors of the truth."""
    truth = RENEWALS[model].recovery
    observed = np.random.default_rng(2).integers(1, 11, 20_000).astype(float)
    definition: Any = models.get(model)
    n, lost = definition.simulate(np.random.default_rng(3), observed, **truth)
    table = pd.DataFrame({"periods": n.astype(int), "lost": lost == 1, "active": lost == 0, "customers": 1})
    fit = clv.fit(clv.Subscriptions(table.assign(segment="all"), "month"), model)
    assert fit.converged
    for name, value in truth.items():
        distance = np.log(fit.parameters[name] / value)
        assert abs(distance) < 4.0 * fit.standard_errors[name] / fit.parameters[name]
