"""`fit`: customers and the name of a model become a `Fit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from clvmodels import models
from clvmodels.arguments import instance
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, ConvergenceError, IdentificationWarning
from clvmodels.inference.data.calendar_covariates import CalendarCovariates, learn_varying
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates, Learned, learn
from clvmodels.inference.data.log_gaps import gap_term
from clvmodels.inference.data.model_data import scales_of, table_of
from clvmodels.inference.data.resolution import step_of
from clvmodels.inference.estimation.clock_doubts import clock_doubts
from clvmodels.inference.estimation.hierarchical import fit_groups
from clvmodels.inference.estimation.lazily import fit_lazily
from clvmodels.inference.estimation.model_choice import most_likely
from clvmodels.inference.estimation.resolution_cost import told
from clvmodels.inference.estimation.settings import Settings
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import fit_of
from clvmodels.inference.population.clock.structure import ClockStructure, clock_structure
from clvmodels.inference.population.covariate_structure import CovariateStructure
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.population.structures import structure_of
from clvmodels.inference.posterior.diagnosis import covariance, diagnose, judge_draws, judge_sample, not_identified
from clvmodels.inference.posterior.laplace import laplace_draws
from clvmodels.inference.posterior.log_posterior import mean_and_covariance
from clvmodels.inference.posterior.newton_search import Optimum, maximise
from clvmodels.inference.posterior.priors import Prior, PriorLike, all_priors, check_priors, wide_priors
from clvmodels.models.protocol import Model
from clvmodels.signatures import checked
from clvmodels.transactions.customer_base import TAKES, CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.lazy.lazy_customers import LazyCustomers
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions
from clvmodels.transactions.units import Span
from clvmodels.user_warning import point_out

_TUNE = 300


@checked
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
    calendar: Calendar | None = None,
    resolution: Span | None = None,
) -> Fit:
    """Fit a model to customers.

    Models of renewals (contracts) take Subscriptions, all others Customers. Purchase models use all customers, spend
    models those with positive repeat spend (`Fit.n_customers` says how many).

    Parameters
    ----------
    customers : Customers, Subscriptions or frame
        What `clvmodels.summarize` or `Customers.from_frame` returns, or a table with ``frequency``, ``recency``, ``T``
        (and ``monetary_value``) and ``unit=``.
    model : str
        "bg/nbd", "gamma-gamma" or another one of `clvmodels.models.names`. For regular buyers "bg/cnbd-2" has k = 2;
        "bg/cnbd-k" takes the most likely k from 1 on (until the likelihood has fallen twice in a row, at most 12), for
        which the customers need their purchases (``keep_purchases=True`` in `clvmodels.summarize`); AIC and BIC count
        the choice as one parameter.
    method : {"mle", "laplace", "nuts"}
        "mle": maximum likelihood, by a trust-region Newton search with exact derivatives.
        "laplace": draws of the posterior from the Gaussian at its mode, set right by importance resampling; a fraction
        of a second, and ``Fit.pareto_k`` says whether it can be trusted.
        "nuts": draws of the posterior by Hamiltonian Monte Carlo, started and shaped by the mode; seconds.
    priors : dict or None
        By parameter: (distribution, mean, sd) with "gamma", "lognormal" or "normal" on the natural scale, or a PyMC
        distribution such as ``pm.Gamma.dist(2, 1)``. With "mle" the result is the posterior mode (``fit.method`` is
        "map"). With "laplace" and "nuts" parameters not named get a weakly informative prior that moves with the units
        of the data (see `build_pymc_model`).
    unit : str or None
        Unit of time of a table; Customers know theirs.
    draws : int or None
        With "laplace" in all (default 4,000), with "nuts" a chain (default 1,000).
    chains : int or None
        With "nuts" (default 4).
    seed : int
        Of the randomness of draws.
    progress : bool
        With "nuts", show it on a terminal.
    group : str, pandas.Series, sequence or None
        With "nuts": fit groups of customers whose parameters are partially pooled, for many small ones. "cohort" (the
        month of the first purchase), a column of the customers (country, channel …), a Series by customer_id, or one
        entry a customer.
    covariates : Covariates or None
        `clvmodels.Covariates`: formulas of what may explain that customers differ. ``Fit.effects()`` says in words what
        they do.

    calendar : Calendar or None
        `clvmodels.Calendar`: season, tenure and cohort as a clock that purchases follow, for models whose customers
        leave at purchases or never ("bg/nbd", "mbg/nbd", "bg/cnbd-2", "nbd" …); the customers need their purchases
        (``keep_purchases=True``). Its coefficients have priors, and with "mle" the model's own parameters get wide
        ones, a factor of 2,500 either way as 95 % interval, so that the result is the posterior mode in the log
        parameters (``fit.method`` is "map").
    resolution : str, float or None
        Of a purchase model without covariates, calendar and groups: a step of time such as "week" or "2W", or a number
        of units. Customers with as many purchases, whose recency and T round to the same steps, are then one history at
        the mean of their times, which a fit to millions of customers gets through sooner. ``Fit.diagnosis`` says what
        that loses. Predictions are made of exact times.

    Returns
    -------
    Fit
        A `PurchaseFit`, `SpendFit` or `RenewalFit`, as the model is; with ``group`` a grouped one.

    Raises
    ------
    ArgumentError
        The model or an option is not known, or they don't go together.
    DataError
        There is nothing to fit.
    ConvergenceError
        No start led to a maximum, or NUTS can't start.

    Warns
    -----
    IdentificationWarning
        A parameter is not identified by these data, its value has an unusual consequence, or draws can't be trusted.

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
    model = definition.spec.name
    settings = Settings(method, draws, chains, seed, progress)
    if isinstance(customers, LazyCustomers):
        same: dict[str, Any] = {"method": method, "priors": priors, "unit": unit, "draws": draws, "chains": chains}
        one = partial(fit, model=model, seed=seed, progress=progress, **same)
        return fit_lazily(customers, definition, one, plain=group is None and covariates is None and calendar is None)
    choices = bool(definition.spec.choices)
    if choices:
        one = partial(fit, covariates=covariates, calendar=calendar, resolution=resolution)
        model = most_likely(definition, customers, one, unit)
        definition = models.get(model)
    customers = _as_customers(definition, customers, unit)
    if resolution is not None and not (group is None and covariates is None and calendar is None):
        raise ArgumentError("resolution= goes with none of group=, covariates= and calendar=: leave one of them out.")
    if group is not None:
        if covariates is not None:
            raise ArgumentError("group= and covariates= don't go together: name the groups in a formula instead.")
        if calendar is not None:
            raise ArgumentError(
                "group= and calendar= don't go together: fit each group by itself, or name the groups in covariates=."
            )
        if method != "nuts" or not isinstance(customers, Customers):
            raise ArgumentError('group= belongs to method="nuts" and Customers: it pools groups partially.')
        return fit_groups(customers, model, group, priors=priors, settings=settings)
    structure = structure_for(model, covariates, customers, bayes=settings.bayes)
    if calendar is not None:
        structure = clock_structure(structure, calendar, customers)
    if resolution is not None:
        structure = replace(structure, resolution=step_of(resolution, structure.unit, structure.model))
    found = _fitted(structure, customers, priors, settings)
    return replace(found, estimate=replace(found.estimate, choices=1)) if choices else found


