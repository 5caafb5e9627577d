"""Costs of a past period: of serving orders and customers, and of winning new ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import check_fields
from clvmodels.value.costs import PerCustomer, per_customer

_KINDS = ("serving", "acquisition")


@dataclass(frozen=True, eq=False, kw_only=True)
class Costs:
    """What customers cost: rates, and a table of what was spent when.

    Parameters
    ----------
    per_order : float, pandas.Series or sequence, default 0
        Cost of serving an order, in the currency of the amounts; a number, or one a customer (a Series by
        customer_id).
    share_of_revenue : float, default 0
        Cost of serving as a share of the revenue, such as 0.03 for payment fees.
    per_customer : float, default 0
        Cost of serving a customer in a period, whether or not there is an order. Of whom it is paid, ``customers=`` of
        `value_per_customer` says.
    per_new_customer : float, default 0
        Cost of acquisition of a customer, paid in the period of the first purchase.
    table : pandas.DataFrame, optional
        Further costs: columns ``date`` and ``cost``, and ``kind`` ("serving" or "acquisition"; "serving" if there is no
        such column). With groups also a column that is called like them.

    Raises
    ------
    ArgumentError
        A rate is no finite number, or is negative.
    DataError
        The table lacks a column, or holds what is no date, no number or no kind.

    Examples
    --------
    >>> Costs(per_order=2.0, per_new_customer=5.0).per_order
    2.0
    """

    per_order: PerCustomer = 0.0
    share_of_revenue: float = 0.0
    per_customer: float = 0.0
    per_new_customer: float = 0.0
    table: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("share_of_revenue", "per_customer", "per_new_customer"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < np.inf:
                raise ArgumentError(f"{name} must be a finite number of 0 or more, not {value!r}.")
        if self.table is not None:
            _check_table(self.table)

    def order_cost(self, ids: pd.Index) -> pd.Series[float]:
        """Cost of serving an order of each customer.

        Parameters
        ----------
        ids : pandas.Index
            The customers.

        Returns
        -------
        pandas.Series
            Indexed by the ids.

        Raises
        ------
        DataError
            A customer has no cost, or one that is negative or not finite.

        Examples
        --------
        >>> Costs(per_order=2.0).order_cost(pd.Index(["ann", "bob"])).to_dict()
        {'ann': 2.0, 'bob': 2.0}
        """
        cost: pd.Series[float] = pd.Series(per_customer(self.per_order, ids, "per_order"), index=ids, dtype=np.float64)
        if (cost < 0.0).any():
            raise DataError(f"per_order is negative for customer {cost.index[cost < 0.0][0]}. A cost is 0 or more.")
        return cost

    def spent(self, keys: list[str], frequency: str) -> pd.DataFrame:
        """The costs of the table by period (and group): columns "serving" and "acquisition".

        Parameters
        ----------
        keys : list of str
            "period", and the name of the groups if there are any.
        frequency : str
            Of the periods, in the letters of pandas.

        Returns
        -------
        pandas.DataFrame
            Indexed by the keys; empty without a table.

        Raises
        ------
        DataError
            There are groups, and the table has no column for them.

        Examples
        --------
        >>> table = pd.DataFrame({"date": ["2024-01-05", "2024-01-20"], "cost": [10.0, 5.0]})
        >>> Costs(table=table).spent(["period"], "M")["serving"].to_dict()
        {Period('2024-01', 'M'): 15.0}
        """
        if self.table is None:
            return pd.DataFrame(columns=list(_KINDS), dtype=np.float64)
        table = self.table.assign(period=pd.to_datetime(self.table["date"]).dt.to_period(frequency))
        table["kind"] = self.table.get("kind", pd.Series("serving", index=table.index))
        for name in keys:
            if name not in table:
                raise DataError(
                    f"The table of costs has no column {name!r}, so that costs can't be told apart by group. Add it, "
                    "or leave by= out."
                )
        sums = table.groupby([*keys, "kind"], observed=True)["cost"].sum().unstack("kind").fillna(0.0)
        return sums.reindex(columns=list(_KINDS), fill_value=0.0)


def _check_table(table: pd.DataFrame) -> None:
    for name in ("date", "cost"):
        if name not in table:
            raise DataError(f"The table of costs has no column {name!r}. Columns: {list(table.columns)}.")
    dates = pd.to_datetime(table["date"], errors="coerce")
    if dates.isna().any():
        raise DataError(f"The table of costs has no readable date in row {dates.index[dates.isna()][0]}.")
    costs = pd.to_numeric(table["cost"], errors="coerce")
    wrong = ~np.isfinite(costs) | (costs < 0.0)
    if wrong.any():
        raise DataError(f"The table of costs has no cost of 0 or more in row {costs.index[wrong][0]}.")
    unknown = set(table["kind"]) - set(_KINDS) if "kind" in table else set()
    if unknown:
        names = ", ".join(repr(str(kind)) for kind in sorted(unknown, key=str))
        raise DataError(f'The kind of a cost is "serving" or "acquisition", not {names}.')
