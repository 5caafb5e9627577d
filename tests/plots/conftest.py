"""What the tests of plots share: no window, no figure left open, one fit with a holdout."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.transactions.summary.holdout import Holdout

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(scope="session")
def log() -> pd.DataFrame:
    return clv.datasets.load_cdnow(sample=True)


@pytest.fixture(scope="session")
def split(log: pd.DataFrame) -> Holdout:
    return clv.holdout_split(
        log, customer="customer_id", date="date", amount="amount", calibration_end="1997-09-30", currency="USD"
    )


@pytest.fixture(scope="session")
def purchases(split: Holdout) -> clv.Fit:
    return clv.fit(split.calibration, "bg/nbd")


@pytest.fixture(scope="session")
def spend(split: Holdout) -> clv.Fit:
    return clv.fit(split.calibration, "gamma-gamma")
