"""A transaction log becomes a summary: recency, frequency and monetary value of every customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.periods import summarize_period


@takes_log
@checked
def summarize(
    log: Any,
    *,
    unit: str = "week",
    observation_end: Any = None,
    keep: str | Sequence[str] | None = None,
    keep_purchases: bool = False,
    **columns: Unpack[LogKeywords],
) -> Customers:
    """Recency, frequency and monetary value of every customer in a transaction log.

    Purchases of one customer on one calendar day are one purchase, whatever the unit. T and recency are exact
    fractions of the unit (days / 7 for weeks).

    Parameters
    ----------
    log
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        The unit of recency and T.
    observation_end : str or date, optional
        Last day observed, inclusive; lines after it are left out and counted. Default: the last day of the log.
    keep : str or sequence of str, optional
        Columns that customers take with them, such as ``["channel", "gender"]``, as further columns of the table. A
        customer's value is that of the first purchase; if the purchases of that day have several, the smallest of
        them, which doesn't depend on the order of the lines. It is missing only if that day has none; categories
        come as text. The report tells how many customers have more than one value.
    keep_purchases : bool, default False
        Keep every purchase day, with what was spent on it, as ``customers.purchases``.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    Customers
        One row a customer, sorted by id; ``report`` tells what happened to the rows of the log.

    Raises
    ------
    DataError
        The log can't be used as it is; the message names the rows and what to do.
    ArgumentError
        An argument has no meaning here.

    See Also
    --------
    summarize_opportunities : Counts opportunities rather than time, for "bg/bb".
    holdout_split : Keeps the last part of the log back, to test a model on.
    Customers.from_frame : Reads a summary that was made elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "id": ["ann", "ann", "bob", "ann"],
    ...         "day": ["2024-01-01", "2024-01-15", "2024-01-08", "2024-01-15"],
    ...         "paid": [10.0, 20.0, 5.0, 4.0],
    ...     }
    ... )
    >>> customers = summarize(log, customer="id", date="day", amount="paid", observation_end="2024-01-29")
    >>> customers.table
                 frequency  recency    T  monetary_value  spend_frequency
    customer_id
    ann                  1      2.0  4.0            24.0                1
    bob                  0      0.0  3.0             NaN                0
    """
    period = summarize_period(
        bound_log(log, **columns), unit=unit, observation_end=observation_end, keep=keep, keep_purchases=keep_purchases
    )
    return period.customers()
