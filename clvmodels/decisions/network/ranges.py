"""Ranges of network values, from those of the customers' own values and of their sum.

An error of the parameters is shared by all customers more or less, so that errors neither cancel nor simply add up. One
common factor says how much: customer i is off by h_i (r z + sqrt(1 - r²) e_i), z common and e_i his own, and r is such
that the sum over all customers has the range that came with the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.decisions.network.attribution import links
from clvmodels.decisions.network.referral_value import Terms
from clvmodels.decisions.network.referrals import Edges
from clvmodels.errors import DataError
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import name_ids


@dataclass(frozen=True, eq=False)
class Spread:
    """How far own values may be off.

    Attributes
    ----------
    below, above : ndarray of shape (n,)
        From the value to its bounds, 0 or more.
    shared : float
        r², the part of the variance that all customers share; 1 where the values don't tell.
    """

    below: Array
    above: Array
    shared: float


def own_spread(value: Any, worth: pd.Series[float]) -> Spread | None:
    """That of values with bounds; None if they have none.

    Parameters
    ----------
    value
        As users pass it: a frame may have columns with ``_lower`` and ``_upper`` beside the values.
    worth : pandas.Series
        The values, named as their column; ``attrs["total"]`` may have the range of their sum.

    Raises
    ------
    DataError
        Bounds are missing, or a value is outside of its own.
    """
    names = [f"{worth.name}{side}" for side in ("_lower", "_upper")]
    frame = value if isinstance(value, pd.Series) else to_pandas(value)
    if isinstance(frame, pd.Series) or not set(names) <= set(frame.columns):
        return None
    own, (lower, upper) = np.asarray(worth, dtype=np.float64), (numbers(frame, name) for name in names)
    wrong = ~((lower <= upper) & np.isfinite(lower) & np.isfinite(upper))
    if wrong.any():
        raise DataError(
            f"Bounds of {int(wrong.sum()):,} values are missing or crossed ({name_ids(worth.index[wrong])})."
        )
    # Bounds over draws may leave out a mean that a few draws pull up.
    below, above = np.maximum(own - lower, 0.0), np.maximum(upper - own, 0.0)
    return Spread(below, above, _shared(below + above, worth.attrs.get("total", {}).get(str(worth.name))))


def network_spread(spread: Spread, edges: Edges, terms: Terms, further: tuple[Array, Array]) -> tuple[Array, Array]:
    """How far network values may be below and above.

    Parameters
    ----------
    spread : Spread
        Of the own values.
    edges : Edges
        Who referred whom.
    terms : Terms
        What a referral is worth.
    further : tuple of two ndarray of shape (n,)
        What comes on top from the second level on, below and above; taken as shared.
    """
    credit = edges.split * terms.discount * terms.incremental[edges.referee]
    matrix = links(edges.referrer, edges.referee, credit, edges.size)
    matrix.sum_duplicates()
    squared = matrix.power(2)

    def of(half: Array, more: Array) -> Array:
        common = half + matrix @ half + more
        return np.sqrt(spread.shared * common**2 + (1.0 - spread.shared) * (half**2 + squared @ half**2))

    return of(spread.below, further[0]), of(spread.above, further[1])


# --- private helpers --------------------------------------------------------------------------------------------------


def _shared(width: Array, total: dict[str, float] | None) -> float:
    """r² = (w² - Σ w_i²) / ((Σ w_i)² - Σ w_i²), w the width of the range of the sum."""
    own, most = float((width**2).sum()), float(width.sum()) ** 2
    if total is None or not most > own:
        return 1.0
    found = ((float(total["upper"]) - float(total["lower"])) ** 2 - own) / (most - own)
    return float(min(max(found, 0.0), 1.0))
