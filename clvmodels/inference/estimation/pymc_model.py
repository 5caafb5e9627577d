"""`build_pymc_model`: the same model as a `pymc.Model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.covariates import Covariates
from clvmodels.inference.data.model_data import scales_of
from clvmodels.inference.estimation.fit import structure_for
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.priors import AnyPrior, Prior, PriorLike, all_priors
from clvmodels.inference.posterior.pymc_prior import PyMCPrior
from clvmodels.transactions.customers import Customers


def build_pymc_model(
    customers: Customers,
    model: str,
    priors: Mapping[str, PriorLike | Prior | Any] | None = None,
    *,
    covariates: Covariates | None = None,
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
