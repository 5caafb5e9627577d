"""The report says what the log says, whatever the log."""

import re

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from tests.report.conftest import COLUMNS, LOG
from tests.report.page import read


def test_the_past_is_that_of_the_log(page):
    log = pd.read_csv(LOG)
    days = log.drop_duplicates(["customer_id", "date"])
    per_customer = days.groupby("customer_id").size()
    assert f"{len(per_customer):,} customers made {len(days):,} purchases between" in page.text
    assert f"{np.mean(per_customer > 1) * 100:.0f} % of them came back at least once" in page.text
    rows = dict(page.tables["From lines to customers"][1:])
    assert rows["Lines read"] == f"{len(log):,}"
    assert rows["of these one-time buyers"] == f"{int((per_customer == 1).sum()):,}"
    assert rows["Amount bought"] == f"{log['amount'].sum():,.2f}"


def test_clv_report_is_the_function_whatever_was_imported_before():
    import clvmodels.reporting.report

    assert callable(clv.report)
    assert clv.report is clvmodels.reporting.report.report


def test_the_customers_at_the_top_are_those_of_lifetime_value(page, fits):
    value = clv.lifetime_value(*fits, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    best = value.nlargest(15, "lifetime_value")
    table = page.tables["The 15 customers with the highest value"]
    place = {name: i for i, name in enumerate(table[0])}
    assert [row[0] for row in table[1:]] == [str(name) for name in best.index]
    for row, expected in zip(table[1:], best.to_dict("records"), strict=True):
        assert row[place["Value [USD]"]] == f"{expected['lifetime_value']:,.2f}"
        assert row[place["Purchases to come"]] == f"{expected['expected_purchases']:,.1f}"


def test_nothing_is_fetched(page):
    links = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"@import|url\((?!data:)", page.html)


def test_from_a_fit(fits, tmp_path):
    path = clv.report(fits[0], spend=fits[1], output=tmp_path / "fit.html")
    text = read(path).text
    assert "the model was not tested on a holdout" in text
    assert "Can it be trusted?" not in text


def test_names_from_the_log_are_text_and_not_markup(tmp_path):
    log = pd.read_csv(LOG).assign(customer_id=lambda table: "<b>&" + table["customer_id"].astype(str))
    path = clv.report(log, **COLUMNS, currency="<i>", title="<script>alert(1)</script>", output=tmp_path / "r.html")
    page = read(path)
    assert "script" not in {tag for tag, _ in page.tags}
    assert not {"b", "i"} & {tag for tag, _ in page.tags}
    assert any(row[0].startswith("<b>&") for row in page.tables["The 15 customers with the highest value"])


@pytest.mark.parametrize("options", [{"output": "r.docx"}, {"output": "no/where.html"}, {"horizon": None}, {"top": 0}])
def test_what_cannot_be_meant_is_refused_before_any_work(options, tmp_path):
    said = []
    options = {"output": tmp_path / "r.html", **options}
    with pytest.raises(clv.errors.ArgumentError):
        clv.report(LOG, **COLUMNS, **options, progress=said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []
