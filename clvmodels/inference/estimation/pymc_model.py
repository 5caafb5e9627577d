"""`build_pymc_model`: the same model as a `pymc.Model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates
from clvmodels.inference.data.model_data import histories_of, scales_of
from clvmodels.inference.estimation.fit import structure_for
from clvmodels.inference.population.clock.structure import ClockStructure, clock_structure
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.clock.likelihood import ClockLikelihood
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.priors import AnyPrior, Prior, PriorLike, all_priors
from clvmodels.inference.posterior.pymc_prior import PyMCPrior
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers


@checked
def build_pymc_model(
    customers: Customers,
    model: str,
    priors: Mapping[str, PriorLike | Prior | Any] | None = None,
    *,
    covariates: Covariates | None = None,
    calendar: Calendar | None = None,
) -> Any:
    """The model as a `pymc.Model`, to look inside, to extend, or to sample with any sampler.

    The likelihood is the model's one definition, over distinct histories with weights: the observed variable
    ``histories`` has a row a history. Prior and posterior predictive sampling draw one new customer a row, observed as
    long as that row's customers (data ``weight`` says how many they are).

    Parameters
    ----------
    customers : Customers
        The data.
    model : str
        Name of the model.
    priors : dict, optional
        By parameter: (distribution, mean, sd), or a PyMC distribution such as ``pm.Gamma.dist(2, 1)``. Those not named
        get the default prior: lognormal, with the unit of the data (1 for shapes, the mean age or mean spend for
        scales) as median and a factor of 19 either way as 95 % interval, so that units change nothing.
    covariates : Covariates, optional
        As for `clvmodels.fit`; each coefficient is a normal variable, with a standard deviation of 1 for the effect of
        one standard deviation of its column (or by ``penalty``, its precision).

    calendar : Calendar, optional
        As for `clvmodels.fit`; its coefficients are one multivariate normal variable, ``calendar``, with a coordinate
        ``coefficient``, and the days of the purchases enter by the potential ``days``. Such a model has no predictive
        sampling.

    Returns
    -------
    pymc.Model
        With a variable for each parameter and ``histories``, the data.

    Raises
    ------
    ArgumentError
        The model or a prior is not known, or covariates vary in time.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> model = clv.build_pymc_model(customers, "bg/nbd")
    >>> [variable.name for variable in model.free_RVs]
    ['r', 'alpha', 'a', 'b']
    """
    import pymc as pm

    from clvmodels.inference.posterior import pytensor_namespace

    if covariates is not None and covariates.varying is not None:
        raise ArgumentError(
            'Covariates that vary in time have no PyMC model. clvmodels.fit(..., method="nuts") samples them.'
        )
    structure = structure_for(model, covariates, customers, bayes=True)
    if calendar is not None:
        structure = clock_structure(structure, calendar, customers)
    if isinstance(structure, ClockStructure):
        return _on_clock(structure, customers, priors)
    definition: Any = structure.model
    histories, d = structure.data(customers).histories, len(definition.spec.data)
    likelihood = LogLikelihood(definition, histories.columns, histories.weight, structure.design)
    data, z = np.stack(histories.columns[:d], axis=1), histories.columns[d:]

    def log_density(value: Any, *parameters: Any) -> Any:  # the last one is the length of a row
        columns = [value[..., i] for i in range(d)]
        return likelihood.rows([*columns, *z], parameters[:-1], xp=pytensor_namespace) * histories.weight

    def random(*parameters: Any, rng: np.random.Generator | None = None, size: Any = None) -> Array:
        values = [float(np.ravel(value)[0]) for value in parameters[:-1]]
        return _new_customers(definition, rng or np.random.default_rng(), data, likelihood.parameters(values, z))

    coords = {"history": np.arange(len(histories)), "column": list(definition.spec.data)}
    with pm.Model(coords=coords) as result:
        pm.Data("weight", histories.weight, dims="history")
        variables = _variables(
            structure, all_priors(priors, definition.spec.parameters, scales_of(definition, histories))
        )
        columns = pm.Data("columns", np.arange(d), dims="column")  # gives a row its length
        pm.CustomDist(
            "histories",
            *variables,
            columns,
            logp=log_density,
            random=random,
            signature=",".join(["()"] * len(variables)) + ",(c)->(c)",
            observed=data,
            dims=("history", "column"),
        )
    return result


def _on_clock(structure: ClockStructure, customers: Customers, priors: Mapping[str, Any] | None) -> Any:
    """The model on a clock: rows are distinct histories, whose times move with the coefficients."""
    import pymc as pm
    import pytensor.tensor as pt

    from clvmodels.inference.posterior import pytensor_namespace

    likelihood, definition = structure.data(customers).likelihood, structure.model
    assert isinstance(likelihood, ClockLikelihood)
    data = np.stack(likelihood.distinct, axis=1)
    coords = {
        "history": np.arange(len(data)), "column": list(definition.spec.data),
        "coefficient": list(structure.clock.coefficients),
    }  # fmt: skip

    def log_density(value: Any, *parameters: Any) -> Any:
        gamma = pt.flatten(parameters[-2])  # PyMC gives it a dimension of rows
        return likelihood.symbolic(parameters[:-2], gamma, xp=pytensor_namespace, tensor=pt)[0]

    chosen = all_priors(priors, definition.spec.parameters, scales_of(definition, histories_of(definition, customers)))
    with pm.Model(coords=coords) as result:
        own = _variables(structure.inner, chosen)
        gamma = pm.MvNormal(
            "calendar",
            mu=np.zeros(len(structure.clock.coefficients)),
            tau=structure.clock.precision,
            dims="coefficient",
        )
        columns = pm.Data("columns", np.arange(data.shape[1]), dims="column")  # gives a row its length
        signature = ",".join(["()"] * len(own)) + ",(p),(c)->(c)"
        pm.CustomDist(
            "histories", *own, gamma, columns, logp=log_density, signature=signature, observed=data,
            dims=("history", "column"),
        )  # fmt: skip
        pm.Potential("days", likelihood.symbolic(own, gamma, xp=pytensor_namespace, tensor=pt)[1])
    return result


def _variables(structure: Structure, priors: Mapping[str, AnyPrior]) -> list[Any]:
    """The model's parameters and coefficients as free variables of the current `pymc.Model`."""
    import pymc as pm

    variables = [_as_pymc(name, prior) for name, prior in priors.items()]
    design = structure.design
    if design is None:
        return variables
    if design.penalty == 0.0:
        return variables + [pm.Flat(name) for name in design.coefficients]
    spreads = zip(design.coefficients, design.units.tolist(), strict=True)
    return variables + [pm.Normal(name, 0.0, unit / np.sqrt(design.penalty)) for name, unit in spreads]


def _new_customers(definition: Any, rng: np.random.Generator, data: Array, values: Mapping[str, Any]) -> Array:
    """One random customer for each row of the data, observed as long (or buying as often) as that row's."""
    result = data.copy()
    if definition.spec.kind == "purchases":
        result[:, 0], result[:, 1] = definition.simulate(rng, data[:, -1], **values)
    else:
        result[:, 1] = definition.simulate(rng, data[:, 0], **values)
    return result


def _as_pymc(name: str, prior: Any) -> Any:
    """A prior as a free variable of the current `pymc.Model`."""
    import pymc as pm

    if isinstance(prior, PyMCPrior):
        return pm.model.core.modelcontext(None).register_rv(prior.distribution, name=name)
    if prior.distribution == "lognormal":
        log_mean, log_sd = prior.of_logs()
        return pm.LogNormal(name, mu=log_mean, sigma=log_sd)
    if prior.distribution == "gamma":
        return pm.Gamma(name, mu=prior.mean, sigma=prior.sd)
    return pm.TruncatedNormal(name, mu=prior.mean, sigma=prior.sd, lower=0.0)
