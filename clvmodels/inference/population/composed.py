"""Populations that are made of others: groups with parameters of their own, and a new customer who may be any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.inference.population.histories import HistoryRows
from clvmodels.inference.population.population import NODES, Chance, Parameters, Population, Quantity, Rows

NEW: pd.Index[Any] = pd.Index(["new"], name="customer_id")  # the ids of a new customer


@dataclass(frozen=True, eq=False)
class Part[Members: Population]:
    """The members of one group.

    Attributes
    ----------
    names : dict of str to str
        The model's parameter → that of the group, such as ``{"r": "r[web]"}``.
    population : Population
        Its members.
    place : ndarray of int
        Where its rows stand among those of all groups.
    """

    names: Mapping[str, str]
    population: Members
    place: Rows

    def own(self, parameters: Parameters) -> dict[str, float]:
        """The parameters of the group."""
        return {name: parameters[long] for name, long in self.names.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupedPopulation(Population):
    """Customers of several groups, each with its own parameters."""

    parts: tuple[Part[Population], ...]

    @property
    def dear_windows(self) -> bool:
        """Whether P(a purchase) in a window that begins later costs a quadrature for every row."""
        return any(part.population.dear_windows for part in self.parts)

    def evaluate(self, quantity: Quantity, parameters: Parameters) -> Array:
        """A quantity of each distinct row, by the parameters of its group; shape (…, rows), as it is of each."""
        found = [part.population.evaluate(quantity, part.own(parameters)) for part in self.parts]
        result = np.empty((*found[0].shape[:-1], len(self)))
        for part, values in zip(self.parts, found, strict=True):
            result[..., part.place] = values
        return result

    def simulate(self, chance: Chance, parameters: Parameters, rng: np.random.Generator, *given: Array) -> Array:
        """A random number for each distinct row, by the parameters of its group."""
        result = np.empty(len(self))
        for part in self.parts:
            result[part.place] = part.population.simulate(
                chance, part.own(parameters), rng, *(column[part.place] for column in given)
            )
        return result

    def since_first(
        self, parameters: Parameters, name: str, *rest: float, until: float | Array = 0.0, nodes: int = NODES
    ) -> tuple[Array, Array]:
        """A quantity over the time since the first purchase: see `Population`."""
        parts = ((part.population, part.own(parameters)) for part in self.parts)
        found = [population.since_first(own, name, *rest, until=until, nodes=nodes) for population, own in parts]
        return np.concatenate([weight for weight, _ in found]), np.concatenate([values for _, values in found])

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        parts = []
        for part in self.parts:
            where = np.full(len(self), -1)
            where[part.place] = np.arange(len(part.place))
            chosen = where[rows]
            place = np.flatnonzero(chosen >= 0)
            if len(place):
                parts.append(Part(part.names, part.population.take(chosen[place]), place))
        return replace(super().take(rows), parts=tuple(parts))


@dataclass(frozen=True, eq=False, kw_only=True)
class OfUnknownGroup(Population):
    """Customers whose group is not known: each may be of any, the more likely the likelier the history under it.

    Attributes
    ----------
    parts : tuple of Part
        The groups, each with all customers as its members.
    sizes : ndarray of shape (groups,)
        Customers of each group.
    """

    parts: tuple[Part[HistoryRows], ...]
    sizes: Array

    def evaluate(self, quantity: Quantity, parameters: Parameters) -> Array:
        """The mean over the groups, weighted by P(group | history)."""
        values = [part.population.evaluate(quantity, part.own(parameters)) for part in self.parts]
        return np.asarray((self._probabilities(parameters) * np.stack(values)).sum(axis=0))

    def simulate(self, chance: Chance, parameters: Parameters, rng: np.random.Generator, *given: Array) -> Array:
        """A random number for each row, as of a random group by P(group | history)."""
        reached = np.cumsum(self._probabilities(parameters), axis=0)[:-1]
        group, result = (rng.random(len(self)) >= reached).sum(axis=0), np.empty(len(self))
        for number, part in enumerate(self.parts):
            place = np.flatnonzero(group == number)
            some = (column[place] for column in given)
            result[place] = part.population.take(place).simulate(chance, part.own(parameters), rng, *some)
        return result

    def take(self, rows: Rows) -> Self:
        """Some of the distinct rows, by themselves."""
        parts = (Part(part.names, part.population.take(rows), np.arange(len(rows))) for part in self.parts)
        return replace(super().take(rows), parts=tuple(parts))

    def _probabilities(self, parameters: Parameters) -> Array:
        """P(group | history), shape (groups, rows)."""
        log_likelihoods = np.stack([part.population.log_likelihood(part.own(parameters)) for part in self.parts])
        return np.asarray(sc.softmax(np.log(self.sizes)[:, None] + log_likelihoods, axis=0))


@dataclass(frozen=True, eq=False, kw_only=True)
class NewCustomer(Population):
    """A customer at the moment of the first purchase, who may be any of several kinds.

    Attributes
    ----------
    kinds : Population
        One row a kind, weighted by how many customers are of it.
    """

    kinds: Population

    def evaluate(self, quantity: Quantity, parameters: Parameters) -> Array:
        """The mean over the kinds."""
        values, weight = self.kinds.evaluate(quantity, parameters), self.kinds.weight
        return np.full(len(self), weight @ values / weight.sum())

    def simulate(self, chance: Chance, parameters: Parameters, rng: np.random.Generator, *given: Array) -> Array:
        """A customer of a random kind."""
        weight = self.kinds.weight
        chosen = rng.choice(len(weight), len(self), p=weight / weight.sum())
        return self.kinds.take(chosen).simulate(chance, parameters, rng, *given)


def new_customer(kinds: Population) -> NewCustomer:
    """A new customer of one of these kinds."""
    return NewCustomer(ids=NEW, weight=np.ones(1), kinds=kinds)


def grouped(members: Sequence[tuple[Mapping[str, str], Population]], ids: pd.Index[Any]) -> GroupedPopulation:
    """Groups as one population, in the order of ``ids``.

    Parameters
    ----------
    members
        Of each group the names of its parameters, and its members.
    ids
        All customers, each of them in one of the groups.
    """
    parts, first, index = [], 0, np.empty(len(ids), dtype=np.intp)
    for names, population in members:
        index[ids.get_indexer(population.ids)] = first + population.row_of_id
        parts.append(Part(names, population, np.arange(first, first + len(population))))
        first += len(population)
    weight = np.concatenate([population.weight for _, population in members])
    return GroupedPopulation(ids=ids, weight=weight, index=index, parts=tuple(parts))
