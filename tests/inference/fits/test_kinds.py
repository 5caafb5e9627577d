"""Kinds of fit: what can be asked of each, and what is answered to a question that has no meaning for it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ClvError
from tests.inference.fits.conftest import Fitted

ASKED = {
    "purchases": {"probability_alive", "expected_purchases", "purchases_pmf", "discounted_expected_purchases"},
    "spend": {"expected_spend"},
    "renewals": {"survival_curve", "retention_curve", "churn_risk", "expected_customers", "discounted_lifetime"},
}


@pytest.fixture(scope="module")
def fits(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> dict[str, clv.Fit]:
    subscriptions = clv.Subscriptions.from_survival([1000, 869, 743, 653, 593], unit="year")
    return {"purchases": cdnow_bgnbd, "spend": cdnow_spend, "renewals": clv.fit(subscriptions, "sbg")}


@pytest.mark.parametrize("kind", ASKED)
def test_a_fit_shows_what_can_be_asked_of_its_kind(fits: dict[str, clv.Fit], kind: str) -> None:
    fit = fits[kind]
    assert isinstance(fit, clv.Fit)
    assert ASKED[kind] <= set(dir(fit))
    for other in ASKED.keys() - {kind}:
        assert not ASKED[other] & set(dir(fit))


@pytest.mark.parametrize("kind", ASKED)
def test_a_question_without_meaning_is_an_error_that_names_who_answers(fits: dict[str, clv.Fit], kind: str) -> None:
    for name in sorted(set().union(*ASKED.values()) - ASKED[kind]):
        assert not hasattr(fits[kind], name)
        with pytest.raises(ClvError) as found:
            getattr(fits[kind], name)
        assert isinstance(found.value, AttributeError)
        answers = next(other for other in ASKED if name in ASKED[other])
        assert fits[answers].model in str(found.value)


@pytest.mark.parametrize("kind", ASKED)
def test_every_name_that_is_shown_is_there(fits: dict[str, clv.Fit], kind: str) -> None:
    """Properties may say in words why they have no value."""
    missing = []
    for name in (name for name in dir(fits[kind]) if not name.startswith("_")):
        try:
            getattr(fits[kind], name)
        except AttributeError:
            missing.append(name)
        except ClvError:
            pass
    assert missing == []


def test_parameters_are_not_exchanged_below_a_likelihood(cdnow_bgnbd: clv.Fit) -> None:
    with pytest.raises(TypeError, match="parameters"):
        replace(cdnow_bgnbd, parameters={"r": 1.0, "alpha": 1.0, "a": 1.0, "b": 1.0})  # type: ignore[call-arg]


def test_predictions_from_published_parameters_are_those_of_a_fit(cdnow_bgnbd: clv.Fit, cdnow: clv.Customers) -> None:
    published = clv.predictions("bg/nbd", cdnow_bgnbd.parameters, customers=cdnow, unit="week")
    assert not isinstance(published, clv.Fit)
    pd.testing.assert_series_equal(published.expected_purchases("39W"), cdnow_bgnbd.expected_purchases("39W"))


@pytest.mark.parametrize("fitted", ["groups"], indirect=True)
def test_a_group_is_a_fit_by_itself(fitted: Fitted) -> None:
    groups = fitted.fit.fits  # type: ignore[attr-defined]
    assert set(groups) == {"shop", "web"}
    whole = fitted.fit.expected_purchases("20W")
    for name, fit in groups.items():
        assert isinstance(fit, clv.Fit)
        members = fitted.customers.table.index[fitted.customers.table["channel"] == name]
        pd.testing.assert_series_equal(fit.expected_purchases("20W").sort_index(), whole.loc[members].sort_index())
