"""New customers on a clock: as a fit's own new customer, whatever the day, and at the level of those who came late."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.equity.parts.new_customers import NewCustomers, new_customers
from clvmodels.forecasting.rules.gate import FittedRule
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.inference.data.clock.calendar import Calendar
from tests.decisions.equity.conftest import COLUMNS

OF_A_SPLINE = 1e-5  # between a hundred ages


def test_a_new_customer_of_a_plain_model_depends_on_age_alone(cdnow_bgnbd: clv.Fit) -> None:
    found = NewCustomers(FittedRule((cdnow_bgnbd,)), 10.0)
    days, until = np.array([0.0, 7.0, 700.0]), np.array([70.0, 77.0])
    expected = cdnow_bgnbd.expected_purchases([10, 11, 9], "new").to_numpy()[0]
    made = found.repeat_purchases(days, until)
    assert made[:2].ravel() == pytest.approx([expected[0], expected[1], expected[2], expected[0]], rel=OF_A_SPLINE)
    assert made[2].tolist() == [0.0, 0.0]
    assert found.revenue(days, until)[2].tolist() == [0.0, 0.0]  # who has not come yet spends nothing
    assert found.revenue(days, until)[0] == pytest.approx(10.0 * (1.0 + made[0]))


def test_several_models_are_their_geometric_mean(cdnow_bgnbd: clv.Fit) -> None:
    other = clv.predictions("bg/nbd", {"r": 0.4, "alpha": 4.0, "a": 0.8, "b": 2.5})
    days, until = np.array([0.0]), np.array([70.0])
    one, two = (NewCustomers(FittedRule((fit,)), 1.0).repeat_purchases(days, until) for fit in (cdnow_bgnbd, other))
    both = NewCustomers(FittedRule((cdnow_bgnbd, other)), 1.0).repeat_purchases(days, until)
    assert both == pytest.approx(np.sqrt(one * two))


def test_the_clock_counts_from_the_day_on_which_a_customer_comes() -> None:
    """As the fit's own new customer, whose first purchase is on the last day; a year later the season is the same."""
    log = clv.datasets.simulate_log(1_500, season={12: 4.0}, end="2024-03-31", seed=2)
    customers = clv.summarize(log, **COLUMNS, unit="week", keep_purchases=True)
    fit = clv.fit(customers, "bg/nbd", calendar=Calendar(season=3, tenure=False, cohort=False))
    new = new_customers(FittedRule((fit,)), None, 1.0)
    end = float(day_number(customers.observation_end))
    own = fit.expected_purchases([20, 40], "new").to_numpy()[0]
    made = new.repeat_purchases(np.array([end, end + 365.0]), end + np.array([140.0, 280.0, 365.0 + 280.0]))
    assert made[0, :2] == pytest.approx(own, rel=OF_A_SPLINE)
    assert made[1, 2] == pytest.approx(made[0, 1], rel=5e-3)  # 2024 is a leap year, and weekdays move
    before = new.repeat_purchases(np.array([end + 214.0]), np.array([end + 306.0]))[0, 0]  # November to January
    after = new.repeat_purchases(np.array([end + 306.0]), np.array([end + 398.0]))[0, 0]
    assert before > 1.3 * after


def test_the_level_of_those_who_came_of_late() -> None:
    """Customers who spend twice as much as the model says are found to do so."""
    log = clv.datasets.simulate_log(3_000, seed=3)
    customers = clv.summarize(log, **COLUMNS, unit="week", keep_purchases=True)
    record = PurchaseRecord.of(customers)
    assert record is not None
    fit = clv.fit(customers, "bg/nbd")
    new = NewCustomers(FittedRule((fit,)), 35.2)
    end = day_number(record.end)
    level = new.late_level(record, end)
    assert level == pytest.approx(0.0, abs=0.10)  # amounts of 1,500 customers, whose spread is large
    doubled = replace(record, spend=2.0 * record.spend)
    assert new.late_level(doubled, end) == pytest.approx(level + np.log(2.0))
    assert new.late_level(record, day_number(pd.Timestamp("2023-01-10"))) == 0.0  # too few yet
