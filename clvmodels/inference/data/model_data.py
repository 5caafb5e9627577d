"""The rows of the customers that a model sees, and the size of their units."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.inference.data.covariates import Learned
from clvmodels.models.protocol import Model
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions


def histories_of(model: Model, customers: CustomerBase, learned: Learned | None = None) -> Histories:
    """The distinct rows that this kind of model sees: its data, and the columns of the covariates if there are any."""
    histories = _plain_histories(model, customers)
    if learned is None or isinstance(customers, Subscriptions):
        return histories
    columns = learned.columns(table_of(model, customers))
    return group_histories(*(histories.spread(column) for column in histories.columns), *columns)


def table_of(model: Model, customers: Customers | Payments) -> pd.DataFrame:
    """The table of the customers that this kind of model is fitted to."""
    if isinstance(customers, Payments) or model.spec.kind != "spend":
        return customers.table
    return customers.table[spend_columns(model, customers)[0] > 0]


def spend_columns(model: Model, customers: Customers) -> tuple[Array, ...]:
    """What a spend model sees of each customer: number and mean (0 if there is none) of the repeat purchases.

    A model of every purchase sees the first ones too, and the geometric mean.
    """
    if model.spec.every_purchase:
        return tuple(customers.purchase_amounts())
    x = customers.table["spend_frequency"].to_numpy(dtype=np.float64)
    return x, np.where(x > 0, customers.table["monetary_value"].to_numpy(dtype=np.float64), 0.0)


def _plain_histories(model: Model, customers: CustomerBase) -> Histories:
    if len(customers) == 0:
        raise DataError("There are no customers to fit.")
    if isinstance(customers, Subscriptions):
        return _renewal_histories(customers)
    if isinstance(customers, Payments):
        if not customers.table["invoices"].any():
            raise DataError("No invoice's time to pay is over yet, so that nothing is known about default.")
        return customers.histories()
    if model.spec.kind == "purchases":
        histories = customers.histories()
        model.check_histories(*histories.columns)
        return histories
    return _spend_histories(model, customers)


def _renewal_histories(customers: Subscriptions) -> Histories:
    histories = customers.histories()
    if not any(column.any() for column in histories.columns):
        raise DataError(f"No renewal has been due yet: every customer is within the first {customers.unit}.")
    return histories


def _spend_histories(model: Model, customers: Customers) -> Histories:
    histories, what = customers.spend_histories(), "repeat spend"
    if model.spec.every_purchase:
        columns, what = spend_columns(model, customers), "spend"
        histories = group_histories(*(column[columns[0] > 0] for column in columns))
    if len(histories) == 0:
        raise DataError(
            f"{model.spec.title} needs customers with positive {what}, and none of {len(customers):,} has any. Was the "
            "log read with amounts?"
        )
    return histories


def scales_of(model: Model, histories: Histories) -> Array:
    """The size of each parameter's unit in these data: the mean of the largest column it scales with, else 1."""
    columns, spec = dict(zip(model.spec.data, histories.columns, strict=False)), model.spec
    size = max((float(np.average(columns[name], weights=histories.weight)) for name in spec.units), default=1.0)
    return sizes(model, size if size > 0 else 1.0)


def sizes(model: Model, size: float) -> Array:
    """What the parameters of a model are measured in where its scales are measured in ``size``."""
    scaled, rates = model.spec.scaled, model.spec.rates
    return np.array([size if k in scaled else 1.0 / size if k in rates else 1.0 for k in model.spec.parameters])
