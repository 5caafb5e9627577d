"""Season, drift between cohorts and trend in spend: found where they are, and not where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.transactions.checks.over_time import Repeats, cohorts, season
from clvmodels.transactions.checks.spend_trend import spend_trend

END = pd.Timestamp("2024-12-31")
NAMES = ("season", "drift between cohorts", "trend in spend")


def findings(seed: int, customers: int = 1500, growth: float = 0.0, **world) -> dict:
    """What is found in a simulated log of two years."""
    log = clv.datasets.simulate_log(customers, seed=seed, **world).rename(columns={"date": "day", "amount": "spend"})
    log["spend"] *= np.exp(growth * (log["day"] - log["day"].min()).dt.days / 365.25)
    repeats = Repeats.of(log, END)
    return dict(zip(NAMES, (season(repeats), cohorts(repeats), spend_trend(log)), strict=True))


@pytest.mark.parametrize("joining", [None, 365])
def test_nothing_is_found_where_there_is_nothing(joining):
    found = [findings(seed, joining=joining) for seed in range(40)]
    for name in NAMES:
        alarms = sum(one[name].verdict == "look" for one in found)
        assert alarms <= 2  # 5 % of 40
        assert sum(one[name].verdict == "ok" for one in found) >= 38  # and it was looked for


def test_each_is_found_and_taken_for_no_other():
    world = {"purchases": {"r": 0.8, "alpha": 8.0}}
    cases = {
        "season": {"season": {12: 2.5, 7: 0.7}},
        "drift between cohorts": {"cohort_trend": -0.6},
        "trend in spend": {"growth": 0.15},
    }
    for name, case in cases.items():
        found = [findings(seed, **world, **case) for seed in range(12)]
        for other in NAMES:
            alarms = sum(one[other].verdict == "look" for one in found)
            assert alarms >= 11 if other == name else alarms <= 1, (name, other)


def test_sizes_are_near_the_truth():
    busy = {"r": 0.8, "alpha": 8.0}
    found = findings(1, 6000, 0.15, purchases=busy, season={12: 2.5}, cohort_trend=-0.5)
    average = 12 / 13.5 * 2.5 - 1.0  # December beside a mean month of (11 + 2.5) / 12
    assert found["season"].value == pytest.approx(average, rel=0.15)  # some 600 purchases in December, and the trend
    # rates are 39 % lower; who buys less often also leaves later, which makes up for a part; standard error .05
    assert -0.45 < found["drift between cohorts"].value < -0.2
    assert found["trend in spend"].value == pytest.approx(np.expm1(0.15), abs=0.03)  # standard error .01
    assert "December has 2." in found["season"].sentence
    assert "forecasts too much for those of late" in found["drift between cohorts"].sentence
    assert "revenue would be forecast too low" in found["trend in spend"].sentence


def test_online_retail_has_all_three():
    from clvmodels.evaluation.studies.accuracy import online_retail

    columns = {"customer": "customer_id", "date": "timestamp", "amount": "amount", "order": "order_id"}
    checks = clv.summarize(online_retail(), **columns, keep_purchases=True).check()
    assert checks["season"].verdict == "look"
    assert "November has 1.5 times" in checks["season"].sentence
    assert checks["drift between cohorts"].verdict == "look"
    assert checks["trend in spend"].verdict == "look"


def test_short_logs_and_single_cohorts_are_unknown(cdnow):
    log = clv.datasets.load_cdnow(sample=True)
    checks = clv.summarize(log, customer="customer_id", date="date", amount="amount", keep_purchases=True).check()
    assert checks["season"].verdict == "unknown"
    assert checks["drift between cohorts"].verdict == "unknown"
    assert "season" not in {finding.name for finding in cdnow.check()}  # without purchases nothing is said


@pytest.mark.parametrize(
    "purchases",
    [
        pd.DataFrame({"customer_id": [1], "day": pd.to_datetime(["2024-01-01"]), "spend": [5.0]}),
        pd.DataFrame({"customer_id": 1, "day": pd.to_datetime(["2020-01-01", "2024-12-31"]), "spend": [np.nan, 0.0]}),
        pd.DataFrame({"customer_id": [1, 2], "day": pd.to_datetime(["2001-01-01", "2024-01-01"]), "spend": [5.0, 1.0]}),
        pd.DataFrame(
            {"customer_id": np.arange(800), "day": pd.date_range("2022-10-24", periods=800), "spend": np.ones(800)}
        ),
        pd.DataFrame(
            {"customer_id": np.arange(800) % 40, "day": pd.date_range("2022-10-24", periods=800), "spend": np.ones(800)}
        ),
    ],
)  # fmt: skip
def test_little_data_break_nothing(purchases):
    repeats = Repeats.of(purchases, END)
    for found in (season(repeats), cohorts(repeats), spend_trend(purchases)):
        assert found is None or (found.verdict in ("ok", "unknown") and found.sentence.endswith("."))


def test_a_long_log_is_cut_to_five_years():
    day = pd.date_range("2010-01-01", END, freq="7D")
    purchases = pd.DataFrame({"customer_id": np.arange(len(day)) % 100, "day": day, "spend": 1.0})
    repeats = Repeats.of(purchases, END)
    assert repeats.length <= 1826
    assert (repeats.day < repeats.length).all()
    assert season(repeats).verdict == "unknown"  # no customer is new in the last five years
