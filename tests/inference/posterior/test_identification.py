"""Data at the edge: an answer with a warning that names the parameter and what to try, or an error in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, IdentificationWarning, UnsupportedPrediction


def _customers(frequency: list[int], recency: list[float], T: list[float], value: float | None = None) -> clv.Customers:
    table = pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})
    if value is not None:
        table["monetary_value"] = value
    return clv.Customers.from_frame(table, unit="week")


def _predictions_are_sound(fit: clv.Fit) -> None:
    for values in (
        fit.probability_alive(),
        fit.expected_purchases("1Y"),
        fit.purchase_probability("1Y"),
        fit.discounted_expected_purchases(0.1),
        fit.expected_purchases(1.0, "new"),
    ):
        assert np.isfinite(np.asarray(values)).all()
        assert (np.asarray(values) >= 0.0).all()


def test_all_one_time_buyers() -> None:
    customers = _customers([0] * 50, [0.0] * 50, list(np.linspace(1, 30, 50)))
    with pytest.warns(IdentificationWarning, match="No customer has bought twice") as record:
        fit = clv.fit(customers, "bg/nbd")
    assert "priors=" in str(record[0].message)
    assert not fit.converged
    assert np.isinf(fit.standard_errors["a"])
    assert float(fit.expected_purchases("1Y").max()) < 1e-4
    _predictions_are_sound(fit)
    assert "not identified" in repr(fit)


def test_no_dropout_in_sight() -> None:
    rng = np.random.default_rng(1)
    x = rng.poisson(rng.gamma(4.0, 0.1, 500) * 30) + 1
    customers = _customers(x.tolist(), [30.0 - 1.0 / k for k in x], [30.0] * 500)
    with pytest.warns(IdentificationWarning, match=r"\bb = "):
        fit = clv.fit(customers, "bg/nbd")
    _predictions_are_sound(fit)


def test_identical_customers() -> None:
    customers = _customers([3] * 40, [20.0] * 40, [30.0] * 40)
    with pytest.warns(IdentificationWarning, match="All customers have the same history"):
        fit = clv.fit(customers, "bg/nbd")
    _predictions_are_sound(fit)


def test_one_customer() -> None:
    with pytest.warns(IdentificationWarning, match="There is a single customer"):
        fit = clv.fit(_customers([2], [10.0], [30.0]), "bg/nbd")
    _predictions_are_sound(fit)


def test_a_prior_identifies_what_the_data_do_not() -> None:
    customers = _customers([0] * 50, [0.0] * 50, list(np.linspace(1, 30, 50)))
    priors = {name: ("lognormal", 1.0, 1.0) for name in ("r", "a", "b")} | {"alpha": ("gamma", 10.0, 5.0)}
    fit = clv.fit(customers, "bg/nbd", priors=priors)
    assert fit.method == "map"
    assert fit.converged
    # the mode of a lognormal of mean 1 and variance 1 is exp(-3 s² / 2) with s² = log 2
    assert fit.parameters["a"] == pytest.approx(2.0**-1.5)
    _predictions_are_sound(fit)


def test_priors_move_the_mode_by_what_calculus_says(cdnow: clv.Customers, cdnow_bgnbd: clv.Fit) -> None:
    """A tight normal prior holds a parameter; at the mode its score and the likelihood's cancel."""
    fit = clv.fit(cdnow, "bg/nbd", priors={"r": ("normal", 0.3, 1e-6)})
    # the sd of the prior
    assert fit.parameters["r"] == pytest.approx(0.3, abs=1e-6)
    assert fit.log_likelihood < cdnow_bgnbd.log_likelihood
    weak = clv.fit(cdnow, "bg/nbd", priors={name: ("lognormal", 1.0, 1e9) for name in ("r",)})
    # a prior of sd 1e9 has a log of sd 6, which pulls a little
    assert weak.parameters["r"] == pytest.approx(cdnow_bgnbd.parameters["r"], rel=1e-2)


@pytest.mark.parametrize(
    ("priors", "words"),
    [
        ({"s": ("gamma", 1, 1)}, "no parameter of this model"),
        ({"r": ("cauchy", 1, 1)}, "none of gamma"),
        ({"r": ("gamma", -1, 1)}, "must be positive"),
        ({"r": 3}, "is not"),
    ],
)
def test_priors_that_are_none(cdnow: clv.Customers, priors: dict, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        clv.fit(cdnow, "bg/nbd", priors=priors)


def test_gamma_gamma_with_infinite_mean_says_so() -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, 3_000)
    m = rng.gamma(2.0 * x) / (rng.gamma(0.7, 1.0 / 10.0, 3_000) * x)
    table = pd.DataFrame({"frequency": x, "recency": 1.0, "T": 2.0, "monetary_value": m})
    customers = clv.Customers.from_frame(table, unit="week")
    with pytest.warns(IdentificationWarning, match="not above 1"):
        fit = clv.fit(customers, "gamma-gamma")
    assert np.isfinite(fit.expected_spend()).all()
    with pytest.raises(UnsupportedPrediction, match="infinite"):
        fit.expected_spend("new")


def test_gamma_gamma_with_one_value() -> None:
    customers = _customers([2] * 30, [5.0] * 30, [9.0] * 30, value=25.0)
    with pytest.warns(IdentificationWarning, match="All customers spend the same"):
        fit = clv.fit(customers, "gamma-gamma")
    # p grows without end where all spend the same; the search stops on the way
    assert fit.expected_spend().to_numpy() == pytest.approx(np.full(30, 25.0), rel=1e-3)


def test_gamma_gamma_without_spend() -> None:
    with pytest.raises(DataError, match="with amounts"):
        clv.fit(_customers([1], [1.0], [2.0]), "gamma-gamma")


def test_fit_names_what_it_knows(cdnow: clv.Customers) -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'bg/nbd'"):
        clv.fit(cdnow, "bg/nbt")
    with pytest.raises(ArgumentError, match="Methods: mle"):
        clv.fit(cdnow, "bg/nbd", method="mcmc")
    with pytest.raises(ArgumentError, match="draws= has no meaning"):
        clv.fit(cdnow, "bg/nbd", draws=3)
    with pytest.raises(TypeError, match="drawss"):
        clv.fit(cdnow, "bg/nbd", method="nuts", drawss=3)  # type: ignore[call-arg]
    with pytest.raises(ArgumentError, match="unit="):
        clv.fit(cdnow.table, "bg/nbd")
    with pytest.raises(ArgumentError, match="weeks, not in days"):
        clv.fit(cdnow, "bg/nbd", unit="day")


def test_huge_counts_and_ages() -> None:
    customers = _customers([0, 1, 30_000, 2, 5], [0.0, 1e-4, 9e4, 1e4, 3.0], [1e-3, 1e5, 1e5, 1e5, 1e5])
    with pytest.warns(IdentificationWarning):
        fit = clv.fit(customers, "bg/nbd")
    _predictions_are_sound(fit)
