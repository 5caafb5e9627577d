"""Boosted trees work in one thread on little data, also when nothing has loaded scikit-learn before."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
