"""What winning a customer costs: a number, one a group, or a table of spending and customers won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, DataError

type AcquisitionCost = float | Mapping[Any, float] | pd.Series[float] | pd.DataFrame


def cost_table(cost: AcquisitionCost, groups: Sequence[Any]) -> pd.DataFrame:
    """The cost of acquisition of each group: columns ``cac`` and ``marginal_cac``.

    Of a table with ``spend`` and ``customers`` (and ``group``), ``cac`` is Σ spend / Σ customers. Where a group has
    several rows, each another level of spending, ``marginal_cac`` is the slope Δ spend / Δ customers between its two
    highest: what the next customers cost if the curve goes on as between them. It is NaN where it isn't known.

    Parameters
    ----------
    cost
        A number for all groups; a mapping or Series by group; or a table.
    groups
        The groups, in the order of the answer.

    Raises
    ------
    ArgumentError
        It is none of these.
    DataError
        A group has no cost, one near 0 (CLV : CAC then means nothing), or more spending has brought fewer customers.
    """
    if isinstance(cost, pd.DataFrame):
        table = _from_spending(cost, groups)
    else:
        table = pd.DataFrame({"cac": _each(cost, groups), "marginal_cac": np.nan}, index=pd.Index(groups, name="group"))
    wrong = ~(np.isfinite(table["cac"]) & (table["cac"] > 0.0))
    if wrong.any():
        raise DataError(
            f"The acquisition cost of {table.index[wrong][0]!r} must be a finite number above 0: of nothing there is "
            "neither a ratio nor a payback time."
        )
    return table


def _each(cost: Any, groups: Sequence[Any]) -> list[float]:
    if isinstance(cost, Mapping | pd.Series):
        missing = [group for group in groups if group not in cost]
        if missing:
            raise DataError(f"acquisition_cost has no entry for {missing[0]!r}. Its entries: {list(cost.keys())}.")
        return [float(cost[group]) for group in groups]
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        raise ArgumentError(
            "acquisition_cost must be a number, one a group, or a table with columns spend and customers, not "
            f"{type(cost).__name__}."
        )
    return [float(cost)] * len(groups)


def _from_spending(table: pd.DataFrame, groups: Sequence[Any]) -> pd.DataFrame:
    for name in ("spend", "customers", *(["group"] if len(groups) > 1 else [])):
        if name not in table:
            raise DataError(f"The table of acquisition costs has no column {name!r}. Columns: {list(table.columns)}.")
    named = table if "group" in table else table.assign(group=groups[0])
    rows = {group: named[named["group"] == group] for group in groups}
    for group, part in rows.items():
        if part.empty or not (part["customers"] > 0).all():
            raise DataError(f"The table of acquisition costs has no spending with customers won for {group!r}.")
    found = [(part["spend"].sum() / part["customers"].sum(), _slope(part, group)) for group, part in rows.items()]
    return pd.DataFrame(found, columns=["cac", "marginal_cac"], index=pd.Index(groups, name="group"), dtype=np.float64)


def _slope(part: pd.DataFrame, group: Any) -> float:
    if len(part) < 2:
        return np.nan
    lower, upper = part.sort_values("spend")[["spend", "customers"]].to_numpy(dtype=np.float64)[-2:]
    spent, won = upper - lower
    if spent > 0.0 and won <= 0.0:
        raise DataError(
            f"Of {group!r}, spending {upper[0]:g} has won no more customers than spending {lower[0]:g}: the next "
            "customer has no cost. Leave one of the two rows out."
        )
    return float(spent / won) if won > 0.0 else np.nan
