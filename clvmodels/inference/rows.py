"""The rows of the customers that a model sees, and the size of their units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clvmodels.errors import DataError
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.subscriptions import Subscriptions

Array = NDArray[np.float64]


def histories_of(model: Model, customers: Customers | Subscriptions) -> Histories:
    """The distinct rows that this kind of model sees."""
    if len(customers) == 0:
        raise DataError("There are no customers to fit.")
    if isinstance(customers, Subscriptions):
        histories = customers.histories()
        if not any(column.any() for column in histories.columns):
            raise DataError(f"No renewal has been due yet: every customer is within the first {customers.unit}.")
        return histories
    if model.KIND == "purchases":
        histories = customers.histories()
        if hasattr(model, "check_histories"):
            model.check_histories(*histories.columns)
        return histories
    histories = customers.spend_histories()
    if len(histories) == 0:
        raise DataError(
            f"{model.TITLE} needs customers with positive repeat spend, and none of {len(customers):,} has any. "
            "Was the log summarized with amount=?"
        )
    return histories


def scales_of(model: Model, histories: Histories) -> Array:
    """The size of each parameter's unit in these data: the mean of the largest column it scales with, else 1."""
    columns = dict(zip(model.DATA, histories.columns, strict=True))
    size = (
        max(float(np.average(columns[name], weights=histories.weight)) for name in model.UNITS) if model.UNITS else 1.0
    )
    if not size > 0:
        return np.ones(len(model.PARAMETERS))
    rates = getattr(model, "RATES", ())
    return np.array([size if k in model.SCALED else 1.0 / size if k in rates else 1.0 for k in model.PARAMETERS])
