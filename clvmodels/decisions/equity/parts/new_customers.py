"""What customers still to come bring: their purchases by age, and the level of those who came of late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array
from clvmodels.forecasting.acquisition.cohorts import repeats_of_new
from clvmodels.forecasting.result.model_range import parameter_draws
from clvmodels.forecasting.rules.gate import FittedRule
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from clvmodels.inference.fits.kinds import SpendFit
from clvmodels.inference.population.intervals import over_draws
from clvmodels.inference.population.population import Parameters
from clvmodels.inference.population.quantities import expected_spend

_YEAR = 365
LEAST = 50  # customers whose level is more than chance
# Ages at which what a new customer does is computed, with interpolation between them; of draws the spread counts.
_NODES, _NODES_OF_DRAWS = 100, 16


@dataclass(frozen=True, eq=False)
class NewCustomers:
    """New customers by the models of a forecast, without its trend of cohorts.

    Going on with that trend for years would be a guess: in a log that begins with old customers it is mostly the
    difference between those and new ones. So customers to come begin at the level of an average cohort, which
    `late_level` compares with those who came of late.

    Attributes
    ----------
    fitted : FittedRule
        The purchase models.
    amount : float
        Expected spend a purchase of a new customer.
    """

    fitted: FittedRule
    amount: float

    def repeat_purchases(
        self, first: Array, until: Array, draws: Sequence[Sequence[Parameters]] | None = None
    ) -> Array:
        """E[repeat purchases] from the first purchase until later days; 0 where that is earlier.

        Parameters
        ----------
        first : ndarray of shape (k,)
            Days of the first purchase, since 1970-01-01, rising.
        until : ndarray of shape (t,)
            Days until which they count, each with its end.
        draws
            Sets of parameters of each model; None for the models' own.

        Returns
        -------
        ndarray of shape (k, t) or (draws, k, t)
            Of several models their geometric mean.
        """
        own = [[fit.parameters] for fit in self.fitted.fits] if draws is None else draws
        nodes = _NODES if draws is None else _NODES_OF_DRAWS
        found = [
            repeats_of_new(fit, first, until, sets, nodes) for fit, sets in zip(self.fitted.fits, own, strict=True)
        ]
        mean = np.exp(np.mean([np.log(np.maximum(one, 1e-300)) for one in found], axis=0)) if found[1:] else found[0]
        mean[mean <= 1e-299] = 0.0
        return mean[0] if draws is None else mean

    def revenue(self, first: Array, until: Array) -> Array:
        """What a new customer of each day ``first`` spends until later days, the first purchase included."""
        begun = first[:, None] <= until
        return np.asarray(begun * self.amount * (1.0 + self.repeat_purchases(first, until)))

    def late_level(self, record: PurchaseRecord, end: int) -> float:
        """log(actual / modelled) revenue of the customers who came of late, from their first purchase to ``end``.

        Those of the last year count, or of half the log if that is shorter; 0 if they are few.
        """
        length = min(_YEAR, (end - int(record.day.min())) // 2)
        late = (record.first_day > end - length) & (record.first_day <= end)
        if late.sum() < LEAST:
            return 0.0
        days, number = np.unique(record.first_day[late], return_counts=True)
        modelled = float(number @ self.revenue(days.astype(np.float64), np.array([float(end)]))[:, 0])
        counted = late[record.place] & (record.day <= end)
        actual = float(np.nansum(record.spend[counted]))
        return float(np.log(actual / modelled)) if actual > 0 and modelled > 0 else 0.0


def new_customers(fitted: FittedRule, spend: SpendFit | None, mean_amount: float) -> NewCustomers:
    """New customers of these models; ``mean_amount`` is spent where there is no spend model."""
    return NewCustomers(fitted, mean_amount if spend is None else float(spend.expected_spend("new").iloc[0]))


def amounts_of_draws(spend: SpendFit | None, number: int) -> Array:
    """Expected spend of a new customer at draws of the parameters over its mean; those without a finite one are 1."""
    if spend is None or spend.estimate.not_identified:
        return np.ones(number)
    with np.errstate(all="ignore"):
        found = over_draws(expected_spend(), parameter_draws(spend)[:number], spend.population("new"))[0]
    usable = np.isfinite(found) & (found > 0)
    result = np.ones(number)
    result[: len(found)][usable] = found[usable] / found[usable].mean()
    return result
