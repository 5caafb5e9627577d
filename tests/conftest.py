"""What all tests share."""

import functools
import os
import shutil
import sys

# Before NumPy is loaded: processes side by side that take all cores each for small products wait for one another.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
import typer.testing
from hypothesis import settings

import clvmodels as clv

# The same examples in every run; a run that fails here fails everywhere.
settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("fixed")

# A third of the time of a command in a test is to build all commands anew from their options.
typer.testing._get_command = functools.cache(typer.testing._get_command)  # type: ignore[attr-defined]

# Spark's workers take the first python3 on the path unless told, and must be of the driver's version.
os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable


@pytest.fixture(scope="session")
def spark():
    """A small Spark in this process; skipped where there is no Java."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("PySpark needs Java")
    session = pytest.importorskip("pyspark.sql").SparkSession
    os.environ["PYSPARK_PYTHON"] = sys.executable  # else workers take whatever Python is first in the path
    running = (
        session.builder.master("local[2]")
        .appName("clvmodels")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield running
    running.stop()


@pytest.fixture(scope="session")
def cdnow():
    """The CDNOW sample of the papers, calibration of 39 weeks."""
    return clv.summarize(
        clv.datasets.path("cdnow_sample"),
        customer="customer_id",
        date="date",
        amount="amount",
        unit="week",
        observation_end="1997-09-30",
    )


@pytest.fixture(scope="session")
def cdnow_bgnbd(cdnow):
    return clv.fit(cdnow, "bg/nbd")


@pytest.fixture(scope="session")
def cdnow_spend(cdnow):
    return clv.fit(cdnow, "gamma-gamma")
