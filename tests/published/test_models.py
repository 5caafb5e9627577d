"""Published fits of the other purchase models to the CDNOW sample, calibration to 1997-09-30, time in weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import DataError, IdentificationWarning
from clvmodels.inference.fits.published import predictions
from clvmodels.inference.posterior.log_posterior import LogPosterior
from tests.published import PARETO_REFERENCE
from tests.reference.tolerances import PREDICTION, SPECIAL_FUNCTIONS, printed

LIMIT = 1e-3  # a limit that the search comes close to and doesn't reach

# Where CLVTools 0.12.1's optimiser stopped for Pareto/NBD: found by least squares on its predictions by customer.
STOPPED = {"r": 0.55327001, "alpha": 10.57780068, "s": 0.60602000, "beta": 11.66391453}


def test_cdnow_mbgnbd_matches_btydplus(cdnow: clv.Customers) -> None:
    """Platzer and Reutterer's BTYDplus 1.2.0: parameters, log-likelihood, and the forecast of 39 further weeks."""
    fit = clv.fit(cdnow, "mbg/nbd")
    assert fit.parameters == pytest.approx({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, abs=printed(3))
    assert fit.log_likelihood == pytest.approx(-9582.14, abs=printed(2))
    assert float(fit.expected_purchases("39W").sum()) == pytest.approx(1577, abs=printed(0))


def test_cdnow_mbgnbd_lifetimes_agrees(cdnow: clv.Customers) -> None:
    """lifetimes' predictions at our parameters."""
    lifetimes = pytest.importorskip("lifetimes")
    fit, table = clv.fit(cdnow, "mbg/nbd"), cdnow.table
    theirs = lifetimes.ModifiedBetaGeoFitter()
    theirs.params_ = pd.Series(fit.parameters)
    columns = table["frequency"], table["recency"], table["T"]
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, *columns)
    assert fit.expected_purchases(39).to_numpy() == pytest.approx(expected.to_numpy(), rel=PREDICTION)
    alive = theirs.conditional_probability_alive(*columns)
    assert fit.probability_alive().to_numpy() == pytest.approx(alive, rel=SPECIAL_FUNCTIONS)


def test_cdnow_nbd_matches_btyd(cdnow: clv.Customers) -> None:
    """Parameters and log-likelihood as BTYD and BTYDplus give them."""
    fit = clv.fit(cdnow, "nbd")
    assert fit.parameters == pytest.approx({"r": 0.385, "alpha": 12.072}, abs=printed(3))
    assert fit.log_likelihood == pytest.approx(-9763.7, abs=printed(1))
    assert (fit.probability_alive() == 1.0).all()


@pytest.fixture(scope="module")
def pareto(cdnow: clv.Customers) -> clv.Fit:
    return clv.fit(cdnow, "pareto/nbd")


def test_cdnow_paretonbd_matches_fader_hardie_lee_2005(pareto: clv.Fit) -> None:
    """Parameters and log-likelihood of Fader, Hardie and Lee (2005), Marketing Science 24(2), table 2."""
    assert pareto.parameters == pytest.approx({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, abs=printed(3))
    assert pareto.log_likelihood == pytest.approx(-9595.0, abs=printed(1))


def test_cdnow_paretonbd_standard_errors_match_clvtools(cdnow: clv.Customers, pareto: clv.Fit) -> None:
    """To the printed digits where its optimiser stopped; at the optimum that of beta is 6.211 instead of 6.204."""
    likelihood = LogPosterior(pareto.data(cdnow).likelihood, {}, of_logs=False)
    stopped = np.array(list(STOPPED.values()))
    _, _, hessian = likelihood.derivatives(np.log(stopped))
    r, alpha, s, beta = stopped * np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert (f"{r:.4f}", f"{alpha:.3f}", f"{s:.3f}", f"{beta:.2f}") == ("0.0476", "0.843", "0.187", "6.20")
    # from there to the optimum it is 2e-6 of log-likelihood
    errors = dict(zip(pareto.parameters, (r, alpha, s, beta), strict=True))
    # from where CLVTools stopped to the optimum, that of beta moves by a thousandth
    assert pareto.standard_errors == pytest.approx(errors, rel=2e-3)


def test_cdnow_paretonbd_holdout_forecast_is_1665(pareto: clv.Fit) -> None:
    assert float(pareto.expected_purchases("39W").sum()) == pytest.approx(1665.5, abs=printed(1))


def test_cdnow_paretonbd_customers_match_clvtools(cdnow: clv.Customers, pareto: clv.Fit, cdnow_spend: clv.Fit) -> None:
    """CLVTools 0.12.1, customer by customer, at the parameters where its optimiser stopped.

    They lie 2e-6 of log-likelihood below the optimum.
    """
    reference = pd.read_csv(PARETO_REFERENCE).set_index("Id").sort_index()
    rate = float(np.expm1(0.0027 * 365.25 / 7))
    at_theirs = predictions("pareto/nbd", STOPPED, unit="week", customers=cdnow)
    spend = cdnow_spend.expected_spend()
    for fit, tolerance in ((at_theirs, 1e-7), (pareto, 1e-3)):
        lifetime = fit.discounted_expected_purchases(rate)
        for column, ours, at_least in (
            ("PAlive", fit.probability_alive(), 0.0),
            ("CET", fit.expected_purchases("39W"), 0.0),
            ("DERT", lifetime, 0.0),
            ("predicted.CLV", lifetime * spend, 1e-4),  # their Gamma-Gamma stopped early as well
        ):
            assert list(ours.index) == list(reference.index)
            assert ours.to_numpy() == pytest.approx(reference[column].to_numpy(), rel=max(tolerance, at_least))


def test_cdnow_paretonbd_lifetimes_agrees(cdnow: clv.Customers, pareto: clv.Fit) -> None:
    """lifetimes' likelihood and forecast at our parameters."""
    lifetimes = pytest.importorskip("lifetimes")
    theirs, table = lifetimes.ParetoNBDFitter(), cdnow.table
    theirs.params_ = pd.Series(pareto.parameters)
    columns = table["frequency"], table["recency"], table["T"]
    log_likelihood = lifetimes.ParetoNBDFitter._conditional_log_likelihood(list(pareto.parameters.values()), *columns)
    assert float(log_likelihood.sum()) == pytest.approx(pareto.log_likelihood, rel=PREDICTION)
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, *columns)
    # lifetimes' powers and beta functions lose some of sixteen digits
    assert pareto.expected_purchases(39).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-8)


