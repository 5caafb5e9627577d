"""What the report says of the worth of the base, against pandas; and with costs, customers to come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.reporting.formats import money
from tests.reference.tolerances import SUMMATION
from tests.reporting.conftest import COLUMNS, LOG
from tests.reporting.page import read

CAPTION = "Value per customer, over the customers who bought in the period"


def test_value_per_customer_by_quarter_is_that_of_pandas(page):
    log = pd.read_csv(LOG, parse_dates=["date"])
    quarters = log.groupby(log["date"].dt.to_period("Q"))
    value = 0.3 * quarters["amount"].sum() / quarters["customer_id"].nunique()
    table = page.tables[CAPTION]
    head, rows = table[0], table[1:]
    shown = [row[head.index("Value each [USD]")] for row in rows]
    assert shown == [f"{one:,.2f}" for one in value]
    assert [row[0] for row in rows][-1] == "30 June 1998"
    assert "No costs were given" in page.text


def test_what_attrition_takes(page):
    made = clv.forecast(LOG, **COLUMNS, currency="USD", horizon="1Y")
    value = made.lifetime_value(annual_discount_rate=0.10, margin=0.30)
    comes = value["purchase_probability"]
    lost = float((value["lifetime_value"] / comes - value["lifetime_value"]).sum())
    assert f"they would be worth {money(lost, 'USD')} more".replace("\N{NO-BREAK SPACE}", " ") in page.text
    assert "not the quantile of losses that finance calls so" in page.text


def test_with_costs_customers_to_come_are_valued(tmp_path):
    """A log of 60 weeks in which customers keep coming."""
    rng = np.random.default_rng(3)
    first = rng.integers(0, 420, 500)
    rows = [
        (k, day) for k, start in enumerate(first) for day in {int(start), *(start + rng.integers(1, 200, 3)).tolist()}
    ]
    log = pd.DataFrame(rows, columns=["id", "day"])
    log = log[log["day"] < 420].assign(paid=20.0)
    log["day"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(log["day"], unit="D")
    path = clv.report(
        log, customer="id", date="day", amount="paid", model="bg/nbd", spend="gamma-gamma", margin=0.5, horizon="26W",
        costs=clv.Costs(per_order=1.0, per_new_customer=3.0), output=tmp_path / "r.html",
    )  # fmt: skip
    page = read(path)
    assert "less the costs that were given (assumed)" in page.text
    # one number for value to come: after what orders cost, on the whole page
    names = {"log": log}
    exec(page.code[: page.code.index("evaluation =")], names)
    made, value = names["forecast"], names["value"]["lifetime_value"]
    after = made.lifetime_value(annual_discount_rate=0.10, margin=0.5, cost_per_purchase=1.0)["lifetime_value"]
    assert value.sum() == pytest.approx(after.sum(), rel=SUMMATION)
    assert f"after what orders cost to serve, that is worth {money(after.sum(), None)}" in page.text
    assert "Customers still to come" in page.text or "were not valued" in page.text
    table = page.tables[CAPTION]
    quarter = log[log["day"] < "2023-04-01"]
    days = len(quarter.drop_duplicates(["id", "day"]))
    value = (0.5 * 20.0 - 1.0) * days / quarter["id"].nunique() - 3.0  # all of them are new
    assert float(table[1][table[0].index("Value each")]) == pytest.approx(value, abs=0.005)  # cents are shown


def test_without_amounts_or_dates_there_is_no_such_section(tmp_path, fits, customers):
    path = clv.report(fits[0], spend=fits[1], output=tmp_path / "r.html")  # without purchases of each customer
    assert "What the base is worth" not in path.read_text(encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"costs must be clvmodels\.Costs"):
        clv.report(LOG, **COLUMNS, costs=5.0, output=tmp_path / "r.html")
