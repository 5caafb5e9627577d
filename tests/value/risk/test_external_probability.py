"""Probabilities of default from elsewhere: by hand, from simulated customers, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from tests.reference.tolerances import ROUNDING


def payments(n: Any, k: Any, ids: Any) -> clv.Payments:
    return clv.Payments.from_counts(pd.DataFrame({"n": n, "k": k}, index=ids), n="n", k="k")


def test_the_example_of_the_methods() -> None:
    """κ 25, π .02, k 1, n 9: (25 · .02 + 1) / 34 = .0441; without invoices π itself."""
    external = pd.Series({"ann": 0.02, "bob": 0.05})
    found = clv.calibrate_default_probability(
        external, payments([9], [1], ["ann"]), concentration=25.0, recalibrate=False
    )
    assert found.to_dict() == pytest.approx({"ann": 1.5 / 34, "bob": 0.05}, rel=ROUNDING)
    assert found.attrs == {"intercept": 0.0, "slope": 1.0, "concentration": 25.0}


def test_simulated_scores_that_are_off_are_brought_back() -> None:
    """True mean expit(.5 + 1.4 logit π), κ 30: 20,000 customers with 12 invoices each."""
    rng, size = np.random.default_rng(8), 20_000
    external = expit(rng.normal(-3.0, 0.8, size))
    mean = expit(0.5 + 1.4 * logit(external))
    n = np.full(size, 12)
    truth = rng.beta(30.0 * mean, 30.0 * (1.0 - mean))
    k = rng.binomial(n, truth)
    scores = pd.Series(external, index=np.arange(size))
    found = clv.calibrate_default_probability(scores, payments(n, k, np.arange(size)))
    # standard errors of the three, by simulation of 20 such samples: .05, .02 and 2
    assert found.attrs["intercept"] == pytest.approx(0.5, abs=0.2)
    assert found.attrs["slope"] == pytest.approx(1.4, abs=0.08)  # four standard errors, like the two beside it
    assert found.attrs["concentration"] == pytest.approx(30.0, abs=8.0)  # four standard errors
    # nearer to the truth than the scores, and than the mean that scores alone give
    errors = [float(((each - truth) ** 2).mean()) for each in (found.to_numpy(), mean, external)]
    assert errors[0] < errors[1] < errors[2]


def test_without_recalibration_only_the_concentration_is_estimated() -> None:
    rng = np.random.default_rng(9)
    pi = np.full(5_000, 0.1)
    n = np.full(5_000, 10)
    k = rng.binomial(n, rng.beta(25.0 * pi, 25.0 * (1.0 - pi)))
    found = clv.calibrate_default_probability(pd.Series(pi), payments(n, k, np.arange(5_000)), recalibrate=False)
    assert (found.attrs["intercept"], found.attrs["slope"]) == (0.0, 1.0)
    assert found.attrs["concentration"] == pytest.approx(25.0, abs=8.0)  # standard error about 2


def test_it_goes_into_a_risk_table() -> None:
    external = pd.Series({"ann": 0.02, "bob": 0.05})
    probability = clv.calibrate_default_probability(
        external, payments([9], [1], ["ann"]), concentration=25.0, recalibrate=False
    )
    loss = clv.CreditLoss(default_probability=probability, loss_given_default=0.9)
    found = clv.risk_table(credit_loss=loss, open_amount=100.0, annual_discount_rate=0.0)
    assert found.table.loc["ann", "expected_loss"] == pytest.approx(90.0 * 1.5 / 34, rel=ROUNDING)


@pytest.mark.parametrize(
    ("external", "options", "error", "words"),
    [
        ({"ann": 0.0}, {}, DataError, "above 0 and below 1"),
        ({"ann": 1.0}, {}, DataError, "above 0 and below 1"),
        ({"ann": float("nan")}, {}, DataError, "finite"),
        ({"bob": 0.1}, {}, DataError, "no external probability"),
        ({"ann": 0.1}, {}, DataError, "too few"),
        ({"ann": 0.1}, {"concentration": 0.0}, ArgumentError, "concentration"),
        ({"ann": 0.1}, {"concentration": float("inf")}, ArgumentError, "concentration"),
        ({"ann": 0.1}, {"concentration": 25.0}, DataError, "too few"),
    ],
)
def test_what_is_refused(external: dict[str, float], options: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        clv.calibrate_default_probability(pd.Series(external), payments([9], [1], ["ann"]), **options)
    with pytest.raises(ArgumentError, match="must be a Series"):
        clv.calibrate_default_probability(0.1, payments([9], [1], ["ann"]))
    with pytest.raises(ArgumentError, match=r"must be clvmodels\.Payments"):
        clv.calibrate_default_probability(pd.Series(external), None)
