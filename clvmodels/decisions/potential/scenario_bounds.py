"""Ranges of a scenario: both values at the same draws, so that their difference is not made too wide or too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.population.intervals import quantiles
from clvmodels.value.intervals import values_over_draws
from clvmodels.value.terms import Draw, Terms
from clvmodels.value.valuation import Valuation

COLUMNS = ("value_now", "value_then", "gap")


@dataclass(frozen=True)
class ScenarioBounds:
    """Lower and upper bounds a customer, and the sums over customers at every draw.

    Attributes
    ----------
    lower, upper : dict of str to ndarray of shape (n,)
        Of value_now, value_then and gap.
    totals : dict of str to ndarray of shape (draws,)
        Of the same.
    """

    lower: dict[str, Array]
    upper: dict[str, Array]
    totals: dict[str, Array]


def scenario_bounds(
    valuation: Valuation, then: Sequence[Terms], draws: Sequence[Draw], more: Array, level: float
) -> ScenarioBounds:
    """Bounds over paired draws.

    Parameters
    ----------
    valuation : Valuation
        Of the customers as they are.
    then : sequence of Terms
        The terms under the changes, at each draw.
    draws : sequence of Draw
        Of the parameters.
    more : ndarray of shape (n,)
        What comes on top, whatever the draw.
    level : float
        Of the bounds.
    """
    now = [valuation.terms((0.0, valuation.horizon))] * len(draws)
    size = len(valuation.population.ids)
    lower, upper = ({name: np.empty(size) for name in COLUMNS} for _ in range(2))
    totals = {name: np.zeros(len(draws)) for name in COLUMNS}
    pairs = zip(*(values_over_draws(terms, valuation.population, draws) for terms in (now, then)), strict=True)
    for (who, counts, before), (_, _, after) in pairs:
        after = after + more[who][:, None]
        for name, values in zip(COLUMNS, (before, after, after - before), strict=True):
            lower[name][who], upper[name][who] = quantiles(values, level)
            totals[name] += counts @ values
    return ScenarioBounds(lower, upper, totals)
