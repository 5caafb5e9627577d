"""One log, fitted in every way in which customers may differ."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import IdentificationWarning
from tests.reference import day_by_day

ORIGIN, WEEKS, SEEN = pd.Timestamp("2020-01-05"), 80, 400
END = ORIGIN + pd.Timedelta(days=SEEN - 1)
COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
CUSTOMERS = 200


def summarized(log: pd.DataFrame) -> clv.Customers:
    """The log up to the end of the observation, with all that any kind of fit asks for."""
    seen = log[log["date"] <= END]
    return clv.summarize(
        seen, **COLUMNS, unit="week", observation_end=END, keep=["channel"], keep_purchases=True, currency="EUR"
    )


def calendar() -> pd.DataFrame:
    """A season by week, known for half a year after the end of the observation."""
    week = np.arange(WEEKS)
    return pd.DataFrame({"date": ORIGIN + pd.to_timedelta(7 * week, unit="D"), "season": (week % 26 < 8).astype(int)})


LAPLACE = {"method": "laplace", "draws": 150}
FITS: dict[str, Callable[[clv.Customers], clv.Fit]] = {
    "plain": lambda customers: clv.fit(customers, "bg/nbd", **LAPLACE),
    "covariates": lambda customers: clv.fit(
        customers, "bg/nbd", covariates=clv.Covariates(purchase="channel", dropout="channel"), **LAPLACE
    ),
    "calendar": lambda customers: clv.fit(
        customers, "pareto/nbd", covariates=clv.Covariates(purchase="season + channel", varying=calendar()), **LAPLACE
    ).with_varying(after="hold"),
    "clock": lambda customers: clv.fit(
        customers, "mbg/nbd", calendar=clv.Calendar(season=2, weekday=False), method="laplace", draws=60
    ),
    "clock and covariates": lambda customers: clv.fit(
        customers,
        "bg/nbd",
        calendar=clv.Calendar(season=1, weekday=False, year_end=False, tenure=(35, 140)),
        covariates=clv.Covariates(purchase="channel", dropout="channel"),
        method="laplace",
        draws=40,
    ),
    "groups": lambda customers: clv.fit(
        customers, "bg/nbd", method="nuts", group="channel", draws=75, chains=2, progress=False
    ),
}


@dataclass(frozen=True)
class Fitted:
    """A log, its customers, and a fit of one kind."""

    kind: str
    log: pd.DataFrame
    customers: clv.Customers
    fit: clv.Fit
    spend: clv.Fit


@pytest.fixture(scope="session")
def seasonal_log() -> pd.DataFrame:
    """Purchases with a season, of customers of two channels."""
    rng, high = np.random.default_rng(3), np.repeat(calendar()["season"].to_numpy(), 7)
    first = rng.integers(0, 200, CUSTOMERS).astype(float)
    made = day_by_day.simulate(
        rng, first, np.exp(0.6 * high), np.exp(0.4 * high), r=1.2, alpha=9.0, s=0.9, beta=20.0, days_per_unit=7.0
    )
    log = day_by_day.log_of(made, str(ORIGIN.date()))
    channel = np.where(log["customer_id"] % 3 == 0, "web", "shop")
    return log.assign(amount=rng.gamma(6.0, 4.0, len(log)).round(2), channel=channel)


@pytest.fixture(scope="session")
def seasonal_customers(seasonal_log: pd.DataFrame) -> clv.Customers:
    return summarized(seasonal_log)


@pytest.fixture(scope="session")
def seasonal_spend(seasonal_customers: clv.Customers) -> clv.Fit:
    return clv.fit(seasonal_customers, "gamma-gamma", priors={"q": ("gamma", 4, 1), "v": ("lognormal", 20, 10)})


@pytest.fixture(scope="session", params=FITS)
def fitted(
    request: pytest.FixtureRequest,
    seasonal_log: pd.DataFrame,
    seasonal_customers: clv.Customers,
    seasonal_spend: clv.Fit,
) -> Fitted:
    """Each kind of fit of the same customers."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore", IdentificationWarning)  # of few customers, by few draws
        patch.setattr("clvmodels.inference.estimation.hierarchical._TUNE", 150)
        fit = FITS[request.param](seasonal_customers)
    return Fitted(request.param, seasonal_log, seasonal_customers, fit, seasonal_spend)