def fit_near(customers: Customers, model: str, calendar: Calendar | None, near: Mapping[str, float] | None) -> Fit:
    """The fit of a purchase model by maximum likelihood, searched for near known parameters: quick, and the same."""
    structure = Structure(name=models.get(model).spec.name, unit=customers.unit)
    if calendar is not None:
        structure = clock_structure(structure, calendar, customers)
    return _fitted(structure, customers, None, Settings(near=near))


def _fitted(
    structure: Structure,
    customers: CustomerBase,
    priors: Mapping[str, PriorLike | Prior | Any] | None,
    settings: Settings,
) -> Fit:
    """The fit of a structure, with what the data can't tell as warnings."""
    estimate = _estimate(structure, customers, priors, settings)
    if structure.resolution is not None:
        (ending, *doubts), (sentence, doubt) = estimate.diagnosis, told(structure, customers, estimate)
        estimate = replace(estimate, diagnosis=(f"{ending} {sentence}", *doubts, *doubt))
    for sentence in estimate.diagnosis[1:]:
        point_out(sentence, IdentificationWarning)
    of_gaps, unknown = (0.0, []) if isinstance(structure, ClockStructure) else gap_term(structure.model, customers)
    estimate = replace(
        estimate, log_likelihood=estimate.log_likelihood + of_gaps, diagnosis=(*estimate.diagnosis, *unknown)
    )
    return fit_of(structure, estimate, customers, customers.observation_end, getattr(customers, "currency", None))


