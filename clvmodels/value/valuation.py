"""From the terms of value to a table: values, their bounds, years and totals, for every kind of population."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference.population.intervals import Bounds, check_level
from clvmodels.inference.population.population import Parameters, Population
from clvmodels.transactions.units import Span
from clvmodels.value.conditions import Conditions, Window
from clvmodels.value.intervals import value_bounds
from clvmodels.value.terms import Draw, Terms


@dataclass(frozen=True, eq=False)
class Valuation:
    """What a valuation is made of.

    Attributes
    ----------
    population : Population
        The customers, as the purchase model or the model of renewals sees them.
    parameters : dict of str to float
        Of that model.
    terms : callable
        The terms of value in a window: begin and length, None for life; and, if anything changes now, what rates of
        purchase and dropout are multiplied by.
    horizon : float or None
        The whole of it, in units of the model.
    years : sequence of (float, float)
        The windows of its years; empty for life.
    columns : callable
        What stands beside the value: a Series or a DataFrame by name.
    draws : callable
        Draws of the parameters of all models together.
    predictive_bounds : callable or None
        Bounds with simulated customers, from the terms and the draws.
    currency : str or None
        Of the amounts.
    counts_horizon : float or str
        Of counts and risks.
    """

    population: Population
    parameters: Parameters
    terms: Callable[..., Terms]
    horizon: float | None
    years: Sequence[Window]
    columns: Callable[[], Mapping[str, pd.Series[float] | pd.DataFrame]]
    draws: Callable[[], list[Draw]]
    predictive_bounds: Callable[[Terms, list[Draw], float], Bounds] | None
    currency: str | None
    counts_horizon: Span


def valued(valuation: Valuation, conditions: Conditions, *, yearly: bool) -> pd.DataFrame:
    """The table of `clvmodels.lifetime_value`."""
    if yearly and not valuation.years:
        raise ArgumentError('yearly=True needs a horizon with an end, such as "5Y".')
    columns = [*valuation.columns().values(), _value(valuation, conditions)]
    totals = {name: total for column in columns for name, total in column.attrs.pop("total", {}).items()}
    result = pd.concat(columns, axis=1)
    for year, window in enumerate(valuation.years if yearly else (), start=1):
        of_year = valuation.terms(window).point(valuation.population, valuation.parameters)
        result[f"lifetime_value_year_{year}"] = of_year
    result.attrs = {
        "currency": valuation.currency,
        "horizon": conditions.horizon,
        "counts_horizon": valuation.counts_horizon,
        "annual_discount_rate": conditions.annual_discount_rate,
    }
    if conditions.credit_loss is not None:
        result.attrs["credit_loss"] = conditions.credit_loss.assumptions()
    if conditions.interval is not None:
        kept = {name: total for name, total in totals.items() if name in _TOTALS}
        result.attrs |= {"interval": conditions.interval, "total": kept}
    return result


_TOTALS = ("expected_purchases", "expected_periods", "lifetime_value")  # sums of probabilities are no totals of these


def _value(valuation: Valuation, conditions: Conditions) -> pd.DataFrame:
    """The value of each customer, with its bounds and total where an interval is asked for."""
    population, terms = valuation.population, valuation.terms((0.0, valuation.horizon))
    point = terms.point(population, valuation.parameters)
    value = pd.Series(point, index=population.ids, name="lifetime_value").to_frame()
    if conditions.interval is not None:
        found = _bounds(valuation, terms, conditions)
        value = value.assign(lifetime_value_lower=found.lower, lifetime_value_upper=found.upper)
        estimate = float((point * population.counts).sum())
        total = {"estimate": estimate, "lower": found.total[0], "upper": found.total[1]}
        value.attrs["total"] = {"lifetime_value": total}
    return value


def _bounds(valuation: Valuation, terms: Terms, conditions: Conditions) -> Bounds:
    assert conditions.interval is not None
    level, draws = check_level(conditions.interval), valuation.draws()
    if conditions.predictive and valuation.predictive_bounds is not None:
        return valuation.predictive_bounds(terms, draws, level)
    return value_bounds(terms, valuation.population, draws, level)
