"""What is spent on the purchases to come: a spend model's mean of each customer, moved to the level of late."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ClvError, IdentificationWarning
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.inference.estimation.by_kind import fit_spend
from clvmodels.inference.fits.kinds import SpendFit
from clvmodels.transactions.customers import Customers

DEFAULT = "gamma-gamma-amounts"
_YEAR = 365
_LEAST_PURCHASES = 50  # whose level is more than chance


@dataclass(frozen=True, eq=False)
class FittedSpend:
    """Expected spend of each customer, and how the amounts of late compare with it.

    Attributes
    ----------
    fit : SpendFit or None
        The model; None if none can be fitted, and every customer has the mean amount.
    mean : ndarray of shape (n,)
        Expected spend a purchase by the model.
    late : float
        log(actual / modelled) amount of the repeat purchases of the last year, or of half the log if that is shorter;
        0 if they are few.
    """

    fit: SpendFit | None
    mean: Array
    late: float


def fitted_spend(record: PurchaseRecord | None, customers: Customers, spend: str | SpendFit) -> FittedSpend:
    """Spend of the customers of a day, fitted (or by a given fit) and compared with the amounts of late.

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
    return FittedSpend(fit, mean, 0.0 if record is None else late_level(record, customers, mean))


def _mean_amount(record: PurchaseRecord | None, customers: Customers) -> float:
    """The mean of all amounts, where no model has a finite one."""
    if record is None:
        table = customers.table[customers.table["spend_frequency"] > 0]
        return float(np.average(table["monetary_value"], weights=table["spend_frequency"]))
    paid = record.spend[(record.spend > 0) & (record.day <= _last_day(customers))]
    return float(paid.mean()) if len(paid) else 0.0


def late_level(record: PurchaseRecord, customers: Customers, mean: Array) -> float:
    """log(actual / modelled) of the amounts of late."""
    end = _last_day(customers)
    length = min(_YEAR, (end - int(record.day.min())) // 2)
    late = ~record.is_first & (record.day <= end) & (record.day > end - length)
    if late.sum() < _LEAST_PURCHASES:
        return 0.0
    place = customers.table.index.get_indexer(record.customers.table.index)[record.place[late]]
    actual, modelled = float(np.nansum(record.spend[late])), float(mean[place].sum())
    return float(np.log(actual / modelled)) if actual > 0 and modelled > 0 else 0.0


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
