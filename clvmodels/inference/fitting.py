"""`fit`: customers and the name of a model become a `Fit`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.errors import ArgumentError, ConvergenceError, DataError, IdentificationWarning
from clvmodels.inference.diagnosis import covariance, diagnose
from clvmodels.inference.fit import Fit
from clvmodels.inference.priors import Prior, PriorLike, check_priors
from clvmodels.inference.search import maximise
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.subscriptions import Subscriptions

Array = NDArray[np.float64]

_METHODS = ("mle",)


def fit(
    customers: Any,
    model: str,
    *,
    method: str = "mle",
    priors: Mapping[str, PriorLike | Prior] | None = None,
    unit: str | None = None,
) -> Fit:
    """Fit a model to customers.

    Models of renewals (contracts) take Subscriptions, all others Customers. Purchase models use all customers, spend
    models those with positive repeat spend (`Fit.n_customers` says how many).

    Parameters
    ----------
    customers : Customers or frame
        What `clvmodels.summarize` or `Customers.from_frame` returns, or a table with ``frequency``, ``recency``, ``T``
        (and ``monetary_value``) and ``unit=``.
    model
        "bg/nbd" or "gamma-gamma".
    method
        "mle": maximum likelihood, by a trust-region Newton search with exact derivatives.
    priors
        Optional, by parameter: (distribution, mean, sd) with "gamma", "lognormal" or "normal" on the natural scale. The
        result is then the posterior mode (``fit.method == "map"``).
    unit
        Unit of time of a table; Customers know theirs.

    Returns
    -------
    Fit

    Raises
    ------
    DataError
        There is nothing to fit.
    ConvergenceError
        No start led to a maximum.

    Warns
    -----
    IdentificationWarning
        A parameter is not identified by these data, or its value has an odd consequence.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", unit="week", observation_end="1997-09-30")
    >>> spend = clv.fit(customers, "gamma-gamma")
    >>> {name: round(value, 2) for name, value in spend.parameters.items()}, spend.n_customers
    ({'p': 6.25, 'q': 3.74, 'v': 15.44}, 946)
    """
    definition = models.get(model)
    if method not in _METHODS:
        raise ArgumentError(f"Unknown method {method!r}. Methods: {', '.join(_METHODS)}.")
    customers = _as_customers(definition, customers, unit)
    names = tuple(definition.PARAMETERS)
    checked = check_priors(priors, names)
    histories = _histories(definition, customers)
    optimum = maximise(definition, histories.columns, histories.weight, checked, _scales(definition, histories))
    parameters = dict(zip(names, optimum.values.tolist(), strict=True))
    covariance_log, weak = covariance(optimum, names)
    if not optimum.converged and not weak:
        raise ConvergenceError(
            f"{definition.TITLE}: no maximum of the likelihood was found (best log-likelihood "
            f"{optimum.log_likelihood:,.2f} at {', '.join(f'{k} = {v:.3g}' for k, v in parameters.items())}). "
            "Look at customers.check(), or pass priors=."
        )
    oddities = diagnose(definition, parameters, weak, customers)
    for sentence in oddities:
        warnings.warn(sentence, IdentificationWarning, stacklevel=2)
    steps = f"{optimum.iterations} evaluation{'s' if optimum.iterations != 1 else ''}"
    ending = (
        f"Converged after {steps}" if optimum.converged else f"Stopped after {steps}: not every parameter has a maximum"
    )
    return Fit(
        model=model,
        parameters=parameters,
        covariance_log=covariance_log,
        log_likelihood=optimum.log_likelihood,
        n_customers=int(histories.weight.sum()),
        n_histories=len(histories),
        unit=customers.unit,
        method="map" if checked else "mle",
        iterations=optimum.iterations,
        diagnosis=(f"{ending} (Newton decrement {optimum.decrement:.1e}).", *oddities),
        priors=checked,
        observation_end=customers.observation_end,
        currency=getattr(customers, "currency", None),
        customers=customers,
    )


def _as_customers(model: Model, customers: Any, unit: str | None) -> Customers | Subscriptions:
    if isinstance(customers, Subscriptions) != (model.KIND == "subscriptions"):
        takes = "Subscriptions" if model.KIND == "subscriptions" else "Customers"
        others = ", ".join(repr(name) for name in models.names() if models.get(name).KIND == "subscriptions")
        raise ArgumentError(
            f"{model.TITLE} is a model of {model.KIND} and takes clvmodels.{takes}, not {type(customers).__name__}. "
            f"Models of Subscriptions: {others}."
        )
    if not isinstance(customers, Customers | Subscriptions):
        return Customers.from_frame(customers, unit=unit)
    if unit is not None and unit != customers.unit:
        raise ArgumentError(f"These customers are in {customers.unit}s, not in {unit}s. Leave unit= out.")
    return customers


def _histories(model: Model, customers: Customers | Subscriptions) -> Histories:
    """The distinct rows that this kind of model sees."""
    if len(customers) == 0:
        raise DataError("There are no customers to fit.")
    if isinstance(customers, Subscriptions):
        histories = customers.histories()
        if not any(column.any() for column in histories.columns):
            raise DataError(f"No renewal has been due yet: every customer is within the first {customers.unit}.")
        return histories
    if model.KIND == "purchases":
        return customers.histories()
    histories = customers.spend_histories()
    if len(histories) == 0:
        raise DataError(
            f"{model.TITLE} needs customers with positive repeat spend, and none of {len(customers):,} has any. "
            "Was the log summarized with amount=?"
        )
    return histories


def _scales(model: Model, histories: Histories) -> Array:
    """The size of each parameter's unit in these data: the mean of the largest column it scales with, else 1."""
    columns = dict(zip(model.DATA, histories.columns, strict=True))
    sizes = (float(np.average(columns[name], weights=histories.weight)) for name in model.UNITS)
    size = max(sizes, default=1.0)
    return np.array([size if name in model.SCALED and size > 0 else 1.0 for name in model.PARAMETERS])
