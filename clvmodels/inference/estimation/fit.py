"""`fit`: customers and the name of a model become a `Fit`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.errors import ArgumentError, ConvergenceError, IdentificationWarning
from clvmodels.inference.data.covariates import Covariates, Learned, learn
from clvmodels.inference.data.log_gaps import gap_term
from clvmodels.inference.data.model_data import scales_of, table_of
from clvmodels.inference.estimation.model_choice import most_likely
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.calendar_data import Varying, learn_varying
from clvmodels.inference.population.likelihood_data import data_of
from clvmodels.inference.posterior.diagnosis import covariance, diagnose, judge_draws, judge_sample, not_identified
from clvmodels.inference.posterior.laplace import laplace_draws
from clvmodels.inference.posterior.log_posterior import natural
from clvmodels.inference.posterior.newton_search import Optimum, maximise
from clvmodels.inference.posterior.priors import Prior, PriorLike, all_priors, check_priors
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

Array = NDArray[np.float64]

_METHODS = ("mle", "laplace", "nuts")
_DRAWS = {"laplace": 4_000, "nuts": 1_000}  # in all; a chain
_TUNE = 300
_CHAINS = 4


def fit(
    customers: Any,
    model: str,
    *,
    method: str = "mle",
    priors: Mapping[str, PriorLike | Prior | Any] | None = None,
    unit: str | None = None,
    draws: int | None = None,
    chains: int | None = None,
    seed: int = 0,
    progress: bool = True,
    group: Any = None,
    covariates: Covariates | None = None,
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
        "bg/nbd", "gamma-gamma" or another one of `clvmodels.models.names`. For regular buyers "bg/cnbd-2" has k = 2;
        "bg/cnbd-k" takes the most likely k from 1 on (until the likelihood has fallen twice in a row, at most 12), for
        which the customers need their purchases (``keep_purchases=True`` in `clvmodels.summarize`).
    method
        "mle": maximum likelihood, by a trust-region Newton search with exact derivatives.
        "laplace": draws of the posterior from the Gaussian at its mode, set right by importance resampling; a fraction
        of a second, and ``Fit.pareto_k`` says whether it can be trusted.
        "nuts": draws of the posterior by Hamiltonian Monte Carlo, started and shaped by the mode; seconds.
    priors
        By parameter: (distribution, mean, sd) with "gamma", "lognormal" or "normal" on the natural scale, or a PyMC
        distribution such as ``pm.Gamma.dist(2, 1)``. With "mle" the result is the posterior mode (``fit.method`` is
        "map"). With "laplace" and "nuts" parameters not named get a weakly informative prior that moves with the units
        of the data (see `build_pymc_model`).
    unit
        Unit of time of a table; Customers know theirs.
    draws
        With "laplace" in all (default 4,000), with "nuts" a chain (default 1,000).
    chains
        With "nuts" (default 4).
    seed
        Of the randomness of draws.
    progress
        With "nuts", show it on a terminal.
    group
        With "nuts": fit groups of customers whose parameters are partially pooled, for many small ones. "cohort" (the
        month of the first purchase), a Series by customer_id (country, channel …), or one entry a customer.
    covariates
        `clvmodels.Covariates`: formulas of what may explain that customers differ. ``Fit.effects()`` says in words what
        they do.

    Returns
    -------
    Fit
        With ``group``, a `GroupedFit`: the same predictions, each customer by their group.

    Raises
    ------
    DataError
        There is nothing to fit.
    ConvergenceError
        No start led to a maximum, or NUTS can't start.

    Warns
    -----
    IdentificationWarning
        A parameter is not identified by these data, its value has an odd consequence, or the draws can't be trusted.

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
    _check_options(method, draws, chains)
    if definition.spec.choices:
        model = most_likely(definition, customers, partial(fit, covariates=covariates), unit)
        definition = models.get(model)
    customers = _as_customers(definition, customers, unit)
    if group is not None:
        if covariates is not None:
            raise ArgumentError("group= and covariates= don't go together: name the groups in a formula instead.")
        return _fit_groups(customers, model, method, group, priors, draws, chains, seed, progress)
    bayes = method != "mle"
    varying = Varying.of(covariates, definition)
    learned = _learn(covariates, varying, definition, customers, bayes)
    histories, likelihood = data_of(definition, customers, learned, varying)
    own = tuple(definition.spec.parameters)
    names = own if learned is None else (*own, *learned.coefficients)
    scales = scales_of(definition, histories)
    chosen = all_priors(priors, own, scales.tolist()) if bayes else check_priors(priors, own)
    optimum = maximise(likelihood, chosen, scales, of_logs=bayes)
    covariance_log, weak = covariance(optimum, names)
    parameters = dict(zip(names, optimum.values.tolist(), strict=True))
    if learned is not None and weak:
        raise ConvergenceError(not_identified(definition, parameters, weak, learned))
    if (not optimum.converged and not weak) or (bayes and weak):
        raise ConvergenceError(
            f"{definition.spec.title}: no maximum of the {'posterior' if bayes else 'likelihood'} was found (best "
            f"log-likelihood {optimum.log_likelihood:,.2f} at "
            f"{', '.join(f'{k} = {v:.3g}' for k, v in parameters.items())}). "
            "Look at customers.check() and at priors=."
        )
    oddities = diagnose(definition, {name: parameters[name] for name in own}, weak, customers)
    ending = _ending(optimum)
    drawn: dict[str, Any] = {}
    if bayes:
        drawn, ending, doubts = _draw(optimum, covariance_log, names, method, draws, chains, seed, progress)
        oddities += doubts
        centre = natural(drawn["theta"].mean(axis=(0, 1)), len(own))
        parameters = dict(zip(names, centre.tolist(), strict=True))
        covariance_log = np.cov(drawn["theta"].reshape(-1, len(names)).T)
    for sentence in oddities:
        warnings.warn(sentence, IdentificationWarning, stacklevel=2)
    of_gaps, unknown = gap_term(definition, customers)
    return Fit(
        model=model,
        parameters=parameters,
        covariance_log=covariance_log,
        log_likelihood=optimum.log_likelihood + of_gaps,
        n_customers=int(histories.weight.sum()),
        n_histories=len(histories),
        unit=customers.unit,
        method=method if bayes or not (chosen or (learned is not None and learned.penalty)) else "map",
        iterations=optimum.iterations,
        diagnosis=(ending, *oddities, *unknown),
        priors=chosen,
        observation_end=customers.observation_end,
        currency=getattr(customers, "currency", None),
        customers=customers,
        covariates=learned,
        varying=varying,
        seed=seed,
        **drawn,
    )


def _learn(
    covariates: Covariates | None,
    varying: Varying | None,
    definition: Model,
    customers: Customers | Subscriptions,
    bayes: bool,
) -> Learned | None:
    """What these customers teach about the covariates."""
    if covariates is None:
        return None
    if not isinstance(covariates, Covariates):
        raise ArgumentError(f'covariates must be clvmodels.Covariates(purchase="…"), not {type(covariates).__name__}.')
    if isinstance(customers, Subscriptions):
        raise ArgumentError(
            f"{definition.spec.title} takes no covariates: clvmodels.fit_by_segment fits each segment by itself."
        )
    if varying is not None:
        return learn_varying(covariates, varying, definition, customers, bayes=bayes)
    return learn(covariates, definition, table_of(definition, customers), bayes=bayes)


def _fit_groups(
    customers: Any,
    model: str,
    method: str,
    group: Any,
    priors: Any,
    draws: int | None,
    chains: int | None,
    seed: int,
    progress: bool,
) -> Fit:
    """Partially pooled groups; the result has the predictions of a `Fit`."""
    if method != "nuts" or not isinstance(customers, Customers):
        raise ArgumentError('group= belongs to method="nuts" and Customers: it pools groups partially.')
    from clvmodels.inference.estimation.hierarchical import fit_groups

    size = {"draws": draws or _DRAWS["nuts"], "chains": chains or _CHAINS}
    return cast(Fit, fit_groups(customers, model, group, priors=priors, **size, seed=seed, progress=progress))


def _check_options(method: str, draws: int | None, chains: int | None) -> None:
    if method not in _METHODS:
        raise ArgumentError(f"Unknown method {method!r}. Methods: {', '.join(_METHODS)}.")
    if method == "mle" and draws is not None:
        raise ArgumentError('draws= has no meaning for method="mle"; its intervals come with interval=.')
    if method != "nuts" and chains is not None:
        raise ArgumentError('chains= belongs to method="nuts".')
    for name, value in (("draws", draws), ("chains", chains)):
        if value is not None and (value != int(value) or value < 1):
            raise ArgumentError(f"{name} must be a whole number, 1 or more, not {value!r}.")


def _ending(optimum: Optimum) -> str:
    steps = f"{optimum.iterations} evaluation{'s' if optimum.iterations != 1 else ''}"
    ending = f"Converged after {steps}"
    if not optimum.converged:
        ending = f"Stopped after {steps}: not every parameter has a maximum"
    return f"{ending} (Newton decrement {optimum.decrement:.1e})."


def _draw(
    optimum: Optimum,
    covariance_log: Array,
    names: tuple[str, ...],
    method: str,
    draws: int | None,
    chains: int | None,
    seed: int,
    progress: bool,
) -> tuple[dict[str, Any], str, list[str]]:
    """Draws of the posterior as fields of a `Fit`, how they went in a sentence, and doubts about them."""
    n = draws or _DRAWS[method]
    if method == "laplace":
        drawn = laplace_draws(optimum.posterior, optimum.theta, covariance_log, n, seed)
        ending, doubts = judge_draws(drawn)
        return {"theta": drawn.theta[None], "pareto_k": drawn.pareto_k}, ending, doubts
    from clvmodels.inference.estimation.nuts import sample

    size = {"draws": n, "tune": _TUNE, "chains": chains or _CHAINS}
    sampled = sample(optimum.posterior, optimum.theta, covariance_log, **size, seed=seed, progress=progress)
    ending, doubts = judge_sample(sampled.theta, sampled.statistics, names)
    return {"theta": sampled.theta, "statistics": sampled.statistics}, ending, doubts


def _as_customers(model: Model, customers: Any, unit: str | None) -> Customers | Subscriptions:
    if isinstance(customers, Subscriptions) != (model.spec.kind == "subscriptions"):
        takes = "Subscriptions" if model.spec.kind == "subscriptions" else "Customers"
        others = ", ".join(repr(name) for name in models.names() if models.get(name).spec.kind == "subscriptions")
        raise ArgumentError(
            f"{model.spec.title} is a model of {model.spec.kind} and takes clvmodels.{takes}, not "
            f"{type(customers).__name__}. Models of Subscriptions: {others}."
        )
    if not isinstance(customers, Customers | Subscriptions):
        return Customers.from_frame(customers, unit=unit)
    if unit is not None and unit != customers.unit:
        raise ArgumentError(f"These customers are in {customers.unit}s, not in {unit}s. Leave unit= out.")
    return customers
