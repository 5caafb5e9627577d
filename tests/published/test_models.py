"""Published fits of the other purchase models to the CDNOW sample, calibration to 1997-09-30, time in weeks."""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv


def test_cdnow_mbgnbd_matches_btydplus(cdnow: clv.Customers) -> None:
    """Platzer and Reutterer's BTYDplus 1.2.0: parameters, log-likelihood, and the forecast of 39 further weeks."""
    fit = clv.fit(cdnow, "mbg/nbd")
    assert fit.parameters == pytest.approx({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, abs=5e-4)
    assert fit.log_likelihood == pytest.approx(-9582.14, abs=5e-3)
    assert float(fit.expected_purchases("39W").sum()) == pytest.approx(1577, abs=0.5)


def test_cdnow_mbgnbd_lifetimes_agrees(cdnow: clv.Customers) -> None:
    """lifetimes' predictions at our parameters."""
    lifetimes = pytest.importorskip("lifetimes")
    fit, table = clv.fit(cdnow, "mbg/nbd"), cdnow.table
    theirs = lifetimes.ModifiedBetaGeoFitter()
    theirs.params_ = pd.Series(fit.parameters)
    columns = table["frequency"], table["recency"], table["T"]
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, *columns)
    assert fit.expected_purchases(39).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)
    alive = theirs.conditional_probability_alive(*columns)
    assert fit.probability_alive().to_numpy() == pytest.approx(alive, rel=1e-12)


def test_cdnow_nbd_matches_btyd(cdnow: clv.Customers) -> None:
    """Parameters and log-likelihood as BTYD and BTYDplus give them."""
    fit = clv.fit(cdnow, "nbd")
    assert fit.parameters == pytest.approx({"r": 0.385, "alpha": 12.072}, abs=5e-4)
    assert fit.log_likelihood == pytest.approx(-9763.7, abs=5e-2)
    assert (fit.probability_alive() == 1.0).all()
