"""Fit: a model with its parameters and what is known about them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, IdentificationWarning, UnsupportedPrediction
from clvmodels.inference.data.design import Design
from clvmodels.inference.fits import display
from clvmodels.inference.fits.effects import at_covariates, effects_table
from clvmodels.inference.fits.renewals import Retention
from clvmodels.inference.population.calendar_data import Varying
from clvmodels.inference.population.likelihood_data import data_of_fit
from clvmodels.inference.posterior.diagnosis import judge_draws
from clvmodels.inference.posterior.laplace import gaussian_draws, laplace_draws
from clvmodels.inference.posterior.log_posterior import LogPosterior, natural, to_theta
from clvmodels.inference.posterior.priors import AnyPrior

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Fit(Retention):
    """A fitted model; `clvmodels.fit` and `clvmodels.load` make it.

    Attributes
    ----------
    model, parameters, unit, observation_end, customers
        See `Predictions`.
    covariance_log : ndarray of shape (k, k)
        Covariance of the log parameters (and of coefficients as they are), from the exact Hessian; infinite for
        parameters that are not identified.
    log_likelihood : float
        Log-likelihood of the data in their own unit, without priors.
    n_customers, n_histories : int
        Customers that were used, and how many distinct histories they have.
    method : str
        "mle", "map" (maximum with priors), "laplace" or "nuts".
    iterations : int
        Evaluations of the likelihood over all histories.
    diagnosis : tuple of str
        How the search ended and what is odd, in words; the first sentence is about convergence.
    priors : dict of str to Prior
        Priors, if any.
    currency : str or None
        Label of the amounts.
    theta : ndarray of shape (chains, draws, k) or None
        Draws of the log parameters (and coefficients), for "laplace" and "nuts"; ``parameters`` are then at their mean.
    statistics : dict of str to ndarray of shape (chains, draws)
        Sampler statistics of "nuts".
    pareto_k : float or None
        Shape of the importance weights of "laplace"; above 0.7 its draws can't be trusted.
    seed : int
        Of the draws.
    fitted_varying : Varying or None
        The covariates by period of the data, where `with_varying` has set others for predictions.
    """

    covariance_log: Array
    log_likelihood: float
    n_customers: int
    n_histories: int
    method: str = "mle"
    iterations: int = 0
    diagnosis: tuple[str, ...] = ()
    priors: dict[str, AnyPrior] = field(default_factory=dict)
    currency: str | None = None
    theta: Array | None = None
    statistics: dict[str, NDArray[Any]] = field(default_factory=dict)
    pareto_k: float | None = None
    seed: int = 0
    fitted_varying: Varying | None = None

    @property
    def logs(self) -> int:
        """How many of the parameters are positive, and known by their logarithms; coefficients follow them."""
        return len(self.definition.spec.parameters)

    @cached_property
    def design(self) -> Design | None:
        """How covariates move the parameters."""
        return None if self.covariates is None else self.covariates.design(self.definition)

    def effects(self, level: float = 0.95) -> pd.DataFrame:
        """What covariates do, in numbers and in words.

        Parameters
        ----------
        level
            Level of the interval.

        Returns
        -------
        pandas.DataFrame
            One row a covariate and process: ``coefficient`` γ, ``std_error``, ``lower``, ``upper``, ``factor`` (e^γ:
            how many times as large the rate, the odds or the spend are where the covariate is larger by 1, or of this
            level rather than the first), and ``effect``, the same in words.

        Examples
        --------
        >>> import clvmodels as clv, numpy as np
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", observation_end="1997-09-30")
        >>> early = (customers.table["T"] > 33).rename("early")  # came in the first five weeks
        >>> fit = clv.fit(customers.join(early.to_frame()), "pareto/nbd",
        ...               covariates=clv.Covariates(purchase="early"))
        >>> fit.effects()["effect"].tolist()
        ['-3 % purchase rate (-17 % to +13 %)']
        """
        return effects_table(self, level)

    def at(self, **covariates: Any) -> Fit:
        """The fit of customers with these covariates: one without covariates, for plots and what-ifs.

        Parameters
        ----------
        **covariates
            A value for each column that the formulas name: ``fit.at(channel="web", age=30)``.

        Returns
        -------
        Fit
            With the model's own parameters, their draws, and no customers.
        """
        if self.covariates is None or self.design is None:
            raise UnsupportedPrediction("This fit has no covariates: it holds for all customers.")
        if self.covariates.varying:
            raise UnsupportedPrediction(
                f"{', '.join(map(repr, self.covariates.varying))} vary in time, so that no one value stands for them. "
                "Give other periods by fit.with_varying(table), and ask for customers."
            )
        return replace(self, **at_covariates(self, covariates), statistics={}, covariates=None, customers=None)

    def with_varying(self, table: Any = None, *, after: str | None = None) -> Fit:
        """The same fit with other covariates by period: for what has come to be known since, and for what-ifs.

        Parameters
        ----------
        table
            As ``clvmodels.Covariates(varying=...)`` takes it; by default the one that the fit has.
        after
            "hold" keeps the covariates of the last period from then on; by default nothing is known after it.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30", keep_purchases=True)
        >>> months = pd.DataFrame({"date": pd.date_range("1997-01-01", "1998-06-01", freq="MS")})
        >>> months["winter"] = months["date"].dt.month.isin([12, 1, 2]).astype(int)
        >>> fit = clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="winter", varying=months))
        >>> round(float(fit.expected_purchases("13W").sum()))
        729
        >>> mild = fit.with_varying(months.assign(winter=(months["date"] < "1997-09-30") * months["winter"]))
        >>> round(float(mild.expected_purchases("13W").sum()))
        625
        """
        if self.covariates is None or not self.covariates.varying:
            raise UnsupportedPrediction("This fit has no covariates that vary in time.")
        varying = Varying.changed(self.varying, table, after)
        result = replace(self, varying=varying, fitted_varying=self.fitted_varying or self.varying)
        result.__dict__["_drawn"] = self._drawn  # the same: they come from the data
        return result

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors of the parameters (delta method from the log scale)."""
        return dict(zip(self.parameters, np.sqrt(np.diag(self.covariance.to_numpy())).tolist(), strict=True))

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the parameters on their natural scale."""
        slopes = [value if name in self.definition.spec.parameters else 1.0 for name, value in self.parameters.items()]
        names = list(self.parameters)
        return pd.DataFrame(self.covariance_log * np.outer(slopes, slopes), index=names, columns=names)

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
        """Estimates, standard errors and intervals; of "laplace" and "nuts" mean, sd and quantiles of the posterior.

        Parameters
        ----------
        level
            Level of the interval. That of maximum likelihood is symmetric on the log scale and never reaches below 0.

        Returns
        -------
        pandas.DataFrame
            One row a parameter: ``estimate``, ``std_error``, ``lower``, ``upper``, ``meaning``; ``attrs["diagnosis"]``
            says in words how the search or the sampler went (R-hat, effective sample size, divergences).

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "bg/nbd").summary().round(3)["estimate"].to_dict()
        {'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}
        """
        table = display.parameter_table(self, level)
        table.attrs["diagnosis"] = list(self.diagnosis)
        return table

    def draws(self, n: int = 1_000) -> pd.DataFrame:
        """Draws of the parameters, one row a draw: what every interval is made of.

        With "laplace" and "nuts" from the posterior; with "mle" around the maximum, resampled by their likelihood (a
        flat prior on the log scale). A loaded maximum-likelihood fit has no data to weigh draws by, and returns those
        of the Gaussian.

        Parameters
        ----------
        n
            How many; of a posterior that has fewer, all are returned.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "bg/nbd").draws(1000).shape
        (1000, 4)
        """
        if n != int(n) or n < 1:
            raise ArgumentError(f"n must be a whole number of draws, 1 or more, not {n!r}.")
        if self.theta is not None:
            theta = self.theta.reshape(-1, len(self.parameters))
        else:
            if int(n) not in self._drawn:
                self._drawn[int(n)] = self._around_the_maximum(int(n))
            theta = self._drawn[int(n)]
        # evenly over all chains
        rows = np.linspace(0, len(theta) - 1, min(int(n), len(theta))).round().astype(int)
        return pd.DataFrame(natural(theta[rows], self.logs), columns=list(self.parameters))

    @cached_property
    def _drawn(self) -> dict[int, Array]:
        """Draws around the maximum, by their number: weighing them takes as long as many fits."""
        return {}

    def _around_the_maximum(self, n: int) -> Array:
        weak = [
            name for name, v in zip(self.parameters, np.diag(self.covariance_log), strict=True) if not np.isfinite(v)
        ]
        if weak:
            raise UnsupportedPrediction(
                f"{', '.join(weak)} {'are' if len(weak) > 1 else 'is'} not identified, so that there are no intervals. "
                'Fit with method="laplace" or "nuts", whose priors hold every parameter.'
            )
        centre = to_theta(np.array(list(self.parameters.values())), self.logs)
        if self.customers is None:
            return gaussian_draws(centre, self.covariance_log, n, self.seed).theta
        posterior = LogPosterior(data_of_fit(self, self.customers).likelihood, self.priors, of_logs=True)
        drawn = laplace_draws(posterior, centre, self.covariance_log, n, self.seed)
        for sentence in judge_draws(drawn)[1]:
            warnings.warn(sentence, IdentificationWarning, stacklevel=3)
        return drawn.theta

    @cached_property
    def posterior(self) -> Any:
        """The draws as an ArviZ DataTree, for ``az.summary``, ``az.plot_*`` and the like."""
        return self.to_arviz()

    def to_arviz(self, *, log_likelihood: bool = False) -> Any:
        """The draws as an ArviZ DataTree, on request with the pointwise log-likelihood.

        Parameters
        ----------
        log_likelihood
            Add the group ``log_likelihood``: one customer of each distinct history, whose number is
            ``constant_data.weight``. To leave out one customer at a time, `clvmodels.loo` counts them.
        """
        if self.theta is None:
            raise UnsupportedPrediction('Maximum likelihood has no posterior. Fit with method="laplace" or "nuts".')
        from clvmodels.inference.fits.arviz_tree import as_tree

        return as_tree(self, log_likelihood=log_likelihood)

    def __repr__(self) -> str:
        return display.as_text(self)

    def _repr_html_(self) -> str:
        return display.as_html(self)

    def save(self, path: str | Path) -> None:
        """Write the fit as JSON, without the data; `clvmodels.load` reads it."""
        from clvmodels.inference.fits.store import save

        save(path, self)
