"""Who and when: the arguments of predictions as bases, spans and starts."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference import predict
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

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


def purchase_base(customers: Any, fitted: Any, unit: str) -> predict.Base:
    """The histories to predict from."""
    chosen = customers_or_new(customers, fitted, unit)
    return predict.new_customer() if isinstance(chosen, str) else predict.base_of(chosen, unit)


def spend_base(customers: Any, fitted: Any, unit: str) -> predict.Base:
    """The spend to predict from."""
    chosen = customers_or_new(customers, fitted, unit)
    return predict.new_customer(columns=2) if isinstance(chosen, str) else predict.spend_base_of(chosen)


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
