"""Partially pooled fits: many small cohorts, countries or channels learn from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import IdentificationWarning
from clvmodels.inference.data.groups import Groups, group_of, members
from clvmodels.inference.data.model_data import scales_of
from clvmodels.inference.estimation.settings import Settings
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import fit_of
from clvmodels.inference.population.group_structure import GroupStructure
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.diagnosis import judge_sample
from clvmodels.inference.posterior.hierarchical import GroupedPosterior
from clvmodels.inference.posterior.hierarchical_start import approximate_groups, starting_point
from clvmodels.inference.posterior.log_posterior import mean_and_covariance
from clvmodels.inference.posterior.newton_search import maximise
from clvmodels.inference.posterior.priors import all_priors
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.user_warning import point_out

_TUNE = 600
_TARGET_ACCEPT = 0.95  # the spread of few groups makes a funnel, in which long steps diverge


def fit_groups(
    customers: Customers, model: str, group: Any, *, priors: Mapping[str, Any] | None, settings: Settings
) -> Fit:
    """Fit all groups at once by NUTS; see `clvmodels.fit`."""
    plain = Structure(name=model, unit=customers.unit)
    of_customer = group_of(customers, group)
    parts = members(customers, of_customer)
    rows = [plain.data(part).histories for part in parts.values()]
    pooled = plain.data(customers)
    scales = scales_of(plain.model, pooled.histories)
    chosen = all_priors(priors, plain.names, scales)
    mode = maximise(pooled.likelihood, chosen, scales, of_logs=True).theta
    theta, typical, diagnosis = _sample(_posterior(plain, rows, chosen, mode), mode, plain.names, settings)
    by = group if isinstance(group, str) else None
    sizes = tuple(int(each.weight.sum()) for each in rows)
    groups = Groups(tuple(parts), sizes, by, None if by else of_customer, typical)
    structure = GroupStructure(name=model, unit=customers.unit, groups=groups)
    values, covariance = mean_and_covariance(theta, structure.logs)
    estimate = Estimate(
        parameters=dict(zip(structure.names, values.tolist(), strict=True)),
        logs=structure.logs,
        covariance_log=covariance,
        log_likelihood=structure.data(customers).likelihood.value(values),
        n_customers=sum(sizes),
        n_histories=sum(map(len, rows)),
        method="nuts",
        diagnosis=diagnosis,
        priors=chosen,
        theta=theta,
        seed=settings.seed,
    )
    return fit_of(structure, estimate, customers, customers.observation_end, customers.currency)


def _posterior(plain: Structure, rows: Sequence[Histories], priors: Mapping[str, Any], mode: Array) -> GroupedPosterior:
    """The density of typical values, spreads and groups, shaped by what each group's data say near the pooled mode."""
    columns = [np.concatenate(column) for column in zip(*(each.columns for each in rows), strict=True)]
    weight = np.concatenate([each.weight for each in rows])
    code = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    return GroupedPosterior(plain.model, columns, weight, code, priors, approximate_groups(plain.model, rows, mode))


def _sample(
    posterior: GroupedPosterior, mode: Array, names: tuple[str, ...], settings: Settings
) -> tuple[Array, pd.DataFrame, tuple[str, ...]]:
    """Log parameters of all groups, shape (chains, draws, groups × k), the hyperparameters, and how it went."""
    from clvmodels.inference.estimation.nuts import sample

    k = len(names)
    sampled = sample(posterior, *starting_point(posterior, mode), settings, tune=_TUNE, target_accept=_TARGET_ACCEPT)
    labels = [f"{kind} {name}" for kind in ("typical", "spread of") for name in names]
    ending, doubts = judge_sample(sampled.theta[..., : 2 * k], sampled.statistics, labels)
    for sentence in doubts:
        point_out(sentence, IdentificationWarning)
    by_group = posterior.log_parameters(sampled.theta)
    theta = by_group.reshape(*by_group.shape[:2], -1)
    typical, spread = (np.exp(sampled.theta[..., part]).mean(axis=(0, 1)) for part in (slice(k), slice(k, 2 * k)))
    table = pd.DataFrame({"typical": typical, "spread": spread}, index=pd.Index(names, name="parameter"))
    return theta, table, (ending, *doubts)
