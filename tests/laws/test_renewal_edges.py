"""Data that say little: nobody leaves, all leave at once, one renewal, one customer. Finite predictions, and a word."""

from __future__ import annotations

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import DataError, IdentificationWarning

CORNERS = {
    "nobody leaves": ([1000, 1000, 1000, 1000], "No customer has been lost"),
    "all leave at once": ([1000, 0], "Only one renewal"),
    "all leave at once, as seen later": ([1000, 0, 0, 0], "Only one renewal|Nobody made the first"),
    "all leave at the third": ([1000, 1000, 1000, 0], "differ"),
    "one renewal": ([1000, 700], "Only one renewal"),
    "one customer, lost": ([1, 1, 0], "single customer"),
    "one customer, there": ([1, 1, 1], "single customer"),
    "constant churn": ([1024, 512, 256, 128, 64], "differ"),
}


# Retention that falls, which sBG can't follow, and BdW at a c without end only.
BEYOND = {"all leave at the third", "one customer, lost"}


@pytest.mark.parametrize("model", ["sbg", "bdw"])
@pytest.mark.parametrize("corner", CORNERS)
def test_corner_fits_with_a_warning_and_finite_predictions(model: str, corner: str) -> None:
    counts, reason = CORNERS[corner]
    subscriptions = clv.Subscriptions.from_survival(counts, unit="year")
    with pytest.warns(IdentificationWarning, match=reason):
        fit = clv.fit(subscriptions, model)
    assert not fit.converged
    assert np.isfinite(fit.log_likelihood)
    seen = np.array(counts) / counts[0]
    for values in (fit.survival_curve(30), fit.retention_curve(30), fit.churn_risk(), fit.survival(10)):
        assert np.isfinite(values.to_numpy()).all()
        assert ((values >= 0) & (values <= 1)).all()
    lifetime = fit.discounted_lifetime(0.1, customers="new").iloc[0]
    assert 1.0 <= lifetime <= 11.0 + 1e-6  # 1 / (1 - 1 / 1.1) = 11 for who never leaves
    if corner not in BEYOND:
        near = fit.survival_curve(len(counts) - 1).to_numpy()
        assert near == pytest.approx(seen, abs=2e-3)  # what was seen is met, whatever the parameters


def test_no_renewal_yet_is_an_error() -> None:
    with pytest.raises(DataError, match="No renewal has been due yet"):
        clv.fit(clv.Subscriptions.from_survival([50], unit="month"), "sbg")


def test_a_segment_is_named_in_its_warning() -> None:
    both = clv.Subscriptions.from_survival({"good": [1000, 700, 550, 480, 430], "odd": [10, 10]}, unit="year")
    with pytest.warns(IdentificationWarning, match="Segment 'odd'"):
        clv.fit_by_segment(both, "sbg")
    empty = clv.Subscriptions.from_survival({"good": [1000, 700, 550], "late": [10]}, unit="year")
    with pytest.raises(DataError, match="Segment 'late': No renewal"):
        clv.fit_by_segment(empty, "sbg")
