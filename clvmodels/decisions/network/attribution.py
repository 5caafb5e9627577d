"""Value passed on along referrals, over all levels: Σ (ρW)ᵏ V = (I - ρW)⁻¹ V.

W_ij is the share of j's value that is credited to i. Each column sums to the share s_j ≤ 1 that j gives away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, csr_array, identity
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, gmres, splu

from clvmodels.arrays import Array, Places
from clvmodels.errors import ConvergenceError, DataError
from clvmodels.transactions.validation import name_ids

_ENOUGH = 1e-12  # of the sum of all values, what levels that are left out may hold
_MOST_LEVELS = 64  # that are summed one by one
_WHOLE = 1e-12  # by which a share of 1 may miss it
_SMALL = 2_000  # customers in one circle, up to whom equations are solved by elimination


@dataclass(frozen=True, eq=False)
class Credits:
    """W, and which customers refer one another in a circle.

    Attributes
    ----------
    matrix
        W, with referrers as rows.
    given
        s: the share of its value that each customer gives away.
    circle
        The number of the strongly connected component of each customer; a referrer's is never below its referee's.
    has_all
        Whether every referral credits something, so that the matrix has them all.
    """

    matrix: Any
    given: Array
    circle: Places
    has_all: bool

    @property
    def largest_circle(self) -> int:
        """Customers in it; 1 if there is none."""
        return int(np.bincount(self.circle).max())


def credits_of(referrer: Places, referee: Places, weight: Array, size: int) -> Credits:
    """W of edges, of which repeated ones sum, and those that credit nothing are none."""
    has_all = bool((weight > 0.0).all())
    counted = slice(None) if has_all else weight > 0.0
    matrix = links(referrer[counted], referee[counted], weight[counted], size)
    given = np.bincount(referee, weight, minlength=size)
    given[given >= 1.0 - _WHOLE] = 1.0
    return Credits(matrix, given, circles(matrix), has_all)


def links(referrer: Places, referee: Places, weight: Array, size: int) -> Any:
    """A sparse matrix with referrers as rows."""
    return csr_array((weight, (referrer.astype(np.int32), referee.astype(np.int32))), shape=(size, size))


def circles(matrix: Any) -> Places:
    """The number of the strongly connected component of each customer."""
    return np.asarray(connected_components(matrix, directed=True, connection="strong")[1], dtype=np.intp)


def check_circles(credits: Credits, ids: pd.Index[Any]) -> None:
    """Raise if all value within a circle stays in it and nobody keeps any: it would go round for ever."""
    members = np.bincount(credits.circle)
    full = (credits.given >= 1.0 - _WHOLE) & (members[credits.circle] > 1)
    if not full.any():
        return
    entries = credits.matrix.tocoo()
    inside = credits.circle[entries.row] == credits.circle[entries.col]
    kept = np.bincount(credits.circle[entries.col[inside]], entries.data[inside], minlength=len(members))
    closed = np.flatnonzero((members > 1) & (kept >= members * (1.0 - _WHOLE)))
    if len(closed):
        names = name_ids(ids[credits.circle == closed[0]])
        more = f", and {len(closed) - 1:,} more such circles" if len(closed) > 1 else ""
        raise DataError(
            f"Customers refer one another in a circle and give their whole value away ({names}{more}): it would go "
            "round for ever. Give one of them weights that sum to less than 1, or take one referral out."
        )


def over_all_levels(credits: Credits, values: Array, decays: Sequence[float]) -> list[Array]:
    """(I - ρW)⁻¹ V for each ρ.

    The levels are summed one by one, for all ρ at once, while they fade quickly; else the equations are solved: by
    elimination in the order of the referrals, which fills in nothing outside of circles, or by GMRES where a circle is
    large.
    """
    sums, fades = _summed(credits.matrix, values, decays)
    if fades:
        return sums
    solve = _eliminated if credits.largest_circle <= _SMALL else _iterated
    return [values.copy() if decay == 0.0 else solve(credits, values, decay) for decay in decays]


def _summed(matrix: Any, values: Array, decays: Sequence[float]) -> tuple[list[Array], bool]:
    """Sums over levels, and whether what is left out of them is nothing to speak of."""
    term, total = values, float(np.abs(values).sum())
    sums, left, fadings = [values.copy() for _ in decays], total, [0.0] * 3
    for level in range(1, _MOST_LEVELS + 1):
        term = matrix @ term
        before, left = left, float(np.abs(term).sum())
        if left == 0.0:
            return sums, True
        for one, decay in zip(sums, decays, strict=True):
            one += term if decay == 1.0 else decay**level * term
        fadings = [*fadings[1:], left / before]
        fading = max(fadings)  # of the last levels, since in circles it goes up and down
        if fading < 1.0 and left * fading / (1.0 - fading) <= _ENOUGH * total:
            return sums, True
        if level >= _MOST_LEVELS // 4 and fading ** (_MOST_LEVELS - level) * left > _ENOUGH * total:
            break
    return sums, False


def _equations(credits: Credits, decay: float) -> Any:
    return csc_array(identity(len(credits.given), format="csc") - decay * credits.matrix.tocsc())


def _eliminated(credits: Credits, values: Array, decay: float) -> Array:
    """By elimination, customers ordered so that referrers come after those whom they referred."""
    order = np.argsort(credits.circle, kind="stable")
    matrix = csc_array(_equations(credits, decay)[order][:, order])
    factors = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": False})
    found = np.empty(len(values))
    found[order] = factors.solve(values[order])
    return found


def _iterated(credits: Credits, values: Array, decay: float) -> Array:
    """By GMRES, which needs few steps where value fades slowly but evenly."""
    matrix = credits.matrix
    operator = LinearOperator((len(values),) * 2, matvec=lambda x: x - decay * (matrix @ x), dtype=np.float64)
    found, failed = gmres(operator, values, rtol=_ENOUGH, atol=0.0, restart=40, maxiter=25)
    left = np.abs(values - operator @ found).sum()
    if failed and left > 1e-11 * np.abs(values).sum():
        raise ConvergenceError(
            "The value that goes round among customers who refer one another fades too slowly to be summed. Give "
            "weights that sum to less than 1 for each referee."
        )
    return np.asarray(found)
