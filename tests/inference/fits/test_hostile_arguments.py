"""Hostile values of every argument: each call answers, or raises a ClvError with a sentence; never anything else."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ClvError

HOSTILE = (None, np.nan, np.inf, -1, 10**400, 1e308, "", "x", "0000-01-01", [], {}, object())
# What a method needs, so that one argument at a time can be hostile.
NEEDED = {"horizon": 4, "n": 5, "annual_discount_rate": 0.1, "periods": 3, "name": "expected_purchases"}
NOT_CALLED = {"save", "as_entry", "read", "discounted", "with_varying", "on"}  # files, logs, parts of others


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    path = clv.datasets.path("cdnow_sample")
    return clv.summarize(
        path, customer="customer_id", date="date", amount="amount", unit="week", observation_end="1997-09-30"
    )


@pytest.fixture(scope="module")
def few(customers: clv.Customers) -> clv.Customers:
    return clv.Customers(customers.table.iloc[:30], customers.unit)


@pytest.fixture(scope="module")
def fits(customers: clv.Customers) -> dict[str, Any]:
    active = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]  # Fader and Hardie (2007), high end
    contracts = clv.Subscriptions.from_survival(active, unit="year")
    return {
        "purchases": clv.fit(customers, "bg/nbd"),
        "spend": clv.fit(customers, "gamma-gamma"),
        "subscriptions": clv.fit(contracts, "sbg"),
    }


def _answers_or_says_why(call: Callable[..., Any], arguments: dict[str, Any], name: str) -> list[str]:
    """What went wrong with any hostile value of an argument."""
    wrong = []
    for value in HOSTILE:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                call(**{**arguments, name: value})
        except ClvError as error:
            if not 15 < len(str(error)) < 2_000:
                wrong.append(f"{name}={value!r:.30}: {error}")
        except Exception as error:  # exactly what no call may raise
            wrong.append(f"{name}={value!r:.30}: {type(error).__name__} {error}"[:200])
    return wrong


@pytest.mark.parametrize("kind", ["purchases", "spend", "subscriptions"])
def test_every_method_of_a_fit(kind: str, fits: dict[str, Any], few: clv.Customers) -> None:
    fit, wrong = fits[kind], []
    for method in dir(fit):
        if method.startswith("_") or method in NOT_CALLED or not inspect.isfunction(getattr(type(fit), method, None)):
            continue
        call = getattr(fit, method)
        parameters = inspect.signature(call).parameters
        needed = {n: NEEDED[n] for n, one in parameters.items() if one.default is one.empty and n in NEEDED}
        for name, one in parameters.items():
            if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL):
                who = {"customers": few} if "customers" in parameters and kind != "subscriptions" else {}
                wrong += [f"{method}: {found}" for found in _answers_or_says_why(call, {**needed, **who}, name)]
    assert wrong == []


FUNCTIONS: dict[str, tuple[str, ...]] = {
    "fit": ("customers", "model", "method", "priors", "draws", "chains", "seed", "group", "covariates", "unit"),
    "lifetime_value": (
        "purchases", "spend", "customers", "horizon", "annual_discount_rate", "margin", "cost_per_purchase",
        "retention_cost_per_year", "acquisition_cost", "until_renewal", "risk_horizon", "interval",
    ),
    "predictions": ("model", "parameters", "customers", "unit"),
    "posterior_check": ("fit", "customers", "draws", "level", "last", "seed"),
    "prior_check": ("customers", "model", "priors", "draws", "level", "last", "seed"),
}  # fmt: skip


@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_functions_of_customers_and_fits(function: str, fits: dict[str, Any], few: clv.Customers) -> None:
    known = {
        "fit": {"customers": few, "model": "bg/nbd"},
        "lifetime_value": {
            "purchases": fits["purchases"], "spend": fits["spend"], "customers": few, "horizon": 4,
            "annual_discount_rate": 0.1,
        },
        "predictions": {"model": "bg/nbd", "parameters": fits["purchases"].parameters},
        "posterior_check": {"fit": fits["purchases"], "customers": few, "draws": 20},
        "prior_check": {"customers": few, "model": "bg/nbd", "draws": 20},
    }[function]  # fmt: skip
    call = getattr(clv, function)
    assert [found for name in FUNCTIONS[function] for found in _answers_or_says_why(call, known, name)] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"priors": 5}, "priors must be a dict"),
        ({"seed": -1}, "seed must be a whole number, 0 or more, not -1"),
        ({"method": "laplace", "draws": 1e308}, "draws must be a whole number"),
    ],
)
def test_arguments_of_fit_in_words(few: clv.Customers, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        clv.fit(few, "bg/nbd", **arguments)


def test_spans_in_words(fits: dict[str, Any]) -> None:
    fit = fits["purchases"]
    with pytest.raises(ArgumentError, match="longer than a million years"):
        fit.expected_purchases(1e300)
    with pytest.raises(ArgumentError, match='start must be a span such as "4W" or a date, not None'):
        fit.expected_purchases(4, start=None)
    with pytest.raises(ArgumentError, match="annual_discount_rate must be a number"):
        fit.discounted_expected_purchases(None)
