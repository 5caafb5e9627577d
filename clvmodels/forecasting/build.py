"""A `Forecast` is put together: models, earlier forecasts, periods, ranges and each customer's part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.forecasting.acquisition.amounts import amounts_of_new
from clvmodels.forecasting.acquisition.to_come import Newcomers, customers_to_come
from clvmodels.forecasting.notes import notes_of, warnings_of
from clvmodels.forecasting.result import ranges
from clvmodels.forecasting.result.customers_to_come import CustomersToCome
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.result.model_range import OwnRangeOf
from clvmodels.forecasting.result.numbers import Spreads
from clvmodels.forecasting.rules.choice import Tried, choose
from clvmodels.forecasting.rules.gate import Expectations, FittedRule, Rule
from clvmodels.forecasting.rules.inner_holdouts import (
    EarlierForecast,
    EarlierForecasts,
    earlier_forecasts,
)
from clvmodels.forecasting.rules.spend import FittedSpend, fitted_spend
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods
from clvmodels.forecasting.timeline.past_periods import past_periods
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, sampled_customers
from clvmodels.inference.fits.kinds import SpendFit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

LARGE = 100_000  # customers above which models are fitted to a sample of so many


@dataclass(frozen=True, eq=False, kw_only=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    customers : Customers
        Whom to forecast.
    rule : Rule
        Which models.
    fitted : FittedRule or None
        Models that are fitted already.
    spend : str, SpendFit or None
        Name of a spend model, a fit of one, or none.
    again : bool
        Whether the rule can be fitted at earlier dates.
    horizon_end : pandas.Timestamp
        Last day of the horizon.
    interval, by, new_customers, seed
        As in `clvmodels.forecast`.
    """

    customers: Customers
    rule: Rule
    fitted: FittedRule | None
    spend: str | SpendFit | None
    again: bool
    horizon_end: pd.Timestamp
    interval: float
    by: str
    new_customers: bool | Sequence[float]
    seed: int

    @property
    def end(self) -> pd.Timestamp:
        """Last day known."""
        end = self.customers.observation_end
        assert end is not None  # checked where the request was made
        return end

    @property
    def days(self) -> int:
        """Days of the horizon."""
        return (self.horizon_end - self.end).days


def build(request: Request, progress: Callable[[str], None] = lambda _: None) -> Forecast:
    """The forecast that was asked for."""
    customers = request.customers
    some = sampled_customers(customers, LARGE, request.seed)
    record = PurchaseRecord.of(some)
    observed = _observed_days(customers) if record is None else record.observed_days
    progress("Fitting models")
    fitted = request.fitted or request.rule.fit(some, observed)
    periods = calendar_periods(request.end, request.horizon_end, request.by)
    progress("Trying the same at earlier dates")
    earlier = EarlierForecasts()
    if record is not None and request.again:
        earlier = earlier_forecasts(record, request.rule, request.spend, request.days, request.by, fitted)
    progress("Choosing a model")
    tried = choose(Tried(request.rule, fitted, earlier), record, request.spend, request.days, request.by)
    fitted, earlier = tried.fitted, tried.earlier
    progress("Forecasting")
    spend, amounts, level = _amounts(request, some, record, earlier)
    expected = fitted.of(some, [0, *np.cumsum(periods["days"]).tolist()])
    of_all = expected if some is customers else fitted.of(customers, [0, request.days])
    each = _of_customers(of_all, customers, amounts)
    sampled = len(some) if len(some) < len(customers) else None
    share = 0.0 if sampled is None else 1.0 - sampled / len(customers)
    spreads = _spreads(earlier, periods, _sampling_error(each, share))
    whole = PurchaseRecord.of(customers) if sampled else record
    to_come = None
    if request.new_customers is not False:
        of_new = _amounts_of_new(whole, spend, level, amounts)
        to_come = _to_come(request, fitted, of_new, spreads, periods)
    return Forecast(
        customers=each,
        periods=_of_periods(expected, periods, each, request.seed),
        earlier=_earlier_table(earlier, amounts is not None),
        past=past_periods(whole, request.by),
        new_customers=to_come,
        spreads=spreads,
        own=OwnRangeOf(fitted, spend, some, request.days, request.seed),
        observation_end=request.end,
        horizon_end=request.horizon_end,
        interval=request.interval,
        by=request.by,
        model=fitted.title,
        currency=customers.currency or (None if spend is None else spend.currency),
        sample=sampled,
        notes=notes_of(tried, record, spend=spend, has_amounts=amounts is not None),
        warnings=warnings_of(record),
        fits=(*fitted.fits, *([] if spend is None else [spend])),
        known=customers,
        tried=earlier.found,
        choice=tried.choice,
    )


def _observed_days(customers: Customers) -> int:
    """Days from the first purchase of all to the end, both included."""
    return round(float(customers.table["T"].max()) * DAYS_PER_UNIT[customers.unit]) + 1


def _to_come(
    request: Request, fitted: FittedRule, amounts: tuple[float, float] | None, spreads: Spreads, periods: pd.DataFrame
) -> CustomersToCome:
    """The part of customers still to come."""
    known = Newcomers(
        customers=request.customers,
        fits=fitted.fits,
        amounts=amounts,
        spreads=spreads,
        periods=periods,
        by=request.by,
        interval=request.interval,
        seed=request.seed,
    )
    return customers_to_come(known, None if isinstance(request.new_customers, bool) else request.new_customers)


def _amounts_of_new(
    record: PurchaseRecord | None, spend: SpendFit | None, level: float, amounts: Array | None
) -> tuple[float, float] | None:
    """Spend of a first and of a later purchase of a new customer; None without amounts."""
    if amounts is None or record is None:
        return None
    return amounts_of_new(record, spend, level, float(np.mean(amounts)))


