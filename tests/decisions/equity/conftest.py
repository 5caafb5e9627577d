"""An equity that several tests look at."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pytest

import clvmodels as clv

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
TERMS: dict[str, Any] = {"acquisition_cost": 20.0, "annual_discount_rate": 0.10, "margin": 0.30}
GIVEN: dict[str, Any] = {"counts": [100.0] * 12, "horizon": "12M", "model": "bg/nbd", "spend": "gamma-gamma"}


def equity_of(log: Any, **options: Any) -> clv.CustomerEquity:
    """An equity without the warnings of its data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", clv.errors.ClvWarning)
        return clv.customer_equity(log, **(TERMS | options))


@pytest.fixture(scope="session")
def steady_log() -> pd.DataFrame:
    """Two years of a business that wins 60 customers a week, in an even stream."""
    return clv.datasets.simulate_log(6_240, start="2022-01-01", end="2023-12-31", seed=4)


@pytest.fixture(scope="session")
def plain() -> clv.Customers:
    """Customers who don't carry their purchases, so that nothing can be tried at earlier dates, which saves time."""
    path = clv.datasets.path("cdnow_sample")
    return clv.summarize(path, **COLUMNS, unit="week", observation_end="1997-09-30")


@pytest.fixture(scope="session")
def given_equity(plain: clv.Customers) -> clv.CustomerEquity:
    return equity_of(plain, **GIVEN)


@pytest.fixture(scope="session")
def steady_equity(steady_log: pd.DataFrame) -> clv.CustomerEquity:
    """As it was seen half a year before the end."""
    return equity_of(steady_log, **COLUMNS, observation_end="2023-06-30", model="bg/nbd", horizon="6M")
