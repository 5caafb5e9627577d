"""Who and when: customers, horizons, windows, and what has no meaning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from tests.reference.tolerances import STANDARD_ERRORS, SUMMATION


def test_predictions_are_indexed_by_customer_whatever_the_order(cdnow: clv.Customers, cdnow_bgnbd: clv.Fit) -> None:
    shuffled = clv.Customers.from_frame(cdnow.table.sample(frac=1.0, random_state=1), unit="week")
    expected = cdnow_bgnbd.expected_purchases("39W")
    values = cdnow_bgnbd.expected_purchases("39W", shuffled)
    assert list(values.index) == list(shuffled.table.index)
    pd.testing.assert_series_equal(values.sort_index(), expected, rtol=SUMMATION)


def test_several_horizons_are_columns(cdnow_bgnbd: clv.Fit) -> None:
    table = cdnow_bgnbd.expected_purchases(["13W", "39W"])
    assert list(table.columns) == ["13W", "39W"]
    pd.testing.assert_series_equal(table["39W"], cdnow_bgnbd.expected_purchases("39W"), check_names=False)


def test_a_date_as_start_of_the_window(cdnow_bgnbd: clv.Fit) -> None:
    by_date = cdnow_bgnbd.expected_purchases("13W", start="1997-10-28")
    pd.testing.assert_series_equal(by_date, cdnow_bgnbd.expected_purchases("13W", start="4W"))
    with pytest.raises(ArgumentError, match="before the end of the observation"):
        cdnow_bgnbd.expected_purchases("13W", start="1997-01-01")
    with pytest.raises(ArgumentError, match="must be a span such as"):
        cdnow_bgnbd.expected_purchases("13W", start="soon")


def test_new_customer(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    """E[X(t)] of a new customer, Fader, Hardie and Lee (2005), equation (9), by its ₂F₁."""
    from scipy.special import hyp2f1

    r, alpha, a, b = cdnow_bgnbd.parameters.values()
    t = 39.0
    closed = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t)))
    # SciPy's ₂F₁
    assert float(cdnow_bgnbd.expected_purchases(t, "new").iloc[0]) == pytest.approx(closed, rel=1e-10)
    p, q, v = cdnow_spend.parameters.values()
    assert float(cdnow_spend.expected_spend("new").iloc[0]) == pytest.approx(p * v / (q - 1))


def test_what_has_no_meaning_names_what_has(cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit) -> None:
    with pytest.raises(UnsupportedPrediction, match="gamma-gamma"):
        cdnow_bgnbd.expected_spend()
    with pytest.raises(UnsupportedPrediction, match="bg/nbd"):
        cdnow_spend.expected_purchases("1Y")
    with pytest.raises(ArgumentError, match="can be infinite"):
        cdnow_bgnbd.discounted_expected_purchases(0.0)
    with pytest.raises(ArgumentError, match="whole number"):
        cdnow_bgnbd.purchases_pmf(1.5, "1Y")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="Payments"):
        cdnow_bgnbd.expected_purchases("1Y", clv.Payments.from_counts(pd.DataFrame({"n": [1], "k": [0]}), n="n", k="k"))
    with pytest.raises(ArgumentError, match='"new"'):
        cdnow_bgnbd.expected_purchases("1Y", "old")  # type: ignore[arg-type]


def test_no_time_no_purchases(cdnow_bgnbd: clv.Fit) -> None:
    assert (cdnow_bgnbd.expected_purchases(0) == 0).all()
    assert (cdnow_bgnbd.purchases_pmf(0, 0) == 1).all()
    assert (cdnow_bgnbd.discounted_expected_purchases(0.1, 0) == 0).all()
    assert (cdnow_bgnbd.discounted_time_alive(0.1, 0) == 0).all()


def test_simulation_repeats_with_its_seed(cdnow_bgnbd: clv.Fit) -> None:
    pd.testing.assert_series_equal(cdnow_bgnbd.simulate("39W", seed=5), cdnow_bgnbd.simulate("39W", seed=5))
    total = np.array([cdnow_bgnbd.simulate("39W", seed=seed).sum() for seed in range(40)])
    expected = float(cdnow_bgnbd.expected_purchases("39W").sum())
    assert total.mean() == pytest.approx(expected, abs=STANDARD_ERRORS * total.std() / np.sqrt(40))


def test_summary_level_and_html(cdnow_bgnbd: clv.Fit) -> None:
    table = cdnow_bgnbd.summary(level=0.9)
    z = 1.6448536269514722
    expected = np.exp(np.log(table["estimate"]) + z * table["std_error"] / table["estimate"])
    assert table["upper"].to_numpy() == pytest.approx(expected.to_numpy(), rel=SUMMATION)
    assert "BG/NBD" in cdnow_bgnbd._repr_html_()
    assert "Converged" in repr(cdnow_bgnbd)
    with pytest.raises(ArgumentError, match="level"):
        cdnow_bgnbd.summary(level=90)
    assert cdnow_bgnbd.aic == pytest.approx(8 - 2 * cdnow_bgnbd.log_likelihood)
