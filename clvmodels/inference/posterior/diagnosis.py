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
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.payments import Payments
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


def diagnose(model: Model, parameters: Mapping[str, float], weak: Sequence[str], customers: CustomerBase) -> list[str]:
    """Warnings about a fit: one sentence each, with what to try."""
    sentences = model.diagnose(**parameters)
    if not weak:
        return sentences
    several = len(weak) > 1
    return [
        f"{model.spec.title}: {_shown(weak, parameters)} {'are' if several else 'is'} not identified by these data. "
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
        pair = part.link.parameters
        if len(pair) > 1 and set(own) & set(pair):
            own = [name for name in own if name not in pair]
            sentences.append(
                f"{' and '.join(pair)} can grow together without bound (the search ended at "
                f"{_shown(pair, parameters)}): beside the covariates, customers hardly differ in their {part.process}, "
                f"and only the ratio {' / '.join(pair)} is known."
            )
    if own:
        sentences.append(f"{_shown(own, parameters)} could be anything.")
    if effects:
        sentences.append(
            f"The effect of {', '.join(map(repr, effects))} is not identified: a group may hold too few customers, "
            "or none who bought again."
        )
    hold = f', or priors={{"{weak[0]}": ("lognormal", 2, 2)}}' if weak[0] in model.spec.parameters else ""
    sentences += model.diagnose(**{name: parameters[name] for name in model.spec.parameters})
    advice = f'Leave out covariates, pass Covariates(..., penalty=1){hold}, or fit with method="laplace".'
    return " ".join([*sentences, advice])


def _shown(names: Sequence[str], parameters: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {parameters[name]:.3g}" for name in names)


def _reason(model: Model, customers: CustomerBase) -> str:
    """The simplest reason that the data show for a parameter that is not identified; empty if none does."""
    if isinstance(customers, Subscriptions):
        reasons = _reasons_of_renewals(customers)
    elif isinstance(customers, Payments):
        reasons = _reasons_of_payments(customers)
    else:
        reasons = (_reasons_of_spend if model.spec.kind == "spend" else _reasons_of_purchases)(model, customers)
    return next((f"{sentence} " for sentence, holds in reasons.items() if holds), "")


def _reasons_of_spend(model: Model, customers: Customers) -> dict[str, bool]:
    x, m, *_ = spend_columns(model, customers)
    value, what = m[x > 0], "spend" if model.spec.every_purchase else "repeat spend"
    return {
        "All customers spend the same.": len(np.unique(value)) == 1,
        f"Only {len(value):,} customers have {what}.": len(value) < 30,
    }


def _reasons_of_purchases(model: Model, customers: Customers) -> dict[str, bool]:
    table = customers.table[["frequency", "recency", "T"]]
    last_gap = (table["T"] - table["recency"]) / table["T"].clip(lower=1e-12)
    return {
        "There is a single customer.": len(table) == 1,
        "No customer has bought twice, so nothing tells purchase rates and dropout apart.": not table[
            "frequency"
        ].any(),
        "All customers have the same history.": len(table.drop_duplicates()) == 1,
        "Customers go on buying to the end of the observation: hardly any dropout is seen.": last_gap.median() < 0.1,
    }


def _reasons_of_renewals(subscriptions: Subscriptions) -> dict[str, bool]:
    seen = subscriptions.observed()
    return {
        "There is a single customer.": len(subscriptions) == 1,
        "No customer has been lost.": not seen["lost"].any(),
        "Only one renewal has been seen, and that tells the mean churn alone.": len(seen) == 1,
        "Nobody made the first renewal.": bool((seen["lost"] == seen["at_risk"]).head(1).any()),
        "Customers hardly differ in their churn, or too few renewals have been seen.": True,
    }


def _reasons_of_payments(payments: Payments) -> dict[str, bool]:
    invoices, unpaid = payments.table["invoices"], payments.table["unpaid"]
    return {
        "Every invoice has been paid.": not unpaid.any(),
        "No invoice has been paid.": bool((unpaid == invoices).all()),
        "No customer has two invoices, so that nothing tells how customers differ.": invoices.max() < 2,
        "Customers hardly differ in what they leave unpaid, or too few invoices are known.": True,
    }


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
