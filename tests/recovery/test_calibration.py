"""Do intervals cover at their level? Over simulated sets: parameters, expected purchases, and what is then bought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.inference.fits.published import predictions

LEVELS = (0.5, 0.9)
HORIZON = 20.0
PRIOR_SD = 0.5  # of the log parameters: truths are drawn from the prior that is used
MEDIANS = {"r": 0.6, "alpha": 8.0, "a": 0.8, "b": 2.5}
CUSTOMERS = 400


def _prior(median: float) -> tuple[str, float, float]:
    mean = median * np.exp(PRIOR_SD**2 / 2)
    return "lognormal", float(mean), float(mean * np.sqrt(np.expm1(PRIOR_SD**2)))


PRIORS = {name: _prior(median) for name, median in MEDIANS.items()}


def _one_set(seed: int, method: str, **options: Any) -> dict[str, list[bool]]:
    """Whether each interval holds what it is about, in one set drawn from the prior."""
    rng = np.random.default_rng(seed)
    truth = {name: median * float(np.exp(PRIOR_SD * rng.standard_normal())) for name, median in MEDIANS.items()}
    definition: Any = models.get("bg/nbd")
    T = rng.integers(10, 60, CUSTOMERS).astype(float)
    x, t_x = definition.simulate(rng, T, **truth)
    customers = clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="week")
    fit = clv.fit(customers, "bg/nbd", method=method, priors=PRIORS, seed=seed, progress=False, **options)
    # one customer a set: those of a set are far from independent
    one = clv.Customers.from_frame(customers.table.iloc[[rng.integers(CUSTOMERS)]].reset_index(drop=True), unit="week")
    true_fit = predictions("bg/nbd", truth, unit="week", customers=customers)
    expected = float(true_fit.expected_purchases(HORIZON, one).iloc[0])
    bought = float(true_fit.simulate(HORIZON, seed=seed + 10_000).sum())
    inside: dict[str, list[bool]] = {}
    for level in LEVELS:
        table = fit.summary(level)
        inside[f"parameters {level}"] = [bool(table.lower[k] <= v <= table.upper[k]) for k, v in truth.items()]
        _, lower, upper = fit.expected_purchases(HORIZON, one, interval=level).iloc[0]
        inside[f"expected purchases {level}"] = [bool(lower <= expected <= upper)]
        total = fit.expected_purchases(HORIZON, interval=level, predictive=True).attrs["total"]["expected_purchases"]
        inside[f"purchases to come {level}"] = [bool(total["lower"] <= bought <= total["upper"])]
    return inside


def _check(one_set: Callable[[int], dict[str, list[bool]]], sets: int) -> None:
    found = [one_set(seed) for seed in range(sets)]
    for name in found[0]:
        level = float(name.rsplit(" ", 1)[1])
        # intervals of one set may be dependent: their mean counts as one draw
        share = float(np.mean([np.mean(each[name]) for each in found]))
        assert share == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / sets)), name


@pytest.mark.slow
def test_laplace_intervals_cover() -> None:
    _check(lambda seed: _one_set(seed, "laplace", draws=500), sets=100)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The chains have not mixed")  # chains this short stray above R-hat 1.01 now and then
def test_nuts_intervals_cover() -> None:
    _check(lambda seed: _one_set(seed, "nuts", draws=400, chains=2), sets=20)
