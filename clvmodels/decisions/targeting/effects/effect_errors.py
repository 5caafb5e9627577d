"""Effects by customer, and the errors that they share: what the range of a sum of effects is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array, Places


@dataclass(frozen=True)
class SharedError:
    """An error that customers of one group have in common, and those of different groups don't.

    Attributes
    ----------
    loading : ndarray of shape (n,)
        Standard deviation of the error of each customer.
    group : ndarray of int of shape (n,)
        Which error it is.
    """

    loading: Array
    group: Places

    def variance(self, weight: Array) -> float:
        """Of Σ weight × error: within a group errors add up, between groups their squares do."""
        return float((np.bincount(self.group, weights=weight * self.loading) ** 2).sum())


@dataclass(frozen=True)
class CustomerEffects:
    """What an activity does to each customer.

    Attributes
    ----------
    mean : ndarray of shape (n,)
        Expected effect, in units of what it is worth.
    errors : tuple of SharedError
        What is not known of it; empty if it is taken as known.
    source : str
        Where it is from, in words.
    """

    mean: Array
    errors: tuple[SharedError, ...]
    source: str

    @property
    def sd(self) -> Array:
        """Of each customer by itself, shape (n,)."""
        return np.sqrt(sum((error.loading**2 for error in self.errors), np.zeros(len(self.mean))))


def same_for_all(mean: float, sd: float, size: int, source: str) -> CustomerEffects:
    """One effect for all customers.

    Examples
    --------
    >>> same_for_all(0.1, 0.02, 3, "assumed").errors[0].variance(np.ones(3)) ** 0.5  # of the sum of three
    0.06
    """
    error = SharedError(np.full(size, sd), np.zeros(size, dtype=np.intp))
    return CustomerEffects(np.full(size, mean), (error,) if sd > 0.0 else (), source)
