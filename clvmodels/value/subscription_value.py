"""Value of subscribers: what they pay a period, less costs, times the discounted periods they are expected to stay."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.renewals import Renewed, Subscribers
from clvmodels.inference.population.intervals import check_level, quantiles, records
from clvmodels.transactions.units import Span, discount_rate_per_unit, units_per_year
from clvmodels.value.attrition_risk import attrition_risk, renewals_in
from clvmodels.value.costs import acquisition, per_customer

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """What a discounted period of each subscriber is worth today, and what is spent at once.

    Attributes
    ----------
    of_period : ndarray of shape (n,)
        Margin less costs, discounted from the first period that counts.
    at_once : float
        Cost of acquisition.
    """

    of_period: Array
    at_once: float = 0.0

    def of(self, periods: Array) -> Array:
        """Value of so many periods, one a subscriber."""
        return self.of_period * periods - self.at_once


def subscription_value(
    renewals: Fit,
    price: Any,
    customers: Subscribers = None,
    *,
    horizon: Span | None,
    annual_discount_rate: float,
    margin: Any = 1.0,
    cost_per_purchase: Any = 0.0,
    retention_cost_per_year: Any = 0.0,
    acquisition_cost: float | None = None,
    until_renewal: Any = 0.0,
    risk_horizon: Span = "1Y",
    yearly: bool = False,
    interval: float | None = None,
) -> pd.DataFrame:
    """Value and risk of subscribers, one row each; `clvmodels.lifetime_value` comes here with a fit of renewals.

    Value = (margin × price - cost per period - retention cost per period) × discounted expected periods. A period is
    paid at its beginning. Of who is still there it counts the periods from the next renewal on, so that just before
    that renewal it is the residual value of Fader and Hardie (2010), Customer-Base Valuation in a Contractual Setting:
    the period under way is paid already. Of a new customer it counts all, the first one certain and undiscounted.

    Parameters
    ----------
    renewals : Fit
        A model of renewals, such as "sbg" or "bdw".
    price
        What is paid a period; a number, or one a subscriber (a Series by customer_id, or an array).
    customers : Subscriptions, "new" or None
        Whom to value; None means those fitted. Who has left has no row; a cohort of a survival table has one, with the
        value of one of its customers.
    horizon
        How many periods count, or a span and the whole periods in it: "1Y" of a monthly subscription is the next 12
        payments. None means for life.
    annual_discount_rate
        0.10 is 10 % a year, compounded from payment to payment.
    margin, cost_per_purchase, retention_cost_per_year
        Share of the price that is earned, what a period costs, and what keeping a subscriber costs a year, due with
        the payments; a number, or one a subscriber.
    acquisition_cost
        What winning a new customer costs; with ``customers="new"`` only.
    until_renewal
        Periods from now to the next renewal, 0 if it is due, 1 if one has just been made; a number, or one each.
    risk_horizon
        For ``horizon=None``: the horizon of periods and risk.
    yearly
        Add ``lifetime_value_year_1``, ``_2``, … for the years from the first of these periods on; they add up to
        ``lifetime_value``.
    interval
        Level of an interval, such as 0.90: adds ``_lower`` and ``_upper`` over draws of the parameters;
        ``attrs["total"]`` holds estimate and bounds of the sums over customers.

    Returns
    -------
    pandas.DataFrame
        ``retention`` (the next renewal is made), ``attrition_risk`` (one of the renewals in the horizon is not),
        ``expected_periods`` (paid in the horizon, undiscounted), ``price`` and ``lifetime_value``.

    Examples
    --------
    >>> import clvmodels as clv
    >>> counts = {"high end": [1000, 869, 743, 653, 593, 551, 517, 491]}
    >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
    >>> subscription_value(fit, 100.0, horizon=None, annual_discount_rate=0.10, margin=0.60).round(2)
              retention  attrition_risk  expected_periods  price  lifetime_value
    cohort
    high end       0.94            0.06              0.94  100.0          451.78
    """
    new, who = isinstance(customers, str), renewals.renewed(customers)
    counted = renewals_in(risk_horizon if horizon is None else horizon, renewals.unit)
    of_period = _earned(who.ids, price, margin, cost_per_purchase, retention_cost_per_year, renewals.unit)
    waiting = _waiting(until_renewal, who.ids, annual_discount_rate, renewals.unit, new=new)
    worth = Worth(of_period * waiting, acquisition(acquisition_cost, new=new))
    periods = renewals.discounted_periods(annual_discount_rate, None if horizon is None else counted, new=new)
    expected = renewals.discounted_lifetime(0.0, counted, customers, interval=interval)
    value: Any = pd.Series(worth.of(periods(who.made, renewals.parameters)[who.rows]), who.ids, name="lifetime_value")
    totals = {}
    if interval is not None:
        draws = np.stack([periods(who.made, parameters) for parameters in records(renewals.draws())], axis=1)
        totals = {
            "expected_periods": expected.attrs["total"]["discounted_lifetime"],
            "lifetime_value": {"estimate": float(value @ who.customers), **_total(worth, draws, who, interval)},
        }
        value = _with_bounds(value, worth, draws, who, interval)
    answers = [
        renewals.retention(customers, interval=interval),
        attrition_risk(renewals, customers, horizon=counted, interval=interval),
        _renamed(expected, "expected_periods"),
        pd.Series(np.broadcast_to(per_customer(price, who.ids, "price"), len(who.ids)), who.ids, name="price"),
        value,
    ]
    for answer in answers:
        answer.attrs = {}
    result = pd.concat(answers, axis=1)
    if yearly:
        ends = _ends_of_years(horizon, counted, renewals.unit)
        by_year = _by_year(ends, worth, renewals, annual_discount_rate, who, new=new)
        result = pd.concat([result, by_year], axis=1)
    result.attrs = {
        "currency": None,
        "horizon": horizon,
        "counts_horizon": counted,
        "annual_discount_rate": annual_discount_rate,
        **({"interval": interval, "total": totals} if interval is not None else {}),
    }
    return result


def _earned(
    ids: pd.Index[Any], price: Any, margin: Any, cost_per_purchase: Any, retention_cost_per_year: Any, unit: str
) -> Array:
    """What a period brings, one a subscriber."""
    share, paid = per_customer(margin, ids, "margin"), per_customer(price, ids, "price")
    cost = per_customer(cost_per_purchase, ids, "cost_per_purchase")
    keeping = per_customer(retention_cost_per_year, ids, "retention_cost_per_year") / units_per_year(unit)
    return np.broadcast_to(np.asarray(share * paid - cost - keeping), (len(ids),))


def _waiting(until_renewal: Any, ids: pd.Index[Any], rate: float, unit: str, *, new: bool) -> Array:
    """Discount from the next renewal to now."""
    periods = np.asarray(per_customer(until_renewal, ids, "until_renewal"))
    if np.any((periods < 0.0) | (periods > 1.0)):
        raise ArgumentError("until_renewal is the part of a period to go, from 0 to 1.")
    if new and np.any(periods):
        raise ArgumentError("until_renewal has no meaning for a new customer, whose first period begins now.")
    return np.exp(-discount_rate_per_unit(rate, unit) * periods)


def _with_bounds(value: pd.Series[float], worth: Worth, draws: Array, who: Renewed, interval: float) -> pd.DataFrame:
    """Value is a line in the periods: its bounds are at theirs, the other way round where a period costs money."""
    ends = [worth.of(side[who.rows]) for side in quantiles(draws, check_level(interval))]
    return value.to_frame().assign(lifetime_value_lower=np.minimum(*ends), lifetime_value_upper=np.maximum(*ends))


def _total(worth: Worth, draws: Array, who: Renewed, interval: float) -> dict[str, float]:
    """Bounds of the sum over customers, summed draw by draw."""
    weight = np.broadcast_to(worth.of_period, who.rows.shape) * who.customers
    sums = np.bincount(who.rows, weights=weight, minlength=len(who.made)) @ draws
    lower, upper = quantiles(sums - worth.at_once * who.customers.sum(), check_level(interval))
    return {"lower": float(lower), "upper": float(upper)}


def _ends_of_years(horizon: Span | None, counted: int, unit: str) -> list[int]:
    """How many periods have begun by the end of each year."""
    if horizon is None:
        raise ArgumentError('yearly=True needs a horizon with an end, such as "5Y".')
    a_year = units_per_year(unit)
    years = int(np.ceil(counted / a_year - 1e-9))
    return [min(int(a_year * year + 1e-9), counted) for year in range(1, years)] + [counted]


def _by_year(ends: list[int], worth: Worth, renewals: Fit, rate: float, who: Renewed, *, new: bool) -> pd.DataFrame:
    """Value of the periods of each year; what is spent at once is in the first."""
    until = [
        worth.of(renewals.discounted_periods(rate, end, new=new)(who.made, renewals.parameters)[who.rows])
        for end in ends
    ]
    values = [until[0], *(later - earlier for earlier, later in pairwise(until))]
    return pd.DataFrame({f"lifetime_value_year_{k}": value for k, value in enumerate(values, 1)}, index=who.ids)


def _renamed(answer: pd.Series[float] | pd.DataFrame, name: str) -> pd.Series[float] | pd.DataFrame:
    """An answer about discounted lifetime by another name."""
    if isinstance(answer, pd.Series):
        return answer.rename(name)
    return answer.rename(columns=lambda column: column.replace("discounted_lifetime", name))
