"""Who and when: the arguments of predictions as bases, spans and starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.population import base
from clvmodels.inference.population.calendar_data import varying_base
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

if TYPE_CHECKING:
    from clvmodels.inference.fits.predictions import Predictions

type Who = Customers | Literal["new"] | None
type Start = Span | pd.Timestamp


def customers_or_new(customers: Any, fitted: Any, unit: str) -> Customers | Literal["new"]:
    """Whom to predict: those given, or those fitted."""
    chosen = fitted if customers is None else customers
    if chosen is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    if isinstance(chosen, str):
        if chosen != "new":
            raise ArgumentError(f'customers must be Customers or "new", not {chosen!r}.')
        return "new"
    if not isinstance(chosen, Customers):
        raise ArgumentError(
            f'customers must be Customers or "new", not {type(chosen).__name__}. '
            f'A table becomes Customers by Customers.from_frame(table, unit="{unit}").'
        )
    return chosen


def base_for(fit: Predictions, customers: Any, fitted: Any = None) -> base.Base:
    """The histories, or the spend, to predict from."""
    chosen = customers_or_new(customers, fitted, fit.unit)
    if fit.covariates is not None and fit.covariates.varying:
        return _under_varying(fit, fit.covariates, chosen)
    if isinstance(chosen, str):
        return _newcomer(fit)
    if fit.definition.spec.kind == "spend":
        return base.spend_base_of(fit.definition, chosen, fit.covariates)
    return base.base_of(fit.definition, chosen, fit.unit, fit.covariates)


def _under_varying(fit: Predictions, learned: Learned, chosen: Customers | Literal["new"]) -> base.Base:
    if fit.varying is None:
        raise ArgumentError(
            f"{', '.join(map(repr, learned.varying))} vary in time, and a loaded fit carries no data. Give the table "
            "of periods by fit.with_varying(table)."
        )
    customers = fit.customers if isinstance(chosen, str) else chosen
    if customers is None:
        raise ArgumentError("A loaded fit doesn't know what covariates new customers have. Pass Customers instead.")
    new = isinstance(chosen, str)
    return varying_base(fit.varying, fit.definition, customers, learned, fit.unit, new=new)


def _newcomer(fit: Predictions) -> base.Base:
    table = None
    if fit.covariates is not None:
        if fit.customers is None:
            raise ArgumentError(
                "A loaded fit doesn't know what covariates new customers have. Pass Customers with their covariates "
                "and frequency, recency and T of 0."
            )
        table = fit.customers.table
    return base.new_customer(fit.definition, len(fit.definition.spec.data), fit.covariates, table)


def start_in_units(start: Start, unit: str, observation_end: pd.Timestamp | None) -> float:
    """The beginning of a window in units after the end of the observation; a span, or a date."""
    if isinstance(start, (int, float)) or (isinstance(start, str) and start.strip()[-1:].upper() in set("DWMY")):
        return span_in_units(start, unit, name="start")
    try:
        date = pd.Timestamp(start)
    except ValueError:
        raise ArgumentError(f'start {start!r} is neither a span such as "4W" nor a date.') from None
    if observation_end is None:
        raise ArgumentError("start is a date, but the end of the observation is not known. Pass a span instead.")
    days = (date - observation_end) / pd.Timedelta(days=1)
    if days < 0:
        raise ArgumentError(f"start {date.date()} is before the end of the observation, {observation_end.date()}.")
    return days / DAYS_PER_UNIT[unit]
