"""Quantiles of the time to the next purchase, from its distribution function on a grid of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from clvmodels.arrays import Array
from clvmodels.inference.population import quantities
from clvmodels.inference.population.population import Parameters, Population

_POINTS = 72  # in equal steps of log t: with a monotone cubic between them quantiles are off by less than 1e-4 of t
_FIRST = 1e-4  # of the horizon
_LONGEST = 200.0  # horizons, up to which the median is looked for
_HALVINGS = 40
_NO_DATE = 0.10  # of a purchase less likely than this a date says nothing


@dataclass(frozen=True, eq=False)
class Times:
    """The time to the next purchase, one entry a row.

    Attributes
    ----------
    probability : ndarray of shape (rows,)
        F(h): that it comes within the horizon.
    median : ndarray of shape (rows,)
        Where F reaches ½; infinite where it doesn't.
    within : ndarray of shape (quantiles, rows)
        Quantiles given that it comes within the horizon.
    expected : ndarray of shape (rows,)
        Mean given that it comes within the horizon: h - ∫₀ʰ F(t) dt / F(h).
    """

    probability: Array
    median: Array
    within: Array
    expected: Array


def times_to_purchase(population: Population, parameters: Parameters, horizon: float, levels: Sequence[float]) -> Times:
    """The time to the next purchase of each distinct row.

    Its distribution function F(t) is the probability of a purchase within t. Quantiles are those of a monotone cubic in
    log t through F at fixed times.

    Parameters
    ----------
    population
        The customers.
    parameters
        Of the model.
    horizon
        In units of the model.
    levels
        Of the quantiles within the horizon.
    """
    near = horizon * np.geomspace(_FIRST, 1.0, _POINTS)
    far = horizon * np.geomspace(1.0, _LONGEST, _POINTS)
    size = len(population)
    found = Times(np.empty(size), np.empty(size), np.empty((len(levels), size)), np.empty(size))
    for rows, part in population.blocks(2 * _POINTS):
        within, beyond = (_distribution(part, parameters, times) for times in (near, far))
        reached = within[-1]
        found.probability[rows] = reached
        for place, level in enumerate(levels):
            found.within[place, rows] = _inverse(near, within, level * reached)
        integral = PchipInterpolator(np.append(0.0, near), np.vstack([np.zeros(len(rows)), within])).integrate(
            0, horizon
        )
        found.expected[rows] = horizon - integral / np.maximum(reached, 1e-300)
        half = np.full(len(rows), 0.5)
        found.median[rows] = np.where(reached >= 0.5, _inverse(near, within, half), _inverse(far, beyond, half))
    return found


def quantiles_within(
    population: Population, parameters: Parameters, horizon: float, level: float
) -> tuple[Array, Array]:
    """F(h), and a quantile of the time to the next purchase given that it comes within the horizon, of each row.

    Parameters
    ----------
    population, parameters, horizon
        As in `times_to_purchase`, which has more to say and takes twice as long.
    level
        Of the quantile.
    """
    near = horizon * np.geomspace(_FIRST, 1.0, _POINTS)
    reached, quantile = np.empty(len(population)), np.empty(len(population))
    for rows, part in population.blocks(2 * _POINTS):
        within = _distribution(part, parameters, near)
        reached[rows], quantile[rows] = within[-1], _inverse(near, within, level * within[-1])
    return reached, quantile


def days_ahead(quantile: Array, probability: Array, days_a_unit: float) -> Array:
    """In how many days it is that the next purchase comes, NaN where a purchase is too unlikely to have a day.

    Parameters
    ----------
    quantile
        Of the time to it, in units.
    probability
        That it comes in the horizon.
    days_a_unit
        Days in a unit.

    Examples
    --------
    >>> days_ahead(np.array([1.5, 1.5]), np.array([0.8, 0.05]), 7.0)
    array([11., nan])
    """
    return np.where(probability >= _NO_DATE, np.ceil(quantile * days_a_unit - 1e-9), np.nan)


def _distribution(population: Population, parameters: Parameters, times: Array) -> Array:
    """F at some times, shape (times, rows), rising."""
    values = [population.evaluate(quantities.expected("purchase_probability", float(t)), parameters) for t in times]
    return np.maximum.accumulate(np.stack(values), axis=0)


def _inverse(times: Array, values: Array, target: Array) -> Array:
    """Where each column reaches its target, infinite where it doesn't; before the first time F is a line."""
    axis, rows = np.log(times), np.arange(values.shape[1])
    slope = PchipInterpolator(axis, values).derivative()(axis)
    upper = np.clip((values < target).sum(axis=0), 1, len(times) - 1)
    lower = upper - 1
    step = axis[upper] - axis[lower]
    ends = values[lower, rows], values[upper, rows], step * slope[lower, rows], step * slope[upper, rows]
    low, high = np.zeros(len(rows)), np.ones(len(rows))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = _cubic(middle, *ends) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found = np.exp(axis[lower] + high * step)
    found = np.where(values[0] >= target, times[0] * target / np.maximum(values[0], 1e-300), found)
    return np.where(values[-1] >= target * (1.0 - 1e-12), found, np.inf)


def _cubic(s: Array, start: Array, end: Array, rise: Array, fall: Array) -> Array:
    """Hermite's cubic on [0, 1] with these values and slopes at its ends."""
    return (
        (1 + 2 * s) * (1 - s) ** 2 * start + s * (1 - s) ** 2 * rise + s**2 * (3 - 2 * s) * end + s**2 * (s - 1) * fall
    )
