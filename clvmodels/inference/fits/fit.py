"""Fit: a model with its parameters and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arguments import MOST_DRAWS, whole
from clvmodels.arrays import Array
from clvmodels.errors import IdentificationWarning, UnsupportedMethod, UnsupportedPrediction
from clvmodels.inference.data.calendar_covariates import CalendarCovariates
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.fits import display, model_file
from clvmodels.inference.fits.arviz_tree import as_tree
from clvmodels.inference.fits.effects import at_covariates, effects_table
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.fits.predictions.common import Predictions
from clvmodels.inference.fits.read_log import read_log
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.inference.population.covariate_structure import CalendarStructure, CovariateStructure
from clvmodels.inference.population.selection import chosen_customers
from clvmodels.inference.population.structure import Data, Structure
from clvmodels.inference.posterior.diagnosis import judge_draws
from clvmodels.inference.posterior.laplace import Draws
from clvmodels.inference.posterior.log_posterior import LogPosterior
from clvmodels.inference.posterior.priors import AnyPrior
from clvmodels.signatures import checked
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns import remembered
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.user_warning import point_out

if TYPE_CHECKING:
    from xarray import DataTree


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Fit(Predictions):
    """A fitted model; `clvmodels.fit` and `clvmodels.load` make it, of a kind that fits the model.

    Attributes
    ----------
    estimate : Estimate
        Parameters, covariance, draws, and how they were found; what stands there can be asked of the fit itself.
    currency : str or None
        Label of the amounts.
    fitted_structure : Structure or None
        That of the data, where another one is set for predictions (`with_varying`).
    log : Log or None
        How the log was read that was fitted, without its data; None if customers came as a table.
    structure, customers, observation_end
        Which model of which customers; see `Predictions`.
    """

    estimate: Estimate
    currency: str | None = None
    fitted_structure: Structure | None = None
    log: Log | None = None

    @property
    def parameters(self) -> dict[str, float]:
        """Values on their natural scale, times in ``unit``."""
        return self.estimate.parameters

    @property
    def covariance_log(self) -> Array:
        """Covariance of the log parameters (and of coefficients as they are), shape (k, k)."""
        return self.estimate.covariance_log

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of the data in their own unit, without priors."""
        return self.estimate.log_likelihood

    @property
    def n_customers(self) -> int:
        """Customers that were used."""
        return self.estimate.n_customers

    @property
    def n_histories(self) -> int:
        """Distinct histories of these customers."""
        return self.estimate.n_histories

    @property
    def method(self) -> str:
        """How it was fitted: "mle", "map" (maximum with priors), "laplace" or "nuts"."""
        return self.estimate.method

    @property
    def iterations(self) -> int:
        """Evaluations of the likelihood over all histories."""
        return self.estimate.iterations

    @property
    def diagnosis(self) -> tuple[str, ...]:
        """How the search ended, and warnings; the first sentence is about convergence."""
        return self.estimate.diagnosis

    @property
    def priors(self) -> Mapping[str, AnyPrior]:
        """Priors, if any."""
        return self.estimate.priors

    @property
    def theta(self) -> Array | None:
        """Draws of the log parameters (and coefficients), of shape (chains, draws, k), for "laplace" and "nuts"."""
        return self.estimate.theta

    @property
    def statistics(self) -> Mapping[str, NDArray[Any]]:
        """Sampler statistics of "nuts", each of shape (chains, draws)."""
        return self.estimate.statistics

    @property
    def pareto_k(self) -> float | None:
        """Shape of the importance weights of "laplace"; above 0.7 its draws can't be trusted."""
        return self.estimate.pareto_k

    @property
    def seed(self) -> int:
        """Of the draws."""
        return self.estimate.seed

    @property
    def covariates(self) -> Learned | None:
        """Formulas of covariates and what they have learned, if there are any."""
        if isinstance(self.structure, CovariateStructure | ClockStructure):
            return self.structure.covariates
        return None

    @property
    def varying(self) -> CalendarCovariates | None:
        """Covariates that vary in time, by period; None after `clvmodels.load` too, see `with_varying`."""
        return self.structure.calendar if isinstance(self.structure, CalendarStructure) else None

    @property
    def standard_errors(self) -> dict[str, float]:
        """Standard errors of the parameters (delta method from the log scale)."""
        return dict(zip(self.parameters, np.sqrt(np.diag(self.covariance.to_numpy())).tolist(), strict=True))

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the parameters on their natural scale."""
        return self.estimate.covariance

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2.0 * self.effective_parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Bayesian information criterion, with the number of customers as sample size."""
        return float(np.log(self.n_customers)) * self.effective_parameters - 2.0 * self.log_likelihood

    @property
    def effective_parameters(self) -> float:
        """How many parameters the information criteria count: a number that was chosen, such as k, is one too."""
        return len(self.parameters) + self.estimate.choices

    @property
    def converged(self) -> bool:
        """Whether every parameter is identified and the search ended at a maximum."""
        return not self.estimate.not_identified

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Estimates, standard errors and intervals; of "laplace" and "nuts" mean, sd and quantiles of the posterior.

        Parameters
        ----------
        level : float
            Level of the interval. That of maximum likelihood is symmetric on the log scale and never reaches below 0.

        Returns
        -------
        pandas.DataFrame
            One row a parameter (with groups, a group and parameter): ``estimate``, ``std_error``, ``lower``,
            ``upper``, ``meaning``; ``attrs["diagnosis"]`` says in words how the search or the sampler went (R-hat,
            effective sample size, divergences).

        Raises
        ------
        ArgumentError
            The level is not between 0 and 1.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "bg/nbd").summary().round(3)["estimate"].to_dict()
        {'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}
        """
        table = self.estimate.table(level)
        table["meaning"] = display.meanings(self.definition, list(self.parameters), self.unit, self.currency)
        table.attrs["diagnosis"] = list(self.diagnosis)
        return table

    def draws(self, n: int = 1_000) -> pd.DataFrame:
        """Draws of the parameters, one row a draw: what every interval is made of.

        With "laplace" and "nuts" from the posterior; with "mle" around the maximum, resampled by their likelihood (a
        flat prior on the log scale). A loaded maximum-likelihood fit has no data to weigh draws by, and returns those
        of the Gaussian.

        Parameters
        ----------
        n : int
            How many; of a posterior that has fewer, all are returned.

        Returns
        -------
        pandas.DataFrame
            A column for each parameter.

        Raises
        ------
        ArgumentError
            n is no whole number, 1 or more.
        UnsupportedPrediction
            A parameter is not identified.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "bg/nbd").draws(1000).shape
        (1000, 4)
        """
        n = whole("n", n, "a whole number of draws, 1 or more", least=1, most=MOST_DRAWS)
        values = self.estimate.draws(n, None if self.customers is None else self._posterior, _warn)
        return pd.DataFrame(values, columns=list(self.parameters))

    def data(self, customers: CustomerBase | None = None) -> Data:
        """The distinct histories that were fitted, or those of other customers, and their log-likelihood.

        Parameters
        ----------
        customers : Customers, Subscriptions or None
            Whose histories; None means those fitted.

        Returns
        -------
        Data
            The histories, and the likelihood of them.

        Raises
        ------
        UnsupportedPrediction
            The fit was loaded, and carries no data.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> len(clv.fit(customers, "bg/nbd").data().histories)
        1016
        """
        if customers is not None and customers is not self.customers:
            known = cast(CustomerBase, chosen_customers(customers, None, self.unit, self.kind))
            return self._structure_of_data.data(known)
        if self.customers is None:
            raise UnsupportedPrediction("A loaded fit carries no data, and so no log-likelihood of each customer.")
        return self._data

    @cached_property
    def posterior(self) -> DataTree:
        """The draws as an ArviZ DataTree, for ``az.summary``, ``az.plot_*`` and the like."""
        return self.to_arviz()

    @checked
    def to_arviz(self, *, log_likelihood: bool = False) -> DataTree:
        """The draws as an ArviZ DataTree, on request with the pointwise log-likelihood.

        Parameters
        ----------
        log_likelihood : bool
            Add the group ``log_likelihood``: one customer of each distinct history, whose number is
            ``constant_data.weight``. To leave out one customer at a time, `clvmodels.loo` counts them.

        Returns
        -------
        xarray.DataTree
            With the groups ``posterior`` and, on request, ``log_likelihood`` and ``constant_data``.

        Raises
        ------
        UnsupportedPrediction
            The fit has no draws.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> tree = clv.fit(customers, "bg/nbd", method="laplace", draws=500).to_arviz(log_likelihood=True)
        >>> sorted(tree.children), dict(tree.posterior.sizes)
        (['constant_data', 'log_likelihood', 'posterior'], {'chain': 1, 'draw': 500})
        """
        return as_tree(self.estimate, self.structure, self.data() if log_likelihood else None)

    def effects(self, level: float = 0.95) -> pd.DataFrame:
        """What covariates do, in numbers and in words.

        Parameters
        ----------
        level : float
            Level of the interval.

        Returns
        -------
        pandas.DataFrame
            One row a covariate and process: ``coefficient`` γ, ``std_error``, ``lower``, ``upper``, ``factor`` (e^γ:
            how many times as large the rate, the odds or the spend are where the covariate is larger by 1, or of this
            level rather than the first), and ``effect``, the same in words.

        Raises
        ------
        UnsupportedMethod
            The fit has no covariates.

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
        if self.structure.design is None or self.covariates is None:
            raise UnsupportedMethod("This fit has no covariates. Pass covariates=clvmodels.Covariates(...) to fit.")
        return effects_table(self.estimate.table(level), self.structure.design)

    def at(self, **covariates: Any) -> Self:
        """The fit of customers with these covariates: one without covariates, for plots and what-ifs.

        Parameters
        ----------
        **covariates
            A value for each column that the formulas name: ``fit.at(channel="web", age=30)``.

        Returns
        -------
        Fit
            With the model's own parameters (and its calendar, if it has one), their draws, and no customers.

        Raises
        ------
        UnsupportedMethod
            The fit has no covariates, or some that vary in time.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> early = (customers.table["T"] > 33).rename("early")  # came in the first five weeks
        >>> fit = clv.fit(customers.join(early.to_frame()), "pareto/nbd", covariates=clv.Covariates(purchase="early"))
        >>> [round(float(fit.at(early=value).expected_purchases("1Y", "new").iloc[0]), 2) for value in (False, True)]
        [1.5, 1.45]
        """
        structure: Structure = Structure(name=self.model, unit=self.unit)
        inner: Structure = self.structure
        kept: tuple[str, ...] = ()
        if isinstance(self.structure, ClockStructure):
            inner, kept = self.structure.inner, self.structure.clock.coefficients
            structure = replace(self.structure, covariates=None)
        if not isinstance(inner, CovariateStructure):
            raise UnsupportedMethod("This fit has no covariates: it holds for all customers.")
        if isinstance(inner, CalendarStructure):
            raise UnsupportedMethod(
                f"{', '.join(map(repr, inner.covariates.varying))} vary in time, so that no one value stands "
                "for them. Give other periods by fit.with_varying(table), and ask for customers."
            )
        estimate = at_covariates(self.estimate, inner, covariates, kept)
        return replace(self, estimate=estimate, structure=structure, customers=None)

    def with_varying(self, table: Any = None, *, after: str | None = None) -> Self:
        """The same fit with other covariates by period: for what has come to be known since, and for what-ifs.

        Parameters
        ----------
        table : frame or None
            As ``clvmodels.Covariates(varying=...)`` takes it; by default the one that the fit has.
        after : str or None
            "hold" keeps the covariates of the last period from then on; by default nothing is known after it.

        Returns
        -------
        Fit
            With the same parameters and draws.

        Raises
        ------
        UnsupportedMethod
            The fit has no covariates that vary in time.
        ArgumentError
            There is no table, or ``after`` is not known.

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
        if not isinstance(self.structure, CalendarStructure):
            raise UnsupportedMethod("This fit has no covariates that vary in time.")
        changed = self.structure.changed(table, after)
        known = self.fitted_structure or (self.structure if self.structure.calendar is not None else None)
        return replace(self, structure=changed, fitted_structure=known)

    @checked
    def read(
        self,
        log: Any,
        *,
        observation_end: Any = None,
        keep_purchases: bool | None = None,
        **columns: Unpack[LogKeywords],
    ) -> Customers:
        """The customers of another log, read as the one that was fitted: columns, time zone, currency, and unit.

        Parameters
        ----------
        log : Log, frame, path or list of paths
            The log.
        observation_end : str or date, optional
            Last day observed, inclusive. Default: the last day of the log.
        keep_purchases : bool, optional
            Keep every purchase day. Default: if the model asks for them.
        **columns
            What is otherwise in this log, as keywords of `clvmodels.Log`.

        Returns
        -------
        Customers
            One row a customer, with the columns that the model knows customers by, if the log has them.

        Raises
        ------
        ColumnError
            A column is not there that the log of the model had.
        ArgumentError
            The currency is another one, or an argument has no meaning.

        Examples
        --------
        >>> import clvmodels as clv, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.json"
        >>> log = clv.datasets.path("cdnow_sample")
        >>> clv.fit(clv.summarize(log, unit="day", observation_end="1997-09-30"), "bg/nbd").save(path)
        >>> len(clv.load(path).read(log, observation_end="1997-12-31"))
        2357
        """
        needs = self.definition.spec.needs_purchases or isinstance(self.structure, CovariateStructure)
        return read_log(
            log,
            self.log,
            dict(columns),
            model=self.definition,
            unit=self.unit,
            currency=self.currency,
            wanted=self.structure.customer_columns,
            observation_end=observation_end,
            keep_purchases=needs if keep_purchases is None else keep_purchases,
        )

    @checked
    def save(self, path: str | Path) -> None:
        """Write the fit as JSON, without the data; `clvmodels.load` reads it.

        Parameters
        ----------
        path : str or path
            The file; draws of "laplace" and "nuts" go beside it in ArviZ's netCDF.

        Examples
        --------
        >>> import clvmodels as clv, tempfile, pathlib
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.json"
        >>> clv.fit(customers, "bg/nbd").save(path)
        """
        model_file.write(path, [self.as_entry()])

    def as_entry(self) -> model_file.Entry:
        """What a model file holds of this fit.

        Returns
        -------
        Entry
            Kind, content for JSON, and draws.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> clv.fit(customers, "bg/nbd").as_entry().content["model"]
        'bg/nbd'
        """
        content = {
            "model": self.model,
            "unit": self.unit,
            **model_file.estimate_to_json(self.estimate),
            **self.structure.to_json(),
            "observation_end": None if self.observation_end is None else str(self.observation_end.date()),
            "currency": self.currency,
            "log": None if self.log is None else remembered.to_json(self.log),
        }
        return model_file.Entry(self.kind, content, None if self.theta is None else self.posterior)

    def __dir__(self) -> list[str]:
        """What can be asked of this fit: without questions about covariates or groups that it doesn't have."""
        return sorted(set(super().__dir__()) - self._without())

    def __repr__(self) -> str:
        return display.as_text(self._heading(), self._shown(), [self._quality(), *self._remarks()])

    def _repr_html_(self) -> str:
        return display.as_html(self._heading(), self._shown(), self._quality(), self._remarks())

    # --- private helpers ----------------------------------------------------------------------------------------------

    def _without(self) -> set[str]:
        """Methods that mean nothing for this fit."""
        covariates, varying = self.covariates is not None, isinstance(self.structure, CalendarStructure)
        static = isinstance(self.structure, CovariateStructure) and not varying
        has = {"effects": covariates, "at": static, "with_varying": varying, "varying": varying}
        return {name for name, meant in has.items() if not meant}

    @cached_property
    def _data(self) -> Data:
        return self._structure_of_data.data(self.customers)

    @property
    def _structure_of_data(self) -> Structure:
        return self.fitted_structure or self.structure

    def _posterior(self) -> LogPosterior:
        return LogPosterior(self._data.likelihood, self.priors, of_logs=True)

    def _heading(self) -> str:
        return display.heading(self.definition, self.method, self.n_customers, self.n_histories, self.unit)

    def _shown(self) -> pd.DataFrame:
        return self.summary()

    def _remarks(self) -> list[str]:
        """Sentences below the parameters."""
        return list(self.diagnosis)

    def _quality(self) -> str:
        return f"log-likelihood {self.log_likelihood:,.3f}   AIC {self.aic:,.1f}   BIC {self.bic:,.1f}"


def _warn(drawn: Draws) -> None:
    for sentence in judge_draws(drawn)[1]:
        point_out(sentence, IdentificationWarning)
