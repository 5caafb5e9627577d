"""What purchases to come are worth: a spend model's mean of each customer, at the level of late and of the season."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places
from clvmodels.errors import ClvError, IdentificationWarning
from clvmodels.forecasting.timeline.purchase_record import Days, PurchaseRecord, day_number
from clvmodels.inference.estimation.by_kind import fit_spend
from clvmodels.inference.fits.kinds import SpendFit
from clvmodels.transactions.customers import Customers

DEFAULT = "gamma-gamma-amounts"
_YEAR = 365
_WHOLE_WEEKS = 364  # days of a year in which weekdays stay where they are
_LEAST_PURCHASES = 50  # whose level is more than chance
_TYPICAL = 0.08  # what the mean amount of a season differs from that of the year, as a logarithm, in this year or any


@dataclass(frozen=True, eq=False)
class AmountsSeen:
    """Amounts of repeat purchases beside what a spend model says of their customers.

    Attributes
    ----------
    day : ndarray of int of shape (purchases,)
        Days since 1970-01-01.
    customer : ndarray of int of shape (purchases,)
        Place of each purchase's customer.
    actual, modelled : ndarray of shape (purchases,)
        What was spent, and the model's mean.
    first, end : int
        First day of a purchase of anyone, and last day known.
    """

    day: Days
    customer: Places
    actual: Array
    modelled: Array
    first: int
    end: int

    @classmethod
    def of(cls, record: PurchaseRecord, customers: Customers, mean: Array) -> AmountsSeen:
        """Those of ``record`` until the last day of ``customers``, whose expected spend is ``mean``."""
        end = _last_day(customers)
        again = ~record.is_first & (record.day <= end)
        place = customers.table.index.get_indexer(record.customers.table.index)[record.place[again]]
        actual = np.nan_to_num(record.spend[again])
        return cls(record.day[again], place, actual, mean[place], int(record.day.min()), end)

    @property
    def late(self) -> float:
        """log(actual / modelled) of the last year, or of half the log if that is shorter; 0 if purchases are few."""
        length = min(_YEAR, (self.end - self.first) // 2)
        return self._level(self.day > self.end - length)[0]

    def season(self, after: pd.Timestamp, days: int) -> float:
        """By how much amounts differ from those of the year in the ``days`` after a day, as a logarithm.

        log(actual / modelled) of these days of the year, less that of the whole years, as far as it is more than chance
        and the mood of a year: shrunk by v / (v + v / years + error²), with v the square of what is typical of seasons.
        0 before a year of data.
        """
        years = (self.end - self.first + 1) // _WHOLE_WEEKS if self.end - self.first + 1 >= _YEAR else 0
        if not years:
            return 0.0
        inside = self.day > self.end - years * _WHOLE_WEEKS
        position = (self.day - day_number(after) - 1) % _WHOLE_WEEKS
        (here, error), (always, _) = self._level(inside & (position < days)), self._level(inside)
        if not np.isfinite(error):
            return 0.0
        return (here - always) * _TYPICAL**2 / (_TYPICAL**2 * (1.0 + 1.0 / years) + error**2)

    def _level(self, chosen: NDArray[np.bool_]) -> tuple[float, float]:
        """log(actual / modelled) of some purchases and its standard error; 0 and infinity if they are few."""
        actual, modelled = self.actual[chosen], self.modelled[chosen]
        if chosen.sum() < _LEAST_PURCHASES or not (actual.sum() > 0 and modelled.sum() > 0):
            return 0.0, np.inf
        ratio = float(actual.sum() / modelled.sum())
        of_customers = np.bincount(self.customer[chosen], actual - ratio * modelled)
        return float(np.log(ratio)), float(np.sqrt(np.sum(of_customers**2)) / actual.sum())


@dataclass(frozen=True, eq=False)
class FittedSpend:
    """Expected spend of each customer, and how the amounts that were seen compare with it.

    Attributes
    ----------
    fit : SpendFit or None
        The model; None if none can be fitted, and every customer has the mean amount.
    mean : ndarray of shape (n,)
        Expected spend a purchase by the model.
    seen : AmountsSeen or None
        The amounts of repeat purchases beside it; None if they are not known.
    """

    fit: SpendFit | None
    mean: Array
    seen: AmountsSeen | None

    @property
    def late(self) -> float:
        """How the amounts of late compare, see `AmountsSeen.late`."""
        return 0.0 if self.seen is None else self.seen.late

    def season(self, after: pd.Timestamp, days: int) -> float:
        """How the amounts of a time of the year compare, see `AmountsSeen.season`."""
        return 0.0 if self.seen is None else self.seen.season(after, days)


def fitted_spend(record: PurchaseRecord | None, customers: Customers, spend: str | SpendFit) -> FittedSpend:
    """Spend of the customers of a day, fitted (or by a given fit) and compared with the amounts that were seen.

    Parameters
    ----------
    record
        The purchases, if they are known.
    customers
        Those of ``record`` as of a day.
    spend
        Name of a spend model, or a fit of one. Customers who don't carry their purchases have "gamma-gamma" in the
        place of "gamma-gamma-amounts".
    """
    if record is None and spend == DEFAULT:
        spend = "gamma-gamma"
    fit, mean = _fit_mean(customers, spend)
    if mean is None:
        mean = np.full(len(customers), _mean_amount(record, customers))
    return FittedSpend(fit, mean, None if record is None else AmountsSeen.of(record, customers, mean))


def _mean_amount(record: PurchaseRecord | None, customers: Customers) -> float:
    """The mean of all amounts, where no model has a finite one."""
    if record is None:
        table = customers.table[customers.table["spend_frequency"] > 0]
        return float(np.average(table["monetary_value"], weights=table["spend_frequency"]))
    paid = record.spend[(record.spend > 0) & (record.day <= _last_day(customers))]
    return float(paid.mean()) if len(paid) else 0.0


def _fit_mean(customers: Customers, spend: str | SpendFit) -> tuple[SpendFit | None, Array | None]:
    """A spend model and its means; neither if the data have none with a finite mean."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IdentificationWarning)
            fit = fit_spend(customers, spend) if isinstance(spend, str) else spend
            mean = fit.expected_spend(customers).to_numpy(dtype=np.float64)
    except ClvError:
        return None, None
    return (fit, mean) if np.isfinite(mean).all() else (None, None)


def _last_day(customers: Customers) -> int:
    """The last day known of customers who have a record."""
    assert customers.observation_end is not None
    return day_number(customers.observation_end)
