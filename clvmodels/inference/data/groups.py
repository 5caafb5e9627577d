"""Groups of customers with parameters of their own: cohorts, countries, channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import pandas as pd

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.transactions.validation import name_ids

COHORT = "cohort"


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups that a model was fitted to.

    Attributes
    ----------
    labels : tuple of str
        Their names, sorted.
    sizes : tuple of int
        Customers of each that were fitted.
    by : str or None
        "cohort", or the column of the customers that says who is in which; None if that was given by customer_id.
    given : pandas.Series or None
        The group of each customer, by customer_id, if it was given so; a model file doesn't hold it.
    hyperparameters : pandas.DataFrame
        What the groups have in common, one row a parameter: ``typical`` (posterior mean of the value around which
        groups scatter) and ``spread`` (posterior mean of their standard deviation on the log scale).
    """

    labels: tuple[str, ...]
    sizes: tuple[int, ...]
    by: str | None
    given: pd.Series[str] | None
    hyperparameters: pd.DataFrame

    def of(self, customers: Customers) -> pd.Series[str]:
        """The group of each customer; every one of them must have been fitted.

        Raises
        ------
        ArgumentError
            It is not known who is in which group.
        DataError
            A customer has no group, or one that was not fitted.
        """
        if self.by is None and self.given is None:
            raise ArgumentError(
                "The groups of this fit were given by customer_id, and a loaded fit carries no data. Say who is in "
                "which by fit.with_groups(series), or fit groups by a column of the customers."
            )
        found = group_of(customers, self.given if self.by is None else self.by)
        unknown = ~found.isin(self.labels)
        if unknown.any():
            named = ", ".join(repr(label) for label in found[unknown].unique()[:3])
            raise DataError(
                f"{int(unknown.sum()):,} customers ({name_ids(found.index[unknown])}) are in groups that were not "
                f"fitted ({named}). Those fitted: {', '.join(map(repr, self.labels[:10]))}. Fit again with them."
            )
        return found

    def changed(self, group: Any) -> Self:
        """The same groups, with others told who is in which."""
        by = group if isinstance(group, str) else None
        return replace(self, by=by, given=None if by else pd.Series(group).astype(str))

    def to_json(self) -> dict[str, Any]:
        """As a model file holds it."""
        table = self.hyperparameters.to_dict("list")
        return {"labels": list(self.labels), "sizes": list(self.sizes), "by": self.by, "hyperparameters": table}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any], parameters: Sequence[str]) -> Groups:
        """What `to_json` wrote."""
        index = pd.Index(parameters, name="parameter")
        hyperparameters = pd.DataFrame(entry["hyperparameters"], index=index, dtype=float)
        labels, sizes = tuple(map(str, entry["labels"])), tuple(map(int, entry["sizes"]))
        return cls(labels, sizes, entry["by"], None, hyperparameters)


def group_of(customers: Customers, group: Any) -> pd.Series[str]:
    """The group of each customer as text, by customer_id.

    Parameters
    ----------
    customers : Customers
        Whom to group.
    group
        "cohort" (the month of the first purchase), a column of the customers, a Series by customer_id, or a sequence
        with one entry a customer.
    """
    result = _by_name(customers, group) if isinstance(group, str) else _by_customer(customers.table, group)
    if result.isna().any():
        raise DataError(f"group is missing for {int(result.isna().sum()):,} customers. Give them a group of their own.")
    return result.astype(str).rename("group")


def _by_customer(table: pd.DataFrame, group: Any) -> pd.Series[Any]:
    """The group of each customer, from a Series by customer_id or from one entry a customer."""
    if isinstance(group, pd.Series):
        missing = table.index.difference(group.index)
        if len(missing):
            shown = ", ".join(map(str, missing[:3]))
            raise DataError(
                f"group has no entry for {len(missing):,} customers (ids {shown}). Index it by customer_id."
            )
        return group.loc[table.index]
    entries = list(group)
    if len(entries) != len(table):
        raise DataError(f"group has {len(entries):,} entries, but there are {len(table):,} customers.")
    return pd.Series(entries, index=table.index)


def _by_name(customers: Customers, group: str) -> pd.Series[Any]:
    """The cohort of each customer, or what a column says."""
    table = customers.table
    if group == COHORT:
        if customers.observation_end is None:
            raise ArgumentError('group="cohort" needs to know when the observation ended: pass observation_end=.')
        age = pd.to_timedelta((table["T"] * DAYS_PER_UNIT[customers.unit]).round(), unit="D")
        return (customers.observation_end - age).dt.strftime("%Y-%m")
    if group not in table.columns:
        raise ArgumentError(
            f'group must be "cohort", a column of the customers (see keep= and join), a Series by customer_id, '
            f"or one entry a customer, not {group!r}."
        )
    return table[group]


def members(customers: Customers, groups: pd.Series[str]) -> dict[str, Customers]:
    """The customers of each group, in the order of the labels."""
    return {
        str(label): replace(customers, table=customers.table.loc[index], report=None, mean_purchase_time=None)
        for label, index in groups.groupby(groups, sort=True).groups.items()
    }
