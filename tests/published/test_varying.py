"""Pareto/NBD with time-varying covariates against the log-likelihoods of CLVTools."""

from __future__ import annotations

import numpy as np
import pytest

from clvmodels.inference.data.calendar_histories import Calendar, pieces, stretch
from clvmodels.models.purchases import paretonbd_calendar

# CLVTools (Bachmann, Kübler, Meierer, Näf, Oblander and Schilter), tests/testthat/fitted_dyncov.rds in release 0.12.1:
# LL.data of customers 118, 108 and 101 at prediction.params; weeks of High.Season, Gender, Channel, repeat purchases in
# days after the first one.
PARAMETERS = {"r": 0.7579, "alpha": 4.7419, "s": 0.5432, "beta": 22.1892}
PURCHASE, DROPOUT = np.array([0.1, 0.1, 0.40996056840188044]), np.array([0.1, 0.1, 0.1])
HIGH_SEASON = [21, 22, 23, *range(39, 49)]
CUSTOMERS = {
    118: (1, 0, [], -1.3125758179),
    108: (0, 1, [], -1.4695180803),
    101: (1, 1, [126, 178], -10.1361059098),
}


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_log_likelihood_equals_clvtools(customer: int) -> None:
    """CLVTools' periods begin a day later than ours (`clvmodels.inference.data.calendar_histories` says why)."""
    gender, channel, days, expected = CUSTOMERS[customer]
    weeks = np.zeros((53, 3))
    weeks[HIGH_SEASON, 0] = 1.0
    weeks[:, 1:] = gender, channel
    starts = 7.0 * np.arange(54)
    calendar = Calendar(starts + 1.0, np.arange(53)[None], weeks, weeks)
    kind, last = np.zeros(1, dtype=np.intp), np.array([float(max(days, default=0))])
    factors = np.exp(weeks @ PURCHASE), np.exp(weeks @ DROPOUT)
    one = np.arange(1)
    found = paretonbd_calendar.log_likelihood(
        np.array([float(len(days))]),
        np.array([sum(weeks[day // 7] @ PURCHASE for day in days)]),
        stretch(*pieces(calendar, kind, np.zeros(1), last, 7.0).padded(one), *factors),
        stretch(*pieces(calendar, kind, last, np.array([364.0]), 7.0).padded(one), *factors),
        **PARAMETERS,
    )
    assert found[0] == pytest.approx(expected, abs=1e-9)  # as printed
