"""The rows of the customers that a model sees, and the size of their units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import DataError
from clvmodels.inference.covariates import Learned
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.subscriptions import Subscriptions

Array = NDArray[np.float64]


def histories_of(model: Model, customers: Customers | Subscriptions, learned: Learned | None = None) -> Histories:
    """The distinct rows that this kind of model sees: its data, and the columns of the covariates if there are any."""
    histories = _plain_histories(model, customers)
    if learned is None or isinstance(customers, Subscriptions):
        return histories
    columns = learned.columns(table_of(model, customers))
    return group_histories(*(histories.spread(column) for column in histories.columns), *columns)


def table_of(model: Model, customers: Customers) -> pd.DataFrame:
    """The table of the customers that this kind of model is fitted to."""
    if model.KIND != "spend":
        return customers.table
    return customers.table[customers.table["spend_frequency"].to_numpy() > 0]


def _plain_histories(model: Model, customers: Customers | Subscriptions) -> Histories:
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
    columns = dict(zip(model.DATA, histories.columns, strict=False))
    size = (
        max(float(np.average(columns[name], weights=histories.weight)) for name in model.UNITS) if model.UNITS else 1.0
    )
    if not size > 0:
        return np.ones(len(model.PARAMETERS))
    rates = getattr(model, "RATES", ())
    return np.array([size if k in model.SCALED else 1.0 / size if k in rates else 1.0 for k in model.PARAMETERS])
