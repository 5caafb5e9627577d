"""What can be asked of a model of how much customers spend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.fits.predictions.common import Answer, Predictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.structure import Who
from clvmodels.signatures import checked


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SpendPredictions(Predictions, kind="spend"):
    """A spend model with parameter values: predictions one row a customer."""

    @checked
    def expected_spend(
        self, customers: Who = None, *, interval: float | None = None, predictive: bool = False
    ) -> Answer:
        """Expected spend a purchase, E[mean spend | history], one row a customer, in the currency of the data.

        Customers without repeat spend get the mean of the population.

        Parameters
        ----------
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, such as 0.90: adds ``_lower`` and ``_upper``, quantiles over draws of the parameters.
        predictive : bool
            Let the interval be of the amount of one purchase.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``expected_spend``, indexed by customer_id.

        Raises
        ------
        UnsupportedPrediction
            The expected spend is infinite (q below 1).
        ArgumentError
            The customers are no Customers, or the interval is no level.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "gamma-gamma").expected_spend().round(2).head(2).to_dict()
        {1: 24.65, 2: 18.91}
        """
        population = self.population(customers)
        self._check_finite(population)
        chance = quantities.simulated_spend() if predictive else None
        return self._answer("expected_spend", quantities.expected_spend(), population, interval, chance)

    def _check_finite(self, population: Population) -> None:
        infinite = np.isinf(population.spread(population.evaluate(quantities.expected_spend(), self.parameters)))
        if infinite.any():
            why = " ".join(self._warnings_of_parameters())
            raise UnsupportedPrediction(
                f"The expected spend of {int(infinite.sum()):,} of {len(infinite):,} customers is infinite. {why}"
            )

    def _warnings_of_parameters(self) -> list[str]:
        own = self.definition.spec.parameters
        return self.definition.diagnose(**self.own_parameters) if set(own) <= set(self.parameters) else []
