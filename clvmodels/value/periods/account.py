"""What each customer brought and cost in each calendar period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clvmodels.transactions.customers import Customers
from clvmodels.value.costs import PerCustomer, per_customer
from clvmodels.value.periods.period_costs import Costs

_FREQUENCY = {"month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """Business of customers by calendar period.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row a customer and period with a purchase: ``period``, the group if there are any, ``customer``,
        ``orders``, ``revenue``, ``earned`` (margin × revenue), ``serving`` (cost of serving its orders) and ``new``.
    costs : Costs
        What customers cost.
    keys : list of str
        "period", and the name of the groups.
    frequency : str
        Of the periods, in the letters of pandas.
    observation_end : pandas.Timestamp
        Last day observed.
    lines_without_customer : int
        Lines of the log that belong to nobody.
    currency : str or None
        Label of the amounts.
    """

    rows: pd.DataFrame
    costs: Costs
    keys: list[str]
    frequency: str
    observation_end: pd.Timestamp
    lines_without_customer: int
    currency: str | None

    @classmethod
    def of(cls, customers: Customers, costs: Costs, margin: PerCustomer, *, period: str, by: str | None) -> Account:
        """The business of customers who carry their purchases."""
        purchases, ids, frequency = customers.purchases, customers.table.index, _FREQUENCY[period]
        assert purchases is not None  # asked for by the caller
        days = purchases.assign(period=purchases["day"].dt.to_period(frequency))
        sums = days.groupby(["customer_id", "period"], sort=False)[["orders", "spend"]].sum()
        rows = sums.reset_index().rename(columns={"customer_id": "customer", "spend": "revenue"})
        place = ids.get_indexer(pd.Index(rows["customer"]))
        earned = np.broadcast_to(per_customer(margin, ids, "margin"), len(ids))[place]
        rows["earned"] = rows["revenue"] * earned
        rows["serving"] = (
            rows["orders"] * costs.order_cost(ids).to_numpy()[place] + costs.share_of_revenue * rows["revenue"]
        )
        first = days.groupby("customer_id", sort=False)["period"].min().reindex(ids).array[place]
        rows["new"] = (rows["period"].array == first).astype(np.int64)
        keys = ["period"]
        if by is not None:
            rows[by] = first if by == "cohort" else customers.table[by].array[place]
            keys.append(by)
        end, report = customers.observation_end, customers.report
        return cls(
            rows=rows,
            costs=costs,
            keys=keys,
            frequency=frequency,
            observation_end=days["day"].max() if end is None else end,
            lines_without_customer=0 if report is None else report.lines_without_customer,
            currency=customers.currency,
        )

    def counts(self, base: str) -> pd.DataFrame:
        """Customers of each period (and group), and how many of them are new in it: ``customers``, ``new_customers``.

        Parameters
        ----------
        base
            "active" for those with a purchase in the period, "known" for all acquired so far.
        """
        groups = self.rows.groupby(self.keys, observed=True)
        counts = groups.agg(customers=("new", "size"), new_customers=("new", "sum"))
        if base == "active":
            return counts
        every = self.rows["period"]
        periods = pd.period_range(every.min(), every.max(), freq=self.frequency, name="period")
        if len(self.keys) == 1:
            new = counts["new_customers"].reindex(periods, fill_value=0)
            return pd.DataFrame({"customers": new.cumsum(), "new_customers": new})
        wide = counts["new_customers"].unstack(self.keys[1]).reindex(periods).fillna(0).astype(np.int64)
        long = pd.concat({"customers": wide.cumsum().stack(), "new_customers": wide.stack()}, axis=1)
        return long[long["customers"] > 0]
