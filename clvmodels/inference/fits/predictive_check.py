"""Predictive checks: what the model makes of customers as long observed, beside those there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.model_data import histories_of, scales_of, spend_columns, table_of
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.base import own_parameters
from clvmodels.inference.population.calendar import VaryingRows
from clvmodels.inference.population.intervals import check_level, quantiles, records
from clvmodels.inference.population.selection import base_for
from clvmodels.inference.posterior.priors import all_priors
from clvmodels.transactions.customers import Customers

Array = NDArray[np.float64]

_MOST_PURCHASES = 1e4  # a prior may allow more, but nobody waits for their simulation


def posterior_check(
    fit: Fit, customers: Customers | None = None, *, draws: int = 200, level: float = 0.90, last: int = 7, seed: int = 0
) -> pd.DataFrame:
    """Customers by repeat purchases (or by mean spend), actual and simulated from draws of the parameters.

    Each draw makes new customers who are observed as long (or buy as often) as those of the data; bounds are quantiles
    over the draws, and so hold the uncertainty of the parameters and the randomness of the customers.

    Parameters
    ----------
    fit : Fit
        Of a purchase or a spend model.
    customers : Customers or None
        None means those fitted.
    draws
        Simulated data sets.
    level
        Of the bounds.
    last
        Purchases: the bin of this count and more. Spend: bins of about as many customers each.
    seed
        Of the simulation.

    Returns
    -------
    pandas.DataFrame
        One row a bin: ``actual``, ``expected``, ``lower``, ``upper`` (customers). `clvmodels.plots.repeat_purchases`
        draws it.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> check = clv.posterior_check(clv.fit(customers, "bg/nbd"))
    >>> bool(((check["lower"] <= check["actual"]) & (check["actual"] <= check["upper"])).all())
    True
    """
    who = fit.customers if customers is None else customers
    if who is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    under = None
    if fit.covariates is not None and fit.covariates.varying:
        under = base_for(fit, who).apart().varying
    return _check(fit.definition, who, records(fit.draws(draws)), level, last, seed, fit.covariates, under)


def prior_check(
    customers: Customers,
    model: str,
    priors: Mapping[str, Any] | None = None,
    *,
    draws: int = 200,
    level: float = 0.90,
    last: int = 7,
    seed: int = 0,
) -> pd.DataFrame:
    """The same from the priors, before any data, to see whether they let the data speak.

    Parameters
    ----------
    customers : Customers
        The data.
    model
        Name of the model.
    priors
        As for `clvmodels.fit`; those not named are the default ones.
    draws, level, last, seed
        As in `posterior_check`.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> check = clv.prior_check(customers, "bg/nbd", draws=50)
    >>> int(check.loc["0", "upper"] - check.loc["0", "lower"]) > 1_000
    True
    """
    definition = models.get(model)
    names = tuple(definition.spec.parameters)
    chosen = all_priors(priors, names, scales_of(definition, histories_of(definition, customers)).tolist())
    rng = np.random.default_rng(seed)
    sampled = {name: prior.sample(rng, draws) for name, prior in chosen.items()}
    return _check(definition, customers, records(pd.DataFrame(sampled)), level, last, seed)


def _check(
    definition: Any,
    customers: Customers,
    draws: list[Any],
    level: float,
    last: int,
    seed: int,
    learned: Learned | None = None,
    under: VaryingRows | None = None,
) -> pd.DataFrame:
    level, rng, table = check_level(level), np.random.default_rng(seed), table_of(definition, customers)
    if learned is not None and under is None:
        design, z = learned.design(definition), tuple(learned.columns(table))
        draws = [own_parameters(definition, parameters, design, z) for parameters in draws]
    if definition.spec.kind == "purchases":
        T = table["T"].to_numpy(dtype=np.float64)
        names = [*(str(count) for count in range(last)), f"{last}+"]
        edges = np.append(np.arange(last + 1) - 0.5, np.inf)
        actual = table["frequency"].to_numpy(dtype=np.float64)
        if under is None:
            simulated = [_counts(definition, rng, T, parameters) for parameters in draws]
        else:
            simulated = [under.simulate_since_first(rng, parameters) for parameters in draws]
    elif definition.spec.kind == "spend":
        x, actual, *_ = spend_columns(definition, customers)
        x, actual = x[x > 0], actual[x > 0]
        edges = np.unique(np.quantile(actual, np.linspace(0, 1, last + 1)[1:-1]).round(2))
        names = [f"to {edges[0]:,.2f}", *(f"to {edge:,.2f}" for edge in edges[1:]), f"over {edges[-1]:,.2f}"]
        edges = np.concatenate(([-np.inf], edges, [np.inf]))
        simulated = [definition.simulate(rng, x, **parameters) for parameters in draws]
    else:
        raise UnsupportedPrediction(
            f"{definition.spec.title} has no predictive check: that is for purchases and spend."
        )
    counts = np.stack([np.histogram(values, edges)[0] for values in simulated], axis=1).astype(np.float64)
    lower, upper = quantiles(counts, level)
    result = pd.DataFrame(
        {"actual": np.histogram(actual, edges)[0], "expected": counts.mean(axis=1), "lower": lower, "upper": upper},
        index=pd.Index(names, name="count" if definition.spec.kind == "purchases" else "mean_spend"),
        dtype=np.float64,
    )
    result.attrs = {"model": definition.spec.title, "level": level, "currency": customers.currency}
    return result


def _counts(definition: Any, rng: np.random.Generator, T: Array, parameters: Mapping[str, float]) -> Array:
    """Repeat purchases of new customers observed for T; draws of a prior that make far too many are cut short."""
    zero = np.zeros(max(np.size(value) for value in parameters.values()))
    expected = definition.expected_purchases(zero, zero, float(T.max()), **parameters)
    if expected.max() > _MOST_PURCHASES:
        return np.full(len(T), np.inf)
    x, _ = definition.simulate(rng, T, **parameters)
    return np.asarray(x)
