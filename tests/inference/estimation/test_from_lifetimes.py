"""Fits of lifetimes as fits of ours: the same parameters, predictions that agree with lifetimes' own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.transactions.customers import Customers
from tests.reference.tolerances import SUMMATION

THEIR_DIGITS = 1e-7  # lifetimes: ₂F₁ by SciPy, and powers of T + alpha, lose some of sixteen digits

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lifetimes

PURCHASES = {
    "bg/nbd": lifetimes.BetaGeoFitter,
    "mbg/nbd": lifetimes.ModifiedBetaGeoFitter,
    "pareto/nbd": lifetimes.ParetoNBDFitter,
}


@pytest.fixture(scope="module")
def fitters(cdnow: Customers) -> dict[str, Any]:
    table = cdnow.table
    np.random.seed(1)  # noqa: NPY002 - lifetimes starts Pareto/NBD at random, by the old generator
    result = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, fitter in PURCHASES.items():
            result[name] = fitter().fit(table["frequency"], table["recency"], table["T"], index=table.index)
        spent = table[table["spend_frequency"] > 0]
        result["gamma-gamma"] = lifetimes.GammaGammaFitter().fit(spent["frequency"], spent["monetary_value"])
    return result


@pytest.mark.parametrize("name", PURCHASES)
def test_predictions_are_those_of_lifetimes(name: str, fitters: dict[str, Any], cdnow: Customers) -> None:
    fitter, table = fitters[name], cdnow.table
    fit = clv.from_lifetimes(fitter, unit="week", observation_end="1997-09-30")
    assert fit.model == name
    assert fit.parameters == {key: float(fitter.params_[key]) for key in fit.parameters}
    data = (table["frequency"], table["recency"], table["T"])
    with np.errstate(all="ignore"):
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(39.0, *data)
        alive = fitter.conditional_probability_alive(*data)
    assert fit.expected_purchases(39.0).to_numpy() == pytest.approx(np.asarray(expected), rel=THEIR_DIGITS)
    assert fit.probability_alive().to_numpy() == pytest.approx(np.asarray(alive), rel=THEIR_DIGITS)
    unconditional = float(fitter.expected_number_of_purchases_up_to_time(52.0))
    assert float(fit.expected_purchases(52.0, "new").iloc[0]) == pytest.approx(unconditional, rel=THEIR_DIGITS)
    assert list(fit.expected_purchases(1.0).index) == list(table.index)


@pytest.mark.parametrize("name", [*PURCHASES, "gamma-gamma"])
def test_likelihood_and_errors_are_close_to_our_own_fit(name: str, fitters: dict[str, Any], cdnow: Customers) -> None:
    theirs = clv.from_lifetimes(fitters[name], unit="week", customers=cdnow)
    ours = clv.fit(cdnow, name)
    assert theirs.n_customers == ours.n_customers
    # lifetimes stops when the mean log-likelihood changes by less than 1e-7, Pareto/NBD (a simplex) by 1e-4
    tolerance = 0.3 if name == "pareto/nbd" else 1e-3
    assert ours.log_likelihood - tolerance < theirs.log_likelihood <= ours.log_likelihood + 1e-9
    assert "standard errors away" in theirs.diagnosis[0]
    away = float(theirs.diagnosis[0].split(" is ")[1].split()[0])
    # half the squared distance is the loss of log-likelihood to second order; the distance is printed
    assert away**2 / 2 == pytest.approx(ours.log_likelihood - theirs.log_likelihood, rel=0.2, abs=1e-6)
    assert theirs.converged
    for key, error in ours.standard_errors.items():
        # away from the maximum the curvature is another one
        assert theirs.standard_errors[key] == pytest.approx(error, rel=0.2)


def test_standard_errors_are_those_of_lifetimes(fitters: dict[str, Any]) -> None:
    for name in ("bg/nbd", "mbg/nbd", "gamma-gamma"):
        fit = clv.from_lifetimes(fitters[name], unit="week")
        for key, error in fit.standard_errors.items():
            # theirs are from numerical derivatives
            assert error == pytest.approx(float(fitters[name].standard_errors_[key]), rel=1e-3)


def test_spend_is_that_of_lifetimes(fitters: dict[str, Any], cdnow: Customers) -> None:
    fitter = fitters["gamma-gamma"]
    fit = clv.from_lifetimes(fitter, unit="week", currency="USD")
    table = cdnow.table[cdnow.table["spend_frequency"] > 0]
    expected = fitter.conditional_expected_average_profit(table["spend_frequency"], table["monetary_value"])
    assert fit.expected_spend(cdnow).loc[table.index].to_numpy() == pytest.approx(expected.to_numpy(), rel=SUMMATION)
    with pytest.raises(ArgumentError, match="carries no data"):
        fit.expected_spend()


def test_both_together_make_a_value(fitters: dict[str, Any], cdnow: Customers) -> None:
    purchases = clv.from_lifetimes(fitters["bg/nbd"], unit="week", customers=cdnow)
    spend = clv.from_lifetimes(fitters["gamma-gamma"], unit="week", customers=cdnow)
    value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.1)
    own = clv.lifetime_value(
        clv.fit(cdnow, "bg/nbd"), clv.fit(cdnow, "gamma-gamma"), horizon="1Y", annual_discount_rate=0.1
    )
    # their searches stop early
    assert value["lifetime_value"].sum() == pytest.approx(own["lifetime_value"].sum(), rel=1e-3)


def test_weights_and_penalties_are_told(cdnow: Customers, fitters: dict[str, Any]) -> None:
    grouped = cdnow.table.groupby(["frequency", "recency", "T"]).size().reset_index(name="weights")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weighted = lifetimes.BetaGeoFitter().fit(*(grouped[name] for name in ("frequency", "recency", "T", "weights")))
        data = (cdnow.table[name] for name in ("frequency", "recency", "T"))
        penalised = lifetimes.BetaGeoFitter(penalizer_coef=0.01).fit(*data)
    fit = clv.from_lifetimes(weighted, unit="week")
    whole = clv.from_lifetimes(fitters["bg/nbd"], unit="week")
    # two of their searches, with and without weights, each of which stops early
    assert fit.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-3)
    assert (fit.n_customers, fit.customers) == (2357, None)
    assert "grouped, with weights" in fit.diagnosis[1]
    # two of their searches, each of which stops early
    assert fit.expected_purchases("1Y", cdnow).sum() == pytest.approx(whole.expected_purchases("1Y").sum(), rel=1e-3)
    told = clv.from_lifetimes(penalised, unit="week")
    assert "penalizer_coef=0.01" in told.diagnosis[0]
    assert told.log_likelihood < whole.log_likelihood - 10.0


def test_a_fit_from_lifetimes_is_saved_and_loaded(fitters: dict[str, Any], cdnow: Customers, tmp_path: Any) -> None:
    fit = clv.from_lifetimes(fitters["bg/nbd"], unit="week")
    fit.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    assert loaded.expected_purchases("52W", cdnow).equals(fit.expected_purchases("52W"))


def test_what_is_no_fitter_is_refused(fitters: dict[str, Any], cdnow: Customers, cdnow_bgnbd: clv.Fit) -> None:
    with pytest.raises(ArgumentError, match="Pass unit="):
        clv.from_lifetimes(fitters["bg/nbd"])
    with pytest.raises(ArgumentError, match="Fit is no fitter of lifetimes"):
        clv.from_lifetimes(cdnow_bgnbd, unit="week")
    with pytest.raises(ArgumentError, match="has not been fitted"):
        clv.from_lifetimes(lifetimes.BetaGeoFitter(), unit="week")
    bare = lifetimes.BetaGeoFitter()
    bare.params_ = fitters["bg/nbd"].params_
    with pytest.raises(ArgumentError, match="saved without its data"):
        clv.from_lifetimes(bare, unit="week")
    assert clv.from_lifetimes(bare, unit="week", customers=cdnow).n_customers == 2357
    bare.params_ = pd.Series({"r": 1.0, "alpha": -1.0, "a": 1.0, "b": 1.0})
    with pytest.raises(ArgumentError, match=r"alpha.*positive"):
        clv.from_lifetimes(bare, unit="week", customers=cdnow)


def test_data_that_we_do_not_take_are_told_and_the_fit_stands(cdnow: Customers) -> None:
    table = cdnow.table.head(300).copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = lifetimes.BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"], index=[0] * 300)
    fit = clv.from_lifetimes(fitter, unit="week")
    assert fit.customers is None
    assert "more than one row" in fit.diagnosis[1]
