"""The campaign of the report and what it says of groups, against `clvmodels.target` and sums over customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.reporting.formats import plainly
from tests.reference.tolerances import SUMMATION
from tests.reporting.conftest import ACTIVITIES, BUDGET, COLUMNS, LOG
from tests.reporting.page import read
from tests.reporting.test_report import column, number

COSTS, EFFECTS = (ACTIVITIES.set_index("name")[name].to_dict() for name in ("cost", "effect"))
GROUPS = "Four groups by value and risk"
HEAD = "Pays below, if +10 % [USD]"


@pytest.fixture(scope="module")
def page(campaign_file):
    return read(campaign_file)


@pytest.fixture(scope="module")
def value(customers):
    return clv.forecast(customers, horizon="1Y").lifetime_value(annual_discount_rate=0.10, margin=0.30)


@pytest.fixture(scope="module")
def plan(value):
    return clv.target(value, ACTIVITIES, budget=BUDGET, interval=0.90)


def test_the_campaign_is_that_of_target(page, plan):
    for sentence in plan.summary().splitlines():
        assert " ".join(plainly(sentence).split()) in page.text
    assert "assumed, not measured (e-mail and call), and ranges take them as known" in page.text
    assert page.text.count("effect assumed") == len(COSTS)
    assert "(90 %:" in page.text  # of the profit
    best = plan.plan.nlargest(15, "incremental_value")
    table = page.tables["Chosen: the 15 who bring most"]
    assert column(table, "Customer") == [str(one) for one in best["customer_id"]]
    assert column(table, "Activity") == list(best["activity"])
    assert column(table, "Expected profit [USD]") == [f"{one:,.2f}" for one in best["incremental_value"]]
    assert column(table, "Gets it") == ["yes" if one == "activity" else "held out" for one in best["group"]]


def test_activities_and_rules_side_by_side(page, plan):
    table = page.tables["What can be done"]
    assert column(table, "Effect") == ["3 % of value", "10 % of value"]
    sums = plan.plan.groupby("activity", observed=False)["incremental_value"].sum()
    cents = list(map(number, column(table, "Profit [USD]")))
    assert cents == pytest.approx(sums.tolist(), abs=0.005)  # cents are shown
    rules = page.tables["The plan beside simpler rules, by the same effects"]
    assert column(rules, "Chosen") == ["This plan", "By value", "By risk", "At random", "Everyone"]
    shown = list(map(number, column(rules, "Expected profit [USD]")))
    assert shown == pytest.approx(plan.comparison["profit"].tolist(), abs=0.005)  # cents are shown
    assert any("best size" in image["alt"] for image in page.attributes("img"))


def test_groups_take_their_advice_from_incremental_profit(page, value, plan):
    worth, risk = value["lifetime_value"], value["attrition_risk"]
    valuable, risky = worth >= worth.quantile(0.8), risk >= 0.5
    inside = [valuable & ~risky, valuable & risky, ~valuable & ~risky, ~valuable & risky]
    profits = [max((EFFECTS[name] * worth[one] - COSTS[name]).sum() for name in COSTS) for one in inside]
    table = page.tables[GROUPS]
    shown = list(map(number, column(table, "Profit if all get it [USD]")))
    assert shown == pytest.approx(profits, abs=0.005)  # cents are shown
    chosen = plan.plan["customer_id"]
    assert list(map(number, column(table, "In the plan"))) == [chosen.isin(worth.index[one]).sum() for one in inside]
    verdicts = [item["class"] for item in page.attributes("li") if item.get("class") in ("pays", "unsure", "leave")]
    assert [verdict == "leave" for verdict in verdicts] == [profit < 0 for profit in profits]
    assert "leave" in verdicts
    assert "To be left alone as a group" in page.text


def test_the_code_plans_the_same_campaign(page, customers, plan):
    names = {"customers": customers, "purchases": customers, "spend": "gamma-gamma-amounts"}
    code = page.code.replace("    customers=customers,\n", "")  # they were passed, and not a fit of them
    exec(code, names)
    assert names["plan"].profit == pytest.approx(plan.profit, rel=SUMMATION)


def test_without_activities_it_is_an_if(report_file):
    plain = read(report_file)
    assert "Campaign" not in plain.text
    assert "nothing here says which group is worth acting on" in plain.text
    assert "Leave" not in plain.text
    table = plain.tables[GROUPS]
    counts, worth, below = (
        np.array(list(map(number, column(table, head)))) for head in ("Customers", "Value [USD]", HEAD)
    )
    assert below == pytest.approx(0.10 * worth / counts, abs=0.006)  # cents are shown, of values in whole USD
    assert "if an activity raised their purchases by 10 %, it would pay below" in plain.text


def test_a_measured_effect_and_a_column_of_the_summary(few, tmp_path):
    rng, size = np.random.default_rng(3), len(few.table)
    treated = rng.integers(0, 2, size)
    profit = rng.gamma(2.0, 1.0, size) + 0.8 * treated
    tested = pd.DataFrame({"treated": treated, "profit": profit}, few.table.index)
    test = clv.RandomisedTest.of(tested, treated="treated", outcome="profit")
    activities = [
        clv.Activity(name="letter", cost=0.5, effect=test),
        clv.Activity(name="<gift>", cost="frequency", effect=(0.05, 0.01)),
    ]
    page = read(clv.report(few, margin=0.3, activities=activities, output=tmp_path / "r.html"))
    assert "assumed, not measured (<gift>)." in page.text
    assert "effect from" in page.text
    assert "gift" not in {tag for tag, _ in page.tags}
    assert "# activities: as they were passed to clv.report" in page.code
    assert 'value.assign(**forecast.known.table[["frequency"]])' in page.code
    assert "Without a budget, customers are chosen" in page.text


def test_a_campaign_without_values_is_missing(few, tmp_path):
    table = few.table[["frequency", "recency", "T"]]
    known = clv.Customers.from_frame(table, unit="week")
    page = read(clv.report(known, activities=ACTIVITIES, output=tmp_path / "r.html"))
    assert "No campaign was planned, since customers have no value here." in page.text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"budget": 5.0}, "there are no activities"),
        ({"activities": ACTIVITIES, "budget": -1.0}, "budget must be"),
        ({"activities": ACTIVITIES.drop(columns="cost")}, "cost is missing"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(options, sentence, tmp_path):
    said = []
    with pytest.raises(ArgumentError, match=sentence):
        clv.report(LOG, **COLUMNS, **options, output=tmp_path / "r.html", progress=said.append)
    assert said == []
