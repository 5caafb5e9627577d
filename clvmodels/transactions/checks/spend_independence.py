"""Do frequent buyers spend more? Spend models take the mean spend as independent of the number of purchases."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

_LEAST = 30
_SURE = 0.01
_CUT = 0.995  # one order of a wholesaler among thousands of customers would drown what the others do
_LOOK, _PROBLEM = 0.05, 0.20  # more or less spend a purchase where purchases are twice as many


@dataclass(frozen=True)
class SpendIndependence:
    """How the mean spend of repeat buyers goes with the logarithm of their number of repeat purchases.

    Attributes
    ----------
    customers : int
        Repeat buyers with positive spend.
    largest : float
        What the highest 0.5 % of the customers' means are cut to.
    correlation, p_value : float
        Pearson's correlation, and the probability of one at least as far from 0 were there none in the population.
    per_doubling, lower, upper : float
        How much more is spent a purchase where purchases are twice as many, as a share of the overall mean, and its
        95 % interval, which leaves out 0 where the p-value is below 0.05.
    verdict : str
        "ok", "look" (p-value below 0.01 and 5 % more or less a doubling), "problem" (20 %), or "unknown": too few
        customers, and all numbers are NaN. The correlation has no say in it: where customers' purchases vary much, it
        is small although frequent buyers spend far more.
    """

    customers: int
    largest: float = math.nan
    correlation: float = math.nan
    p_value: float = math.nan
    per_doubling: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    verdict: str = "unknown"

    def sentence(self) -> str:
        """The finding in words, without a full stop.

        Examples
        --------
        >>> SpendIndependence(946, 199.9, 0.102, 0.0047, 0.080, 0.025, 0.136, "look").sentence()
        'Who buys twice as often spends 8% more a purchase (95% interval 2% more to 14% more; correlation of log \
frequency and mean spend 0.10, p = 0.0047)'
        """
        interval = f"95% interval {_more(self.lower)} to {_more(self.upper)}"
        correlation = f"correlation of log frequency and mean spend {self.correlation:.2f}, p = {self.p_value:.2g}"
        return f"Who buys twice as often spends {_more(self.per_doubling)} a purchase ({interval}; {correlation})"


def spend_independence_test(table: pd.DataFrame) -> SpendIndependence:
    """The test of the assumption that the mean spend is independent of the number of purchases.

    A regression of the mean spend m on log x, whose standard error allows m to vary more where it is the mean of few
    purchases (White 1980, with the residuals under independence). Ranks would not do: the mean of few skewed amounts
    has a lower median than the mean of many, also under independence. For the same reason cutting the highest means
    makes a slope where there is none, but one of less than half a per cent a doubling.

    Parameters
    ----------
    table : pandas.DataFrame
        That of `clvmodels.Customers`; the repeat buyers with positive spend are compared.

    Returns
    -------
    SpendIndependence

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> found = spend_independence_test(customers.table)
    >>> found.customers, round(found.correlation, 3), round(found.per_doubling, 3), found.verdict
    (946, 0.102, 0.08, 'look')
    """
    x, m = repeat_spend(table)
    if len(x) < _LEAST or np.ptp(x) == 0 or np.ptp(m) == 0:
        return SpendIndependence(len(x))
    overall = float(m.mean())
    log_x, above = np.log(x) - np.log(x).mean(), m - overall
    spread = float(log_x @ log_x)
    slope = float(log_x @ above) / spread
    error = math.sqrt(float((log_x * above) @ (log_x * above))) / spread
    correlation = slope * math.sqrt(spread / float(above @ above))
    p_value = float(2.0 * stats.norm.sf(abs(slope / error)))
    doubling, reach = (math.log(2.0) / overall * part for part in (slope, 1.96 * error))
    return SpendIndependence(
        customers=len(x),
        largest=float(m.max()),
        correlation=correlation,
        p_value=p_value,
        per_doubling=doubling,
        lower=doubling - reach,
        upper=doubling + reach,
        verdict=_verdict(doubling, p_value),
    )


def repeat_spend(table: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Repeat purchases and mean spend of the customers with positive repeat spend, the highest 0.5 % of means cut."""
    spenders = table[table["spend_frequency"] > 0]
    x, m = (spenders[name].to_numpy(dtype=np.float64) for name in ("frequency", "monetary_value"))
    return x, np.minimum(m, np.quantile(m, _CUT)) if len(m) else m


def _more(share: float) -> str:
    return f"{abs(share):.0%} {'less' if round(share, 2) < 0 else 'more'}"


def _verdict(per_doubling: float, p_value: float) -> str:
    if p_value >= _SURE or abs(per_doubling) < _LOOK:
        return "ok"
    return "problem" if abs(per_doubling) >= _PROBLEM else "look"