def structure_for(model: str, covariates: Covariates | None, customers: CustomerBase, *, bayes: bool) -> Structure:
    """The model with what these customers teach about the covariates."""
    instance("customers", customers, (Customers, Subscriptions, Payments), "clvmodels.Customers")
    plain = Structure(name=model, unit=customers.unit)
    if covariates is None:
        return plain
    if not isinstance(covariates, Covariates):
        raise ArgumentError(f'covariates must be clvmodels.Covariates(purchase="…"), not {type(covariates).__name__}.')
    if isinstance(customers, Subscriptions):
        raise ArgumentError(
            f"{plain.model.spec.title} takes no covariates: clvmodels.fit_by_segment fits each segment by itself."
        )
    calendar = CalendarCovariates.of(covariates, plain.model)
    learned = _learned(covariates, calendar, plain.model, customers, bayes=bayes)
    return structure_of(model, customers.unit, learned, calendar)


def _learned(
    covariates: Covariates,
    calendar: CalendarCovariates | None,
    model: Model,
    customers: Customers | Payments,
    *,
    bayes: bool,
) -> Learned:
    """What the customers teach about the covariates, and the periods of the calendar if there are some."""
    if calendar is None:
        return learn(covariates, model, table_of(model, customers), bayes=bayes)
    assert isinstance(customers, Customers)  # no model of payments takes a calendar
    return learn_varying(covariates, calendar, model, customers, bayes=bayes)


def _estimate(
    structure: Structure,
    customers: CustomerBase,
    priors: Mapping[str, PriorLike | Prior | Any] | None,
    settings: Settings,
) -> Estimate:
    """The maximum, or draws of the posterior around it."""
    data, model, own = structure.data(customers), structure.model, structure.model.spec.parameters
    scales, on_clock = scales_of(model, data.histories), isinstance(structure, ClockStructure)
    chosen = all_priors(priors, own, scales) if settings.bayes else check_priors(priors, own)
    if on_clock and not settings.bayes:
        chosen = {**wide_priors(model, structure.unit), **chosen}
    near = None if settings.near is None else _start(structure, scales, settings.near)
    optimum = maximise(data.likelihood, chosen, scales, of_logs=settings.bayes or on_clock, near=near)
    covariance_log, weak = covariance(optimum, structure.names, proper=on_clock)
    parameters = dict(zip(structure.names, optimum.values.tolist(), strict=True))
    _check_maximum(structure, optimum, weak, parameters, bayes=settings.bayes)
    doubts = diagnose(model, {name: parameters[name] for name in own}, weak, customers)
    if isinstance(structure, ClockStructure):
        doubts += clock_doubts(structure, parameters, covariance_log)
    penalised = isinstance(structure, CovariateStructure) and structure.covariates.penalty > 0.0
    found = Estimate(
        parameters=parameters,
        logs=structure.logs,
        covariance_log=covariance_log,
        log_likelihood=optimum.log_likelihood,
        n_customers=int(data.histories.weight.sum()),
        n_histories=len(data.histories),
        method=settings.method if settings.bayes or not (chosen or penalised) else "map",
        iterations=optimum.iterations,
        diagnosis=(_ending(optimum), *doubts),
        priors=chosen,
        seed=settings.seed,
    )
    return _with_draws(found, optimum, settings) if settings.bayes else found


