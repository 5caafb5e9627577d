"""The result of `value_per_customer`: tables and sentences."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.value.notebook_page import notebook_page
from clvmodels.value.periods.account import Account
from clvmodels.value.periods.ratios import Ratio, ratio_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RATIOS = (
    Ratio("value_per_customer", "value", "customers", less_fixed_cost=True),
    Ratio("average_order_value", "revenue", "orders"),
    Ratio("purchase_frequency", "orders", "customers"),
    Ratio("revenue_per_customer", "revenue", "customers"),
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PastValue:
    """Value per customer by calendar period; `clvmodels.value_per_customer` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a period, indexed by its last day (``period``), and by group if there are any: ``customers`` (with an
        order in the period, or all known by then, see ``base``), ``new_customers`` (with their first purchase in it),
        ``orders``, ``revenue``, ``cost_of_serving``, ``cost_of_acquisition``, ``value`` (margin × revenue less costs),
        ``value_per_customer``, ``average_order_value``, ``purchase_frequency``, ``revenue_per_customer``, with
        ``_lower`` and ``_upper`` if intervals were asked for, and ``complete`` (the period ended within the
        observation). Money in the currency of the amounts. A period with costs and no customers has no values per
        customer: NaN.
    total : pandas.Series
        The same of all periods together.
    customers : pandas.DataFrame
        One row a customer, the most profitable first: ``orders``, ``revenue``, ``earned`` (margin × revenue),
        ``cost_of_serving``, ``profit`` (before acquisition), ``break_even_cost`` (the cost an order at which the profit
        is 0), ``unprofitable`` and ``cumulative_profit``.
    base : str
        "active" or "known".
    currency : str or None
        Label of the amounts.
    lines_without_customer : int
        Lines of the log that belong to nobody; their revenue is not in the tables.
    """

    table: pd.DataFrame
    total: pd.Series[float]
    customers: pd.DataFrame
    base: str
    currency: str | None
    lines_without_customer: int

    def summary(self) -> str:
        """What the tables say, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = clv.value_per_customer(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                                amount="amount", period="year", costs=clv.Costs(per_order=5.0))
        >>> print(value.summary())
        A customer was worth 88.88 in all periods together: 103.56 of revenue, less 14.68 of costs.
        Average order value 35.28 × 2.94 orders a customer = 103.56.
        16 of 2,357 customers cost more to serve than they earned.
        The last period had not ended when the observation ended.
        """
        unprofitable = int(self.customers["unprofitable"].sum())
        sentences = [
            *_of_a_customer(self.total),
            f"{unprofitable:,} of {len(self.customers):,} customers cost more to serve than they earned.",
        ]
        if not self.table["complete"].all():
            sentences.append("The last period had not ended when the observation ended.")
        if self.lines_without_customer:
            sentences.append(f"{self.lines_without_customer:,} lines without a customer are not in these figures.")
        return "\n".join(sentences)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Value per customer over time; a line a group, where there are any.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> value = clv.value_per_customer(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                                amount="amount", period="quarter", costs=clv.Costs(per_order=5.0))
        >>> ax = value.plot()
        >>> plt.close(ax.figure)
        """
        # Plots come after values, and matplotlib is loaded by whoever draws.
        drawn: Axes = importlib.import_module("clvmodels.plots.value_over_time").value_per_customer(self, ax=ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.2f}".format)


def past_value(account: Account, *, base: str, level: float | None) -> PastValue:
    """The tables of an account."""
    rows, keys, costs = account.rows, account.keys, account.costs
    counts = account.counts(base)
    spent = costs.spent(keys, account.frequency)
    counts = counts.reindex(counts.index.union(spent.index)).fillna(0).astype(np.int64) if len(spent) else counts
    table = _table(rows, keys, counts, costs.per_customer * counts["customers"], spent, account, level)
    whole = rows.assign(all="all").groupby(["all", "customer"], sort=False).sum(numeric_only=True).reset_index()
    one = pd.DataFrame(
        {"customers": [len(whole)], "new_customers": [int(whole["new"].sum())]}, index=pd.Index(["all"], name="all")
    )
    upkeep = pd.Series(costs.per_customer * counts["customers"].sum(), index=one.index)
    total = _table(whole, ["all"], one, upkeep, spent.sum().to_frame("all").T, account, level).iloc[0]
    ends = pd.PeriodIndex(table.index.get_level_values("period")).to_timestamp(how="end").normalize()
    table["complete"] = ends <= account.observation_end
    groups = [table.index.get_level_values(key) for key in keys[1:]]
    table.index = pd.MultiIndex.from_arrays([ends, *groups], names=keys) if groups else pd.Index(ends, name="period")
    return PastValue(
        table=table,
        total=total.rename("all periods"),
        customers=_by_customer(whole),
        base=base,
        currency=account.currency,
        lines_without_customer=account.lines_without_customer,
    )


def _table(
    rows: pd.DataFrame,
    keys: list[str],
    counts: pd.DataFrame,
    upkeep: pd.Series[float],
    spent: pd.DataFrame,
    account: Account,
    level: float | None,
) -> pd.DataFrame:
    """The columns of a table; ``spent`` are costs by period, and ``upkeep`` those of the base, that nobody caused."""
    acquired = account.costs.per_new_customer
    sums = rows.groupby(keys, observed=True)[["orders", "revenue", "earned", "serving"]].sum()
    sums = sums.reindex(counts.index, fill_value=0.0)
    spent = spent.reindex(counts.index, fill_value=0.0)
    fixed = spent["serving"] + spent["acquisition"] + upkeep
    rows = rows.assign(value=rows["earned"] - rows["serving"] - acquired * rows["new"])
    serving = sums["serving"] + spent["serving"] + upkeep
    acquisition = acquired * counts["new_customers"] + spent["acquisition"]
    columns = {
        **counts,
        "orders": sums["orders"].astype(np.int64),
        "revenue": sums["revenue"],
        "cost_of_serving": serving,
        "cost_of_acquisition": acquisition,
        "value": sums["earned"] - serving - acquisition,
    }
    ratios = ratio_table(rows, keys, _RATIOS, customers=counts["customers"], fixed_cost=fixed, level=level)
    return pd.DataFrame(columns).join(ratios)


def _by_customer(whole: pd.DataFrame) -> pd.DataFrame:
    table = whole.set_index(pd.Index(whole["customer"], name="customer_id"))[["orders", "revenue", "earned", "serving"]]
    table = table.rename(columns={"serving": "cost_of_serving"})
    table["profit"] = table["earned"] - table["cost_of_serving"]
    table["break_even_cost"] = table["earned"] / table["orders"]
    table["unprofitable"] = table["profit"] < 0.0
    table = table.sort_values("profit", ascending=False, kind="stable")
    table["cumulative_profit"] = table["profit"].cumsum()
    return table


def _of_a_customer(total: pd.Series[float]) -> list[str]:
    """What a customer was worth, and what the revenue is made of."""
    value, aov, revenue = formats.amounts(
        [total["value_per_customer"], total["average_order_value"], total["revenue_per_customer"]]
    )
    (cost,) = formats.amounts([total["revenue_per_customer"] - total["value_per_customer"]])
    orders = formats.number(round(total["purchase_frequency"], 2))
    return [
        f"A customer was worth {value} in all periods together: {revenue} of revenue, less {cost} of costs.",
        f"Average order value {aov} × {orders} orders a customer = {revenue}.",
    ]
