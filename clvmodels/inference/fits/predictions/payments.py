"""What can be asked of a model of whether customers pay."""

from __future__ import annotations

from dataclasses import dataclass

from clvmodels.inference.fits.predictions.common import Answer, Predictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.structure import Who


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PaymentPredictions(Predictions, kind="payments"):
    """A model of payments with parameter values: predictions one row a customer."""

    def default_probability(self, customers: Who = None, *, interval: float | None = None) -> Answer:
        """P(the next invoice is not paid | history), one row a customer.

        Parameters
        ----------
        customers : Payments, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, such as 0.90: adds ``_lower`` and ``_upper``, quantiles over draws of the parameters.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``default_probability``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            The customers are no Payments, or the interval is no level.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("beta-binomial", {"a": 1.0, "b": 19.0})
        >>> import pandas as pd
        >>> payments = clv.Payments.from_counts(pd.DataFrame({"n": [9, 0], "k": [1, 0]}), n="n", k="k")
        >>> fit.default_probability(payments).round(4).tolist()  # 2 / 29 and 1 / 20
        [0.069, 0.05]
        """
        return self._answer("default_probability", quantities.default_probability(), customers, interval)
