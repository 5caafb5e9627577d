"""The table of scores, and its heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clvmodels import formats
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions, check_for_life
from clvmodels.cli.output import tables
from clvmodels.cli.steps import models as steps
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import without_python

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.forecasting.result.forecast_result import Forecast
    from clvmodels.transactions.customers import Customers

_RISK_HORIZON = "1Y"  # of counts and risks where values are for life
_SUMMARY = ["frequency", "recency", "T", "monetary_value"]


def scores_heading(valuation: ValuationOptions, costs: CostOptions, unit: str, has_spend: bool) -> tuple[str, str]:
    """The time that the scores are about, and how value is made."""
    ahead = f"The next {formats.following(valuation.span or _RISK_HORIZON, unit)}"
    if not has_spend:
        return ahead, ""
    parts = [
        f"discounted at {formats.percent(valuation.discount_rate)} a year",
        f"margin {formats.percent(valuation.margin)}",
    ]
    if costs.cost_per_purchase:
        parts.append(f"cost {costs.cost_per_purchase:,.2f} a purchase")
    if costs.retention_cost_per_year:
        parts.append(f"retention {costs.retention_cost_per_year:,.2f} a year")
    return ahead, ", ".join(parts)


def forecast_scores(
    customers: Customers, model: str, spend: str, valuation: ValuationOptions, costs: CostOptions
) -> tuple[Forecast, pd.DataFrame]:
    """The forecast, and one row a customer: the summary and the customer's part of it."""
    from clvmodels.forecasting.forecast import forecast

    made = forecast(customers, horizon=valuation.span or _RISK_HORIZON, model=model, spend=spend)
    return made, _with_summary(customers, made, valuation, costs)


def _with_summary(
    customers: Customers, made: Forecast, valuation: ValuationOptions, costs: CostOptions
) -> pd.DataFrame:
    predicted = made.lifetime_value(for_life=valuation.span is None, **conditions(valuation, costs))
    scores = customers.table[_SUMMARY].join(predicted).reset_index()
    scores.attrs = dict(predicted.attrs)  # the range of the total, for decisions
    return scores


def conditions(valuation: ValuationOptions, costs: CostOptions) -> dict[str, Any]:
    """How value is made, as keywords of the package."""
    return {
        "annual_discount_rate": valuation.discount_rate,
        "margin": valuation.margin,
        "cost_per_purchase": costs.cost_per_purchase,
        "retention_cost_per_year": costs.retention_cost_per_year,
    }


def forecast_log(
    terminal: Terminal,
    log: LogOptions,
    models: ForecastModels,
    valuation: ValuationOptions,
    keep: Sequence[str] = (),
) -> tuple[Customers, Forecast]:
    """Customers and a forecast of them, with what is to be said of it."""
    from clvmodels.forecasting.forecast import forecast
    from clvmodels.forecasting.notes import doubts_of

    steps.check_models(*models.names)
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=True, keep=keep)
    if not steps.has_amounts(customers):
        terminal.warn(steps.NO_AMOUNTS)
    with terminal.working(f"Forecasting {len(customers):,} customers"):
        model, spend = models.names
        found = forecast(customers, horizon=valuation.span or _RISK_HORIZON, model=model, spend=spend)
    doubts = doubts_of(found)
    for sentence in doubts:
        terminal.warn(sentence)
    sentences = [one for one in found.summary().splitlines()[1:] if one not in (*found.warnings, *doubts)]
    sentences += steps.cost_of_choice(found)
    terminal.say(tables.title("Forecast", found.model), tables.paragraphs(map(without_python, sentences)))
    return customers, found


def valued_customers(
    terminal: Terminal,
    log: LogOptions,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    keep: Sequence[str] = (),
) -> tuple[Customers, pd.DataFrame]:
    """Customers and their scores, which must have values."""
    check_for_life(valuation)
    customers, found = forecast_log(terminal, log, models, valuation, keep)
    with terminal.working(f"Valuing {len(customers):,} customers"):
        scores = _with_summary(customers, found, valuation, costs)
    if "lifetime_value" not in scores:
        raise UsageProblem("Values need amounts. Name their column by --amount.")
    return customers, scores
