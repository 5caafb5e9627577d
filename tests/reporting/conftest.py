"""One report of the CDNOW sample, and what it should say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.reporting.options import report_options
from clvmodels.reporting.study.build import study_of_fits
from tests.reporting.browser import Browser, installed
from tests.reporting.page import Page, read

LOG = clv.datasets.path("cdnow_sample")
ACTIVITIES = pd.DataFrame({"name": ["e-mail", "call"], "cost": [0.10, 2.0], "effect": [0.03, 0.10]})
BUDGET = 60.0
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium; tests that ask for it are skipped where there is none."""
    path = installed()
    if path is None:
        pytest.skip("needs Chromium or Google Chrome")
    tab = Browser(path, tmp_path_factory.mktemp("profile"))
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def report_file(tmp_path_factory) -> Path:
    """The report of the sample."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    return clv.report(LOG, **COLUMNS, currency="USD", margin=0.3, output=path)


@pytest.fixture(scope="session")
def page(report_file) -> Page:
    return read(report_file)


@pytest.fixture(scope="session")
def customers():
    return clv.summarize(LOG, **COLUMNS, currency="USD")


@pytest.fixture(scope="session")
def fits(customers):
    return clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")


@pytest.fixture(scope="session")
def study(fits):
    """What a report of the sample's customers says, whose purchases are known."""
    customers = clv.summarize(LOG, **COLUMNS, currency="USD", keep_purchases=True)
    options = report_options("1Y", 0.1, 1.0, "USD", "Shop", 15, "week", None, None)
    return study_of_fits(*fits, customers, options, lambda _: None)


@pytest.fixture(scope="session")
def campaign_file(customers, tmp_path_factory) -> Path:
    """The report of the sample's customers, with a campaign."""
    path = tmp_path_factory.mktemp("campaign") / "report.html"
    return clv.report(customers, margin=0.3, activities=ACTIVITIES, budget=BUDGET, output=path)


@pytest.fixture(scope="session")
def few(customers):
    """A hundred of the customers."""
    return replace(customers, table=customers.table.iloc[:100], report=None, mean_purchase_time=None)
