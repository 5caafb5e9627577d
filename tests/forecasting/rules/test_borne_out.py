"""Of the calendar a forecast keeps the parts that the data bear out."""

import pytest

import clvmodels as clv
from clvmodels.forecasting.rules.gate import Rule

CASES = {
    "nothing": ({}, 730, "MBG/NBD"),
    "a strong December": ({"season": {12: 4.0}}, 730, "MBG/NBD with a calendar of season"),
    "a drift of cohorts": ({"cohort_trend": -1.5}, 730, "MBG/NBD with a calendar of tenure and cohort"),
    "both": (
        {"season": {12: 4.0}, "cohort_trend": -1.5}, 730, "MBG/NBD with a calendar of season, tenure and cohort",
    ),
    "nothing, half a year": ({}, 182, "BG/NBD"),
    "a drift, half a year": ({"cohort_trend": -3.0}, 182, "BG/NBD and BG/NBD with a calendar of tenure and cohort"),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def case(request):
    shop, days, title = CASES[request.param]
    log = clv.datasets.simulate_log(3_000, end="2024-12-31" if days == 730 else "2023-07-01", seed=5, **shop)
    return clv.summarize(log, customer="customer_id", date="date", keep_purchases=True), days, title


def test_parts_without_evidence_are_left_out(case):
    customers, days, title = case
    assert Rule().fit(customers, days).title == title


def test_a_calendar_that_is_asked_for_stays_as_it_is(case):
    customers, days, _ = case
    asked = Rule("mbg/nbd", clv.Calendar(season=False)).fit(customers, days)
    assert asked.title == "MBG/NBD with a calendar of tenure and cohort"
