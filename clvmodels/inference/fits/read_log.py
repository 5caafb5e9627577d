"""Another log, read as the one that a model was fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clvmodels.errors import ColumnError
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.remembered import check_currency, columns_in_words, read_as
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.readers import open_log
from clvmodels.transactions.summary.opportunities import summarize_opportunities
from clvmodels.transactions.summary.summarize import summarize


def read_log(
    data: Any,
    remembered: Log | None,
    given: dict[str, Any],
    *,
    model: Model,
    unit: str,
    currency: str | None,
    wanted: Sequence[str],
    observation_end: Any,
    keep_purchases: bool,
) -> Customers:
    """The customers of a log, in the unit of the model, with those of its columns that the model knows customers by.

    Raises
    ------
    ColumnError
        A column is not there that the log of the model had.
    ArgumentError
        Amounts are in another currency.
    """
    log = bound_log(data, **given) if remembered is None or isinstance(data, Log) else read_as(data, remembered, given)
    keep = [name for name in wanted if name in open_log(log).columns]
    try:
        if model.spec.discrete:
            customers = summarize_opportunities(log, opportunity=unit, observation_end=observation_end, keep=keep)
        else:
            customers = summarize(
                log, unit=unit, observation_end=observation_end, keep=keep, keep_purchases=keep_purchases
            )
    except ColumnError as problem:
        if remembered is None:
            raise
        raise not_as_fitted(problem, remembered) from None
    check_currency(currency, customers.currency)
    return customers


def not_as_fitted(problem: ColumnError, remembered: Log) -> ColumnError:
    """The error of a log that lacks a column which that of the model had."""
    return ColumnError(f"{problem} The model was fitted to a log with {columns_in_words(remembered)}.")
