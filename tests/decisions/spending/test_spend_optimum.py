"""Acquisition and retention spend: the class exercise, a grid, simulated customers, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError

PRINTED = 5e-4  # figures printed to three digits
PRINTED_1 = 0.05  # to one
SEARCH = 1e-6  # relative: a grid and a root
WON, KEPT = (1.0, 0.04, 0.10), (8.0, 0.60, 0.80)
TERMS = {"margin": 50.0, "discount_rate": 0.10}


@pytest.fixture(scope="module")
def found() -> clv.SpendOptimum:
    return clv.spend_optimum(WON, KEPT, **TERMS)


def test_curves_are_those_of_the_exercise(found: clv.SpendOptimum) -> None:
    assert found.acquisition.k == pytest.approx(0.51083, abs=5e-6)  # printed to five digits
    assert found.retention.k == pytest.approx(0.17329, abs=5e-6)  # printed to five digits
    two = clv.ResponseCurve.from_points((1.0, 0.04), (2.0, 0.064))
    assert two.k == pytest.approx(0.51083, abs=5e-6)  # printed to five digits
    assert two.ceiling == pytest.approx(0.10)
    assert two.k == pytest.approx(-math.log(0.064 / 0.04 - 1.0))
    backwards = clv.ResponseCurve.from_points((2.0, 0.064), (1.0, 0.04))
    assert (backwards.k, backwards.ceiling, backwards.today) == (two.k, two.ceiling, 2.0)


def test_today_and_the_optimum(found: clv.SpendOptimum) -> None:
    today, best = found.table.loc["today"], found.table.loc["optimum"]
    assert today["customer_value"] == pytest.approx(94.0)
    assert today["customer_equity"] == pytest.approx(2.760)
    numbers = {
        "acquisition_spend": 3.405,
        "retention_spend": 15.798,
        "customer_value": 111.439,
        "customer_equity": 5.782,
    }
    assert best[list(numbers)].to_dict() == pytest.approx(numbers, abs=PRINTED)
    assert best["acquisition_rate"] == pytest.approx(0.0824, abs=5e-5)  # printed to four digits
    assert best["retention_rate"] == pytest.approx(0.7482, abs=5e-5)  # printed to four digits
    assert best["marginal_acquisition_cost"] == pytest.approx(best["customer_value"])
    assert best["marginal_retention_cost"] == pytest.approx(best["customer_value"])
    assert best["average_acquisition_cost"] == pytest.approx(41.3, abs=PRINTED_1)
    assert best["average_retention_cost"] == pytest.approx(21.1, abs=PRINTED_1)
    low, high = (found.sensitivity.loc[("acquisition", name)] for name in ("low", "high"))
    assert [low["spend"], high["spend"]] == pytest.approx([2.63, 4.17], abs=5e-3)  # printed to two digits
    assert [low["customer_equity"], high["customer_equity"]] == pytest.approx([5.605, 5.650], abs=PRINTED)


@pytest.mark.parametrize("margin", [20.0, 50.0, 300.0])
@pytest.mark.parametrize("rate", [0.0, 0.10, 0.5])
def test_no_other_spending_brings_more(margin: float, rate: float) -> None:
    found = clv.spend_optimum(WON, KEPT, margin=margin, discount_rate=rate)
    best = found.table.loc["optimum"]
    A = np.linspace(0.0, 4.0 * best["acquisition_spend"] + 1.0, 801)[:, None]
    R = np.linspace(0.0, margin * (1.0 + rate), 801)
    a = 0.10 * (1.0 - np.exp(-found.acquisition.k * A))
    r = 0.80 * (1.0 - np.exp(-found.retention.k * R))
    bracket = margin + (margin - np.divide(R, r, out=np.zeros_like(R), where=r > 0)) * r / (1 + rate - r)
    grid = a * bracket - A  # the form of the paper; R / r is 0 / 0 at R = 0, where r = 0 makes the term 0
    assert best["customer_equity"] >= grid.max() - SEARCH
    assert best["customer_equity"] == pytest.approx(grid.max(), rel=1e-3)  # of a grid with steps of 1/800


def test_value_is_that_of_simulated_customers() -> None:
    """The first margin at once; then R is spent on all alive, and of the share that stays the margin is earned."""
    rng, n = np.random.default_rng(7), 200_000
    lifetimes = rng.geometric(1.0 - 0.60, n)  # periods with a margin
    factor = 1.0 / 1.10
    margins = 50.0 * (1.0 - factor**lifetimes) / (1.0 - factor)
    spent = 8.0 * factor * (1.0 - factor**lifetimes) / (1.0 - factor)
    value = margins - spent
    assert value.mean() == pytest.approx(94.0, abs=4.0 * value.std() / math.sqrt(n))  # four standard errors


def test_what_is_not_worth_it_gets_nothing() -> None:
    poor = clv.spend_optimum(WON, KEPT, margin=0.5).table.loc["optimum"]
    assert poor["acquisition_spend"] == poor["retention_spend"] == 0.0
    assert poor["customer_equity"] == 0.0
    assert poor["customer_value"] == 0.5
    assert math.isnan(poor["average_acquisition_cost"])


def test_curves_in_any_form_and_words(found: clv.SpendOptimum) -> None:
    curve = clv.ResponseCurve.from_point(*WON)
    same = clv.spend_optimum(curve, KEPT, **TERMS)
    two = clv.spend_optimum(((1.0, 0.04), (2.0, 0.064)), [8.0, 0.60, 0.80], **TERMS)
    for other in (same, two):
        assert other.table.loc["optimum"].tolist() == pytest.approx(found.table.loc["optimum"].tolist())
    assert "assumed" in found.summary()
    assert "<table" in found._repr_html_()
    full = clv.spend_optimum((1.0, 0.04, 0.045), (8.0, 0.6, 1.0), **TERMS)  # 20 % lower is no ceiling any more
    assert full.sensitivity["customer_equity"].max() <= full.table.loc["optimum", "customer_equity"] + SEARCH


@pytest.mark.parametrize(
    ("acquisition", "options", "words"),
    [
        (((1.0, 0.04), (2.0, 0.09)), {}, "No curve"),
        (((1.0, 0.04), (2.0, 0.03)), {}, "No curve"),
        (((1.0, 0.04), (2.0, 0.0799999)), {}, "above 1"),
        (((1.0, 0.04), (1.0, 0.04)), {}, "No curve"),
        ((1.0, 0.04, 0.03), {}, "ceiling"),
        ((1.0, 0.04, 1.2), {}, "ceiling"),
        ((0.0, 0.04, 0.1), {}, "above 0"),
        ((1.0, 0.0, 0.1), {}, "between 0 and 1"),
        ((1.0, "much", 0.1), {}, "rate"),
        ((1.0, 0.04), {}, "point"),
        (0.04, {}, "acquisition must be"),
        (WON, {"margin": 0.0}, "margin"),
        (WON, {"margin": math.nan}, "margin"),
        (WON, {"discount_rate": -0.1}, "discount_rate"),
    ],
)
def test_what_is_refused(acquisition: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        clv.spend_optimum(acquisition, KEPT, **{**TERMS, **options})
