"""From a log, or from fits, to a `Study`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ClvError, ClvWarning, UnsupportedPrediction
from clvmodels.inference.estimation.by_kind import fit_purchases, fit_spend
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.plots.monthly_forecast import forecast_table
from clvmodels.reporting.options import LogRequest, ReportOptions
from clvmodels.reporting.study import code
from clvmodels.reporting.study.calibration_end import choose_calibration_end
from clvmodels.reporting.study.holdout import run_holdout_test
from clvmodels.reporting.study.simulated_totals import LEVEL, simulate
from clvmodels.reporting.study.study import Study
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units
from clvmodels.value.costs import per_customer
from clvmodels.value.lifetime_value import lifetime_value
from clvmodels.value.purchase_table import purchase_table

type Progress = Callable[[str], None]

_MOST_MONTHS = 24


@dataclass
class _Fitted:
    """Customers, their fits, and why something is missing."""

    customers: Customers
    purchases: PurchaseFit
    spend: SpendFit | None
    missing: list[str] = field(default_factory=list)


def study_of_log(request: LogRequest, options: ReportOptions, progress: Progress) -> Study:
    """Summary, fits, value, forecast and test on a holdout of a log."""
    progress("Reading the log")
    customers = summarize(
        request.log, unit=request.unit, observation_end=request.observation_end, keep_purchases=request.needs_purchases
    )
    progress(f"Fitting {request.model} to {len(customers):,} customers")
    fitted = _Fitted(customers, fit_purchases(customers, request.model), None)
    if not request.log.has_amounts:
        fitted.missing.append("The log was read without amounts, so there is neither spend nor value.")
    else:
        _fit_spend(fitted, request.spend)
    study = _predict(fitted, options, progress, code.of_log(request, fitted.spend is not None, options))
    progress("Testing the model on what it has not seen")
    return _with_holdout_test(study, request)


def study_of_fits(
    purchases: PurchaseFit,
    spend: SpendFit | str | None,
    customers: Customers,
    options: ReportOptions,
    progress: Progress,
) -> Study:
    """Value and forecast of customers whose models are fitted; there is no test on a holdout without the log."""
    fitted = _Fitted(customers, purchases, spend if isinstance(spend, SpendFit) else None)
    if fitted.spend is None:
        if isinstance(spend, str) and (customers.table["spend_frequency"] > 0).any():
            progress(f"Fitting {spend}")
            _fit_spend(fitted, spend)
        else:
            fitted.missing.append("There is no spend model, so there is neither spend nor value.")
    fitted.missing.append(
        "This report was made from a fitted model and not from a log, so the model was not tested on a holdout. "
        "Pass the log to have it tested."
    )
    return _predict(fitted, options, progress, code.of_fits(fitted.spend is not None, options))


def _fit_spend(fitted: _Fitted, name: str) -> None:
    """The spend model, unless the data do not have one with a finite mean."""
    if not (fitted.customers.table["spend_frequency"] > 0).any():
        fitted.missing.append("Nobody paid for a repeat purchase, so there is neither spend nor value.")
        return
    try:
        spend = fit_spend(fitted.customers, name)
        spend.expected_spend(fitted.customers)
    except ClvError as problem:
        fitted.missing.append(f"There is neither spend nor value, since {name} can't be fitted: {problem}")
    else:
        fitted.spend = spend


def _predict(fitted: _Fitted, options: ReportOptions, progress: Progress, code: str) -> Study:
    """Value, forecast by month and simulated futures."""
    customers, missing = fitted.customers, fitted.missing
    options = replace(options, currency=options.currency or _currency(fitted))
    progress("Valuing customers")
    margin = per_customer(options.margin, customers.table.index, "margin")
    if not isinstance(margin, float):
        options = replace(options, margin=pd.Series(margin, customers.table.index))
    value = _value(fitted, customers, options)
    months = _months(fitted, options)
    progress("Simulating what may come")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ClvWarning)
        futures = simulate(
            fitted.purchases,
            fitted.spend,
            customers,
            horizon=options.horizon,
            months=months,
            value_per_spend=_value_per_spend(fitted, options, value),
        )
        measure = "lifetime_value" if fitted.spend is not None else "expected_purchases"
        top_customers = _with_bounds(value.nlargest(options.top, measure), fitted, options)
    if futures is None:
        missing.append("The data do not pin down every parameter, so no ranges can be given.")
    return Study(
        options=options,
        customers=customers,
        purchases=fitted.purchases,
        spend=fitted.spend,
        value=value,
        top_customers=top_customers,
        months=months,
        futures=futures,
        holdout_test=None,
        missing=tuple(missing),
        range_warnings=tuple(dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, ClvWarning))),
        code=code,
    )


def _months(fitted: _Fitted, options: ReportOptions) -> pd.DataFrame | None:
    """The forecast by month, if the last day of the data is known."""
    customers = fitted.customers
    if customers.observation_end is None:
        fitted.missing.append("The last day of the data is not known, so there is no forecast by month.")
        return None
    number = _number_of_months(options.horizon, fitted.purchases.unit)
    months = forecast_table(fitted.purchases, fitted.spend, months=number, customers=customers)
    months.attrs["currency"] = options.currency
    return months


def _value(fitted: _Fitted, customers: Customers, options: ReportOptions, **interval: Any) -> pd.DataFrame:
    """As `lifetime_value`; without spend the columns that need none."""
    if fitted.spend is None:
        return purchase_table(fitted.purchases, customers, options.horizon)
    value = lifetime_value(
        fitted.purchases,
        fitted.spend,
        customers,
        horizon=options.horizon,
        annual_discount_rate=options.annual_discount_rate,
        margin=options.margin,
        **interval,
    )
    value.attrs["currency"] = options.currency
    return value


def _value_per_spend(fitted: _Fitted, options: ReportOptions, value: pd.DataFrame) -> Array | float:
    """Present value of a unit of money spent in the horizon: margin × mean discount of the customer's purchases."""
    if fitted.spend is None:
        return 1.0
    terms = (options.annual_discount_rate, options.horizon, fitted.customers)
    discounted = fitted.purchases.discounted_expected_purchases(*terms).to_numpy()
    discount = discounted / np.maximum(value["expected_purchases"].to_numpy(), 1e-300)
    return np.asarray(per_customer(options.margin, value.index, "margin") * discount)


