"""Customers who are alive may be in one of several states that the history does not tell for sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.models.protocol import PurchaseModel, StateWeightsFunction


def probabilities(
    log_weights: StateWeightsFunction, x: Array, t_x: Array, T: Array, parameters: Mapping[str, Any]
) -> Array:
    """P(state | history, alive).

    Parameters
    ----------
    log_weights : callable
        `PurchaseModel.mixture_log_weights`.
    x, t_x, T : ndarray of shape (rows,)
        Histories.
    parameters : mapping of str to float or ndarray of shape (rows,)
        Parameters of the model.

    Returns
    -------
    ndarray of shape (states, rows)
    """
    return np.asarray(sc.softmax(log_weights(x, t_x, T, **parameters), axis=0))


def simulate_future(
    states: Sequence[PurchaseModel],
    log_weights: StateWeightsFunction,
    rng: np.random.Generator,
    histories: tuple[Array, Array, Array],
    t: float,
    parameters: Mapping[str, Any],
) -> Array:
    """Random numbers of purchases in (T, T + t] of customers who are alive at T, each in a random state.

    Parameters
    ----------
    states : sequence of PurchaseModel
        `PurchaseModel.mixture_states`.
    log_weights : callable
        `PurchaseModel.mixture_log_weights`.
    rng : numpy.random.Generator
        Where the randomness comes from.
    histories : tuple of three ndarray of shape (rows,)
        x, t_x and T.
    t : float
        Length of the window, in units of time.
    parameters : mapping of str to float or ndarray of shape (rows,)
        Parameters of the model.

    Returns
    -------
    ndarray of shape (rows,)
    """
    x, _, T = histories
    reached = np.cumsum(probabilities(log_weights, *histories, parameters), axis=0)[:-1]
    place = (rng.random(len(x)) >= reached).sum(axis=0)
    counts = np.zeros(len(x))
    for number, state in enumerate(states):
        rows = np.flatnonzero(place == number)
        own = {name: value[rows] if np.ndim(value) else value for name, value in parameters.items()}
        counts[rows] = state.simulate_future(rng, x[rows], T[rows], t, **own)
    return counts
