"""Value of subscribers: what they pay a period, less costs, times the discounted periods they are expected to stay."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population.intervals import records
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.inference.population.structure import Who
from clvmodels.transactions.units import discount_rate_per_unit, units_per_year
from clvmodels.value.attrition_risk import attrition_risk, renewals_in
from clvmodels.value.checks import check_renewal_options
from clvmodels.value.conditions import Conditions
from clvmodels.value.costs import acquisition, each_customer
from clvmodels.value.terms import Price, Terms
from clvmodels.value.valuation import Valuation, Window


def renewal_valuation(renewals: RenewalPredictions, price: Any, customers: Who, conditions: Conditions) -> Valuation:
    """What a valuation of subscribers is made of."""
    check_renewal_options(predictive=conditions.predictive)
    rows, new, unit = renewals.population(customers), isinstance(customers, str), renewals.unit
    counted = renewals_in(conditions.counts_horizon, unit)
    rate = conditions.annual_discount_rate
    waiting = _waiting(conditions.until_renewal, rows.ids, rate, unit, new=new)
    paid = each_customer(price, rows.ids, "price")
    keeping = each_customer(conditions.retention_cost_per_year, rows.ids, "retention_cost_per_year") / units_per_year(
        unit
    )
    cost = each_customer(conditions.cost_per_purchase, rows.ids, "cost_per_purchase") + keeping
    margin, acquired = (
        each_customer(conditions.margin, rows.ids, "margin"),
        acquisition(conditions.acquisition_cost, new=new),
    )

    def terms(periods: Quantity, *, first: bool) -> Terms:
        return Terms(
            units=periods,
            years_alive=None,
            income=Price(paid),
            margin=margin * waiting,
            cost=cost * waiting,
            cost_per_year=np.zeros(len(rows.ids)),
            acquisition_cost=acquired if first else 0.0,
        )

    def until(end: float) -> Quantity:
        return renewals.discounted_periods(rate, end)

    def of_window(window: Window) -> Terms:
        begin, length = window
        if begin == 0.0:
            return terms(until(length), first=True)
        return terms(_difference(until(begin + length), until(begin)), first=False)

    horizon = None if conditions.horizon is None else counted
    return Valuation(
        population=rows,
        parameters=renewals.parameters,
        terms=terms(renewals.discounted_periods(rate, horizon), first=True),
        terms_of=of_window,
        years=[] if horizon is None else _years(counted, units_per_year(unit)),
        columns=_columns(renewals, rows, counted, pd.Series(paid, rows.ids, name="price"), conditions.interval),
        pairs=lambda: [(draw, draw) for draw in records(renewals.draws())],
        predictive_bounds=None,
        currency=None,
        counts_horizon=counted,
    )


def _columns(
    renewals: RenewalPredictions, rows: Population, counted: int, price: pd.Series[float], interval: float | None
) -> dict[str, pd.Series[float] | pd.DataFrame]:
    """What stands beside the value."""
    expected = renewals.discounted_lifetime(0.0, counted, rows, interval=interval)
    if interval is None:
        expected = expected.rename("expected_periods")
    else:
        total = expected.attrs["total"]["discounted_lifetime"]
        expected = expected.rename(columns=lambda name: name.replace("discounted_lifetime", "expected_periods"))
        expected.attrs["total"] = {"expected_periods": total}
    return {
        "retention": renewals.retention(rows, interval=interval),
        "attrition_risk": attrition_risk(renewals, rows, horizon=counted, interval=interval),
        "expected_periods": expected,
        "price": price,
    }


def _waiting(until_renewal: Any, ids: pd.Index[Any], rate: float, unit: str, *, new: bool) -> Array:
    """Discount from the next renewal to now."""
    periods = each_customer(until_renewal, ids, "until_renewal")
    if np.any((periods < 0.0) | (periods > 1.0)):
        raise ArgumentError("until_renewal is the part of a period to go, from 0 to 1.")
    if new and np.any(periods):
        raise ArgumentError("until_renewal has no meaning for a new customer, whose first period begins now.")
    return np.exp(-discount_rate_per_unit(rate, unit) * periods)


def _difference(later: Quantity, earlier: Quantity) -> Quantity:
    def quantity(parameters: Parameters, rows: Population) -> Array:
        return later(parameters, rows) - earlier(parameters, rows)

    return quantity


def _years(counted: int, a_year: float) -> list[Window]:
    """The periods of each year: from how many on, and how many."""
    years = int(np.ceil(counted / a_year - 1e-9))
    ends = [min(int(a_year * year + 1e-9), counted) for year in range(1, years)] + [counted]
    return [(float(begin), float(end - begin)) for begin, end in pairwise([0, *ends])]
