"""Histories grouped to steps of time, for a fit of many customers: each group stands at the mean of its times.

Days over three years leave most of ten million histories distinct. Of customers with as many purchases, whose recency
and T round to the same steps, the means of recency and T keep the sum of the log-likelihood up to its second
derivatives: what is lost is of the order of the square of the step. Means keep 0 <= recency <= T as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arguments import instance
from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError
from clvmodels.models.protocol import Model
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units


@dataclass(frozen=True, eq=False)
class GroupedTimes:
    """Histories at exact times, the same grouped, and for each exact row the group it belongs to."""

    exact: Histories
    grouped: Histories
    group: Places


def step_of(resolution: Span, unit: str, model: Model) -> float:
    """A step of time in units.

    Raises
    ------
    ArgumentError
        It is no step, or the model has no times.

    Examples
    --------
    >>> from clvmodels import models
    >>> step_of("week", "day", models.get("bg/nbd"))
    7.0
    """
    if model.spec.kind != "purchases" or model.spec.discrete:
        raise ArgumentError(f"resolution= groups times of purchases, and {model.spec.title} has none. Leave it out.")
    if isinstance(resolution, str) and resolution in DAYS_PER_UNIT:
        return DAYS_PER_UNIT[resolution] / DAYS_PER_UNIT[unit]
    instance("resolution", resolution, (str, int, float), 'a step of time such as "week" or "2W", or a number of units')
    step = span_in_units(resolution, unit, name="resolution")
    if step <= 0:
        raise ArgumentError('resolution must be a step of time such as "week", "2W" or a number of units above 0.')
    return step


def group_times(exact: Histories, step: float) -> GroupedTimes:
    """Histories (x, t_x, T) whose times round to the same steps, at the means of their times.

    Examples
    --------
    >>> exact = group_histories(np.array([1.0, 1.0, 0.0]), np.array([2.0, 2.2, 0.0]), np.array([9.0, 9.4, 9.0]))
    >>> [column.tolist() for column in group_times(exact, 1.0).grouped.columns]
    [[1.0, 0.0], [2.1, 0.0], [9.2, 9.0]]
    """
    x, t_x, T = exact.columns
    cells = group_histories(x, np.rint(t_x / step), np.rint(T / step), always=True)
    assert cells.index is not None
    group = cells.index
    weight = np.bincount(group, exact.weight, len(cells))
    mean_T = _means(T, exact.weight, group, weight)
    mean_t_x = np.minimum(_means(t_x, exact.weight, group, weight), mean_T)
    index = group if exact.index is None else group[exact.index]
    return GroupedTimes(exact, Histories((cells.columns[0], mean_t_x, mean_T), weight, index), group)


def _means(values: Array, weight: Array, group: Places, total: Array) -> Array:
    """Means by group; exactly the value where all are the same."""
    first = np.zeros(len(total))
    first[group[::-1]] = values[::-1]
    offset = np.bincount(group, weight * (values - first[group]), len(total)) / total
    return first + offset
