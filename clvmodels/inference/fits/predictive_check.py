"""Predictive checks: what the model makes of customers as long observed, beside those there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.arguments import MOST_DRAWS, instance, whole
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.data.model_data import scales_of, spend_columns, table_of
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import check_level, quantiles, records
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.priors import all_priors
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers

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
    customers : Customers, optional
        None means those fitted.
    draws : int, default 200
        Simulated data sets.
    level : float, default 0.9
        Level of the bounds.
    last : int, default 7
        Purchases: the bin of this count and more. Spend: bins of about as many customers each.
    seed : int, default 0
        Seed of the simulation.

    Returns
    -------
    pandas.DataFrame
        One row a bin: ``actual``, ``expected``, ``lower``, ``upper`` (customers). `clvmodels.plots.repeat_purchases`
        draws it.

    Raises
    ------
    ArgumentError
        The fit was loaded and ``customers`` are not given, or the level is not between 0 and 1.
    UnsupportedPrediction
        The model is one that can't be simulated, such as one of renewals.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> check = clv.posterior_check(clv.fit(customers, "bg/nbd"))
    >>> bool(((check["lower"] <= check["actual"]) & (check["actual"] <= check["upper"])).all())
    True
    """
    instance("fit", fit, Fit, "a fit, as clvmodels.fit returns it")
    who = fit.customers if customers is None else customers
    if who is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    past, rng = quantities.simulated_past(), np.random.default_rng(whole("seed", seed))

    def simulated(each: Population) -> list[Array]:
        return [each.simulate(past, parameters, rng) for parameters in records(fit.draws(draws))]

    return _check(fit.structure, Customers.of(who, fit.unit), level, last, simulated)


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
    model : str
        Name of the model.
    priors : dict, optional
        As for `clvmodels.fit`; those not named are the default ones.
    draws : int, default 200
        Simulated data sets.
    level : float, default 0.9
        Level of the bounds.
    last : int, default 7
        Purchases: the bin of this count and more. Spend: bins of about as many customers each.
    seed : int, default 0
        Seed of the simulation.

    Returns
    -------
    pandas.DataFrame
        As of `posterior_check`.

    Raises
    ------
    ArgumentError
        The model or a prior is not known, or the level is not between 0 and 1.
    UnsupportedPrediction
        The model is one that can't be simulated, such as one of renewals.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> check = clv.prior_check(customers, "bg/nbd", draws=50)
    >>> int(check.loc["0", "upper"] - check.loc["0", "lower"]) > 1_000
    True
    """
    instance("customers", customers, Customers, "Customers, as clvmodels.summarize makes them")
    draws = whole("draws", draws, "a whole number, 1 or more", least=1, most=MOST_DRAWS)
    structure = Structure(name=models.get(model).spec.name, unit=customers.unit)
    definition = structure.model
    scales = scales_of(definition, structure.data(customers).histories)
    chosen = all_priors(priors, structure.names, scales)
    rng = np.random.default_rng(whole("seed", seed))
    sampled = pd.DataFrame({name: prior.sample(rng, draws) for name, prior in chosen.items()})
    expected = quantities.expected("expected_purchases", float(customers.table["T"].max()))
    new, past, rng = structure.new_customer(None), quantities.simulated_past(), np.random.default_rng(seed)

    def simulated(each: Population) -> Iterator[Array]:
        for parameters in records(sampled):
            if definition.spec.kind == "purchases" and new.evaluate(expected, parameters)[0] > _MOST_PURCHASES:
                yield np.full(len(each), np.inf)
            else:
                yield each.simulate(past, parameters, rng)

    return _check(structure, customers, level, last, simulated)


def _check(
    structure: Structure,
    customers: Customers,
    level: float,
    last: int,
    simulated: Callable[[Population], Iterable[Array]],
) -> pd.DataFrame:
    """Customers by bins, actual and ``simulated`` (a value for each of them, from each draw of the parameters)."""
    model, level = structure.model, check_level(level)
    last = whole("last", last, "a whole number, 0 to 10,000", most=10_000)
    if model.spec.kind not in ("purchases", "spend"):
        raise UnsupportedPrediction(f"{model.spec.title} has no predictive check: that is for purchases and spend.")
    seen = replace(customers, table=table_of(model, customers), mean_purchase_time=None)
    actual, edges, names = _bins(model, seen, last)
    each = structure.population(seen).one_row_each()
    counts = np.stack([np.histogram(values, edges)[0] for values in simulated(each)], axis=1).astype(np.float64)
    lower, upper = quantiles(counts, level)
    result = pd.DataFrame(
        {"actual": np.histogram(actual, edges)[0], "expected": counts.mean(axis=1), "lower": lower, "upper": upper},
        index=pd.Index(names, name="count" if model.spec.kind == "purchases" else "mean_spend"),
        dtype=np.float64,
    )
    result.attrs = {"model": model.spec.title, "level": level, "currency": customers.currency}
    return result


def _bins(model: Model, customers: Customers, last: int) -> tuple[Array, Array, list[str]]:
    """What was seen, and the bins that it is counted in with their names."""
    if model.spec.kind == "purchases":
        names = [*(str(count) for count in range(last)), f"{last}+"]
        edges = np.append(np.arange(last + 1) - 0.5, np.inf)
        return customers.table["frequency"].to_numpy(dtype=np.float64), edges, names
    _, actual, *_ = spend_columns(model, customers)
    edges = np.unique(np.quantile(actual, np.linspace(0, 1, last + 1)[1:-1]).round(2))
    names = [f"to {edges[0]:,.2f}", *(f"to {edge:,.2f}" for edge in edges[1:]), f"over {edges[-1]:,.2f}"]
    return actual, np.concatenate(([-np.inf], edges, [np.inf])), names
