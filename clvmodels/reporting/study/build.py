"""From a log, or from fits, to a `Study`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.decisions.targeting.result import Targeting
from clvmodels.errors import ClvError, ClvWarning, UnsupportedPrediction
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.forecasting.rules.gate import AUTO
from clvmodels.inference.estimation.by_kind import fit_spend
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.reporting.options import LEVEL, LogRequest, ReportOptions
from clvmodels.reporting.study import code
from clvmodels.reporting.study.base_worth import equity_of, past_value_of
from clvmodels.reporting.study.calibration_end import choose_calibration_end
from clvmodels.reporting.study.campaign import campaign_of
from clvmodels.reporting.study.holdout import run_holdout_test
from clvmodels.reporting.study.study import Study
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.horizons import horizon_end
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.value.lifetime_value import lifetime_value
from clvmodels.value.periods.past_value import PastValue

type Progress = Callable[[str], None]

_MOST_DAYS_BY_MONTH = 800
_MANY = 50_000  # customers
_ANY_DAY = pd.Timestamp("2001-12-31")  # stands for one that is not known


def study_of_log(request: LogRequest, options: ReportOptions, progress: Progress) -> Study:
    """Summary, forecast, value and test on a holdout of a log."""
    progress("Reading the log")
    customers = summarize(request.log, unit=request.unit, observation_end=request.observation_end, keep_purchases=True)
    options = replace(options, currency=customers.currency)
    missing = []
    spend: str | None = request.spend
    if not request.log.has_amounts:
        spend = None
        missing.append("The log was read without amounts, so there is neither spend nor value.")
    elif not (customers.table["spend_frequency"] > 0).any():
        spend = None
        missing.append("Nobody paid for a repeat purchase, so there is neither spend nor value.")
    study = _study(customers, customers, spend, options, progress, missing, code_of(request, options), request.model)
    progress("Testing the forecast on what it has not seen")
    return _with_holdout_test(study, request)


def code_of(request: LogRequest, options: ReportOptions) -> Callable[[bool], str]:
    """The Python of a log, once it is known whether there is spend."""
    return lambda has_spend: code.of_log(request, has_spend, options)


def study_of_fits(
    purchases: PurchaseFit,
    spend: SpendFit | str | None,
    customers: Customers,
    options: ReportOptions,
    progress: Progress,
) -> Study:
    """Forecast and value of customers whose models are fitted; there is no test on a holdout without the log."""
    return _without_log(purchases, customers, AUTO, spend, options, progress)


def study_of_customers(
    customers: Customers, model: str, spend: SpendFit | str | None, options: ReportOptions, progress: Progress
) -> Study:
    """The same of customers, to whom models are fitted."""
    return _without_log(customers, customers, model, spend, options, progress)


def _without_log(
    source: PurchaseFit | Customers,
    customers: Customers,
    model: str,
    spend: SpendFit | str | None,
    options: ReportOptions,
    progress: Progress,
) -> Study:
    """Forecast and value without a test."""
    missing = []
    if isinstance(spend, str) and not (customers.table["spend_frequency"] > 0).any():
        spend = None
    if spend is None:
        missing.append("There is no spend model, so there is neither spend nor value.")
    missing.append(
        "This report was made from a fitted model and not from a log, so the model was not tested on a holdout. "
        "Pass the log to have it tested."
    )

    def lines(has_spend: bool) -> str:
        return code.of_fits(has_spend, options)

    return _study(source, customers, spend, options, progress, missing, lines, model)


def _study(
    source: PurchaseFit | Customers,
    customers: Customers,
    spend: SpendFit | str | None,
    options: ReportOptions,
    progress: Progress,
    missing: list[str],
    code_of: Callable[[bool], str],
    model: str,
) -> Study:
    """Forecast, value, and bounds of the best customers."""
    dated = customers.observation_end is not None
    if not dated:
        missing.append("The last day of the data is not known, so there is no forecast by month.")
        customers = replace(customers, observation_end=_ANY_DAY)
        source = customers if isinstance(source, Customers) else source
    progress(f"Forecasting {len(customers):,} customers")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ClvWarning)
        made = _forecast(source, customers, spend, options, model)
        fit = made.spend_fit
        if spend is not None and fit is None:
            missing.append(_without_spend(customers, spend))
        options = replace(options, currency=options.currency or made.currency).of_each(customers.table.index)
        progress("Valuing customers")
        value = made.lifetime_value(**options.conditions(customers.table.index))
        value.attrs["currency"] = options.currency
        best = value.nlargest(options.top, "expected_purchases" if fit is None else "lifetime_value")
        best = _with_bounds(best, made, customers, options)
        campaign = _campaign(options, value, customers, missing, progress)
        same = model if made.choice is None else made.choice.model  # of a longer horizon "auto" might take another
        past, equity = _worth(customers, options, missing, same) if dated and fit is not None else (None, None)
    said = dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, ClvWarning))
    return Study(
        options=options,
        customers=customers if dated else replace(customers, observation_end=None),
        purchases=made.purchase_fits[0],
        spend=fit,
        value=value,
        top_customers=best,
        forecast=made,
        dated=dated,
        holdout_test=None,
        missing=tuple(missing),
        range_warnings=tuple(said),
        code=code_of(fit is not None) + ("" if campaign is None else f"\n{code.of_campaign(options)}"),
        past_value=past,
        equity=equity,
        campaign=campaign,
    )


def _campaign(
    options: ReportOptions, value: pd.DataFrame, customers: Customers, missing: list[str], progress: Progress
) -> Targeting | None:
    """Whom to reach with what, if something can be done; without values that goes to ``missing``."""
    if options.campaign is None:
        return None
    if "lifetime_value" not in value:
        missing.append("No campaign was planned, since customers have no value here.")
        return None
    progress("Choosing customers for the campaign")
    return campaign_of(options.campaign, value, customers)


def _worth(
    customers: Customers, options: ReportOptions, missing: list[str], model: str
) -> tuple[PastValue | None, CustomerEquity | None]:
    """What the base was worth, and with customers to come is; why the latter is not known goes to ``missing``."""
    past = past_value_of(customers, options)
    equity = equity_of(customers, options, past, model)
    if isinstance(equity, CustomerEquity):
        return past, equity
    missing += [equity] if equity else []
    return past, None


def _forecast(
    source: PurchaseFit | Customers,
    customers: Customers,
    spend: SpendFit | str | None,
    options: ReportOptions,
    model: str,
) -> Forecast:
    """The forecast, by month; by quarter where that would be more rows than one reads."""
    end = customers.observation_end
    assert end is not None
    days = (horizon_end(end, options.horizon, customers.unit) - end).days
    return forecast(
        source,
        customers=customers if isinstance(source, PurchaseFit) else None,
        horizon=f"{days}D",
        interval=LEVEL,
        by="month" if days <= _MOST_DAYS_BY_MONTH else "quarter",
        model=model,
        spend=spend,
    )


def _without_spend(customers: Customers, spend: SpendFit | str) -> str:
    """Why there is no spend model."""
    name = spend if isinstance(spend, str) else spend.model
    try:
        fit_spend(customers, name).expected_spend(customers)
    except ClvError as problem:
        return f"There is neither spend nor value, since {name} can't be fitted: {problem}"
    return f"There is neither spend nor value, since {name} has no finite mean."


def _with_bounds(best: pd.DataFrame, made: Forecast, customers: Customers, options: ReportOptions) -> pd.DataFrame:
    """The best customers with predictive bounds of the first model, moved with their values, if there are any."""
    purchases, spend = (_without_data(fit) for fit in (made.purchase_fits[0], made.spend_fit or made.purchase_fits[0]))
    unit = DAYS_PER_UNIT[purchases.unit]
    some = replace(customers, table=customers.table.loc[best.index], report=None, mean_purchase_time=None)
    try:
        if made.spend_fit is None:
            name = "expected_purchases"
            found = purchases.expected_purchases(made.days / unit, some, interval=LEVEL, predictive=True)
        else:
            name = "lifetime_value"
            found = lifetime_value(
                purchases, spend, some, horizon=made.days / unit, interval=LEVEL, predictive=True,
                **options.conditions(best.index),
            )  # fmt: skip
    except UnsupportedPrediction:
        return best
    ratio = best[name] / found[name].where(found[name] > 0)
    bounds = {end: (ratio * found[end]).fillna(0.0) for end in (f"{name}_lower", f"{name}_upper")}
    return best.assign(**bounds)


def _without_data[F: Fit](fit: F) -> F:
    """A fit without the data that its draws would be weighed by, where that takes long: with a calendar, or of many.

    Of many customers the posterior is normal to much less than chance in 1,000 draws, and weights are about one.
    """
    long = isinstance(fit.structure, ClockStructure) or fit.n_customers > _MANY
    return replace(fit, customers=None) if long else fit


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
