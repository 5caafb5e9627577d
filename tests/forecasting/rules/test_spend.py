"""The level and the season of amounts, found in purchases whose amounts are known."""

import numpy as np
import pandas as pd
import pytest

from clvmodels.forecasting.rules.spend import AmountsSeen
from clvmodels.forecasting.timeline.purchase_record import day_number
from tests.reference.tolerances import SUMMATION

END = pd.Timestamp("2024-12-31")
CUSTOMERS = 500


def seen(days: int, factor: float, *, purchases: int = 20_000, noise: float = 0.5) -> AmountsSeen:
    """Purchases on ``days`` until the end, ``factor`` times as large in the first quarter of a year after it."""
    rng, end = np.random.default_rng(4), day_number(END)
    day = np.sort(rng.integers(end - days + 2, end + 1, purchases))
    mean = rng.lognormal(3.0, 0.5, CUSTOMERS)
    customer = rng.integers(0, CUSTOMERS, purchases)
    in_season = (day - end - 1) % 364 < 91
    amount = mean[customer] * np.where(in_season, factor, 1.0) * rng.lognormal(-(noise**2) / 2, noise, purchases)
    return AmountsSeen(day, customer, amount, mean[customer], end - days + 1, end)


@pytest.mark.parametrize(("days", "kept"), [(400, 0.5), (730, 2 / 3), (1100, 3 / 4)])
def test_a_season_of_amounts_is_taken_as_far_as_years_have_shown_it(days: int, kept: float) -> None:
    found = seen(days, 1.3)
    of_year = np.log((91 * 1.3 + 273) / 364)  # against the mean of all days
    # 20,000 amounts with a coefficient of variation of .53: the standard error is below .01, and shrinks a little more
    assert found.season(END, 91) == pytest.approx(kept * (np.log(1.3) - of_year), abs=0.015)
    assert found.season(END + pd.Timedelta(days=91), 273) < 0.0


def test_a_whole_year_has_no_season() -> None:
    assert seen(730, 1.3).season(END, 364) == pytest.approx(0.0, abs=SUMMATION)


@pytest.mark.parametrize(("days", "purchases"), [(364, 20_000), (700, 60)])
def test_no_season_of_less_than_a_year_or_of_few_purchases(days: int, purchases: int) -> None:
    assert seen(days, 1.3, purchases=purchases).season(END, 91) == 0.0


def test_one_large_order_makes_no_season() -> None:
    found = seen(730, 1.0, purchases=2_000)
    actual = found.actual.copy()
    first_in_season = np.flatnonzero((found.day - found.end - 1) % 364 < 91)[0]
    actual[first_in_season] = 0.3 * actual.sum()  # as much as all others of the season
    large = AmountsSeen(found.day, found.customer, actual, found.modelled, found.first, found.end)
    raw = np.log(actual[(found.day - found.end - 1) % 364 < 91].sum() / actual.sum() * 4)
    assert abs(large.season(END, 91)) < 0.1 * abs(raw)


def test_the_level_is_that_of_the_last_year() -> None:
    found = seen(730, 1.0)
    later = found.day > found.end - 365
    raised = AmountsSeen(
        found.day, found.customer, np.where(later, 1.2, 1.0) * found.actual, found.modelled, found.first, found.end
    )
    assert raised.late - found.late == pytest.approx(np.log(1.2), abs=SUMMATION)
