"""From the terms of value to a table: values, their bounds, years and totals, for every kind of population."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference.population.intervals import Bounds, check_level
from clvmodels.inference.population.population import Parameters, Population
from clvmodels.transactions.units import Span
from clvmodels.value.conditions import Conditions
from clvmodels.value.intervals import Pair, value_bounds
from clvmodels.value.terms import Terms

Window = tuple[float, float]  # begin and length, in units of the model


@dataclass(frozen=True, eq=False)
class Valuation:
    """What a valuation is made of.

    Attributes
    ----------
    population : Population
        The customers, as the purchase model or the model of renewals sees them.
    parameters : dict of str to float
        Of that model.
    terms : Terms
        Of the whole horizon.
    terms_of : callable
        Those of a window of it.
    years : sequence of (float, float)
        The windows of the years of the horizon; empty for life.
    columns : dict of str to Series or DataFrame
        What stands beside the value.
    pairs : callable
        Draws of the parameters of both models, in pairs.
    predictive_bounds : callable or None
        Bounds with simulated customers, from the pairs.
    currency : str or None
        Of the amounts.
    counts_horizon : float or str
        Of counts and risks.
    """

    population: Population
    parameters: Parameters
    terms: Terms
    terms_of: Callable[[Window], Terms]
    years: Sequence[Window]
    columns: Mapping[str, pd.Series[float] | pd.DataFrame]
    pairs: Callable[[], list[Pair]]
    predictive_bounds: Callable[[list[Pair], float], Bounds] | None
    currency: str | None
    counts_horizon: Span


def valued(valuation: Valuation, conditions: Conditions, *, yearly: bool) -> pd.DataFrame:
    """The table of `clvmodels.lifetime_value`."""
    population, totals = valuation.population, {}
    if yearly and not valuation.years:
        raise ArgumentError('yearly=True needs a horizon with an end, such as "5Y".')
    point = valuation.terms.point(population, valuation.parameters)
    value = pd.Series(point, index=population.ids, name="lifetime_value").to_frame()
    for column in valuation.columns.values():
        totals.update(column.attrs.pop("total", {}))
    if conditions.interval is not None:
        found = _bounds(valuation, conditions)
        value = value.assign(lifetime_value_lower=found.lower, lifetime_value_upper=found.upper)
        estimate = float((point * population.counts).sum())
        totals["lifetime_value"] = {"estimate": estimate, "lower": found.total[0], "upper": found.total[1]}
    result = pd.concat([*valuation.columns.values(), value], axis=1)
    for year, window in enumerate(valuation.years if yearly else (), start=1):
        terms = valuation.terms_of(window)
        result[f"lifetime_value_year_{year}"] = terms.point(population, valuation.parameters)
    result.attrs = {
        "currency": valuation.currency,
        "horizon": conditions.horizon,
        "counts_horizon": valuation.counts_horizon,
        "annual_discount_rate": conditions.annual_discount_rate,
    }
    if conditions.interval is not None:
        kept = {name: total for name, total in totals.items() if name in _TOTALS}
        result.attrs |= {"interval": conditions.interval, "total": kept}
    return result


_TOTALS = ("expected_purchases", "expected_periods", "lifetime_value")  # sums of probabilities are no totals of these


def _bounds(valuation: Valuation, conditions: Conditions) -> Bounds:
    assert conditions.interval is not None
    level, pairs = check_level(conditions.interval), valuation.pairs()
    if conditions.predictive and valuation.predictive_bounds is not None:
        return valuation.predictive_bounds(pairs, level)
    return value_bounds(valuation.terms, valuation.population, pairs, level)
