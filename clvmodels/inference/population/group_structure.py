"""Structure of groups of customers, each with parameters of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array, Places
from clvmodels.inference.data.groups import COHORT, Groups, members
from clvmodels.inference.data.model_data import table_of
from clvmodels.inference.population.composed import OfUnknownGroup, Part, grouped, new_customer
from clvmodels.inference.population.histories import HistoryRows
from clvmodels.inference.population.population import Population
from clvmodels.inference.population.structure import Data, Structure
from clvmodels.inference.posterior.grouped_likelihood import GroupedLikelihood
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories


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
        return tuple(name for label in self.groups.labels for name in self.own_names(label).values())

    @property
    def logs(self) -> int:
        """All of them are positive."""
        return len(self.names)

    def own_names(self, label: str) -> dict[str, str]:
        """The model's parameters → those of a group, such as ``{"r": "r[web]"}``."""
        return {name: f"{name}[{label}]" for name in self.model.spec.parameters}

    def place(self, label: str) -> Places:
        """Where the parameters of a group stand among all."""
        k = len(self.model.spec.parameters)
        return np.arange(k) + k * self.groups.labels.index(label)

    @property
    def customer_columns(self) -> Sequence[str]:
        """The column that says who is in which group, if one does."""
        return () if self.groups.by in (None, COHORT) else (str(self.groups.by),)

    def population(self, customers: CustomerBase) -> Population:
        """These customers, each with the parameters of their group."""
        assert isinstance(customers, Customers)
        parts = members(customers, self.groups.of(customers)).items()
        found = [(self.own_names(label), self.plain.population(part)) for label, part in parts]
        return grouped(found, customers.table.index)

    def of_histories(self, *columns: Array) -> Population:
        """Customers who may be of any group, by their histories."""
        alone = self.plain.of_histories(*columns)
        assert isinstance(alone, HistoryRows)
        return OfUnknownGroup(
            ids=alone.ids,
            weight=alone.weight,
            index=alone.index,
            parts=tuple(Part(self.own_names(label), alone, np.arange(len(alone))) for label in self.groups.labels),
            sizes=np.array(self.groups.sizes, dtype=np.float64),
        )

    def new_customer(self, fitted: Customers | None) -> Population:
        """A customer of any of the groups, by their sizes."""
        found = []
        for label, size in zip(self.groups.labels, self.groups.sizes, strict=True):
            one = replace(self.plain.new_customer(None), ids=pd.Index([label]), weight=np.array([float(size)]))
            found.append((self.own_names(label), one))
        return new_customer(grouped(found, pd.Index(self.groups.labels)))

    def data(self, customers: CustomerBase) -> Data:
        """The data of all groups."""
        assert isinstance(customers, Customers)
        groups = self.groups.of(customers)
        parts = {label: self.plain.data(part) for label, part in members(customers, groups).items()}
        likelihood = GroupedLikelihood(
            self.model, [(self.place(label), part.likelihood) for label, part in parts.items()]
        )
        group_of_row = pd.factorize(groups[table_of(self.model, customers).index], sort=True)[0]
        return Data(_concatenated([part.histories for part in parts.values()], group_of_row), likelihood)

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


def _concatenated(parts: Sequence[Histories], group: Places) -> Histories:
    """Distinct rows within groups, one group after the other; the customers in the order of their ``group``."""
    columns = tuple(np.concatenate(column) for column in zip(*(part.columns for part in parts), strict=True))
    index, first = np.empty(len(group), dtype=np.intp), 0
    for number, part in enumerate(parts):
        index[group == number] = first + (np.arange(len(part)) if part.index is None else part.index)
        first += len(part)
    return Histories(columns, np.concatenate([part.weight for part in parts]), index)
