"""Population: whom to predict, as distinct rows with how many customers share each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.errors import UnsupportedPrediction

type Rows = Places
Parameters = Mapping[str, float]

# An expectation of each distinct row, at one set of parameters; and a random number for each.
Quantity = Callable[[Parameters, Any], Array]
Chance = Callable[..., Array]  # (parameters, rows, random generator, *columns of these rows)

NODES = 400  # distinct ages from which what a new customer does is interpolated
HELD = 4_000_000  # numbers (rows × draws) at once: 32 MB


def block_size(draws: int) -> int:
    """Rows whose values over the draws are held at once."""
    return max(1, HELD // max(draws, 1))


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """Customers to predict. What a model says is computed once for each distinct row.

    Attributes
    ----------
    ids : pandas.Index or ndarray of length n
        Whom an answer has a row for: customers, or cohorts of a survival table.
    weight : ndarray of shape (rows,)
        Customers that share each distinct row.
    index : ndarray of int of shape (n,) or None
        For each of the ``ids`` its distinct row; None if these are the same.
    counts : float or ndarray of shape (n,)
        Customers that each of the ``ids`` stands for: more than one for a cohort of a survival table.
    """

    ids: Any
    weight: Array
    index: Rows | None = None
    counts: Array | float = 1.0

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def dear_windows(self) -> bool:
        """Whether P(a purchase) in a window that begins later costs a quadrature for every row."""
        return False

    @property
    def row_of_id(self) -> Rows:
        """For each of the ``ids`` its distinct row."""
        return np.arange(len(self)) if self.index is None else self.index

    def evaluate(self, quantity: Quantity, parameters: Parameters) -> Array:
        """A quantity of each distinct row, shape (rows,)."""
        return quantity(parameters, self)

    def simulate(self, chance: Chance, parameters: Parameters, rng: np.random.Generator, *given: Array) -> Array:
        """A random number for each distinct row, shape (rows,); ``given`` are columns of what is known beside it."""
        return chance(parameters, self, rng, *given)

    def spread(self, values: Array) -> Array:
        """Values per distinct row as one value for each of the ``ids``."""
        return values if self.index is None else values[self.index]

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves; they have no ids."""
        return replace(self, ids=self.ids[:0], weight=self.weight[rows], index=None)

    def one_row_each(self) -> Self:
        """A distinct row for each of the ``ids``, so that those who share a history do not share their luck."""
        alone = self.take(self.row_of_id)
        return replace(alone, ids=self.ids, weight=np.ones(len(alone)))

    def order(self) -> Rows:
        """Rows in the order in which neighbours are alike, which makes blocks of them quick to compute."""
        return np.arange(len(self))

    def blocks(self, draws: int) -> Iterator[tuple[Rows, Self]]:
        """The distinct rows in blocks: which rows, and a population of just these."""
        order, size = self.order(), block_size(draws)
        for i in range(0, len(order), size):
            yield order[i : i + size], self.take(order[i : i + size])

    def since_first(
        self, parameters: Parameters, name: str, *rest: float, until: float | Array = 0.0, nodes: int = NODES
    ) -> tuple[Array, Array]:
        """A quantity over the time since the first purchase, before it was known what the customers did.

        Parameters
        ----------
        parameters
            One set of parameters.
        name, *rest
            "expected_purchases", or "purchases_pmf" and a count.
        until : float or ndarray of shape (k,)
            Units of time after the end of the observation, or before it (negative); who comes later counts 0.
        nodes
            Distinct ages up to which each is computed by itself; of more it is interpolated.

        Returns
        -------
        tuple of ndarray, of shapes (kinds,) and (kinds,) or (kinds, k)
            For each kind of customer and day of the first purchase: how many there are, and the quantity.
        """
        raise NotImplementedError

    def expected_since_first(self, parameters: Parameters, until: Array, nodes: int) -> Array:
        """Σ E[purchases from the first one to ``until`` units after the end], shape (k,); see `since_first`."""
        weight, values = self.since_first(parameters, "expected_purchases", until=until, nodes=nodes)
        return np.asarray(weight @ values)


@dataclass(frozen=True, eq=False, kw_only=True)
class PurchasePopulation(Population):
    """Customers who buy: what purchase models say of each distinct row."""

    def log_odds_alive(self, parameters: Parameters) -> Array:
        """log P(alive) / P(lost) at the end of the observation."""
        raise NotImplementedError

    def given_alive(self, parameters: Parameters, quantity: str, t: float, *rest: float, start: float = 0.0) -> Array:
        """A quantity of `clvmodels.models.protocol.PurchaseModel` over (start, start + t], given alive at the end."""
        raise NotImplementedError

    def purchases_until(self, parameters: Parameters, ends: Sequence[float]) -> Array:
        """E[purchases in (0, end]], given alive at the end of the observation, for several ends: shape (ends, rows)."""
        return np.stack([self.given_alive(parameters, "expected_purchases", end) for end in ends])

    def silence(self, parameters: Parameters) -> Array:
        """P(a gap longer than the time since the last purchase), given that the customer is alive."""
        raise UnsupportedPrediction("Under covariates that vary in time it isn't known how long a silence is usual.")

    def simulate_future(self, rng: np.random.Generator, parameters: Parameters, t: float) -> Array:
        """Random numbers of purchases in the next t of customers who are alive at the end."""
        raise NotImplementedError

    def simulate_past(self, rng: np.random.Generator, parameters: Parameters) -> Array:
        """Random numbers of repeat purchases of new customers who are observed as long as these were."""
        raise NotImplementedError
