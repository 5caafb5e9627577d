"""The report says what the log says, as numbers that are computed here another way."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from tests.reference.tolerances import PREDICTION
from tests.reporting.conftest import COLUMNS, LOG

TOP = "The 15 customers with the highest value"
TRIAL = "The model and its alternatives on the holdout"


@pytest.fixture(scope="module")
def days():
    """One row a customer and day."""
    log = pd.read_csv(LOG, parse_dates=["date"])
    return log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()


@pytest.fixture(scope="module")
def forecast():
    return clv.forecast(LOG, **COLUMNS, currency="USD", horizon="1Y")


@pytest.fixture(scope="module")
def value(forecast):
    return forecast.lifetime_value(annual_discount_rate=0.10, margin=0.30)


def number(text):
    """The first number in a text; percent as a share."""
    found = re.search(r"[−+]?[\d,]*\.?\d+", text)[0]
    plain = float(found.replace(",", "").replace("−", "-"))
    return plain / 100 if "%" in text else plain


def column(table, head):
    place = table[0].index(head)
    return [row[place] for row in table[1:]]


def test_the_past(page, days):
    count = days.groupby("customer_id").size()
    assert f"{len(count):,} customers made {len(days):,} purchases between 1 January 1997 and 30 June 1998" in page.text
    assert f"{np.mean(count > 1) * 100:.0f} % of them came back at least once" in page.text
    rows = dict(page.tables["From lines to customers"][1:])
    assert rows["Lines read"] == f"{len(pd.read_csv(LOG)):,}"
    assert rows["of these one-time buyers"] == f"{int((count == 1).sum()):,}"
    assert rows["Amount bought"] == f"{days['amount'].sum():,.2f}"


def test_the_numbers_to_be_seen_first(page, value):
    expected = [value[name].sum() for name in ("lifetime_value", "expected_purchases", "purchase_probability")]
    shown = [number(fact) for fact in page.facts]
    assert shown[:3] == pytest.approx(expected, rel=5e-3)  # three figures are shown
    valuable = value["lifetime_value"] >= value["lifetime_value"].quantile(0.8)
    assert shown[3] == (valuable & (value["attrition_risk"] >= 0.5)).sum()
    ranked = value["lifetime_value"].sort_values(ascending=False)
    best = ranked.iloc[: round(len(ranked) / 10)].sum() / ranked.sum()
    assert f"The best tenth of the customers hold {best * 100:.0f} % of that value." in page.text


def test_the_customers_at_the_top(page, value, customers):
    best = value.nlargest(15, "lifetime_value")
    table = page.tables[TOP]
    assert column(table, "Customer") == [str(name) for name in best.index]
    assert column(table, "Value [USD]") == [f"{one:,.2f}" for one in best["lifetime_value"]]
    assert column(table, "Purchases to come") == [f"{one:,.1f}" for one in best["expected_purchases"]]
    last = pd.read_csv(LOG).groupby("customer_id")["date"].max()
    assert column(table, "Last purchase") == [last[name] for name in best.index]


def test_ranges_hold_the_numbers_they_are_about(page):
    for caption, what in ((TOP, "Value [USD]"), ("Expected by month", "Purchases")):
        table = page.tables[caption]
        ranges = [[number(end) for end in text.split(" to ")] for text in column(table, "90 % range")]
        points = [number(text) for text in column(table, what)]
        assert all(low <= point <= high for (low, high), point in zip(ranges, points, strict=True))


def test_the_forecast_by_month(page, forecast):
    table = page.tables["Expected by month"]
    assert column(table, "Month")[0] == "July 1998"
    assert len(table) == 1 + 12
    shown = [number(text) for text in column(table, "Purchases")]
    assert shown == forecast.table["purchases"].round().tolist()
    bounds = [[number(end) for end in text.split(" to ")] for text in column(table, "90 % range")]
    assert len(bounds) == 12
    assert "at an earlier date it was off by" in page.text


def test_sums_months_customers_and_ranges_agree(forecast, value):
    assert value["expected_purchases"].sum() == pytest.approx(forecast.range_of("purchases")[0], rel=PREDICTION)
    assert (value["expected_purchases"] * value["expected_spend"]).sum() == pytest.approx(
        forecast.range_of("revenue")[0], rel=PREDICTION
    )
    assert forecast.table["revenue"].sum() == pytest.approx(forecast.range_of("revenue")[0], rel=PREDICTION)


def test_the_holdout_is_the_last_third_in_weeks(page, days):
    first, last = days["date"].min(), days["date"].max()
    held = ((last - first).days + 1) // 3 // 7 * 7
    end = last - pd.Timedelta(days=held)
    known = days.loc[days["date"] <= end, "customer_id"].unique()
    happened = ((days["date"] > end) & days["customer_id"].isin(known)).sum()
    assert f"fitted to the days until {end.day} {end:%B %Y} only" in page.text
    assert f"the last {held // 7} weeks" in page.text
    assert f" purchases; {happened:,} were made" in page.text

    tested = clv.forecast(LOG, **COLUMNS, observation_end=end, horizon=f"{held}D")
    expected, lower, upper = tested.range_of("purchases")
    assert f"the model forecast {expected:,.0f} purchases" in page.text
    where = "inside" if lower <= happened <= upper else "outside"
    assert f"That is {where} the 90 % range that it gave, {lower:,.0f} to {upper:,.0f}" in page.text
    row = page.tables[TRIAL][1]
    assert row[0] == "Forecast"
    assert number(row[1]) == pytest.approx(expected / happened - 1, abs=0.005)  # whole per cent are shown


def test_parts_add_up(page, customers):
    groups, tenths = page.tables["Four groups by value and risk"], page.tables["Customers by rank"]
    for table in (groups, tenths):
        assert sum(map(number, column(table, "Customers"))) == len(customers)
        # whole per cent are shown
        assert sum(map(number, column(table, "Share of value"))) == pytest.approx(1, abs=len(table) * 0.005)


def test_the_code_in_it_makes_the_same_numbers(page):
    names = {}
    exec(page.code, names)
    best = names["value"]["lifetime_value"].max()
    assert column(page.tables[TOP], "Value [USD]")[0] == f"{best:,.2f}"
    bias = names["evaluation"].table.loc["forecast", "count_bias"]
    # whole per cent are shown
    assert number(page.tables[TRIAL][1][1]) == pytest.approx(bias, abs=0.005)


def test_what_it_is_built_of(page):
    """Readers who see no pictures, and machines that read aloud."""
    assert page.attributes("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(len(image["alt"]) > 40 for image in page.attributes("img"))
    assert all(head.get("scope") in ("col", "row") for head in page.attributes("th"))
    assert len(page.attributes("caption")) == len(page.attributes("table"))
    anchors = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {link["href"][1:] for link in page.attributes("a")} <= anchors
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))


def test_nothing_is_fetched(page):
    links = [value for _, all_of in page.tags for name, value in all_of.items() if name in ("src", "href", "srcset")]
    assert len(links) > 30
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"@import|url\(", page.html)
    # one script, and the data that it reads; what it makes of them is seen in a browser
    assert page.attributes("script") == [{"type": "text/plain", "id": "explorer-data"}, {}]
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|innerHTML|eval\(", page.html)


def test_the_customers_to_win_back(page, value):
    valuable = value["lifetime_value"] >= value["lifetime_value"].quantile(0.8)
    lost = value[valuable & (value["attrition_risk"] >= 0.5)].nlargest(10, "lifetime_value")
    table = page.tables["Act now: the 10 worth most"]
    assert column(table, "Customer") == [str(name) for name in lost.index]
    assert max(map(number, column(table, "Chance to buy"))) <= 0.5
