"""From a log, or from fits, to a Study."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.errors import ClvError, ClvWarning, UnsupportedPrediction
from clvmodels.evaluation.holdout.evaluate import evaluate
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.monthly_forecast import forecast_table
from clvmodels.plots.track_table import tracking_table
from clvmodels.reporting import code, simulated_totals
from clvmodels.reporting.calibration_end import choose_calibration_end
from clvmodels.reporting.study import Study, Terms, Trial
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.units import DAYS_PER_UNIT, span_in_units
from clvmodels.value.attrition_risk import attrition_risk
from clvmodels.value.costs import per_customer
from clvmodels.value.lifetime_value import lifetime_value

Step = Callable[[str], None]
_MOST_MONTHS = 24


@dataclass(frozen=True)
class LogSource:
    """A log, how to read it and what to fit.

    Attributes
    ----------
    log
        As in `clvmodels.summarize`.
    options : dict
        ``customer``, ``date``, ``amount``, ``order``, ``unit``, ``observation_end``, ``refunds``, ``timezone``,
        ``currency``.
    model, spend : str
        Names of the models.
    calibration_end
        None for a holdout that is chosen here.
    """

    log: Any
    options: Mapping[str, Any]
    model: str
    spend: str
    calibration_end: Any = None

    @property
    def needs_purchases(self) -> bool:
        """Whether one of the models asks for every purchase."""
        return models.needs_purchases(self.model) or models.needs_purchases(self.spend)


@dataclass
class _Fitted:
    customers: Customers
    purchases: Fit
    spend: Fit | None
    missing: list[str] = field(default_factory=list)


def from_log(source: LogSource, terms: Terms, step: Step) -> Study:
    """Everything."""
    step("Reading the log")
    customers = summarize(source.log, **source.options, keep_purchases=source.needs_purchases)
    step(f"Fitting {source.model} to {len(customers):,} customers")
    fitted = _Fitted(customers, fit(customers, source.model), None)
    if not source.options["amount"]:
        fitted.missing.append("The log was read without amounts, so there is neither spend nor value.")
    else:
        _fit_spend(fitted, source.spend)
    study = _predict(fitted, terms, step, code.of_log(source, fitted.spend is not None, terms))
    step("Testing the model on what it has not seen")
    return _with_trial(study, source)


def from_fits(purchases: Fit, spend: Fit | str | None, customers: Customers, terms: Terms, step: Step) -> Study:
    """What needs no log."""
    fitted = _Fitted(customers, purchases, spend if isinstance(spend, Fit) else None)
    if fitted.spend is None:
        if isinstance(spend, str) and (customers.table["spend_frequency"] > 0).any():
            step(f"Fitting {spend}")
            _fit_spend(fitted, spend)
        else:
            fitted.missing.append("There is no spend model, so there is neither spend nor value.")
    fitted.missing.append(
        "This report was made from a fitted model and not from a log, so the model was not tested on a holdout. "
        "Pass the log to have it tested."
    )
    return _predict(fitted, terms, step, code.of_fits(fitted.spend is not None, terms))


def _fit_spend(fitted: _Fitted, name: str) -> None:
    """The spend model, unless the data do not have one with a finite mean."""
    if not (fitted.customers.table["spend_frequency"] > 0).any():
        fitted.missing.append("Nobody paid for a repeat purchase, so there is neither spend nor value.")
        return
    try:
        spend = fit(fitted.customers, name)
        spend.expected_spend(fitted.customers)
    except ClvError as problem:
        fitted.missing.append(f"There is neither spend nor value, since {name} can't be fitted: {problem}")
    else:
        fitted.spend = spend


def _predict(fitted: _Fitted, terms: Terms, step: Step, code: str) -> Study:
    """Value, forecast and simulated futures."""
    purchases, spend, customers = fitted.purchases, fitted.spend, fitted.customers
    terms = replace(terms, currency=terms.currency or _currency(fitted))
    step("Valuing customers")
    value = _value(purchases, spend, customers, terms)
    months = None
    if customers.observation_end is None:
        fitted.missing.append("The last day of the data is not known, so there is no forecast by month.")
    else:
        months = forecast_table(purchases, spend, months=_months(terms, purchases.unit), customers=customers)
        months.attrs["currency"] = terms.currency
    step("Simulating what may come")
    worth = _worth(purchases, customers, terms, value) if spend is not None else 1.0
    measure = "lifetime_value" if spend is not None else "expected_purchases"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ClvWarning)
        futures = simulated_totals.simulate(
            purchases, spend, customers, horizon=terms.horizon, months=months, worth=worth
        )
        best = _with_bounds(value.nlargest(terms.top, measure), fitted, terms)
    if futures is None:
        fitted.missing.append("The data do not pin down every parameter, so no ranges can be given.")
    return Study(
        terms=terms,
        customers=customers,
        purchases=purchases,
        spend=spend,
        value=value,
        best=best,
        months=months,
        futures=futures,
        trial=None,
        missing=tuple(fitted.missing),
        doubts=tuple(dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, ClvWarning))),
        recipe=code,
    )


def _value(purchases: Fit, spend: Fit | None, customers: Customers, terms: Terms) -> pd.DataFrame:
    """As `lifetime_value`; without spend the columns that need none."""
    if spend is not None:
        value = lifetime_value(
            purchases,
            spend,
            customers,
            horizon=terms.horizon,
            annual_discount_rate=terms.annual_discount_rate,
            margin=terms.margin,
        )
        value.attrs["currency"] = terms.currency
        return value
    return pd.DataFrame(
        {
            "probability_alive": purchases.probability_alive(customers),
            "purchase_probability": purchases.purchase_probability(terms.horizon, customers),
            "attrition_risk": attrition_risk(purchases, customers, horizon=terms.horizon),
            "expected_purchases": purchases.expected_purchases(terms.horizon, customers),
        }
    )


def _worth(purchases: Fit, customers: Customers, terms: Terms, value: pd.DataFrame) -> Any:
    """What a unit of money spent in the horizon is worth today: margin × mean discount of the customer's purchases."""
    discounted = purchases.discounted_expected_purchases(terms.annual_discount_rate, terms.horizon, customers)
    expected = value["expected_purchases"].to_numpy()
    discount = discounted.to_numpy() / np.maximum(expected, 1e-300)
    return per_customer(terms.margin, value.index, "margin") * discount


