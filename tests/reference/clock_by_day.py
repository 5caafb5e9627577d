"""Customers on a clock of calendar, tenure and cohort, day by day: simulated, and their likelihood in mpmath.

Written without the package's clock: an intensity for each day and customer, and operational time as its sum.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import numpy as np
import pandas as pd

# (day of the first purchase, days) → s(day) · a(tenure) · e^(κ z) of each of the days
type Intensity = Callable[[int, np.ndarray], np.ndarray]


def simulate(
    rng: np.random.Generator,
    first: np.ndarray,
    last: int,
    intensity: Intensity,
    *,
    r: float,
    alpha: float,
    a: float,
    b: float,
    modified: bool = True,
    days_per_unit: float = 7.0,
) -> pd.DataFrame:
    """Purchase days of MBG/NBD (or BG/NBD) customers whose purchases follow the intensity.

    Within a day purchases fall on one day; their expected number a day is small here.
    """
    customer, day = [], []
    for number, begin in enumerate(first.tolist()):
        rate, p = rng.gamma(r, 1.0 / alpha) / days_per_unit, rng.beta(a, b)
        customer.append(number)
        day.append(begin)
        if modified and rng.random() < p:
            continue
        each = intensity(begin, np.arange(begin + 1, last + 1))
        clock, passed = np.concatenate(([0.0], np.cumsum(each))), 0.0
        while True:
            passed += rng.exponential() / rate
            if passed > clock[-1]:
                break
            customer.append(number)
            day.append(begin + int(np.searchsorted(clock, passed)))
            if rng.random() < p:
                break
    dates = pd.Timestamp(0) + pd.to_timedelta(np.array(day), unit="D")
    return pd.DataFrame({"customer_id": customer, "date": dates})


def log_likelihood_mbgnbd(
    first: int, days: list[int], last: int, intensity: Intensity, *, r: float, alpha: float, a: float, b: float
) -> mp.mpf:
    """log of E over λ and p of the density of these repeat purchases, in weeks, with 30 digits.

    Alive after each purchase with 1 - p, silent until the last day or lost after the last purchase.
    """
    with mp.workdps(30):
        week = [mp.mpf(one) / 7 for one in intensity(first, np.arange(first + 1, last + 1)).tolist()]
        until = [mp.mpf(0)]
        for one in week:
            until.append(until[-1] + one)
        x, t_x, T = len(days), until[(days[-1] if days else first) - first], until[-1]
        densities = mp.fprod(mp.mpf(one) for one in intensity(first, np.array(days, dtype=np.intp)).tolist())

        def mean_over_rates(exposure: mp.mpf) -> mp.mpf:
            return mp.mpf(alpha) ** r / (mp.mpf(alpha) + exposure) ** (r + x) * mp.gamma(r + x) / mp.gamma(r)

        def mean_over_p(left: int, stayed: int) -> mp.mpf:
            return mp.beta(a + left, b + stayed) / mp.beta(a, b)

        alive = mean_over_p(0, x + 1) * mean_over_rates(T)
        lost = mean_over_p(1, x) * mean_over_rates(t_x)
        return mp.log(densities * (alive + lost))
