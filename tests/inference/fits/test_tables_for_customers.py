"""A table stands for Customers wherever these are taken; its unit is that of the fit."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from tests.reference.tolerances import PREDICTION, SUMMATION


@pytest.fixture(scope="module")
def customers():
    log = clv.datasets.path("cdnow_sample")
    return clv.summarize(log, observation_end="1997-09-30").head(400)


@pytest.fixture(scope="module")
def fits(customers):
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


def table_of(customers, kind):
    if kind == "own id":
        return customers.to_frame().rename(columns={"customer_id": "Kundennummer"})
    if kind == "lifetimes":
        return customers.table[["frequency", "recency", "T", "monetary_value"]].fillna(0.0)
    return {"indexed": customers.table, "column": customers.to_frame(), "polars": pl.from_pandas(customers.to_frame())}[
        kind
    ]


@pytest.mark.parametrize("kind", ["indexed", "column", "own id", "polars", "lifetimes"])
def test_a_table_is_predicted_valued_and_drawn_as_the_customers_are(customers, fits, kind):
    purchases, spend = fits
    table = table_of(customers, kind)
    ours, theirs = purchases.expected_purchases("1Y", table), purchases.expected_purchases("1Y", customers)
    pd.testing.assert_series_equal(ours, theirs, rtol=SUMMATION)
    value = clv.lifetime_value(purchases, spend, table, horizon="1Y", annual_discount_rate=0.1)
    known = clv.lifetime_value(purchases, spend, customers, horizon="1Y", annual_discount_rate=0.1)
    pd.testing.assert_frame_equal(value, known, rtol=SUMMATION)
    pd.testing.assert_series_equal(spend.expected_spend(table), spend.expected_spend(customers), rtol=SUMMATION)
    pd.testing.assert_frame_equal(
        clv.posterior_check(purchases, table, draws=20), clv.posterior_check(purchases, customers, draws=20)
    )
    assert len(purchases.population(table)) == len(purchases.population(customers))
    assert clv.fit(table, "BG/NBD", unit="week").parameters == pytest.approx(purchases.parameters, rel=PREDICTION)


def test_covariates_of_a_table_go_along(customers):
    early = (customers.table["T"] > 38).rename("early").to_frame()
    fit = clv.fit(customers.join(early), "pareto/nbd", covariates=clv.Covariates(purchase="early"))
    table = customers.join(early).table
    pd.testing.assert_series_equal(fit.expected_purchases("1Y", table), fit.expected_purchases("1Y"), rtol=SUMMATION)


def test_what_is_no_table_is_refused(fits):
    with pytest.raises(ArgumentError, match="can't be made from list"):
        fits[0].expected_purchases("1Y", [1, 2, 3])
    with pytest.raises(ArgumentError, match='must be Customers or "new"'):
        fits[0].expected_purchases("1Y", "old")


@pytest.mark.parametrize("name", ["BG/NBD", " bg nbd", "bg-nbd", "bgnbd", "Bg_Nbd"])
def test_models_are_found_however_their_names_are_written(customers, fits, name):
    assert clv.models.get(name) is clv.models.get("bg/nbd")
    assert (clv.fit(customers, name).model, clv.predictions(name, fits[0].parameters).model) == ("bg/nbd", "bg/nbd")


def test_members_of_a_family_too():
    assert clv.models.get("MBG/CNBD-3").spec.name == clv.models.get("mbgcnbd3").spec.name == "mbg/cnbd-3"
    assert clv.models.get("bgcnbd-k").spec.name == "bg/cnbd-k"
    for name in ("bg/cnbd-0", "bg/nbd-2", "nbdd", "", "cnbd3"):
        with pytest.raises(ArgumentError, match="Unknown model"):
            clv.models.get(name)


def test_names_are_one_in_comparisons(customers):
    table = clv.compare(customers, ["BG/NBD", "NBD"]).table
    assert sorted(table.index) == ["bg/nbd", "nbd"]
    log = clv.datasets.path("cdnow_sample")
    found = clv.evaluate(
        log, calibration_end="1997-09-30", models=["BG/NBD", "bgnbd"], intervals=False, baselines=False
    )
    assert "bg/nbd" in found.table.index


@pytest.mark.parametrize(
    ("written", "span"),
    [("1 year", "1Y"), ("6 months", "6M"), ("90 days", "90D"), ("2 Years", "2Y"), ("12 wks", "12W"), ("1.5 y", "1.5Y")],
)
def test_spans_are_read_in_words(fits, written, span):
    purchases, spend = fits
    pd.testing.assert_series_equal(purchases.expected_purchases(written), purchases.expected_purchases(span))
    pd.testing.assert_series_equal(
        purchases.expected_purchases("1Y", start=written), purchases.expected_purchases("1Y", start=span)
    )
    assert len(clv.lifetime_value(purchases, spend, horizon=written, annual_discount_rate=0.1)) == 400


@pytest.mark.parametrize("span", ["1 fortnight", "years", "-1 year", "1 year 2 months", "a year", ""])
def test_what_is_no_span_is_refused(fits, span):
    with pytest.raises(ArgumentError, match="is not a span"):
        fits[0].expected_purchases(span)
