"""What grouping times to steps changes about a fit, measured on some of the groups and told in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.data.resolution import GroupedTimes, group_times
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.population.structure import Structure
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.models.protocol import Model
from clvmodels.transactions.customer_base import CustomerBase

_ROWS = 100_000  # exact histories, of whole groups, on which the difference is measured
_HALVINGS = 40
_SHIFT, _CHANGE = 1.0, 0.01  # standard errors and share of a parameter beyond which a step is said to be too long


@dataclass(frozen=True)
class ResolutionCost:
    """How far a fit to grouped times is from one to exact times.

    Attributes
    ----------
    loss : float
        By how much the log-likelihood at exact times is lower than at its maximum.
    shift : float
        The largest distance of the parameters in standard errors, along any direction.
    change : float
        The largest change of a parameter, as a share of it.
    """

    loss: float
    shift: float
    change: float


def resolution_cost(model: Model, times: GroupedTimes, estimate: Estimate) -> ResolutionCost:
    """One Newton step from the fit towards the maximum at exact times.

    The gradient at exact times is the sum over groups of the difference between that of their members and theirs, which
    grows with its customers and the spread of their times. A sample of the groups in which large ones are likelier
    gives it without a bias (Horvitz and Thompson 1952).
    """
    chance = _chances(times)
    drawn = np.random.default_rng(0).random(len(chance)) < chance
    rows = np.flatnonzero(drawn[times.group])
    exact, weight = [column[rows] for column in times.exact.columns], times.exact.weight[rows]
    grouped, weight = (
        [column[times.group[rows]] for column in times.grouped.columns],
        weight / chance[times.group[rows]],
    )
    values = np.array([estimate.parameters[name] for name in model.spec.parameters])
    gradients = [LogLikelihood(model, columns, weight).derivatives(values, 1)[1] for columns in (exact, grouped)]
    slope = (gradients[0] - gradients[1]) * values
    known = np.isfinite(np.diag(estimate.covariance_log))
    covariance: Array = np.where(np.outer(known, known), estimate.covariance_log, 0.0)
    step = covariance @ slope
    squared = max(float(slope @ step), 0.0)
    return ResolutionCost(squared / 2.0, float(np.sqrt(squared)), float(np.abs(np.expm1(step)).max()))


def _chances(times: GroupedTimes) -> Array:
    """For each group the chance to be looked at: by its customers, 0 where all of them have the same times."""
    rows = np.bincount(times.group, minlength=len(times.grouped))
    weight = np.where(rows > 1, times.grouped.weight, 0.0)
    if rows[rows > 1].sum() <= _ROWS:
        return (weight > 0).astype(np.float64)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if np.minimum(1.0, middle * weight) @ rows > _ROWS else (middle, high)
    return np.minimum(1.0, high * weight)


def told(structure: Structure, customers: CustomerBase, estimate: Estimate) -> tuple[str, list[str]]:
    """What the step did, in a sentence, and a doubt if it is too long."""
    assert structure.resolution is not None
    times = group_times(histories_of(structure.model, customers), structure.resolution)
    cost = resolution_cost(structure.model, times, estimate)
    step, lost = formats.number(structure.resolution), formats.number(float(f"{cost.loss:.2g}"))
    sentence = (
        f"Times are grouped to steps of {step} {structure.unit}{'' if step == '1' else 's'} for the fit: "
        f"{len(times.grouped):,} histories for {len(times.exact):,} at exact times, of which predictions are made. By "
        f"a sample, the log-likelihood at exact times is {lost} below its maximum "
        f"({cost.loss / estimate.n_customers:.1g} a customer), and no parameter is off by more than {cost.change:.2%} "
        f"or {cost.shift:.2g} standard errors."
    )
    if cost.shift > _SHIFT and cost.change > _CHANGE:
        return sentence, [
            f"The step of resolution= is too long for these data: a parameter is off by {cost.change:.1%}, "
            f"{cost.shift:.1f} standard errors. Choose a shorter one, or leave it out."
        ]
    return sentence, []
