"""Plots of one customer, of nobody who came back, of a loaded fit, and of a hundred thousand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError

LOGS = {
    "one customer, one purchase": [(1, "1997-03-01", 20.0)],
    "one customer on the last day": [(1, "1997-09-30", 20.0)],
    "one repeat buyer": [(1, "1997-03-01", 20.0), (1, "1997-05-01", 30.0), (1, "1997-11-01", 30.0)],
    "nobody came back": [(1, "1997-03-01", 20.0), (2, "1997-04-01", 0.0), (3, "1997-09-30", 5.0)],
}
COLUMNS = {"customer": "customer_id", "date": "date"}


@pytest.fixture(params=LOGS)
def business(request: pytest.FixtureRequest, purchases: clv.Fit, spend: clv.Fit) -> Any:
    """A tiny log and fits with the parameters of CDNOW to it."""
    log = pd.DataFrame(LOGS[request.param], columns=["customer_id", "date", "amount"])
    split = clv.holdout_split(
        log, amount="amount", calibration_end="1997-09-30", observation_end="1998-06-30", **COLUMNS
    )
    fits = [replace(fit, customers=split.calibration) for fit in (purchases, spend)]
    return log, split, *fits


def _drawn(ax: Any) -> None:
    ax.figure.canvas.draw()
    shown = " ".join(text.get_text() for text in [*ax.texts, ax._left_title])
    assert ax._left_title.get_text()
    assert "nan" not in shown
    assert "inf" not in shown


def test_tiny_bases_are_drawn(business: Any) -> None:
    log, split, purchases, _ = business
    for cumulative in (False, True):
        _drawn(clv.plots.tracking(purchases, log, cumulative=cumulative, observation_end="1998-06-30", **COLUMNS))
    _drawn(clv.plots.conditional_expectation(purchases, split))
    _drawn(clv.plots.repeat_purchases(purchases))
    _drawn(clv.plots.forecast(purchases))
    _drawn(clv.plots.cohorts(log, observation_end="1998-06-30", **COLUMNS))
    _drawn(clv.plots.customer_history(purchases, log.loc[log["customer_id"] == 1, "date"]))


def test_tiny_bases_have_matrices_where_somebody_has_an_age(business: Any) -> None:
    _, split, purchases, _ = business
    if split.calibration.table["T"].max() == 0:
        with pytest.raises(ArgumentError, match="T is 0"):
            clv.plots.probability_alive_matrix(purchases)
        purchases = replace(purchases, customers=None)
        options: dict[str, Any] = {"T": 10, "max_frequency": 3}
    else:
        options = {}
    _drawn(clv.plots.probability_alive_matrix(purchases, **options))
    _drawn(clv.plots.expected_purchases_matrix(purchases, **options))
    _drawn(clv.plots.iso_value(purchases, annual_discount_rate=0.1, **options))
    options["max_frequency"] = 1
    _drawn(clv.plots.purchase_probability_matrix(purchases, **options))
    _drawn(clv.plots.iso_value(purchases, annual_discount_rate=0.1, **options))


def test_spend_of_nobody_is_an_error_and_of_one_is_drawn(business: Any) -> None:
    _, split, purchases, spend = business
    if (split.calibration.table["frequency"] == 0).all():
        for plot in (clv.plots.spend_density, clv.plots.spend_shrinkage, clv.plots.spend_independence):
            with pytest.raises(DataError, match="has positive repeat spend"):
                plot(spend)
        with pytest.raises(ArgumentError, match="about repeat buyers"):
            clv.plots.conditional_expectation(purchases, split, by="recency")
    else:
        _drawn(clv.plots.spend_density(spend))
        _drawn(clv.plots.spend_shrinkage(spend))
        _drawn(clv.plots.spend_independence(spend))
        _drawn(clv.plots.conditional_expectation(purchases, split, by="recency"))


def test_value_of_tiny_bases_is_drawn(business: Any) -> None:
    _, split, purchases, spend = business
    value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.1)
    _drawn(clv.plots.value_risk(value))
    _drawn(clv.plots.value_risk(value.assign(lifetime_value=-1.0)))
    _drawn(clv.plots.deciles(value["lifetime_value"], split.table["spend"]))
    _drawn(clv.plots.reliability(value["purchase_probability"], split.table["frequency"]))
    if split.table["spend"].sum() > 0:
        _drawn(clv.plots.lorenz(value["lifetime_value"], split.table["spend"]))


def test_negative_values_get_a_linear_axis(purchases: clv.Fit, spend: clv.Fit) -> None:
    value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.1, retention_cost_per_year=50.0)
    ax = clv.plots.value_risk(value)
    assert (value["lifetime_value"] < 0).any()
    assert ax.get_yscale() == "linear"
    _drawn(ax)


def test_spend_with_an_infinite_mean_is_drawn_without_it(spend: clv.Fit) -> None:
    heavy = replace(spend, estimate=replace(spend.estimate, parameters={"p": 1.2, "q": 0.8, "v": 15.0}))
    table = clv.plots.spend_shrinkage_table(heavy)
    assert table.attrs["population"] is None
    assert np.isfinite(table.to_numpy()).all()
    _drawn(clv.plots.spend_shrinkage(heavy))


def test_a_loaded_fit_asks_for_customers(log: pd.DataFrame, purchases: clv.Fit, split: Any, tmp_path: Path) -> None:
    purchases.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    for plot in (clv.plots.repeat_purchases, clv.plots.forecast):
        with pytest.raises(ArgumentError, match="Pass customers="):
            plot(loaded)
        _drawn(plot(loaded, customers=split.calibration))
    with pytest.raises(ArgumentError, match="Pass T= and max_frequency=, or customers="):
        clv.plots.probability_alive_matrix(loaded)
    _drawn(clv.plots.tracking(loaded, log, customers=split.calibration, **COLUMNS))


def _points(ax: Any) -> int:
    """Points that the figure holds."""
    lines = sum(len(line.get_xdata()) for line in ax.lines)
    shapes = sum(
        max(len(collection.get_offsets()), sum(len(path.vertices) for path in collection.get_paths()))
        for collection in ax.collections
    )
    return lines + shapes + len(ax.patches)


def test_a_hundred_thousand_customers_are_drawn_with_few_points(purchases: clv.Fit, spend: clv.Fit) -> None:
    """All of them different: recency and T at random moments rather than whole days."""
    n, rng = 100_000, np.random.default_rng(6)
    T = rng.uniform(1.0, 39.0, n)
    definition: Any = purchases.definition
    x, t_x = definition.simulate(rng, T, **purchases.parameters)
    spent: Any = spend.definition
    m = np.where(x > 0, spent.simulate(rng, np.maximum(x, 1.0), **spend.parameters), np.nan)
    table = pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "monetary_value": m})
    base = clv.Customers.from_frame(table, unit="week", observation_end="1997-09-30")
    purchases, spend = replace(purchases, customers=base), replace(spend, customers=base)
    value = clv.lifetime_value(purchases, spend, horizon="39W", annual_discount_rate=0.1)
    future = purchases.simulate("39W", seed=1)
    plots = [
        clv.plots.repeat_purchases(purchases),
        clv.plots.expected_purchases_matrix(purchases),
        clv.plots.iso_value(purchases, spend, annual_discount_rate=0.1),
        clv.plots.spend_density(spend),
        clv.plots.spend_shrinkage(spend),
        clv.plots.value_risk(value),
        clv.plots.lorenz(value["lifetime_value"], future),
        clv.plots.deciles(value["expected_purchases"], future),
        clv.plots.reliability(value["purchase_probability"], future),
        clv.plots.forecast(purchases, spend, months=3),
    ]
    for ax in plots:
        _drawn(ax)
        assert _points(ax) < 15_000
    # the customers were simulated, so the model is right about them
    counts = clv.plots.repeat_purchases_table(purchases, level=0.99999)
    assert counts["actual"].between(counts["lower"], counts["upper"]).all()


def test_a_log_that_ends_before_the_calibration_has_quiet_last_weeks(purchases: clv.Fit) -> None:
    log = pd.DataFrame({"customer_id": [1, 1], "date": ["1997-03-01", "1997-05-01"]})
    base = clv.summarize(log, observation_end="1997-09-30", **COLUMNS)
    table = clv.plots.tracking_table(replace(purchases, customers=base), log, **COLUMNS)
    assert table.index[-1] == pd.Timestamp("1997-09-30")
    assert table["actual"].sum() == 1
    base = clv.summarize(log.iloc[:1], **COLUMNS)
    with pytest.raises(DataError, match="The log of 1 day has no whole period of 7 days"):
        clv.plots.tracking_table(replace(purchases, customers=base), log.iloc[:1], **COLUMNS)


def test_a_model_without_dropout_is_not_said_to_see_who_left(split: Any) -> None:
    ax = clv.plots.probability_alive_matrix(clv.fit(split.calibration, "nbd"))
    assert ax.get_title(loc="left") == "Nobody ever leaves under NBD"


def test_a_table_of_another_kind_is_refused_with_a_sentence(purchases: clv.Fit, spend: clv.Fit) -> None:
    value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.1)
    draw: dict[str, Any] = {name: getattr(clv.plots, name) for name in clv.plots.__all__}
    for name, maker in _MAKERS.items():
        with pytest.raises(ArgumentError, match=f"must be one that clvmodels.plots.{maker} returns; this one has no '"):
            draw[name](value)
    table = clv.plots.forecast_table(purchases)
    del table.attrs["model"]
    with pytest.raises(ArgumentError, match="this one has no 'model'"):
        clv.plots.forecast(table)


# Plots that take a table, and what makes it.
_MAKERS = {
    "conditional_expectation": "conditional_expectation_table",
    "customer_history": "customer_history_table",
    "deciles": "decile_table",
    "expected_purchases_matrix": "history_matrix",
    "forecast": "forecast_table",
    "iso_value": "iso_value_matrix",
    "lorenz": "lorenz_table",
    "reliability": "reliability_table",
    "repeat_purchases": "repeat_purchases_table",
    "spend_density": "spend_density_table",
    "spend_independence": "spend_independence_table",
    "tracking": "tracking_table",
}