def _with_bounds(top_customers: pd.DataFrame, fitted: _Fitted, options: ReportOptions) -> pd.DataFrame:
    """The same customers with predictive bounds, if there are any."""
    customers = fitted.customers
    some = replace(customers, table=customers.table.loc[top_customers.index], report=None, mean_purchase_time=None)
    try:
        if fitted.spend is not None:
            return _value(fitted, some, options, interval=LEVEL, predictive=True)
        bounds = fitted.purchases.expected_purchases(options.horizon, some, interval=LEVEL, predictive=True)
        return top_customers.join(bounds.drop(columns="expected_purchases"))
    except UnsupportedPrediction:
        return top_customers


def _with_holdout_test(study: Study, request: LogRequest) -> Study:
    """The study with a test on a holdout; one that the user did not ask for may fail, and the report says why."""
    end = request.calibration_end
    chosen = end is None
    if end is None:
        report = study.customers.report
        assert report is not None  # from a log
        last = pd.Timestamp(report.observation_end)
        end = choose_calibration_end(pd.Timestamp(report.first_day), last, study.horizon_days)
        if end is None:
            why = "The log is too short to hold a part of it out, so the model was not tested."
            return replace(study, missing=(*study.missing, why))
    try:
        tested = run_holdout_test(request, end, chosen)
    except ClvError as problem:
        if not chosen:
            raise
        why = f"The model could not be tested on a holdout: {problem}"
        return replace(study, missing=(*study.missing, why))
    lines = code.of_holdout_test(request, f"{tested.evaluation.holdout.calibration_end:%Y-%m-%d}")
    return replace(study, holdout_test=tested, code=f"{study.code}\n{lines}")


def _number_of_months(horizon: Span, unit: str) -> int:
    """Months of the forecast: those of the horizon, at most 24."""
    days = span_in_units(horizon, unit) * DAYS_PER_UNIT[unit]
    return int(np.clip(round(days / DAYS_PER_UNIT["month"]), 1, _MOST_MONTHS))


def _currency(fitted: _Fitted) -> str | None:
    """Label of the amounts, of the customers or else of the spend model."""
    return fitted.customers.currency or (None if fitted.spend is None else fitted.spend.currency)
