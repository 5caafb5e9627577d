"""Simulated futures against expectations, and against the intervals of `lifetime_value`."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.reporting.study.simulated_totals import simulate


@pytest.fixture(scope="module")
def futures(fits, few):
    purchases, spend = fits
    months = clv.plots.forecast_table(purchases, spend, customers=few, months=6)
    expected = purchases.expected_purchases("90D", few)
    discount = purchases.discounted_expected_purchases(0.10, "90D", few) / expected
    return months, simulate(purchases, spend, few, horizon="90D", months=months, value_per_spend=discount.to_numpy())


def test_means_are_the_expectations(futures, fits, few):
    months, simulated = futures
    value = clv.lifetime_value(*fits, few, horizon="90D", annual_discount_rate=0.10)
    sums = {
        "purchases": value["expected_purchases"].sum(),
        "buyers": value["purchase_probability"].sum(),
        "revenue": (value["expected_purchases"] * value["expected_spend"]).sum(),
        "value": value["lifetime_value"].sum(),
    }
    for name, expected in sums.items():
        draws = getattr(simulated, name)
        # four standard errors, and that the mean over the parameters is not quite that at the estimate
        assert draws.mean() == pytest.approx(expected, abs=4 * draws.std() / np.sqrt(len(draws)) + 0.01 * expected)
    for name in ("purchases", "revenue"):
        draws = getattr(simulated, f"monthly_{name}")
        reach = 4 * draws.std(axis=0) / np.sqrt(len(draws)) + 0.01 * months[name].to_numpy()
        assert (np.abs(draws.mean(axis=0) - months[name].to_numpy()) < reach).all()


def test_ranges_are_those_of_lifetime_value(futures, fits, few):
    _, simulated = futures
    value = clv.lifetime_value(
        *fits, few, horizon="90D", annual_discount_rate=0.10, interval=0.90, predictive=True
    ).attrs["total"]
    for name, column in (("purchases", "expected_purchases"), ("value", "lifetime_value")):
        low, high = simulated.range(name)
        # quantiles of 400 futures beside those of 1,000: each is good to about an eighth of the width
        width = value[column]["upper"] - value[column]["lower"]
        assert low == pytest.approx(value[column]["lower"], abs=width / 8)
        assert high == pytest.approx(value[column]["upper"], abs=width / 8)


def test_months_that_the_horizon_cuts_are_whole(futures):
    months, simulated = futures
    assert simulated.monthly_purchases.shape == (len(simulated), len(months))
    # 90 days from 30 June are all but 2 of the days of three months
    three = simulated.monthly_purchases[:, :3].sum(axis=1)
    assert (three >= simulated.purchases).all()
    # purchases become fewer by the day, and the last two days have fewer than the mean
    assert three.mean() == pytest.approx(simulated.purchases.mean() * 92 / 90, rel=0.02)


def test_fans_widen_with_the_level(futures):
    months, simulated = futures
    fan = simulated.fan("revenue", months.index)
    assert (fan[0.9]["lower"] <= fan[0.5]["lower"]).all()
    assert (fan[0.9]["upper"] >= fan[0.5]["upper"]).all()


def test_without_identified_parameters_there_are_none():
    table = {"frequency": [0, 0], "recency": [0.0, 0.0], "T": [10.0, 20.0]}
    customers = clv.Customers.from_frame(pd.DataFrame(table), unit="week")
    with pytest.warns(clv.errors.IdentificationWarning):
        purchases = clv.fit(customers, "bg/nbd")
    assert simulate(purchases, None, customers, horizon="1Y", months=None) is None
