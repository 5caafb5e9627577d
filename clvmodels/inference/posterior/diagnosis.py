"""The covariance of estimates, parameters that are not identified, and the diagnosis of draws, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.model_data import spend_columns
from clvmodels.inference.posterior.laplace import TRUSTED_K, Draws
from clvmodels.inference.posterior.newton_search import Optimum
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

# A standard error of 3 on the log scale: the data leave a parameter anywhere within a factor of 400.
_WEAKEST_INFORMATION = 1.0 / 3.0**2


def covariance(optimum: Optimum, names: Sequence[str], *, proper: bool = False) -> tuple[Array, list[str]]:
    """Covariance of θ (log parameters, and coefficients), and the names of those that the data do not identify.

    Directions of the log parameters along which the likelihood is nearly flat are left out; parameters that lie
    mostly along them have infinite variance. With ``proper`` every parameter has a prior, which holds it.
    """
    information, directions = np.linalg.eigh(-optimum.hessian)
    flat = ~(information > (0.0 if proper else _WEAKEST_INFORMATION))
    inverse = np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, information))
    result = (directions * inverse) @ directions.T
    weak = ((directions[:, flat] ** 2).sum(axis=1) > 0.05) | optimum.diverged
    result[weak, :] = result[:, weak] = 0.0
    result[np.diag_indices_from(result)] = np.where(weak, np.inf, np.diag(result))
    result *= np.outer(optimum.posterior.units, optimum.posterior.units)
    return result, [name for name, is_weak in zip(names, weak, strict=True) if is_weak]


def diagnose(
    model: Model, parameters: Mapping[str, float], weak: Sequence[str], customers: Customers | Subscriptions
) -> list[str]:
    """Warnings about a fit: one sentence each, with what to try."""
    sentences = model.diagnose(**parameters)
    if not weak:
        return sentences
    where = ", ".join(f"{name} = {parameters[name]:.3g}" for name in weak)
    several = len(weak) > 1
    return [
        f"{model.spec.title}: {where} {'are' if several else 'is'} not identified by these data. "
        f"{_reason(model, customers)}Any value far from {'these' if several else 'this'} fits as well; predictions "
        "hold only near the data. "
        f'Pass more or longer data, or a prior, such as priors={{"{weak[-1]}": ("lognormal", 2, 2)}}.',
        *sentences,
    ]


def not_identified(model: Model, parameters: Mapping[str, float], weak: Sequence[str], learned: Learned) -> str:
    """Why a fit with covariates is no result: which parameters are not identified, and what to do."""
    own = [name for name in weak if name in model.spec.parameters]
    effects = [name for name in weak if name not in model.spec.parameters]
    sentences = [f"{model.spec.title} with covariates is not identified by these data."]
    for part in learned.design(model).parts:
        diverging = [name for name in part.link.parameters if name in own]
        if diverging and len(part.link.parameters) > 1:
            where = ", ".join(f"{name} = {parameters[name]:.3g}" for name in part.link.parameters)
            sentences.append(
                f"{' and '.join(part.link.parameters)} can grow together without bound (the search ended at {where}): "
                f"beside the covariates, customers hardly differ in their {part.process}, and only the ratio "
                f"{' / '.join(part.link.parameters)} is known."
            )
            own = [name for name in own if name not in diverging]
    if own:
        sentences.append(f"{', '.join(f'{name} = {parameters[name]:.3g}' for name in own)} could be anything.")
    if effects:
        sentences.append(
            f"The effect of {', '.join(map(repr, effects))} is not identified: a group may hold too few customers, "
            "or none who bought again."
        )
    some = weak[0] if weak[0] in model.spec.parameters else None
    hold = f', or priors={{"{some}": ("lognormal", 2, 2)}}' if some else ""
    sentences += model.diagnose(**{name: parameters[name] for name in model.spec.parameters})
    return " ".join(
        [*sentences, f'Leave out covariates, pass Covariates(..., penalty=1){hold}, or fit with method="laplace".']
    )


def _reason(model: Model, customers: Customers | Subscriptions) -> str:
    """The simplest reason that the data show for a parameter that is not identified; empty if none does."""
    if isinstance(customers, Subscriptions):
        return _reason_of_renewals(customers)
    if model.spec.kind == "spend":
        x, m, *_ = spend_columns(model, customers)
        value = m[x > 0]
        if len(np.unique(value)) == 1:
            return "All customers spend the same. "
        repeat = "" if model.spec.every_purchase else "repeat "
        return f"Only {len(value):,} customers have {repeat}spend. " if len(value) < 30 else ""
    frequency = customers.table["frequency"]
    if len(customers) == 1:
        return "There is a single customer. "
    if frequency.max() == 0:
        return "No customer has bought twice, so nothing tells purchase rates and dropout apart. "
    if customers.table[["frequency", "recency", "T"]].drop_duplicates().shape[0] == 1:
        return "All customers have the same history. "
    last_gap = customers.table["T"] - customers.table["recency"]
    if float((last_gap / customers.table["T"].clip(lower=1e-12)).median()) < 0.1:
        return "Customers go on buying to the end of the observation: hardly any dropout is seen. "
    return ""


def _reason_of_renewals(subscriptions: Subscriptions) -> str:
    """The same, from who renewed."""
    seen = subscriptions.observed()
    if len(subscriptions) == 1:
        return "There is a single customer. "
    if seen["lost"].sum() == 0:
        return "No customer has been lost. "
    if len(seen) == 1:
        return "Only one renewal has been seen, and that tells the mean churn alone. "
    if seen["lost"].iloc[0] == seen["at_risk"].iloc[0]:
        return "Nobody made the first renewal. "
    return "Customers hardly differ in their churn, or too few renewals have been seen. "


def judge_draws(drawn: Draws) -> tuple[str, list[str]]:
    """A sentence about importance resampling, and warnings if its draws can't be trusted."""
    k = drawn.pareto_k
    if k is None:
        return "Draws of the Gaussian at the maximum, unweighted.", []
    sentence = f"{len(drawn.theta):,} draws around the mode, resampled by importance (Pareto k {k:.2f})."
    if k <= TRUSTED_K:
        return sentence, []
    return sentence, [
        f"The posterior is far from Gaussian (Pareto k {k:.2f} > {TRUSTED_K}), so that intervals from these draws "
        'can\'t be trusted. Use method="nuts", more data, or tighter priors.'
    ]


