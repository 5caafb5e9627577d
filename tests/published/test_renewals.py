"""sBG and BdW against Fader and Hardie (2007), "How to Project Customer Retention", and against other routes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

import clvmodels as clv
from tests.reference.tolerances import SPECIAL_FUNCTIONS, printed

# Table 1 of the paper: of 1,000 customers, those still there after 0 to 12 years.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
PUBLISHED = [(HIGH_END, 0.668, 3.806, -1611.16), (REGULAR, 0.704, 1.182, -1680.27)]


@pytest.mark.parametrize(("counts", "alpha", "beta", "log_likelihood"), PUBLISHED, ids=["high end", "regular"])
def test_sbg_matches_fader_hardie_2007(counts: list[int], alpha: float, beta: float, log_likelihood: float) -> None:
    fit = clv.fit(clv.Subscriptions.from_survival(counts[:8], unit="year"), "sbg")
    assert fit.parameters["alpha"] == pytest.approx(alpha, abs=5e-4)  # as printed
    assert fit.parameters["beta"] == pytest.approx(beta, abs=printed(3))
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=printed(2))


@pytest.mark.parametrize(("counts", "sbg", "bdw"), [(HIGH_END, 0.017, 0.011), (REGULAR, 0.004, 0.005)])
def test_projections_to_year_12_meet_what_happened(counts: list[int], sbg: float, bdw: float) -> None:
    """Seven years are seen, five projected. The paper's plots show sBG close; the bounds are the errors found here."""
    subscriptions = clv.Subscriptions.from_survival(counts[:8], unit="year")
    for model, bound in (("sbg", sbg), ("bdw", bdw)):
        projected = clv.fit(subscriptions, model).survival_curve(12).to_numpy()
        assert np.abs(projected[8:] - np.array(counts[8:]) / 1000).max() < bound


@pytest.mark.parametrize("counts", [HIGH_END, REGULAR], ids=["high end", "regular"])
@pytest.mark.parametrize("years", [4, 7, 12])
def test_bdw_is_the_maximum_that_a_plain_search_over_beta_functions_finds(counts: list[int], years: int) -> None:
    seen = np.array(counts[: years + 1], dtype=float)

    def negative(theta: np.ndarray) -> float:
        alpha, beta, c = np.exp(theta)
        survival = np.exp(special.betaln(alpha, beta + np.arange(len(seen)) ** c) - special.betaln(alpha, beta))
        return float(np.diff(seen) @ np.log(-np.diff(survival)) - seen[-1] * np.log(survival[-1]))

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000}
    plain = optimize.minimize(negative, np.zeros(3), method="Nelder-Mead", options=options)
    fit = clv.fit(clv.Subscriptions.from_survival(counts[: years + 1], unit="year"), "bdw")
    # the simplex stops within 1e-11 of log-likelihood; differences of survivals lose digits
    assert fit.log_likelihood == pytest.approx(-plain.fun, abs=1e-8)
    # the simplex stops where the likelihood no longer changes in its tenth digit
    assert list(fit.parameters.values()) == pytest.approx(np.exp(plain.x), rel=1e-4)


def test_bdw_at_c_1_is_sbg() -> None:
    n, lost = np.repeat(np.arange(30.0), 2), np.tile([0.0, 1.0], 30)
    for alpha, beta in ((0.668, 3.806), (1e-3, 50.0), (200.0, 1e-2), (1e4, 1e6)):
        sbg = clv.models.get("sbg").log_likelihood(n, lost, alpha=alpha, beta=beta)
        bdw = clv.models.get("bdw").log_likelihood(n, lost, alpha=alpha, beta=beta, c=1.0)
        assert bdw == pytest.approx(sbg, rel=SPECIAL_FUNCTIONS)


def test_segments_together_and_each_by_itself() -> None:
    both = clv.Subscriptions.from_survival({"high end": HIGH_END[:8], "regular": REGULAR[:8]}, unit="year")
    fits = clv.fit_by_segment(both, "sbg")
    for (_, alpha, beta, log_likelihood), fit in zip(PUBLISHED, fits.values(), strict=True):
        assert list(fit.parameters.values()) == pytest.approx([alpha, beta], abs=printed(3))
        assert fit.log_likelihood == pytest.approx(log_likelihood, abs=printed(2))
    assert clv.fit(both, "sbg").log_likelihood < sum(fit.log_likelihood for fit in fits.values()) - 10.0
    mapped = clv.Subscriptions.from_survival(
        {"a": HIGH_END[:8], "b": HIGH_END[:5]}, unit="year", segments={"a": "one", "b": "one"}
    )
    assert list(clv.fit_by_segment(mapped, "sbg")) == ["one"]
    assert len(mapped) == 2000
