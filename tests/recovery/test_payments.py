"""Payments: the truth is found again, by segment too, and intervals of the loss hold what happens."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from tests.reference.parameters import PARAMETERS
from tests.reference.tolerances import ROUNDING

TRUTH = PARAMETERS["beta-binomial"].recovery
SETS = 100
COVERAGE = 4.0 * np.sqrt(0.09 / SETS)  # standard errors of a share of .9 over the sets


def simulated(rng: np.random.Generator, mean: np.ndarray, total: float = 20.0) -> tuple[clv.Payments, np.ndarray]:
    """Payments of customers with 1 to 24 invoices each, and their probabilities of default."""
    p = rng.beta(mean * total, (1.0 - mean) * total)
    n = rng.integers(1, 25, len(p))
    table = pd.DataFrame({"n": n, "k": rng.binomial(n, p), "open": rng.gamma(2.0, 50.0, len(p))})
    table["segment"] = np.where(mean > mean.min(), "trade", "retail")
    return clv.Payments.from_counts(table, n="n", k="k", open_amount="open", segment="segment"), p


def test_parameters_and_mean_probability_are_found_with_coverage() -> None:
    rng, found, inside = np.random.default_rng(8), [], 0
    for _ in range(SETS):
        fit = clv.fit(simulated(rng, np.full(2_000, 0.05))[0], "beta-binomial")
        found.append(list(fit.parameters.values()))
        new = fit.default_probability("new", interval=0.90).iloc[0]
        inside += new["default_probability_lower"] < 0.05 < new["default_probability_upper"]
    assert np.median(found, axis=0) == pytest.approx([*TRUTH.values()], rel=0.1)  # a and b vary by 15 %
    assert inside / SETS == pytest.approx(0.90, abs=COVERAGE)


def test_segments_are_told_apart() -> None:
    mean = np.repeat([0.03, 0.10], 3_000)
    payments, p = simulated(np.random.default_rng(9), mean)
    fit = clv.fit(payments, "beta-binomial", covariates=clv.Covariates(default="segment"))
    predicted = fit.default_probability().to_numpy()
    for share in (0.03, 0.10):
        few = (mean == share) & (payments.table["invoices"] == 1).to_numpy()
        assert predicted[few].mean() == pytest.approx(share, rel=0.15)  # 250 customers and the fit's own error
    assert np.corrcoef(predicted, p)[0, 1] > 0.6
    assert sum(value for name, value in fit.parameters.items() if name in "ab") == pytest.approx(
        20.0, rel=0.2
    )  # a + b varies by 7 %


def test_customers_with_many_invoices_are_taken_at_their_word() -> None:
    fit = clv.predictions("beta-binomial", {"a": 1.0, "b": 19.0})
    table = pd.DataFrame({"n": [9, 0, 10_000], "k": [1, 0, 3_000]})
    found = fit.default_probability(clv.Payments.from_counts(table, n="n", k="k"))
    assert found.tolist() == pytest.approx([2.0 / 29.0, 0.05, 3_001.0 / 10_020.0], rel=ROUNDING)
    assert fit.default_probability("new").tolist() == [0.05]


def test_a_fit_is_saved_and_loaded(tmp_path: object) -> None:
    payments, _ = simulated(np.random.default_rng(10), np.full(500, 0.05))
    for method in ("mle", "laplace"):
        fit = clv.fit(payments, "beta-binomial", method=method)
        fit.save(f"{tmp_path}/{method}.json")
        loaded = clv.load(f"{tmp_path}/{method}.json")
        assert loaded.default_probability(payments).tolist() == fit.default_probability().tolist()
        assert "Beta-binomial" in repr(loaded)


def test_data_that_say_nothing_are_named() -> None:
    never = clv.Payments.from_counts(pd.DataFrame({"n": [5] * 50, "k": [0] * 50}), n="n", k="k")
    with pytest.warns(clv.errors.IdentificationWarning, match="Every invoice has been paid"):
        clv.fit(never, "beta-binomial")
    nothing = clv.Payments.from_counts(pd.DataFrame({"n": [0, 0], "k": [0, 0]}), n="n", k="k")
    with pytest.raises(clv.errors.DataError, match="time to pay is over"):
        clv.fit(nothing, "beta-binomial")
    with pytest.raises(clv.errors.ArgumentError, match=r"takes clvmodels.Customers, not Payments.*'beta-binomial'"):
        clv.fit(never, "bg/nbd")
    with pytest.raises(clv.errors.UnsupportedMethod, match="default_probability"):
        _ = clv.predictions("beta-binomial", {"a": 1.0, "b": 19.0}).expected_purchases
