"""Value of subscribers: what they pay a period, less costs, times the discounted periods they are expected to stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population.intervals import records
from clvmodels.inference.population.population import Parameters, Population, Quantity
from clvmodels.inference.population.renewals import RenewalPopulation
from clvmodels.inference.population.structure import Who
from clvmodels.transactions.units import discount_rate_per_unit, units_per_year
from clvmodels.value.attrition_risk import attrition_risk, renewals_in
from clvmodels.value.checks import check_renewal_options
from clvmodels.value.conditions import Conditions, Window, years_of
from clvmodels.value.costs import each_customer
from clvmodels.value.credit_terms import CreditTerms, loss_column
from clvmodels.value.terms import Draw, Price, Terms
from clvmodels.value.valuation import Valuation


def renewal_valuation(renewals: RenewalPredictions, price: Any, customers: Who, conditions: Conditions) -> Valuation:
    """What a valuation of subscribers is made of."""
    check_renewal_options(conditions)
    rows, new, unit = renewals.population(customers), isinstance(customers, str), renewals.unit
    counted, year = renewals_in(conditions.counts_horizon, unit), units_per_year(unit)
    horizon, rate = None if conditions.horizon is None else counted, conditions.annual_discount_rate
    waiting = _waiting(conditions.until_renewal, rows.ids, rate, unit, new=new)
    paid, given = each_customer(price, rows.ids, "price"), conditions.costs(rows.ids, new=new)
    a_period = given.a_purchase + given.a_year / year
    costs = replace(given, a_purchase=a_period * waiting)
    credit = conditions.credit(rows.ids, new=new)

    def terms(window: Window, *change: float) -> Terms:
        (begin, length), dropout = window, _dropout(*change)
        periods = renewals.discounted_periods(rate, None if length is None else begin + length, dropout=dropout)
        if begin > 0.0:
            periods = _difference(periods, renewals.discounted_periods(rate, begin, dropout=dropout))
        return Terms(periods, None, Price(paid * waiting), costs, begins=begin == 0.0, credit=credit)

    return Valuation(
        population=rows if credit is None else after_stops(rows, credit),
        parameters=renewals.parameters,
        terms=terms,
        horizon=horizon,
        years=[] if horizon is None else years_of(horizon, year, whole=True),
        columns=lambda: (
            _columns(renewals, rows, counted, pd.Series(paid, rows.ids, name="price"), conditions.interval)
            | loss_column(credit, rows.ids)
        ),
        draws=lambda: _draws(renewals, credit),
        predictive_bounds=None,
        currency=None,
        counts_horizon=counted,
    )


def after_stops(rows: Population, credit: CreditTerms) -> Population:
    """The same customers, who are lost if they don't pay and are stopped for it."""
    if not isinstance(rows, RenewalPopulation) or credit.after_default == "kept":
        return rows
    return rows.stopped_with(credit.probability * credit.share_on_credit)


def _draws(renewals: RenewalPredictions, credit: CreditTerms | None) -> list[Draw]:
    """Draws of the parameters of all models together."""
    of_renewals = records(renewals.draws())
    of_payments = [{}] * len(of_renewals) if credit is None else credit.draws(len(of_renewals))
    return [Draw(draw, {}, payments) for draw, payments in zip(of_renewals, of_payments, strict=True)]


def _columns(
    renewals: RenewalPredictions, rows: Population, counted: int, price: pd.Series[float], interval: float | None
) -> dict[str, pd.Series[float] | pd.DataFrame]:
    """What stands beside the value."""
    return {
        "retention": renewals.retention(rows, interval=interval),
        "attrition_risk": attrition_risk(renewals, rows, horizon=counted, interval=interval),
        "expected_periods": _expected_periods(renewals, rows, counted, interval),
        "price": price,
    }


def _expected_periods(
    renewals: RenewalPredictions, rows: Population, counted: int, interval: float | None
) -> pd.Series[float] | pd.DataFrame:
    """The discounted lifetime at a rate of 0, under its own name."""
    expected = renewals.discounted_lifetime(0.0, counted, rows, interval=interval)
    if interval is None:
        return expected.rename("expected_periods")
    total = expected.attrs["total"]["discounted_lifetime"]
    expected = expected.rename(columns=lambda name: name.replace("discounted_lifetime", "expected_periods"))
    expected.attrs["total"] = {"expected_periods": total}
    return expected


def _waiting(until_renewal: Any, ids: pd.Index[Any], rate: float, unit: str, *, new: bool) -> Array:
    """Discount from the next renewal to now."""
    periods = each_customer(until_renewal, ids, "until_renewal")
    if np.any((periods < 0.0) | (periods > 1.0)):
        raise ArgumentError("until_renewal is the part of a period to go, from 0 to 1.")
    if new and np.any(periods):
        raise ArgumentError("until_renewal has no meaning for a new customer, whose first period begins now.")
    return np.exp(-discount_rate_per_unit(rate, unit) * periods)


def _dropout(purchase_rate: float = 1.0, dropout: float = 1.0) -> float:
    """What a change means for subscribers, who pay once a period."""
    if purchase_rate != 1.0:
        raise ArgumentError(
            "purchase_rate has no meaning for subscribers, who pay each period: change dropout or spend."
        )
    return dropout


def _difference(later: Quantity, earlier: Quantity) -> Quantity:
    def quantity(parameters: Parameters, rows: Population) -> Array:
        return later(parameters, rows) - earlier(parameters, rows)

    return quantity
