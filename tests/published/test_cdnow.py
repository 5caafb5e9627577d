"""Numbers of the papers and of CLVTools 0.12.1 for the CDNOW sample, calibration to 1997-09-30."""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv
from tests.published import REFERENCE
from tests.reference.tolerances import PREDICTION, printed


def test_cdnow_bgnbd_matches_fader_hardie_lee_2005(cdnow_bgnbd: clv.Fit) -> None:
    assert cdnow_bgnbd.parameters == pytest.approx(
        {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, abs=printed(4)
    )
    assert cdnow_bgnbd.log_likelihood == pytest.approx(-9582.429, abs=printed(3))
    errors = {"r": 0.01256, "alpha": 0.3782, "a": 0.1857, "b": 0.7054}
    assert cdnow_bgnbd.standard_errors == pytest.approx(errors, abs=printed(4))
    assert cdnow_bgnbd.n_customers == 2357
    assert cdnow_bgnbd.n_histories == 1016


def test_cdnow_gamma_gamma_matches_fader_hardie_2013(cdnow_spend: clv.Fit) -> None:
    assert cdnow_spend.parameters == pytest.approx({"p": 6.2496, "q": 3.7442, "v": 15.4435}, abs=printed(4))
    assert cdnow_spend.log_likelihood == pytest.approx(-4055.9177, abs=printed(4))
    assert cdnow_spend.n_customers == 946


def test_cdnow_holdout_forecast_is_1653(cdnow_bgnbd: clv.Fit) -> None:
    assert float(cdnow_bgnbd.expected_purchases("39W").sum()) == pytest.approx(1653.4, abs=printed(1))


@pytest.mark.parametrize(("column", "tolerance"), [("PAlive", 1e-5), ("CET", 1e-5), ("predicted.mean.spending", 1e-4)])
def test_cdnow_customers_match_clvtools(
    cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit, column: str, tolerance: float
) -> None:
    """CLVTools stopped just short of the optimum, hence the tolerance."""
    reference = pd.read_csv(REFERENCE).set_index("Id").sort_index()
    ours = {
        "PAlive": lambda: cdnow_bgnbd.probability_alive(),
        "CET": lambda: cdnow_bgnbd.expected_purchases("39W"),
        "predicted.mean.spending": lambda: cdnow_spend.expected_spend(),
    }[column]()
    assert list(ours.index) == list(reference.index)
    assert ours.to_numpy() == pytest.approx(reference[column].to_numpy(), rel=tolerance)


def test_cdnow_lifetimes_agrees(cdnow: clv.Customers, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    """lifetimes' own optimiser stops early, so its predictions are compared at our parameters."""
    lifetimes = pytest.importorskip("lifetimes")
    table = cdnow.table
    theirs = lifetimes.BetaGeoFitter()
    theirs.params_ = pd.Series(cdnow_bgnbd.parameters)
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(
        39.0, table["frequency"], table["recency"], table["T"]
    )
    assert cdnow_bgnbd.expected_purchases(39).to_numpy() == pytest.approx(expected.to_numpy(), rel=PREDICTION)
    spend = lifetimes.GammaGammaFitter()
    spend.params_ = pd.Series(cdnow_spend.parameters)
    buyers = table[table["spend_frequency"] > 0]
    mean = spend.conditional_expected_average_profit(buyers["spend_frequency"], buyers["monetary_value"])
    assert cdnow_spend.expected_spend()[buyers.index].to_numpy() == pytest.approx(mean.to_numpy(), rel=PREDICTION)
