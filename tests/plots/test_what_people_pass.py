"""Plots take what is at hand: an evaluation, the id of a customer, subscriptions."""

from dataclasses import replace

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError

CDNOW = {"customer": "customer_id", "date": "date", "amount": "amount"}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _title(ax) -> str:
    return " ".join(ax.get_title(loc="left").split())


def test_the_id_of_a_customer_stands_for_the_dates():
    log = clv.datasets.load_cdnow(sample=True)
    kept = clv.summarize(log, **CDNOW, observation_end="1997-09-30", keep_purchases=True)
    fit, dates = clv.fit(kept, "bg/nbd"), log.loc[log["customer_id"] == 1, "date"]
    assert clv.plots.customer_history_table(fit, 1).equals(clv.plots.customer_history_table(fit, dates))
    assert _title(clv.plots.customer_history(fit, 1)).startswith("3 purchases, the last 59 days ago")
    with pytest.raises(DataError, match="no customer 'C-7' among"):
        clv.plots.customer_history(fit, "C-7")
    without = clv.fit(clv.summarize(log, **CDNOW, observation_end="1997-09-30"), "bg/nbd")
    with pytest.raises(ArgumentError, match="keep_purchases=True"):
        clv.plots.customer_history(without, 1)


def test_subscriptions_are_drawn_as_observed():
    subscriptions = clv.Subscriptions.from_survival([1000, 631, 468], unit="year")
    ax = clv.plots.retention(subscriptions)
    assert _title(ax) == "Of 100 customers, 47 are left after 2 years"
    assert ax.get_lines()[0].get_ydata().tolist() == [1.0, 0.631, 0.468]
    assert (
        _title(clv.plots.retention(subscriptions, rates=True))
        == "Retention rises from 63 % in year 1 to 74 % in year 2"
    )


def test_of_an_evaluation_the_values_of_the_first_model_are_drawn():
    found = clv.evaluate(
        clv.datasets.path("cdnow_sample"), **CDNOW, calibration_end="1997-09-30", models="bg/nbd", currency="USD",
        baselines=False, intervals=False,
    )  # fmt: skip
    ax = clv.plots.deciles(found)
    table = clv.plots.decile_table(found.predictions["bg/nbd", "value"], found.outcome["value"])
    assert ax.get_lines()[0].get_ydata().tolist() == table["predicted"].tolist()
    assert "[USD]" in ax.get_ylabel()


def test_of_an_evaluation_the_forecast_is_drawn_beside_what_happened():
    found = clv.evaluate(
        clv.datasets.path("cdnow_sample"), **CDNOW, calibration_end="1997-09-30", models="bg/nbd", baselines=False,
        intervals=False, forecast="bg/nbd",
    )  # fmt: skip
    ax = clv.plots.past_and_future(found)
    estimate, lower, upper = found.forecast.range_of("purchases")
    title = f"{estimate:,.0f} purchases were forecast ({lower:,.0f} to {upper:,.0f}), "
    assert _title(ax) == title + f"{found.outcome['count'].sum():,.0f} came"
    log = pd.read_csv(clv.datasets.path("cdnow_sample"), parse_dates=["date"]).drop_duplicates(["customer_id", "date"])
    months = log[log["date"] > "1997-09-30"].groupby(log["date"].dt.to_period("M"))["date"].count()
    drawn = [list(line.get_ydata()) for line in ax.get_lines()]
    assert months.tolist() in drawn
    assert _title(clv.plots.past_and_future(found, "revenue")).endswith(" came")
    assert _title(clv.plots.past_and_future(found, "buyers")).endswith(" came")
    without = replace(found, forecast=None)
    with pytest.raises(ArgumentError, match=r"no forecast\. Pass forecast=True"):
        clv.plots.past_and_future(without)


def test_parts_of_months_are_not_drawn_beside_whole_ones():
    """A last month of one day looks like a bad month."""
    options = {**CDNOW, "observation_end": "1998-03-01", "model": "bg/nbd"}
    made = clv.forecast(clv.datasets.path("cdnow_sample"), **options, horizon="92D")
    ax = clv.plots.past_and_future(made)
    past, future = (table["whole"].sum() for table in (made.past, made.table))
    sizes = [len(line.get_ydata()) for line in ax.get_lines() if len(line.get_ydata()) and line.get_marker() == "o"]
    assert sizes == [past, future] == [14, 2]
    short = clv.forecast(clv.datasets.path("cdnow_sample"), **options, horizon="40D")
    sizes = [len(line.get_ydata()) for line in clv.plots.past_and_future(short).get_lines() if line.get_marker() == "o"]
    assert sum(sizes) == 14 + len(short.table) == 16  # hollow: there is no other