def test_cdnow_ggomnbd_is_paretonbd(cdnow: clv.Customers, pareto: clv.Fit) -> None:
    """CDNOW's customers don't grow old: the fit says so, and which model it is."""
    with pytest.warns(IdentificationWarning) as record:
        fit = clv.fit(cdnow, "ggom/nbd")
    assert any('this is Pareto/NBD with its s and beta. Fit "pareto/nbd"' in str(w.message) for w in record)
    assert fit.log_likelihood == pytest.approx(pareto.log_likelihood, abs=LIMIT)
    assert fit.parameters["s"] == pytest.approx(pareto.parameters["s"], rel=LIMIT)
    assert fit.parameters["beta"] / fit.parameters["b"] == pytest.approx(pareto.parameters["beta"], rel=LIMIT)
    # as far as Pareto/NBD's own forecast is from its limit
    assert float(fit.expected_purchases("39W").sum()) == pytest.approx(1665.5, abs=0.5)


def test_cdnow_customers_are_not_regular() -> None:
    """BTYDplus, demo/cdnow.R: "k=1 -> no regularity detected", and MBG/CNBD-k has the highest likelihood."""
    customers = clv.summarize(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", observation_end="1997-09-30",
        keep_purchases=True,
    )  # fmt: skip
    comparison = clv.compare(customers, ["nbd", "pareto/nbd", "bg/nbd", "bg/cnbd-k", "mbg/cnbd-k"])
    assert set(comparison.fits) == {"nbd", "pareto/nbd", "bg/nbd", "mbg/cnbd-1"}  # "bg/cnbd-1" is "bg/nbd"
    assert max(comparison.fits.values(), key=lambda fit: fit.log_likelihood).model == "mbg/cnbd-1"
    assert comparison.fits["mbg/cnbd-1"].log_likelihood == pytest.approx(-9582.14, abs=printed(2))


@pytest.fixture(scope="module")
def donors() -> clv.Customers:
    """11,104 people who first gave in 1995, and whether they did in each of the six years after."""
    table = clv.datasets.load_donations().rename(columns={"periods": "T"})
    return clv.Customers.from_frame(table, unit="year", weights="weights")


def test_donations_bgbb_matches_fader_hardie_shang_2010(donors: clv.Customers) -> None:
    """Parameters, E[X(10)] of a new donor, and what they expect by recency and frequency for 2002 to 2006."""
    fit = clv.fit(donors, "bg/bb")
    assert (fit.n_customers, fit.n_histories) == (11_104, 22)
    assert fit.parameters == pytest.approx(
        {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}, abs=printed(3)
    )
    assert fit.log_likelihood == pytest.approx(-33225.6, abs=printed(1))
    assert float(fit.expected_purchases(10, "new").iloc[0]) == pytest.approx(3.180, abs=printed(3))
    five_years = fit.expected_purchases(5).groupby([donors.table["frequency"], donors.table["recency"]]).first()
    table = {(0, 0): 0.07, (1, 1): 0.09, (1, 6): 1.15, (3, 4): 1.03, (4, 6): 2.71, (5, 5): 1.81, (6, 6): 3.75}
    # two decimals are printed, some of them cut off rather than rounded
    assert [five_years[cell] for cell in table] == pytest.approx(list(table.values()), abs=0.0051)


def test_donations_bgbb_lifetimes_agrees(donors: clv.Customers) -> None:
    """lifetimes' likelihood and forecast at our parameters."""
    lifetimes = pytest.importorskip("lifetimes")
    fit, histories = clv.fit(donors, "bg/bb"), donors.histories()
    theirs = lifetimes.BetaGeoBetaBinomFitter()
    theirs.params_ = pd.Series(fit.parameters)
    columns = [column.astype(int) for column in histories.columns]
    rows = theirs._loglikelihood(list(fit.parameters.values()), *columns)
    # lifetimes' beta functions lose some of sixteen digits
    assert float(histories.weight @ rows) == pytest.approx(fit.log_likelihood, rel=1e-10)
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(5, *columns)
    ours = fit.expected_purchases(5).to_numpy()
    # lifetimes' powers and beta functions lose some of sixteen digits
    assert ours == pytest.approx(histories.spread(np.asarray(expected)), rel=1e-8)


@pytest.mark.parametrize("weight", [-1.0, 1.5, float("nan")])
def test_weights_are_numbers_of_customers(weight: float) -> None:
    table = pd.DataFrame({"frequency": [0, 1], "recency": [0, 1], "T": [2, 2], "weights": [3.0, weight]})
    with pytest.raises(DataError, match=r"'weights' holds .* which is no number of customers"):
        clv.Customers.from_frame(table, unit="year", weights="weights")
