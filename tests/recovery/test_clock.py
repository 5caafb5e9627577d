"""Customers whose purchases follow a clock are recovered, and what they do next is as predicted."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.inference.fits.kinds import BarePurchases
from tests.reference import clock_by_day
from tests.reference.tolerances import STANDARD_ERRORS, SUMMATION

START, LAST = 14_610, 15_700  # 2010-01-01, and three years on
MODEL = {"r": 0.9, "alpha": 30.0, "a": 0.6, "b": 3.0}
STEPS = (90.0, 365.0)
CALENDAR = clv.Calendar(season=2, weekday=False, year_end=False, tenure=STEPS)


def truth(waves: list[float], steps: list[float], cohort: float, centre: float) -> clock_by_day.Intensity:
    """The intensity of a season of two waves, three steps of tenure, and cohorts."""

    def intensity(first: int, days: np.ndarray) -> np.ndarray:
        dates = pd.DatetimeIndex(days.astype("datetime64[D]"))
        phase = 2 * np.pi * (dates.day_of_year.to_numpy() - 1) / np.where(dates.is_leap_year, 366, 365)
        season = sum(waves[2 * j - 2] * np.sin(j * phase) + waves[2 * j - 1] * np.cos(j * phase) for j in (1, 2))
        tenure = np.array([*steps, 0.0])[np.searchsorted(STEPS, days - first)]
        return np.asarray(np.exp(season + tenure + cohort * (first - centre) / 365.25))

    return intensity


def summarized(log: pd.DataFrame, end: int) -> clv.Customers:
    last = pd.Timestamp(0) + pd.Timedelta(days=end)
    seen = log[log["date"] <= last]
    return clv.summarize(
        seen, customer="customer_id", date="date", unit="week", observation_end=last, keep_purchases=True
    )


@cache
def z_scores(seed: int) -> np.ndarray:
    """(estimate - truth) / standard error of the coefficients, for a truth that is drawn from their priors."""
    rng = np.random.default_rng(seed)
    first = rng.integers(START, START + 600, 900)
    waves = (rng.standard_normal(4) * np.array([0.4, 0.4, 0.2, 0.2])).tolist()
    changes = 0.3 * rng.standard_normal(2)
    steps, cohort = [changes.sum(), changes[1]], 0.3 * rng.standard_normal()
    intensity = truth(waves, steps, cohort, float(first.mean()))
    log = clock_by_day.simulate(rng, first, START + 900, intensity, **MODEL)
    fit = clv.fit(summarized(log, START + 900), "mbg/nbd", calendar=CALENDAR)
    table = fit.summary()
    own = np.log(table.loc[list(MODEL), "estimate"] / pd.Series(MODEL)) / np.sqrt(np.diag(fit.covariance_log)[:4])
    rest = table.iloc[4:]
    return np.concatenate((own, (rest["estimate"] - [*waves, *steps, cohort]) / rest["std_error"]))


@pytest.mark.slow
def test_season_tenure_and_cohort_are_recovered_with_coverage() -> None:
    """Truths that are drawn from the priors lie inside 90 % intervals in 90 % of all cases."""
    scores = np.stack([z_scores(seed) for seed in range(16)])[:, 4:]
    inside = np.abs(scores) < 1.645
    # coefficients of one log are hardly correlated; a log's share of hits has the spread that is seen
    error = max(float(inside.mean(axis=1).std(ddof=1)), 0.05) / np.sqrt(len(scores))
    assert inside.mean() == pytest.approx(0.9, abs=3 * error)
    assert scores.mean(axis=0) == pytest.approx(0.0, abs=STANDARD_ERRORS / np.sqrt(len(scores)))


@pytest.fixture(scope="module")
def lived() -> tuple[pd.DataFrame, clv.Customers, BarePurchases]:
    """Customers of three years with a strong calendar, seen for two, and the model that they follow."""
    rng = np.random.default_rng(5)
    first = rng.integers(START, START + 500, 6_000)
    waves, steps, cohort = [0.5, 0.6, -0.3, 0.2], [0.8, 0.3], -0.4
    log = clock_by_day.simulate(rng, first, LAST, truth(waves, steps, cohort, float(first.mean())), **MODEL)
    end = START + 730
    customers = summarized(log, end)
    fit = clv.fit(customers, "mbg/nbd", calendar=CALENDAR)
    values = dict(zip(fit.parameters, [*MODEL.values(), *waves, *steps, cohort], strict=True))
    return (
        log,
        customers,
        BarePurchases(
            structure=fit.structure, values=values, customers=customers, observation_end=customers.observation_end
        ),
    )


def agrees(actual: pd.Series, expected: pd.Series) -> None:
    difference = (actual - expected).to_numpy()
    assert difference.mean() == pytest.approx(0.0, abs=STANDARD_ERRORS * difference.std() / np.sqrt(len(difference)))


@pytest.mark.slow
def test_what_customers_do_next_is_as_predicted(
    lived: tuple[pd.DataFrame, clv.Customers, BarePurchases],
) -> None:
    """Months, discounted purchases and probabilities equal what the simulated customers did."""
    log, customers, model = lived
    end = customers.observation_end
    assert end is not None
    later = log[log["date"] > end].assign(days=lambda table: (table["date"] - end).dt.days)
    ids = customers.table.index

    def made(low: int, high: int, weight: float = 0.0) -> pd.Series:
        some = later[(later["days"] > low) & (later["days"] <= high)]
        return np.exp(-weight * some["days"]).groupby(some["customer_id"]).sum().reindex(ids, fill_value=0.0)

    for month in range(12):
        expected = model.expected_purchases(30 / 7, start=30 * month / 7)
        agrees(made(30 * month, 30 * month + 30), expected)
    agrees(made(0, 350, np.log1p(0.3) / 365.25), model.discounted_expected_purchases(0.3, 50))
    agrees((made(0, 90) > 0).astype(float), model.purchase_probability(90 / 7))
    agrees((made(90, 180) > 0).astype(float), model.purchase_probability(90 / 7, start=90 / 7))
    agrees((made(0, 180) == 1).astype(float), model.purchases_pmf(1, 180 / 7))
    busy = customers.table["frequency"] >= 3
    agrees(made(0, 350)[busy], model.expected_purchases(50)[busy])
    simulated = pd.Series(model.simulate(50, seed=1), index=ids)
    agrees(simulated, model.expected_purchases(50))


def test_likelihood_equals_that_of_mpmath_day_by_day(
    lived: tuple[pd.DataFrame, clv.Customers, BarePurchases],
) -> None:
    log, customers, model = lived
    end = START + 730
    each = model.structure.data(customers).likelihood.pointwise(np.array(list(model.parameters.values())))
    clock = model.structure.clock  # type: ignore[attr-defined]
    values = list(model.parameters.values())[4:]
    intensity = truth(values[:4], values[4:6], values[6], clock.centre)
    number = np.flatnonzero(customers.table["frequency"].isin([0, 1, 2, 6]).to_numpy())[::400]
    assert len(number) > 8
    for place in number:
        bought = log.loc[log["customer_id"] == customers.table.index[place], "date"].drop_duplicates()
        days = ((bought - pd.Timestamp(0)).dt.days).tolist()
        expected = clock_by_day.log_likelihood_mbgnbd(
            days[0], [day for day in days[1:] if day <= end], end, intensity, **MODEL
        )
        assert each[place] == pytest.approx(float(expected), rel=SUMMATION)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::clvmodels.errors.IdentificationWarning")  # of few draws
def test_nuts_and_laplace_agree_with_the_mode() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    customers = clv.summarize(log, customer="customer_id", date="date", unit="week", keep_purchases=True)
    calendar = clv.Calendar(season=1, tenure=(60,), weekday=False, year_end=False)
    mode = clv.fit(customers, "mbg/nbd", calendar=calendar).summary()
    for options in ({"method": "laplace"}, {"method": "nuts", "draws": 200, "chains": 2, "progress": False}):
        table = clv.fit(customers, "mbg/nbd", calendar=calendar, **options).summary()
        # mode and mean of a posterior that is skewed in b, by some hundred draws; coefficients are nearly Gaussian
        assert (np.abs(table["estimate"] - mode["estimate"]) < 0.6 * mode["std_error"]).all()
        # the standard deviation of some hundred draws is good to a few per cent
        np.testing.assert_allclose(table["std_error"].iloc[4:], mode["std_error"].iloc[4:], rtol=0.2)
