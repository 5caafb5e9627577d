"""Forecasts that several tests look at."""

import pytest

import clvmodels as clv
from clvmodels.evaluation.studies.accuracy import online_retail

CDNOW = {"customer": "customer_id", "date": "date", "amount": "amount"}
RETAIL = {"customer": "customer_id", "date": "timestamp", "amount": "amount", "order": "order_id"}


@pytest.fixture(scope="session")
def retail_forecast() -> clv.Forecast:
    return clv.forecast(online_retail(), **RETAIL, currency="GBP", observation_end="2011-06-09", horizon="26W")


@pytest.fixture(scope="session")
def sample_forecast() -> clv.Forecast:
    path = clv.datasets.path("cdnow_sample")
    return clv.forecast(path, **CDNOW, observation_end="1997-09-30", horizon="39W", model="bg/nbd")
