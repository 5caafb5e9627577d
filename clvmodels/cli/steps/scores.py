"""The table of scores, and its heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clvmodels import formats
from clvmodels.cli.inputs.groups import CostOptions, ForecastModels, LogOptions, ValuationOptions, check_for_life
from clvmodels.cli.output import tables
from clvmodels.cli.steps import models as steps
from clvmodels.cli.steps.customers import read_customers
from clvmodels.cli.terminal import Terminal, UsageProblem
from clvmodels.formats import without_python

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.cli.steps.models import Models
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
    predicted = made.lifetime_value(
        annual_discount_rate=valuation.discount_rate,
        margin=valuation.margin,
        cost_per_purchase=costs.cost_per_purchase,
        retention_cost_per_year=costs.retention_cost_per_year,
        for_life=valuation.span is None,
    )
    scores = customers.table[_SUMMARY].join(predicted).reset_index()
    scores.attrs = dict(predicted.attrs)  # the range of the total, for decisions
    return made, scores


def forecast_log(
    terminal: Terminal,
    log: LogOptions,
    models: ForecastModels,
    valuation: ValuationOptions,
    costs: CostOptions,
    keep: Sequence[str] = (),
) -> tuple[Customers, pd.DataFrame, Forecast]:
    """Customers, their scores, and the forecast that these are parts of."""
    from clvmodels.forecasting.notes import doubts_of

    steps.check_models(*models.names)
    customers = read_customers(terminal, log, log.time_unit, keep_purchases=True, keep=keep)
    if not steps.has_amounts(customers):
        terminal.warn(steps.NO_AMOUNTS)
    with terminal.working(f"Forecasting and scoring {len(customers):,} customers"):
        found, scores = forecast_scores(customers, *models.names, valuation, costs)
    doubts = doubts_of(found)
    for sentence in doubts:
        terminal.warn(sentence)
    sentences = [one for one in found.summary().splitlines()[1:] if one not in (*found.warnings, *doubts)]
    sentences += steps.cost_of_choice(found)
    terminal.say(tables.title("Forecast", found.model), tables.paragraphs(map(without_python, sentences)))
    return customers, scores, found


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
    customers, scores, _ = forecast_log(terminal, log, models, valuation, costs, keep)
    if "lifetime_value" not in scores:
        raise UsageProblem("Values need amounts. Name their column by --amount.")
    return customers, scores


def score_customers(
    customers: Customers, models: Models, valuation: ValuationOptions, costs: CostOptions
) -> pd.DataFrame:
    """One row a customer: the summary and what fits of a file predict, to a day of the calendar."""
    from clvmodels.transactions.horizons import horizon_in_units

    end, unit = customers.observation_end, customers.unit
    horizon = None if valuation.span is None else horizon_in_units(end, valuation.span, unit)
    of_risk = horizon_in_units(end, _RISK_HORIZON, unit)
    if models.spend is not None:
        from clvmodels.value.lifetime_value import lifetime_value

        predicted = lifetime_value(
            models.purchases,
            models.spend,
            customers,
            horizon=horizon,
            annual_discount_rate=valuation.discount_rate,
            margin=valuation.margin,
            cost_per_purchase=costs.cost_per_purchase,
            retention_cost_per_year=costs.retention_cost_per_year,
            risk_horizon=of_risk,
        )
    else:
        from clvmodels.value.purchase_table import purchase_table

        predicted = purchase_table(models.purchases, customers, of_risk if horizon is None else horizon)
    return customers.table[_SUMMARY].join(predicted).reset_index()
