"""Structure of groups of customers, each with parameters of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.inference.data.groups import Groups, members
from clvmodels.inference.population.composed import OfUnknownGroup, grouped, new_customer
from clvmodels.inference.population.histories import HistoryRows
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.structure import Data, Structure
from clvmodels.inference.posterior.grouped_likelihood import GroupedLikelihood
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupStructure(Structure):
    """Groups of customers, each with parameters of its own.

    Attributes
    ----------
    groups : Groups
        Which, and who is in which.
    """

    groups: Groups

    @property
    def plain(self) -> Structure:
        """The structure of one group."""
        return Structure(name=self.name, unit=self.unit)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of each group, one group after the other."""
        own = tuple(self.model.spec.parameters)
        return tuple(long for label in self.groups.labels for long in self.groups.names(label, own).values())

    @property
    def logs(self) -> int:
        """All of them are positive."""
        return len(self.names)

    def own_names(self, label: str) -> dict[str, str]:
        """The model's parameters → those of a group."""
        return self.groups.names(label, tuple(self.model.spec.parameters))

    def population(self, customers: Customers | Subscriptions) -> Population:
        """These customers, each with the parameters of their group."""
        assert isinstance(customers, Customers)
        parts = members(customers, self.groups.of(customers))
        plain = self.plain
        found = {label: (self.own_names(label), plain.population(part)) for label, part in parts.items()}
        return grouped(found, customers.table.index)

    def of_histories(self, *columns: Array) -> Population:
        """Customers who may be of any group, by their histories."""
        alone = self.plain.of_histories(*columns)
        assert isinstance(alone, HistoryRows)
        return OfUnknownGroup(
            ids=alone.ids,
            weight=alone.weight,
            index=alone.index,
            parts=tuple((self.own_names(label), alone) for label in self.groups.labels),
            sizes=np.array(self.groups.sizes, dtype=np.float64),
        )

    def new_customer(self, fitted: Customers | None) -> Population:
        """A customer of any of the groups, by their sizes."""
        found: dict[Any, tuple[Mapping[str, str], Population]] = {}
        for label, size in zip(self.groups.labels, self.groups.sizes, strict=True):
            one = replace(self.plain.new_customer(None), ids=pd.Index([label]), weight=np.array([float(size)]))
            found[label] = (self.own_names(label), one)
        return new_customer(grouped(found, pd.Index(self.groups.labels)))

    def data(self, customers: Customers | Subscriptions) -> Data:
        """The data of all groups."""
        assert isinstance(customers, Customers)
        groups = self.groups.of(customers)
        parts = {label: self.plain.data(part) for label, part in members(customers, groups).items()}
        places = [[self.names.index(name) for name in self.own_names(label).values()] for label in parts]
        likelihood = GroupedLikelihood(
            self.model, [(np.array(place), part.likelihood) for place, part in zip(places, parts.values(), strict=True)]
        )
        return Data(_concatenated([part.histories for part in parts.values()], groups), likelihood)

    def as_variables(self, values: Array) -> tuple[dict[str, Array], dict[str, list[str]], dict[str, Any]]:
        """Values of shape (chains, draws, k) as variables with a dimension ``group``."""
        own = tuple(self.model.spec.parameters)
        by_group = values.reshape(*values.shape[:-1], len(self.groups.labels), len(own))
        variables = {name: by_group[..., i] for i, name in enumerate(own)}
        return variables, {name: ["group"] for name in own}, {"group": list(self.groups.labels)}

    def from_variables(self, variables: Mapping[str, Any]) -> Array:
        """Values of shape (chains, draws, k): what `as_variables` undoes."""
        by_group = np.stack([np.asarray(variables[name]) for name in self.model.spec.parameters], axis=-1)
        return by_group.reshape(*by_group.shape[:-2], -1)

    def to_json(self) -> dict[str, Any]:
        """What a model file holds of it."""
        return {"covariates": None, "groups": self.groups.to_json()}


def _concatenated(parts: list[Histories], groups: pd.Series[str]) -> Histories:
    """Distinct rows within groups, one group after the other."""
    columns = tuple(np.concatenate(column) for column in zip(*(part.columns for part in parts), strict=True))
    index = np.empty(sum(len(part.spread(part.weight)) for part in parts), dtype=np.intp)
    first = 0
    codes = pd.factorize(groups, sort=True)[0]
    if len(codes) != len(index):  # a spend model leaves out customers without spend: their order is that of the groups
        codes = np.repeat(np.arange(len(parts)), [len(part.spread(part.weight)) for part in parts])
    for g, part in enumerate(parts):
        own = np.arange(len(part)) if part.index is None else part.index
        index[codes == g] = first + own
        first += len(part)
    return Histories(columns, np.concatenate([part.weight for part in parts]), index)
