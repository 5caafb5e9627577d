"""Known effects are found again, and intervals hold them as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import clvmodels as clv
from tests.reference.covariates import COVARIATES, TRUTH, simulated

EFFECTS = {"purchase: channel[T.web]": 0.5, "purchase: age": 0.2, "dropout: channel[T.web]": -0.6}
SETS = 40


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TRUTH if not name.endswith(("/cnbd-2", "ggom/nbd"))])  # slow
def test_intervals_of_effects_hold_the_truth_as_often_as_they_say(name: str) -> None:
    """Standardised errors of the coefficients over many sets have mean 0 and variance 1, and 90 % lie within 1.645."""
    found = []
    for seed in range(SETS):
        fitted = clv.fit(simulated(name, 1500, seed=100 + seed, ages=(40.0, 78.0)), name, covariates=COVARIATES)
        effects = fitted.effects()
        truth = np.array([EFFECTS[coefficient] for coefficient in effects.index])
        found.append((effects["coefficient"].to_numpy() - truth) / effects["std_error"].to_numpy())
    z = np.array(found)
    # each of these has a probability of 1e-4 at most to fail if intervals are right
    assert np.abs(z.mean(axis=0)).max() < 4.0 / np.sqrt(SETS)
    low, high = stats.chi2.ppf([1e-5, 1 - 1e-5], SETS) / SETS
    assert ((low < (z**2).mean(axis=0)) & ((z**2).mean(axis=0) < high)).all()
    inside = (np.abs(z) < stats.norm.ppf(0.95)).sum(axis=0)
    assert (stats.binom.cdf(inside, SETS, 0.9) > 1e-5).all()
    assert inside.sum() < z.size  # intervals that held the truth always would be too wide


@pytest.mark.slow
def test_intervals_of_a_posterior_hold_the_truth_as_often_as_they_say() -> None:
    inside = 0
    for seed in range(SETS):
        customers = simulated("bg/nbd", 1500, seed=200 + seed, ages=(40.0, 78.0))
        effects = clv.fit(customers, "bg/nbd", covariates=COVARIATES, method="laplace", draws=400).effects(0.9)
        truth = np.array([EFFECTS[coefficient] for coefficient in effects.index])
        inside += int(((effects["lower"] < truth) & (truth < effects["upper"])).sum())
    n = SETS * len(EFFECTS)
    assert stats.binom.ppf(1e-4, n, 0.9) <= inside < n


def test_effects_of_gompertz_lifetimes_are_found() -> None:
    fitted = clv.fit(simulated("ggom/nbd", 20_000, seed=21), "ggom/nbd", covariates=COVARIATES)
    effects = fitted.effects()
    for name, truth in EFFECTS.items():
        assert abs(effects.loc[name, "coefficient"] - truth) < 4 * effects.loc[name, "std_error"]
    for name, value in TRUTH["ggom/nbd"].items():
        assert abs(np.log(fitted.parameters[name] / value)) < 4 * fitted.standard_errors[name] / fitted.parameters[name]