def judge_sample(theta: Array, statistics: Mapping[str, NDArray[Any]], names: Sequence[str]) -> tuple[str, list[str]]:
    """A sentence about a sample of NUTS, ``theta`` of shape (chains, draws, k), and warnings about it."""
    from arviz_stats.base import array_stats

    chains, draws, _ = theta.shape
    several = chains > 1
    r_hat = [float(array_stats.rhat(theta[..., i])) if several else 1.0 for i in range(len(names))]
    ess = [float(array_stats.ess(theta[..., i], method="bulk")) for i in range(len(names))]
    diverging = int(np.asarray(statistics.get("diverging", 0)).sum())
    sentence = (
        f"{chains} chain{'s' if several else ''} of {draws:,} draws: R-hat at most {max(r_hat):.3f}, effective sample "
        f"size at least {min(ess):,.0f}, {diverging or 'no'} divergence{'' if diverging == 1 else 's'}."
    )
    warnings = []
    if max(r_hat) > 1.01:
        worst = names[int(np.argmax(r_hat))]
        warnings.append(f"The chains have not mixed (R-hat of {worst} {max(r_hat):.2f} > 1.01). Pass more draws=.")
    if min(ess) < 100 * chains:
        worst = names[int(np.argmin(ess))]
        warnings.append(f"The draws of {worst} are worth only {min(ess):,.0f} independent ones. Pass more draws=.")
    if diverging:
        warnings.append(
            f"{diverging} of {chains * draws:,} steps diverged: a corner of the posterior was not explored. "
            "Tighter priors help; so does a simpler model."
        )
    return sentence, warnings
