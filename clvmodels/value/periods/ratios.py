"""Ratios over customers, such as revenue per order, and their intervals: customers are the sampling unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm


class Ratio(NamedTuple):
    """(Σ ``numerator`` - fixed cost) / Σ ``denominator`` over customers; the denominator "customers" counts them."""

    name: str
    numerator: str
    denominator: str
    less_fixed_cost: bool = False


def ratio_table(
    rows: pd.DataFrame,
    keys: list[str],
    ratios: Sequence[Ratio],
    *,
    customers: pd.Series[int],
    fixed_cost: pd.Series[float],
    level: float | None,
) -> pd.DataFrame:
    """Each ratio by period (and group), with the bounds of a confidence interval.

    With R = ΣU / ΣN and the residuals z_i = (U_i - R N_i) / mean(N), the standard error is sd(z) / √n (the delta
    method; Cochran 1977, Sampling Techniques, section 6.4). Fixed costs are no sample and shift the bounds only.

    Parameters
    ----------
    rows
        One row a customer and period with business in it.
    keys
        Columns of ``rows`` that name the period and the group.
    ratios
        What to compute.
    customers
        Customers by the keys; more than there are rows if those without business count too, with sums of 0.
    fixed_cost
        Costs by the keys that belong to no customer.
    level
        Level of the intervals; None for no bounds.
    """
    sums = rows.groupby(keys, observed=True).sum(numeric_only=True).reindex(customers.index, fill_value=0.0)
    place = customers.index.get_indexer(_index(rows, keys))
    out: dict[str, pd.Series[float]] = {}
    for one in ratios:
        counted = one.denominator == "customers"
        total = (customers if counted else sums[one.denominator]).astype(np.float64)
        total = total.where(total > 0.0)
        ratio = sums[one.numerator] / total
        out[one.name] = ratio - (fixed_cost / total if one.less_fixed_cost else 0.0)
        if level is None:
            continue
        unit = 1.0 if counted else rows[one.denominator].to_numpy()
        residual = rows[one.numerator].to_numpy() - ratio.to_numpy()[place] * unit
        squares = np.bincount(place, residual**2, len(customers))
        if counted:  # those without business are off by the ratio itself
            squares += (customers - np.bincount(place, minlength=len(customers))).to_numpy() * ratio.to_numpy() ** 2
        n = customers.where(customers > 1).astype(np.float64)  # of one customer nothing is known about the spread
        half = norm.ppf(0.5 + level / 2.0) * np.sqrt(squares * n / (n - 1.0)) / total
        lower = out[one.name] - half
        if not one.less_fixed_cost:  # revenue and orders are not negative
            lower = lower.clip(lower=0.0)
        out |= {f"{one.name}_lower": lower, f"{one.name}_upper": out[one.name] + half}
    return pd.DataFrame(out)


def _index(rows: pd.DataFrame, keys: list[str]) -> pd.Index:
    return pd.MultiIndex.from_frame(rows[keys]) if len(keys) > 1 else pd.Index(rows[keys[0]])
