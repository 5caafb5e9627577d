"""The part of a log-likelihood that the gaps between purchases add and that no parameter touches.

A model of regular buyers has a density of every gap. `Spec.log_gaps` times the sum of a customer's log gaps belongs to
the log-likelihood; nothing is estimated from it, but models can only be compared with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.models.protocol import Model
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import days_to_units

KEEP = "Pass clvmodels.summarize(..., keep_purchases=True)"


def log_gap_terms(model: Model, customers: CustomerBase) -> Array | None:
    """What each customer's gaps add to the log-likelihood; None for a model that needs no gaps.

    Raises
    ------
    DataError
        The model needs them and the customers don't have them.
    """
    factor = model.spec.log_gaps
    if not factor:
        return None
    if not isinstance(customers, Customers) or customers.purchases is None:
        raise DataError(
            f"{model.spec.title}: the log-likelihood can be compared with that of another model only if the gaps "
            f"between purchases are known. {KEEP}."
        )
    return factor * sums_of_log_gaps(customers)


def sums_of_log_gaps(customers: Customers) -> Array:
    """Σ log gap of each customer, in the order of the table and with gaps in its unit; 0 without a repeat purchase."""
    purchases = customers.purchases
    if purchases is None:
        raise DataError(f"The gaps between purchases are not known. {KEEP}.")
    place = customers.table.index.get_indexer(pd.Index(purchases["customer_id"]))
    known = place >= 0
    place, day = place[known], purchases["day"].to_numpy(dtype="M8[D]")[known].astype(np.int64)
    counts = np.bincount(place, minlength=len(customers))
    if not np.array_equal(counts, customers.table["frequency"].to_numpy() + 1):
        raise DataError("customers.purchases are not those of customers.table: one of them has been changed.")
    order = np.lexsort((day, place))
    place, day = place[order], day[order]
    again = place[1:] == place[:-1]
    log_gaps = np.log(days_to_units(np.diff(day)[again].astype(np.float64), customers.unit))
    return np.bincount(place[1:][again], weights=log_gaps, minlength=len(customers))


def gap_term(model: Model, customers: CustomerBase) -> tuple[float, list[str]]:
    """The sum over customers, or 0 and a sentence that says that it is not known."""
    try:
        terms = log_gap_terms(model, customers)
    except DataError as error:
        return 0.0, [f"Without the gaps between purchases: {error}"]
    return 0.0 if terms is None else float(terms.sum()), []