def _with_bounds(best: pd.DataFrame, fitted: _Fitted, terms: Terms) -> pd.DataFrame:
    """The same customers with bounds that hold chance, if there are any."""
    customers = fitted.customers
    some = replace(customers, table=customers.table.loc[best.index], report=None, mean_purchase_time=None)
    try:
        if fitted.spend is None:
            bounds = fitted.purchases.expected_purchases(
                terms.horizon, some, interval=simulated_totals.LEVEL, predictive=True
            )
            return best.join(bounds.drop(columns="expected_purchases"))
        margin = terms.margin.loc[best.index] if isinstance(terms.margin, pd.Series) else terms.margin
        return lifetime_value(
            fitted.purchases,
            fitted.spend,
            some,
            horizon=terms.horizon,
            annual_discount_rate=terms.annual_discount_rate,
            margin=margin,
            interval=simulated_totals.LEVEL,
            predictive=True,
        )
    except UnsupportedPrediction:
        return best


def _with_trial(study: Study, source: LogSource) -> Study:
    """The study with the holdout; one that was not asked for may fail, and the report says why."""
    chosen = source.calibration_end is None
    end = source.calibration_end
    if chosen:
        report = study.customers.report
        assert report is not None  # from a log
        last = pd.Timestamp(report.observation_end)
        end = choose_calibration_end(pd.Timestamp(report.first_day), last, study.horizon_days)
        if end is None:
            why = "The log is too short to hold a part of it out, so the model was not tested."
            return replace(study, missing=(*study.missing, why))
    try:
        trial = _trial(source, end, chosen)
        tested = code.of_trial(source, f"{trial.evaluation.holdout.calibration_end:%Y-%m-%d}")
        return replace(study, trial=trial, recipe=f"{study.recipe}\n{tested}")
    except ClvError as problem:
        if not chosen:
            raise
        why = f"The model could not be tested on a holdout: {problem}"
        return replace(study, missing=(*study.missing, why))


def _trial(source: LogSource, end: Any, chosen: bool) -> Trial:
    evaluation = evaluate(
        source.log, calibration_end=end, models=source.model, spend=source.spend, intervals=False, **source.options
    )
    columns = {name: source.options[name] for name in ("customer", "date", "amount", "order", "timezone")}
    # without a refund, which "error" has made sure of, both policies are one
    columns["refunds"] = "net" if source.options["refunds"] == "error" else source.options["refunds"]
    tested = evaluation.fits[source.model]
    columns["observation_end"] = evaluation.holdout.observation_end
    try:
        tracking = tracking_table(tested, source.log, interval=simulated_totals.LEVEL, **columns)
    except UnsupportedPrediction:
        tracking = tracking_table(tested, source.log, **columns)
    return Trial(evaluation, tracking, chosen)


def _months(terms: Terms, unit: str) -> int:
    days = span_in_units(terms.horizon, unit) * DAYS_PER_UNIT[unit]
    return int(np.clip(round(days / DAYS_PER_UNIT["month"]), 1, _MOST_MONTHS))


def _currency(fitted: _Fitted) -> str | None:
    return fitted.customers.currency or (None if fitted.spend is None else fitted.spend.currency)
