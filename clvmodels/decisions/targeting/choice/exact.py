"""The exact choice for some thousand pairs, by HiGHS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array, Places


def best_by_milp(
    profit: Array,
    useful: NDArray[np.bool_],
    cost: Array,
    budget: float,
    limits: Array | None,
    time_limit: float,
) -> tuple[Places, float] | None:
    """Activities and a bound, or None if nothing was found in the time.

    Parameters
    ----------
    profit, cost : ndarray of shape (n, activities)
        Of each pair.
    useful : ndarray of bool of shape (n, activities)
        Which pairs may be chosen.
    budget : float
        Of the costs.
    limits : ndarray of shape (activities,) or None
        Customers an activity can reach at most.
    time_limit : float
        Seconds.

    Returns
    -------
    tuple of ndarray of shape (n,) and float, or None
        The activity of each customer, -1 for none; and what no choice exceeds.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    row, activity = np.nonzero(useful)
    matrix, most = constraints(row, activity, cost[row, activity], budget, limits)
    found = milp(
        -profit[row, activity],
        integrality=np.ones(len(row)),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    taken = np.flatnonzero(found.x > 0.5)
    chosen = np.full(len(profit), -1)
    chosen[row[taken]] = activity[taken]
    bound = -found.fun if found.mip_dual_bound is None else -found.mip_dual_bound
    return chosen, float(bound)


def constraints(
    row: Places, activity: Places, cost: Array, budget: float, limits: Array | None
) -> tuple[object, Array]:
    """One activity a customer, the budget and the limits, as A x <= most; pairs in the columns."""
    from scipy.sparse import csr_array, vstack

    pairs = len(row)
    places, one = np.arange(pairs), np.ones(pairs)
    customers, index = np.unique(row, return_inverse=True)
    parts = [csr_array((one, (index, places)), shape=(len(customers), pairs))]
    most = [np.ones(len(customers))]
    if np.isfinite(budget):
        parts.append(csr_array((cost, (np.zeros(pairs, dtype=np.intp), places)), shape=(1, pairs)))
        most.append(np.full(1, budget))
    if limits is not None:
        for number in np.flatnonzero(np.isfinite(limits)):
            of = np.flatnonzero(activity == number)
            parts.append(csr_array((np.ones(len(of)), (np.zeros(len(of), dtype=np.intp), of)), shape=(1, pairs)))
            most.append(np.full(1, limits[number]))
    return vstack(parts, format="csr"), np.concatenate(most)
