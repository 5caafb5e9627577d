"""Online Retail II from its raw lines, with cancellations: columns guessed, every line accounted for."""

import re

import pandas as pd
import pytest

from clvmodels import datasets

LINES = datasets.path("online_retail").with_name("online_retail_lines.parquet")

pytestmark = pytest.mark.skipif(not LINES.exists(), reason="the raw lines are in the repository only")


@pytest.fixture
def counts(clv):
    """The row report as it is printed, by name."""
    result = clv("score", LINES, "--currency", "GBP")
    assert result.exit_code == 0
    assert re.fullmatch(
        r"Warning: [\d,]+ lines are exact copies of another one \(1.1% of 1,067,370\)\..*\n", result.stderr
    )
    for role, column in {"Amount": "Quantity × Price", "Order": "Invoice", "Customer": "Customer ID"}.items():
        assert re.search(rf"{role} +{column} +guessed", result.stdout)
    report = result.stdout.split("From lines to customers")[1].split("\n\n")[0]
    rows = re.findall(r"^ +(\S.*?)  +(-?[\d,.]+) *$", report, re.MULTILINE)
    return {name.split(" (")[0]: float(count.replace(",", "")) for name, count in rows}


def _known_copies():
    """Copies in every column, as pandas finds them."""
    lines = pd.read_parquet(LINES)
    return int(lines[lines["Customer ID"].notna()].duplicated().sum())


def test_the_row_report_adds_up(counts):
    assert counts["Lines read"] == 1_067_370
    assert counts["Lines read"] + counts["without a customer"] == counts["Lines used"]
    merged = counts["merged with another one of the same day"]
    days = counts["Orders in them"] + counts["refunds"] + merged + counts["days that a refund took back"]
    assert days == counts["Purchase days"]
    customers = counts["Customers in the lines used"] + counts["with refunds only, or nothing left"]
    assert customers == counts["Customers"]
    spent = counts["Amount bought"] + counts["refunds set against it"]
    assert spent == pytest.approx(counts["Amount on purchase days"], abs=0.015)  # three numbers rounded to pennies


def test_the_row_report_agrees_with_pandas_and_the_scores(counts):
    lines = pd.read_parquet(LINES, columns=["Invoice", "Quantity", "Price", "Customer ID"]).dropna()
    amount = lines["Quantity"] * lines["Price"]
    orders = amount.groupby([lines["Customer ID"], lines["Invoice"]]).sum()
    assert counts["Lines used"] == len(lines)
    assert counts["of these exact copies of another line"] == _known_copies()
    assert counts["Orders in them"] == len(orders)
    assert counts["Customers in the lines used"] == lines["Customer ID"].nunique()
    refunded = -counts["refunds set against it"] + counts["Refunds that found no earlier purchase"]
    # shown in whole cents; the refunds set against purchases come as three amounts
    assert counts["Amount bought"] - refunded == pytest.approx(amount.sum(), abs=0.03)
    scores = pd.read_csv("scores.csv")
    assert counts["Customers"] == len(scores)
    assert counts["Purchase days"] == scores["purchases"].sum()
    assert counts["of these one-time buyers"] == (scores["purchases"] == 1).sum()
