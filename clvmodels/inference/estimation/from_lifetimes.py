"""`from_lifetimes`: a fitter of the lifetimes package, already fitted, becomes a `Fit`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import fit_of
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.diagnosis import covariance
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.log_posterior import LogPosterior
from clvmodels.inference.posterior.newton_search import Objective, Optimum
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.units import check_unit

# Class of lifetimes → our model; the letters of the parameters are the same in all of them.
_MODELS = {
    "BetaGeoFitter": "bg/nbd",
    "ModifiedBetaGeoFitter": "mbg/nbd",
    "ParetoNBDFitter": "pareto/nbd",
    "BetaGeoBetaBinomFitter": "bg/bb",
    "GammaGammaFitter": "gamma-gamma",
}


def from_lifetimes(
    fitter: Any,
    *,
    unit: str | None = None,
    customers: Customers | None = None,
    observation_end: Any = None,
    currency: str | None = None,
) -> Fit:
    """A fitted model of lifetimes as a `Fit`, with the parameters that lifetimes found.

    Log-likelihood and covariance are computed here, from the data that the fitter carries (in the variance matrix of
    lifetimes only the diagonal is right; Pareto/NBD has none). A fit by another package is no maximum to our precision:
    ``diagnosis`` says how many standard errors it is away. A penalty is left out of the log-likelihood. lifetimes
    itself is not imported.

    ==============================================================  ====================================================
    lifetimes                                                       clvmodels
    ==============================================================  ====================================================
    ``summary_data_from_transaction_data(log, ...)``                ``clv.summarize(log, ..., unit=...)``
    ``BetaGeoFitter().fit(f, r, T)``                                ``clv.fit(customers, "bg/nbd")``
    ``ModifiedBetaGeoFitter``, ``ParetoNBDFitter``                  ``"mbg/nbd"``, ``"pareto/nbd"``
    ``BetaGeoBetaBinomFitter``, ``GammaGammaFitter``                ``"bg/bb"``, ``"gamma-gamma"``
    ``predict(t, f, r, T)``                                         ``fit.expected_purchases(t, customers)``
    ``conditional_probability_alive(f, r, T)``                      ``fit.probability_alive(customers)``
    ``expected_number_of_purchases_up_to_time(t)``                  ``fit.expected_purchases(t, "new")``
    ``probability_of_n_purchases_up_to_time(t, n)``                 ``fit.purchases_pmf(n, t, "new")``
    ``conditional_expected_average_profit(f, m)``                   ``fit.expected_spend(customers)``
    ``customer_lifetime_value(model, ..., time, discount_rate)``    ``clv.lifetime_value(purchases, spend, ...)``
    ``penalizer_coef=``                                             ``priors=``
    ``save_model``, ``load_model``                                  ``fit.save``, ``clv.load``
    ==============================================================  ====================================================

    lifetimes discounts by a monthly rate at the end of each month; `lifetime_value` continuously by an annual rate, so
    that 1 % a month is ``annual_discount_rate=1.01**12 - 1``. Its Gamma-Gamma wants customers with repeat purchases
    only; ours chooses them itself, and expects the mean of the population of all others.

    Parameters
    ----------
    fitter : lifetimes fitter
        A fitted ``BetaGeoFitter``, ``ModifiedBetaGeoFitter``, ``ParetoNBDFitter``, ``BetaGeoBetaBinomFitter`` or
        ``GammaGammaFitter``.
    unit : {"hour", "day", "week", "month", "year"}
        The unit of recency and T that it was fitted to. No default: lifetimes does not know it.
    customers : Customers, optional
        Those that it was fitted to; by default those in ``fitter.data``.
    observation_end : date-like, optional
        Last day observed, if it is known.
    currency : str, optional
        Label of the amounts.

    Returns
    -------
    Fit
        With the parameters of lifetimes.

    Raises
    ------
    ArgumentError
        It is no fitter of lifetimes, is not fitted, or carries no data.

    Examples
    --------
    >>> import warnings
    >>> import clvmodels as clv
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     from lifetimes import BetaGeoFitter
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> table = customers.table
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     fitter = BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"], index=table.index)
    >>> fit = from_lifetimes(fitter, unit="week")
    >>> round(float(fit.expected_purchases("39W").sum()), 1)
    1653.4
    """
    name, definition = _model_of(fitter)
    if unit is None:
        raise ArgumentError('Pass unit=, the unit of recency and T of this fitter: "day", "week", …')
    check_unit(unit)
    parameters = _parameters(fitter, definition)
    if customers is None:
        histories = _histories(fitter, definition)
        customers, *notes = _customers(fitter, definition, unit, observation_end, currency)
    else:
        customers, notes = Customers.of(customers, unit), []
        histories = histories_of(definition, customers)
    end = None if observation_end is None else to_timestamp(parse_day(observation_end, "observation_end"))
    optimum = _at(definition, histories, np.log(np.array(list(parameters.values()))))
    covariance_log, _ = covariance(optimum, tuple(parameters))
    estimate = Estimate(
        parameters=parameters,
        logs=len(parameters),
        covariance_log=covariance_log,
        log_likelihood=optimum.log_likelihood,
        n_customers=int(histories.weight.sum()),
        n_histories=len(histories),
        diagnosis=(_ending(fitter, optimum), *notes, *definition.diagnose(**parameters)),
    )
    return fit_of(Structure(name=name, unit=unit), estimate, customers, end, currency)


def _model_of(fitter: Any) -> tuple[str, Model]:
    """Our model for the class of a fitter, looked up by name: lifetimes need not be installed."""
    for base in type(fitter).__mro__:
        if base.__name__ in _MODELS and base.__module__.startswith("lifetimes."):
            return _MODELS[base.__name__], models.get(_MODELS[base.__name__])
    raise ArgumentError(
        f"{type(fitter).__name__} is no fitter of lifetimes that has a model here. Those that have: "
        f"{', '.join(_MODELS)}."
    )


def _parameters(fitter: Any, definition: Model) -> dict[str, float]:
    if not hasattr(fitter, "params_"):
        raise ArgumentError(f"This {type(fitter).__name__} has not been fitted: call its fit method first.")
    parameters = {name: float(fitter.params_[name]) for name in definition.spec.parameters}
    odd = {name: value for name, value in parameters.items() if not 0.0 < value < np.inf}
    if odd:
        raise ArgumentError(f"lifetimes left {odd}, but parameters are positive. Fit again with clvmodels.fit.")
    return parameters


def _data(fitter: Any) -> pd.DataFrame:
    data = getattr(fitter, "data", None)
    if not isinstance(data, pd.DataFrame):
        raise ArgumentError("This fitter was saved without its data. Pass customers=, those that it was fitted to.")
    return data


def _histories(fitter: Any, definition: Model) -> Histories:
    """The rows that lifetimes fitted, with its weights."""
    data = _data(fitter).rename(columns={"n_periods": "T"})
    names = ["frequency", "monetary_value"] if definition.spec.kind == "spend" else ["frequency", "recency", "T"]
    grouped = group_histories(*(data[name].to_numpy(dtype=np.float64) for name in names))
    weight = data["weights"].to_numpy(dtype=np.float64) if "weights" in data else np.ones(len(data))
    return replace(grouped, weight=grouped.total(weight))


def _customers(
    fitter: Any, definition: Model, unit: str, observation_end: Any, currency: str | None
) -> tuple[Customers | None, *tuple[str, ...]]:
    """The customers of the fitter, or none and why."""
    data = _data(fitter)
    if definition.spec.kind == "spend" or "n_periods" in data:
        return None, "lifetimes keeps no recency and T with this model: pass customers= to predictions."
    if "weights" in data and (data["weights"] != 1).any():
        return None, "Its data are grouped, with weights: pass customers= to predictions."
    try:
        return (Customers.from_frame(data, unit=unit, observation_end=observation_end, currency=currency),)
    except DataError as error:
        return None, f"Its data are not taken over as customers: {error}"


def _at(definition: Model, histories: Histories, theta: Array) -> Optimum:
    """Our likelihood at these parameters, as if a search had ended there."""
    objective = Objective(
        LogPosterior(LogLikelihood(definition, histories.columns, histories.weight), {}, of_logs=False)
    )
    hessian, (decrement, _) = -objective.hessian(theta) * objective.customers, objective.newton(theta)
    none = np.zeros(len(theta), dtype=np.bool_)
    return Optimum(objective.posterior, theta, hessian, decrement, np.isfinite(decrement), none, 1)


def _ending(fitter: Any, optimum: Optimum) -> str:
    """How far the maximum is, and why."""
    penalty = float(getattr(fitter, "penalizer_coef", 0.0) or 0.0)
    why = f" with penalizer_coef={penalty:g}" if penalty else ""
    if not optimum.converged:
        return f"Fitted by lifetimes{why}; these parameters are not near a maximum of the likelihood."
    return (
        f"Fitted by lifetimes{why}; the maximum of the likelihood is {np.sqrt(2.0 * optimum.decrement):.2g} standard "
        "errors away."
    )
