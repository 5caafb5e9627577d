"""Boosted trees work in one thread on little data, also when nothing has loaded scikit-learn before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import clvmodels as clv
from clvmodels.evaluation.ranking import boosting

pytest.importorskip("sklearn")

ASK = """
from clvmodels.evaluation.ranking import boosting
with boosting.few_threads(rows=1_000):
    from threadpoolctl import threadpool_info
    print(sorted({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"}))
"""


def test_few_threads_hold_in_a_fresh_interpreter():
    """The limit reaches libraries that are loaded: scikit-learn's OpenMP must be, before it is set."""
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[1]"


def test_of_many_customers_it_learns_from_some(monkeypatch):
    """Half of the sample's customers give about the order of all of them, and predictions for each."""
    options = {
        "customer": "customer_id", "date": "date", "amount": "amount", "calibration_end": "1998-01-31",
        "models": "bg/nbd", "baselines": ["gradient boosting"], "intervals": False,
    }  # fmt: skip
    of_all = clv.evaluate(clv.datasets.path("cdnow_sample"), **options)
    monkeypatch.setattr(boosting, "MOST_ROWS", 2_357)
    of_some = clv.evaluate(clv.datasets.path("cdnow_sample"), **options)
    one, other = (found.predictions["gradient boosting"]["value"] for found in (of_all, of_some))
    assert not one.equals(other)
    assert one.corr(other, method="spearman") > 0.95  # .990 here, .997 with 4,000 rows
