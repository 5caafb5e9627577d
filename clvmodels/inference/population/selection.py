"""Who and when: the arguments of predictions as customers and spans of time."""

from __future__ import annotations

from typing import Any, Literal, cast

import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.formats import span_parts
from clvmodels.inference.population.population import Population
from clvmodels.transactions.customer_base import TAKES, CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

type Start = Span | pd.Timestamp


def chosen_customers(customers: Any, fitted: Any, unit: str, kind: str) -> CustomerBase | Literal["new"]:
    """Whom to predict: those given, or those fitted.

    Raises
    ------
    ArgumentError
        There are none, or they are of another type than the model takes.
    """
    takes = TAKES[kind]
    made_by = f"clvmodels.{'summarize' if takes is Customers else takes.__name__} makes"
    chosen = fitted if customers is None else customers
    if chosen is None:
        raise ArgumentError(f"A loaded fit carries no data. Pass customers=, as {made_by} them.")
    if isinstance(chosen, takes) or (isinstance(chosen, str) and chosen == "new"):
        return cast(CustomerBase | Literal["new"], chosen)
    if takes is Customers and not isinstance(chosen, (str, *TAKES.values())):
        return Customers.of(chosen, unit)
    found = repr(chosen) if isinstance(chosen, str) else type(chosen).__name__
    raise ArgumentError(f'customers must be {takes.__name__} or "new", not {found}.')


def last_day_of(customers: Any, fitted: Any, fitted_end: pd.Timestamp | None) -> pd.Timestamp | None:
    """The last day known of those who are predicted; of a table that of the fit, of new customers none."""
    chosen = fitted if customers is None else customers
    if isinstance(chosen, Customers):
        return chosen.observation_end
    return None if chosen is None or isinstance(chosen, str | Population) else fitted_end


def start_in_units(start: Start, unit: str, observation_end: pd.Timestamp | None) -> float:
    """The beginning of a window in units after the end of the observation; a span, or a date."""
    if isinstance(start, (int, float)) or (isinstance(start, str) and span_parts(start) is not None):
        return span_in_units(start, unit, name="start")
    try:
        date: Any = pd.Timestamp(start)
    except (ValueError, TypeError, OverflowError, NotImplementedError):
        date = pd.NaT
    if pd.isna(date) or not 1 <= date.year <= 9999:
        raise ArgumentError(f'start must be a span such as "4W" or a date, not {shortly(start)}.')
    if observation_end is None:
        raise ArgumentError("start is a date, but the end of the observation is not known. Pass a span instead.")
    days = (date.tz_localize(None) - observation_end) / pd.Timedelta(days=1)
    if days < 0:
        raise ArgumentError(f"start {date.date()} is before the end of the observation, {observation_end.date()}.")
    return days / DAYS_PER_UNIT[unit]
