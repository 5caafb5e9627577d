"""Partially pooled fits: many small cohorts, countries or channels learn from each other."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.errors import ArgumentError, DataError, IdentificationWarning
from clvmodels.inference.data.model_data import histories_of, scales_of
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.likelihood_data import data_of
from clvmodels.inference.posterior.diagnosis import judge_sample
from clvmodels.inference.posterior.hierarchical import GroupedPosterior
from clvmodels.inference.posterior.hierarchical_start import approximate_groups, starting_point
from clvmodels.inference.posterior.newton_search import maximise
from clvmodels.inference.posterior.priors import all_priors
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

Array = NDArray[np.float64]

_TUNE = 600
_TARGET_ACCEPT = 0.95  # of proposals: the spread of few groups makes a funnel, in which long steps diverge


@dataclass(frozen=True, eq=False, repr=False)
class GroupedFit:
    """One fit a group, partially pooled; `clvmodels.fit` with ``group=`` makes it.

    Attributes
    ----------
    fits : dict
        A `Fit` with draws for each group.
    groups : pandas.Series
        The group of each customer, by customer_id.
    population : pandas.DataFrame
        One row a parameter: ``typical`` (posterior mean of the value that groups scatter around), ``spread`` (posterior
        mean of their standard deviation on the log scale).
    diagnosis : tuple of str
        How the sampler went.
    """

    fits: dict[Any, Fit]
    groups: pd.Series[Any]
    population: pd.DataFrame
    diagnosis: tuple[str, ...]

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """The summaries of all groups, one below the other."""
        return pd.concat({name: fit.summary(level) for name, fit in self.fits.items()}, names=["group"])

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Predictions of a `Fit`, each customer by the parameters of their group."""
        if name.startswith("_") or not callable(getattr(Fit, name, None)):
            raise AttributeError(f"GroupedFit has no {name!r}; a single group's Fit is in fits[group].")

        def predict(*arguments: Any, **options: Any) -> Any:
            parts = [getattr(fit, name)(*arguments, **options) for fit in self.fits.values()]
            for part in parts:
                part.attrs = {}  # totals of groups are no totals
            return pd.concat(parts).loc[self.groups.index]

        return predict

    def __repr__(self) -> str:
        first = next(iter(self.fits.values()))
        sizes = self.groups.value_counts()
        return "\n".join(
            [
                f"{first.definition.spec.title}, {len(self.fits)} groups partially pooled, {len(self.groups):,} "
                f"customers ({sizes.min():,} to {sizes.max():,} a group), time in {first.unit}s",
                self.population.to_string(float_format=lambda value: f"{value:.4g}"),
                *self.diagnosis,
            ]
        )


def fit_groups(
    customers: Customers,
    model: str,
    group: Any,
    *,
    priors: Any = None,
    draws: int,
    chains: int,
    seed: int,
    progress: bool,
) -> GroupedFit:
    """Fit all groups at once by NUTS; see `clvmodels.fit`."""
    from clvmodels.inference.estimation.nuts import sample

    definition = models.get(model)
    groups = group_of(customers, group)
    names = tuple(definition.spec.parameters)
    parts = {
        name: Customers(
            customers.table.loc[index],
            customers.unit,
            customers.observation_end,
            currency=customers.currency,
            purchases=customers.purchases,
        )
        for name, index in groups.groupby(groups, sort=True).groups.items()
    }
    rows = [histories_of(definition, part) for part in parts.values()]
    columns = [np.concatenate(column) for column in zip(*(each.columns for each in rows), strict=True)]
    weight = np.concatenate([each.weight for each in rows])
    code = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    everybody = data_of(definition, customers)
    scales = scales_of(definition, everybody.histories)
    chosen = all_priors(priors, names, scales.tolist())
    pooled = maximise(everybody.likelihood, chosen, scales, of_logs=True)
    posterior = GroupedPosterior(
        definition, columns, weight, code, chosen, approximate_groups(definition, rows, pooled.theta)
    )
    k = len(names)
    start, covariance = starting_point(posterior, pooled.theta)
    sampled = sample(
        posterior,
        start,
        covariance,
        draws=draws,
        tune=_TUNE,
        chains=chains,
        seed=seed,
        progress=progress,
        target_accept=_TARGET_ACCEPT,
    )
    labels = [f"{kind} {name}" for kind in ("typical", "spread of") for name in names]
    ending, doubts = judge_sample(sampled.theta[..., : 2 * k], sampled.statistics, labels)
    for sentence in doubts:
        warnings.warn(sentence, IdentificationWarning, stacklevel=3)
    theta = posterior.log_parameters(sampled.theta)
    population = pd.DataFrame(
        {
            "typical": np.exp(sampled.theta[..., :k]).mean(axis=(0, 1)),
            "spread": np.exp(sampled.theta[..., k : 2 * k]).mean(axis=(0, 1)),
        },
        index=pd.Index(names, name="parameter"),
    )
    fits = {
        name: _group_fit(model, part, theta[:, :, g], names, chosen, seed)
        for g, (name, part) in enumerate(parts.items())
    }
    return GroupedFit(fits, groups, population, (ending, *doubts))


def group_of(customers: Customers, group: Any) -> pd.Series[Any]:
    """The group of each customer, by customer_id.

    Parameters
    ----------
    customers : Customers
        Whom to group.
    group
        "cohort" (the month of the first purchase), a Series by customer_id, or a sequence with one entry a customer.
    """
    ids = customers.table.index
    if isinstance(group, str):
        if group != "cohort":
            raise ArgumentError(
                f'group must be "cohort", a Series by customer_id, or one entry a customer, not {group!r}.'
            )
        if customers.observation_end is None:
            raise ArgumentError('group="cohort" needs to know when the observation ended: pass observation_end=.')
        age = pd.to_timedelta((customers.table["T"] * DAYS_PER_UNIT[customers.unit]).round(), unit="D")
        return (customers.observation_end - age).dt.strftime("%Y-%m").rename("group")
    if isinstance(group, pd.Series):
        missing = ids.difference(group.index)
        if len(missing):
            shown = ", ".join(map(str, missing[:3]))
            raise DataError(
                f"group has no entry for {len(missing):,} customers (ids {shown}). Index it by customer_id."
            )
        result = group.loc[ids].rename("group")
    else:
        result = pd.Series(list(group), name="group")
        if len(result) != len(ids):
            raise DataError(f"group has {len(result):,} entries, but there are {len(ids):,} customers.")
        result.index = ids
    if result.isna().any():
        raise DataError(f"group is missing for {int(result.isna().sum()):,} customers. Give them a group of their own.")
    return result


def _group_fit(model: str, part: Customers, theta: Array, names: tuple[str, ...], priors: Any, seed: int) -> Fit:
    """A group's fit, at the mean of its draws (chains, draws, k)."""
    definition = models.get(model)
    histories = histories_of(definition, part)
    flat = theta.reshape(-1, len(names))
    values = np.exp(flat.mean(axis=0))
    parameters = dict(zip(names, values.tolist(), strict=True))
    rows = definition.log_likelihood(*histories.columns, **parameters)
    return Fit(
        model=model,
        parameters=parameters,
        covariance_log=np.cov(flat.T),
        log_likelihood=float(histories.weight @ rows),
        n_customers=int(histories.weight.sum()),
        n_histories=len(histories),
        unit=part.unit,
        method="nuts",
        diagnosis=("Partially pooled with other groups.",),
        priors=priors,
        observation_end=part.observation_end,
        currency=part.currency,
        customers=part,
        theta=theta,
        seed=seed,
    )
