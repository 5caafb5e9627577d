"""The checks find what is wrong with a log, and nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.summarize import summarize


def simulate(shape, spend_power=0.0, dropout=0.0, customers=1500, seed=3):
    """Gamma(shape) gaps with a rate of each customer's own, first purchases spread over two years.

    ``dropout`` is the probability of leaving after a purchase.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 1 / 60, customers)
    start = rng.uniform(0, 730, customers)
    gaps = rng.gamma(shape, 1 / (shape * rate)[:, None], (customers, 40))
    days = start[:, None] + np.column_stack([np.zeros(customers), gaps.cumsum(axis=1)])
    owner = np.broadcast_to(np.arange(customers)[:, None], days.shape)
    stays = rng.random(days.shape) >= dropout
    stayed = np.column_stack([np.ones(customers, dtype=bool), stays[:, 1:].cumprod(axis=1) > 0])
    seen = (days < 1000) & stayed
    mean = 20 * (rate / rate.mean()) ** spend_power
    return pd.DataFrame(
        {
            "id": owner[seen],
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.floor(days[seen]), unit="D"),
            "paid": (mean[owner] * rng.gamma(4.0, 0.25, days.shape))[seen],
        }
    )


def check(log):
    return summarize(log, customer="id", date="day", amount="paid").check()


@pytest.mark.parametrize("shape", [1.0, 4.0])
def test_regularity_recovers_the_shape_of_the_gaps(shape):
    # the tolerance covers the noise of 1,500 customers and the cut at the end of the observation
    assert check(simulate(shape))["regularity of gaps"].value == pytest.approx(shape, rel=0.25)


def test_poisson_purchases_with_independent_spend_are_fit_for_the_models():
    assert [finding.name for finding in check(simulate(1.0, dropout=0.2)) if finding.verdict != "ok"] == []


def test_spend_that_goes_with_frequency_is_a_problem():
    assert check(simulate(1.0, spend_power=1.0))["frequency and spend"].verdict == "problem"


def test_customers_who_predate_the_log_are_found():
    log = simulate(1.0)
    assert check(log[log["day"] > "2021-06-01"])["customers before the log"].verdict != "ok"


def test_a_table_from_elsewhere_says_what_it_cannot_tell():
    table = pd.DataFrame({"frequency": [0, 2], "recency": [0.0, 3.0], "T": [5.0, 4.0]})
    checks = Customers.from_frame(table, unit="week").check()
    assert checks["regularity of gaps"].verdict == "unknown"
    assert checks["repeaters"].verdict == "look"
    assert len(checks.to_frame()) == len(checks) == len(str(checks).splitlines())


def test_nobody_who_bought_again_is_a_problem():
    table = pd.DataFrame({"frequency": [0, 0], "recency": [0.0, 0.0], "T": [5.0, 4.0]})
    assert Customers.from_frame(table, unit="week").check().verdict == "problem"


def test_a_log_that_ends_long_before_the_observation_is_pointed_out():
    log = simulate(1.0, dropout=0.2)
    last = log["day"].max()
    for days, verdict in ((1, None), (10, "look"), (120, "problem")):
        end = last + pd.Timedelta(days=days)
        customers = summarize(log, customer="id", date="day", amount="paid", observation_end=end)
        found = [(one.value, one.verdict) for one in customers.check() if one.name == "end of the observation"]
        assert found == ([] if verdict is None else [(pytest.approx(days), verdict)])


def test_a_quiet_log_may_be_silent_for_a_while():
    table = pd.DataFrame({"frequency": [1, 0, 2], "recency": [30.0, 0.0, 20.0], "T": [52.0, 52.0, 52.0]})
    assert "end of the observation" not in [one.name for one in Customers.from_frame(table, unit="week").check()]
