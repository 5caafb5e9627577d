"""Fit: a model with its parameters and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.inference import present
from clvmodels.inference.priors import Prior
from clvmodels.inference.retention import Retention

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Fit(Retention):
    """A fitted model; `clvmodels.fit` and `clvmodels.load` make it.

    Attributes
    ----------
    model, parameters, unit, observation_end, customers
        See `Predictions`.
    covariance_log : ndarray of shape (k, k)
        Covariance of the log parameters, from the exact Hessian; infinite for parameters that are not identified.
    log_likelihood : float
        Log-likelihood of the data in their own unit, without priors.
    n_customers, n_histories : int
        Customers that were used, and how many distinct histories they have.
    method : str
        "mle", or "map" where there are priors.
    iterations : int
        Evaluations of the likelihood over all histories.
    diagnosis : tuple of str
        How the search ended and what is odd, in words; the first sentence is about convergence.
    priors : dict of str to Prior
        Priors, if any.
    currency : str or None
        Label of the amounts.
    """

    covariance_log: Array
    log_likelihood: float
    n_customers: int
    n_histories: int
    method: str = "mle"
    iterations: int = 0
    diagnosis: tuple[str, ...] = ()
    priors: dict[str, Prior] = field(default_factory=dict)
    currency: str | None = None

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors of the parameters (delta method from the log scale)."""
        return dict(zip(self.parameters, np.sqrt(np.diag(self.covariance.to_numpy())).tolist(), strict=True))

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the parameters on their natural scale."""
        names, values = list(self.parameters), np.array(list(self.parameters.values()))
        return pd.DataFrame(self.covariance_log * np.outer(values, values), index=names, columns=names)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2.0 * len(self.parameters) - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Bayesian information criterion, with the number of customers as sample size."""
        return float(np.log(self.n_customers)) * len(self.parameters) - 2.0 * self.log_likelihood

    @property
    def converged(self) -> bool:
        """Whether every parameter is identified and the search ended at a maximum."""
        return bool(np.isfinite(self.covariance_log).all())

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Estimates, standard errors and confidence intervals.

        Parameters
        ----------
        level
            Level of the interval, which is symmetric on the log scale and so never reaches below 0.

        Returns
        -------
        pandas.DataFrame
            One row a parameter: ``estimate``, ``std_error``, ``lower``, ``upper``, ``meaning``.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "bg/nbd").summary().round(3)["estimate"].to_dict()
        {'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}
        """
        return present.parameter_table(self, level)

    def __repr__(self) -> str:
        return present.as_text(self)

    def _repr_html_(self) -> str:
        return present.as_html(self)

    def save(self, path: str | Path) -> None:
        """Write the fit as JSON, without the data; `clvmodels.load` reads it."""
        from clvmodels.inference.store import save

        save(path, self)
