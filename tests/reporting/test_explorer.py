"""The list of all customers in a real browser: sorted, searched, looked up, saved; by keyboard; without a script."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import pytest

from clvmodels.reporting.packed import packed, unpacked
from clvmodels.safe_text import harmless, restored
from tests.reporting.conftest import LOG
from tests.reporting.page import read

pytestmark = pytest.mark.slow
SAID = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
NASTY = [
    "=1+1",
    "'=1+1",
    "-5",
    "-x",
    "\uff1d1",
    "@sum",
    'a,"b"',
    "</script><b>",
    "Ünal  Å",
    "\t1",
    "a\nb",
    "12.5",
    " =2",
]
BODY = "[...document.querySelectorAll('#explorer tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
COUNT = "document.querySelector('#explorer .count').textContent"
READY = "document.querySelector('#explorer.ready')"


@pytest.fixture
def tab(browser, report_file):
    browser.open(report_file, width=1280)
    browser.wait(READY)
    yield browser
    assert browser.happened(*SAID) == []


@pytest.fixture(scope="module")
def data(page):
    return unpacked(page.data)


def cells(browser, place):
    return [row[place] for row in browser.run(BODY)]


def head(browser, name):
    return browser.run(f"document.querySelector('#explorer th[data-by={name}]').getAttribute('aria-sort')")


def click(browser, selector):
    browser.run(f"document.querySelector('#explorer {selector}').click()")


def find(browser, text):
    browser.run("(() => { const i = document.querySelector('#explorer input'); i.focus(); i.select(); })()")
    browser.type(text)


def card(browser):
    return " ".join(browser.run("document.querySelector('#explorer .card').innerText").split())


def changed(page_file, data, path, **changes):
    """The page with other data."""
    html = page_file.read_text(encoding="utf-8")
    path.write_text(html.replace(read(page_file).data, packed({**data, **changes})), encoding="utf-8")
    return path


def downloaded(browser, folder):
    """What a click saves."""
    said = browser.happened(*SAID)
    path = browser.saved(folder, "document.querySelector('#explorer .save').click()")
    assert (said, path.name) == ([], "customers.csv")
    return path.read_bytes().decode("utf-8")


def test_sorted(tab, data):
    assert cells(tab, 0) == data["ids"][:20]
    assert head(tab, "lifetime_value") == "descending"
    click(tab, "th[data-by=last_purchase] button")
    assert (head(tab, "last_purchase"), head(tab, "lifetime_value")) == ("descending", None)
    last = pd.read_csv(LOG).groupby("customer_id")["date"].max()
    assert cells(tab, 6) == sorted(last, reverse=True)[:20]
    click(tab, "th[data-by=last_purchase] button")
    assert head(tab, "last_purchase") == "ascending"
    assert cells(tab, 6) == sorted(last)[:20]
    click(tab, "th[data-by=id] button")
    assert cells(tab, 0) == sorted(data["ids"], key=int)[:20]


def test_searched_and_paged(tab, data):
    assert tab.run("document.querySelector('#explorer .back').disabled")
    click(tab, ".forth")
    assert cells(tab, 0) == data["ids"][20:40]
    find(tab, "99")
    wanted = [name for name in data["ids"] if "99" in name]
    assert cells(tab, 0) == wanted[:20]  # from the first page
    assert tab.run(COUNT).startswith(f"{len(wanted)} of 2,357 customers, worth ")
    find(tab, "no such id")
    assert tab.run(BODY) == []
    assert tab.run(COUNT) == "0 of 2,357 customers."
    assert tab.run("document.querySelector('#explorer .save').disabled")


def test_one_group(tab, data):
    tab.run(
        "(() => { const s = document.querySelector('#explorer select'); s.value = '1'; s.onchange({target: s}); })()"
    )
    (group,) = [one["values"] for one in data["columns"] if one["name"] == "group"]
    (value,) = [one["values"] for one in data["columns"] if one["name"] == "lifetime_value"]
    inside = [place for place, one in enumerate(group) if one == 1]
    assert cells(tab, 0) == [data["ids"][place] for place in inside[:20]]
    worth = sum(value[place] for place in inside) / 100
    said = tab.run(COUNT).replace("\u00a0", " ")
    assert said == f"{len(inside)} of 2,357 customers, worth {worth:,.0f} USD together."


def test_looked_up_by_keyboard(tab, data):
    place = 100
    find(tab, data["ids"][place])
    tab.press("Enter", 13, "\r")
    assert tab.run("document.activeElement.className") == "card"
    text = card(tab)
    assert text.startswith(f"Customer {data['ids'][place]} ")
    assert f"Rank {place + 1} of 2,357" in text
    days = pd.read_csv(LOG).query(f"customer_id == {data['ids'][place]}")["date"].nunique()
    assert tab.run("document.querySelectorAll('#explorer .card circle').length") == days
    assert f"Bought on {days} days" in text if days > 1 else "Bought once" in text
    assert re.search(r"Over the next year the chance of a purchase is [\d.]+ %", text)
    tab.press("Escape", 27)
    assert tab.run("document.querySelector('#explorer .card').hidden")
    assert tab.run("document.activeElement.name") == "query"
    find(tab, "nobody")
    tab.press("Enter", 13, "\r")
    assert tab.run(COUNT) == "No customer here has the id nobody."


def test_the_best_have_a_range(tab, data):
    click(tab, "tbody button")
    assert f"90 % range {data['bounds']['0']}" in card(tab)


def test_what_is_listed_is_saved(tab, data, tmp_path):
    find(tab, "99")
    click(tab, "th[data-by=id] button")
    rows = list(csv.DictReader(io.StringIO(downloaded(tab, tmp_path))))
    wanted = sorted((name for name in data["ids"] if "99" in name), key=int)
    assert [row["customer_id"] for row in rows] == wanted
    last = pd.read_csv(LOG).groupby("customer_id")["date"].max()
    assert [row["last_purchase"] for row in rows] == [last[int(name)] for name in wanted]
    assert [data["ids"][int(row["rank"]) - 1] for row in rows] == wanted


def test_ids_that_want_to_be_something_else(browser, report_file, data, tmp_path):
    """Formulas in a spreadsheet, tags in the page: they stay texts, and the file gives them back."""
    ids = [*NASTY, *data["ids"][len(NASTY) :]]
    browser.open(changed(report_file, data, tmp_path / "nasty.html", ids=ids), width=390)
    browser.wait(READY)
    assert cells(browser, 0)[: len(NASTY)] == NASTY
    assert browser.run("document.querySelectorAll('#explorer b').length") == 0
    read_back = [row["customer_id"] for row in csv.DictReader(io.StringIO(downloaded(browser, tmp_path), newline=""))]
    assert read_back == [harmless(name) for name in ids]
    assert [restored(name) for name in read_back] == ids
    assert browser.happened(*SAID) == []


def test_without_dates_values_or_days_of_purchases(browser, report_file, data, tmp_path):
    columns = [one for one in data["columns"] if one["name"] not in ("lifetime_value", "expected_spend", "group")]
    less = {"columns": columns, "groups": [], "by": "expected_purchases", "end": None, "gaps": None, "bounds": {}}
    browser.open(changed(report_file, data, tmp_path / "less.html", **less), width=390)
    browser.wait(READY)
    assert browser.run(COUNT) == "2,357 customers."
    assert browser.run("document.querySelector('#explorer .group').hidden")
    assert cells(browser, 4)[0].endswith(("days ago", "1 day ago"))
    click(browser, "tbody button")
    assert "the first and the last purchase" in card(browser)
    assert "days_since_last_purchase" in downloaded(browser, tmp_path).splitlines()[0]
    assert browser.happened(*SAID) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_without_a_script(browser, report_file, width):
    browser.open(report_file, width=width, scripts=False)
    assert browser.run("document.documentElement.scrollWidth") == width
    assert not browser.run("document.querySelector('#explorer .live').checkVisibility()")
    assert browser.run("document.querySelector('#explorer .still').checkVisibility()")
    assert browser.run("document.querySelectorAll('#customers tbody tr').length") > 15


def test_with_a_card_open_nothing_is_wider_than_a_phone(browser, report_file):
    browser.open(report_file, width=390)
    browser.wait(READY)
    click(browser, "tbody button")
    assert browser.run("document.documentElement.scrollWidth") == 390
    assert browser.happened(*SAID) == []