def _start(structure: Structure, scales: Array, near: Mapping[str, float]) -> Array:
    """Parameters that are known from elsewhere, and where a search begins for the others."""
    usual = dict(zip(structure.names, [*scales, *np.zeros(len(structure.names) - len(scales))], strict=True))
    return np.array([near.get(name, value) for name, value in usual.items()])


def _check_maximum(
    structure: Structure, optimum: Optimum, weak: Sequence[str], parameters: Mapping[str, float], *, bayes: bool
) -> None:
    """A fit with covariates has to be identified, and any fit has to end at a maximum or say what has none."""
    model = structure.model
    if isinstance(structure, CovariateStructure) and weak:
        raise ConvergenceError(not_identified(model, parameters, weak, structure.covariates))
    if (not optimum.converged and not weak) or (bayes and weak):
        raise ConvergenceError(
            f"{model.spec.title}: no maximum of the {'posterior' if bayes else 'likelihood'} was found (best "
            f"log-likelihood {optimum.log_likelihood:,.2f} at "
            f"{', '.join(f'{k} = {v:.3g}' for k, v in parameters.items())}). "
            "Look at customers.check() and at priors=."
        )


def _ending(optimum: Optimum) -> str:
    steps = f"{optimum.iterations} evaluation{'s' if optimum.iterations != 1 else ''}"
    ending = f"Converged after {steps}"
    if not optimum.converged:
        ending = f"Stopped after {steps}: not every parameter has a maximum"
    return f"{ending} (Newton decrement {optimum.decrement:.1e})."


def _with_draws(found: Estimate, optimum: Optimum, settings: Settings) -> Estimate:
    """The posterior: its draws, with the parameters at their mean, and how the draws went."""
    posterior, mode, shape = optimum.posterior, optimum.theta, found.covariance_log
    if settings.method == "laplace":
        drawn = laplace_draws(posterior, mode, shape, settings.number_of_draws, settings.seed)
        ending, doubts = judge_draws(drawn)
        found, theta = replace(found, pareto_k=drawn.pareto_k), drawn.theta[None]
    else:
        from clvmodels.inference.estimation.nuts import sample

        sampled = sample(posterior, mode, shape, settings, tune=_TUNE)
        ending, doubts = judge_sample(sampled.theta, sampled.statistics, tuple(found.parameters))
        found, theta = replace(found, statistics=sampled.statistics), sampled.theta
    centre, spread = mean_and_covariance(theta, found.logs)
    parameters = dict(zip(found.parameters, centre.tolist(), strict=True))
    diagnosis = (ending, *found.diagnosis[1:], *doubts)
    return replace(found, parameters=parameters, covariance_log=spread, diagnosis=diagnosis, theta=theta)


def _as_customers(model: Model, customers: Any, unit: str | None) -> CustomerBase:
    takes, given = TAKES[model.spec.kind], Customers if isinstance(customers, Customers) else type(customers)
    if given is not takes and (given in TAKES.values() or takes is not Customers):
        fitting = [name for name in models.names() if TAKES[models.get(name).spec.kind] is given]
        others = f" Models of {given.__name__}: {', '.join(map(repr, fitting))}." if fitting else ""
        raise ArgumentError(
            f"{model.spec.title} is a model of {model.spec.kind} and takes clvmodels.{takes.__name__}, not "
            f"{given.__name__}.{others}"
        )
    if not isinstance(customers, Customers | Subscriptions | Payments):
        return Customers.of(customers, unit)
    if unit is not None and unit != customers.unit:
        raise ArgumentError(f"These customers are in {customers.unit}s, not in {unit}s. Leave unit= out.")
    return customers