def _amounts(
    request: Request, some: Customers, record: PurchaseRecord | None, earlier: EarlierForecasts
) -> tuple[SpendFit | None, Array | None, float]:
    """The spend model, what each customer is expected to spend on a purchase, and by what the model is multiplied.

    Without amounts neither.
    """
    has_amounts = (some.table["spend_frequency"] > 0).any() or (record is not None and record.has_amounts)
    if request.spend is None or not has_amounts:
        return None, None, 1.0
    found = fitted_spend(record, some, request.spend)
    mean = found.mean if some is request.customers else _mean_of_all(request.customers, found)
    level = float(np.exp(earlier.spend_correction(found, request.end, request.days)))
    return found.fit, mean * level, level


def _mean_of_all(customers: Customers, found: FittedSpend) -> Array:
    """The means of all customers by a model that was fitted to a sample."""
    if found.fit is None:
        return np.full(len(customers), found.mean[0])
    return found.fit.expected_spend(customers).to_numpy(dtype=np.float64)


def _of_customers(expected: Expectations, customers: Customers, amounts: Array | None) -> pd.DataFrame:
    """One row a customer."""
    purchases, probability = expected.of_customers()
    table = pd.DataFrame(
        {"expected_purchases": purchases, "purchase_probability": probability}, index=customers.table.index
    )
    return table if amounts is None else table.assign(expected_spend=amounts, value=purchases * amounts)


def _of_periods(expected: Expectations, periods: pd.DataFrame, each: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Purchases, buyers and revenue by period; purchases and revenue sum to those of the customers.

    Where models were fitted to a sample, the shares of the periods are those of the sample.
    """
    purchases, buyers = expected.of_periods(), expected.buyers_of_periods(seed)
    total, of_all = float(purchases.sum()), float(each["expected_purchases"].sum())
    if total > 0:
        purchases, buyers = purchases * (of_all / total), buyers * (of_all / total)
    table = periods.assign(purchases=purchases, buyers=np.minimum(buyers, len(each)))
    if "value" not in each:
        return table
    return table.assign(revenue=purchases * (float(each["value"].sum()) / max(of_all, 1e-300)))


def _sampling_error(each: pd.DataFrame, left_out: float) -> float:
    """Variance of a total's logarithm because models were fitted to a sample: the chance of its purchases."""
    fitted = (1.0 - left_out) * float(each["expected_purchases"].sum())
    return left_out * ranges.CHANCE_OF_PURCHASES / max(fitted, 1.0)


def _spreads(earlier: EarlierForecasts, periods: pd.DataFrame, sampling: float) -> Spreads:
    """How far totals and periods are off, from a prior and from the earlier forecasts."""
    found, extra = earlier.found, ranges.Spread(sampling, np.inf)
    total = {name: _of_total(found, name) + extra for name in ("purchases", "buyers")}
    spend = ranges.learned(
        ranges.PRIOR_OF_SPEND**2, errors := earlier.spend_errors(), np.zeros(len(errors)), len(errors)
    )
    total["revenue"] = total["purchases"] + spend
    ratio = _against_prior(found)
    prior = ranges.period_prior(periods["days"].to_numpy())
    purchases = tuple(ranges.Spread(one * ratio.variance, ratio.errors) + extra for one in prior)
    of_periods = {"purchases": purchases, "buyers": purchases, "revenue": tuple(one + spend for one in purchases)}
    return Spreads(total, of_periods)


def _of_total(found: tuple[EarlierForecast, ...], name: str) -> ranges.Spread:
    """The spread of a total."""
    pairs = [getattr(one, name) for one in found]
    errors = [ranges.log_error(actual, expected) for expected, actual in pairs]
    chance = [ranges.CHANCE[name] / max(expected, 1.0) for expected, _ in pairs]
    return ranges.learned(ranges.PRIOR_OF_TOTAL**2, errors, chance, len(found))


def _against_prior(found: tuple[EarlierForecast, ...]) -> ranges.Spread:
    """The spread of purchases by period as a multiple of what is expected without any error at hand."""
    rows = [one.periods for one in found if len(one.periods)]
    if not rows:
        return ranges.Spread(1.0)
    table = pd.concat(rows)
    prior = ranges.period_prior(table["days"].to_numpy())
    expected, actual = table["purchases"].to_numpy(), table["purchases_actual"].to_numpy()
    errors = np.log((actual + 0.5) / (expected + 0.5))
    chance = ranges.CHANCE_OF_PURCHASES / np.maximum(expected, 1.0)
    return ranges.learned(1.0, errors / np.sqrt(prior), chance / prior, len(rows))


def _earlier_table(earlier: EarlierForecasts, with_revenue: bool) -> pd.DataFrame:
    """One row an earlier date: expected, actual and error of each quantity."""
    names = ("purchases", "buyers", "revenue") if with_revenue else ("purchases", "buyers")
    rows = []
    for one, factor in zip(earlier.found, np.exp(earlier.spend_corrections()), strict=True):
        row: dict[str, object] = {"days": one.days, "model": one.title}
        for name in names:
            expected, actual = getattr(one, name)
            expected *= factor if name == "revenue" else 1.0
            row |= {f"{name}_expected": expected, f"{name}_actual": actual}
            row[f"{name}_error"] = actual / expected - 1.0 if expected > 0 else 0.0
        rows.append(row)
    columns = ["days", "model", *(f"{name}_{what}" for name in names for what in ("expected", "actual", "error"))]
    index = pd.DatetimeIndex([one.origin for one in earlier.found], name="origin")
    return pd.DataFrame(rows, index=index, columns=columns)
