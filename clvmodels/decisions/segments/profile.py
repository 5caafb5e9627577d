"""What is known of each segment: size, share of value, purchases, spend, risk, cost."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

_COLUMNS = {"purchase_rate": "expected_purchases", "spend": "expected_spend", "risk": "attrition_risk", "cost": "cost"}


def profile(customers: pd.DataFrame, segments: Sequence[str]) -> pd.DataFrame:
    """One row a segment; what the customers have no column for is absent.

    Parameters
    ----------
    customers
        ``segment`` and ``value``, and perhaps ``expected_purchases``, ``expected_spend``, ``attrition_risk`` and
        ``cost``, one row a customer.
    segments
        Their names, in order.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``segment``, without empty ones: see `clvmodels.decisions.segments.segment.Segments`.
    """
    grouped = customers.groupby("segment", observed=True, sort=False)
    table = pd.DataFrame({"customers": grouped.size()})
    table["share_of_customers"] = table["customers"] / len(customers)
    table["value"] = grouped["value"].sum()
    if table["value"].sum() > 0.0:
        table["share_of_value"] = table["value"] / table["value"].sum()
    for name, column in _COLUMNS.items():
        if column in customers:
            table[name] = grouped[column].mean()
    if {"purchase_rate", "spend"} <= set(table):
        table["spend"] = _spend_per_purchase(customers)
    table["value_per_customer"] = table["value"] / table["customers"]
    table.index = pd.Index(table.index.astype(object), name="segment")
    return table.reindex([name for name in segments if name in table.index])


def _spend_per_purchase(customers: pd.DataFrame) -> pd.Series[float]:
    """Expected spend a purchase of a segment: customers count by their purchases; alike where none expects any."""
    weight = customers["expected_purchases"].clip(lower=0.0)
    weight = weight.where(weight.groupby(customers["segment"], observed=True).transform("sum") > 0.0, 1.0)
    sums = pd.DataFrame({"segment": customers["segment"], "of": weight * customers["expected_spend"], "by": weight})
    total = sums.groupby("segment", observed=True)[["of", "by"]].sum()
    return total["of"] / total["by"]
