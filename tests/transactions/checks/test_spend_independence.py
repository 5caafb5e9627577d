"""The test that spend is independent of frequency: silent under independence, loud where frequent buyers spend more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from clvmodels.models.spend import gamma_gamma
from clvmodels.transactions.checks.spend_independence import spend_independence_test
from clvmodels.transactions.customers import Customers
from tests.reference.tolerances import SUMMATION

CDNOW = {"p": 6.25, "q": 3.74, "v": 15.44}  # Fader and Hardie (2013)


def base(x: NDArray[np.float64], m: NDArray[np.float64]) -> Customers:
    table = pd.DataFrame({"frequency": x.astype(int), "recency": np.minimum(x, 1.0), "T": 2.0, "monetary_value": m})
    return Customers.from_frame(table, unit="week")


def simulated(seed: int, power: float = 0.0, customers: int = 1000) -> Customers:
    """Gamma-Gamma spend of customers with skewed counts; spend goes with the count to the ``power``."""
    rng = np.random.default_rng(seed)
    x = 1.0 + rng.geometric(0.3, customers) * rng.integers(1, 4, customers)
    return base(x, gamma_gamma.simulate(rng, x, **CDNOW) * x**power)


def test_under_independence_it_is_seldom_significant() -> None:
    found = [spend_independence_test(simulated(seed).table) for seed in range(200)]
    for level, shares in (
        (0.05, [one.p_value < 0.05 for one in found]),
        (0.01, [one.verdict != "ok" for one in found]),
    ):
        assert np.mean(shares) < level + 4 * np.sqrt(level * (1 - level) / 200)  # four standard errors
    assert abs(np.mean([one.per_doubling for one in found])) < 0.01  # what the cut may do, and the noise of 200


@pytest.mark.parametrize("power", [-0.5, 0.15, 0.5])
def test_the_effect_is_what_a_doubling_does_at_the_mean(power: float) -> None:
    customers = simulated(1, power, 20_000)
    found = spend_independence_test(customers.table)
    x, m = customers.table["frequency"].to_numpy(), customers.table["monetary_value"].to_numpy()
    line = stats.linregress(np.log2(x), np.minimum(m, found.largest))
    assert found.correlation == pytest.approx(line.rvalue, rel=SUMMATION)
    assert found.per_doubling == pytest.approx(line.slope / np.minimum(m, found.largest).mean(), rel=SUMMATION)
    assert found.per_doubling == pytest.approx(2.0**power - 1.0, abs=0.12)  # the line through a curve
    assert found.verdict == ("look" if power == 0.15 else "problem")
    assert (found.lower > 0) == (power > 0)


def test_one_huge_order_does_not_hide_what_the_others_do() -> None:
    customers = simulated(2, 0.3)
    table = customers.table.assign(monetary_value=lambda t: t["monetary_value"].where(t.index != 7, 1e6))
    spoilt = Customers.from_frame(table, unit="week")
    found = spend_independence_test(spoilt.table)
    assert found.verdict == spend_independence_test(customers.table).verdict != "ok"
    assert found.largest < 1e3
    assert np.isfinite([found.correlation, found.p_value, found.per_doubling]).all()


def test_the_answer_is_the_same_in_cents() -> None:
    customers = simulated(3, 0.2)
    cents = Customers.from_frame(
        customers.table.assign(monetary_value=lambda t: 100 * t["monetary_value"]), unit="week"
    )
    one, other = spend_independence_test(customers.table), spend_independence_test(cents.table)
    assert one.sentence() == other.sentence()
    assert other.largest == pytest.approx(100 * one.largest, rel=SUMMATION)


CORNERS: dict[str, tuple[Any, Any]] = {
    "nobody": ([0, 0], [0.0, 0.0]),
    "few": ([1, 2, 3], [1.0, 2.0, 3.0]),
    "one count": ([2] * 50, np.arange(1.0, 51.0)),
    "one amount": (np.arange(1, 51), [3.0] * 50),
}


@pytest.mark.parametrize("corner", CORNERS)
def test_what_can_not_be_compared_is_unknown(corner: str) -> None:
    x, m = (np.asarray(values, dtype=float) for values in CORNERS[corner])
    found = spend_independence_test(base(x, m).table)
    assert found.verdict == "unknown"
    assert np.isnan([found.correlation, found.p_value, found.per_doubling]).all()
    assert base(x, m).check()["frequency and spend"].verdict == "unknown"
