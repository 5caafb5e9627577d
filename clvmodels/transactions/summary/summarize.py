"""A transaction log becomes a summary: recency, frequency and monetary value of every customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.lines import Amount
from clvmodels.transactions.summary.rows import read_ledgers


def summarize(
    log: Any,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: Amount = None,
    order: str | None = None,
    unit: str = "week",
    observation_end: Any = None,
    refunds: str = "net",
    timezone: str | None = None,
    currency: str | None = None,
    keep: str | Sequence[str] | None = None,
    keep_purchases: bool = False,
) -> Customers:
    """Recency, frequency and monetary value of every customer in a transaction log.

    Purchases of one customer on one calendar day are one purchase, whatever the unit. T and recency are exact
    fractions of the unit (days / 7 for weeks).

    Parameters
    ----------
    log
        pandas, polars or PyArrow frame, DuckDB relation, Ibis table or PySpark DataFrame; or the path or glob (or a
        list of them) of CSV or Parquet files. The summary is computed where the data are.
    customer, date
        Columns with the customer's id and the day or time of the purchase. Dates are dates, timestamps, ISO text or
        whole numbers such as 19970131. Lines without a customer or a date are left out and counted.
    amount
        Column with the value of a line; several columns mean their product: ``("Quantity", "Price")`` or
        ``"Quantity * Price"``. Without it there is no monetary value.
    order
        Column with the order number, if a line is only a part of an order. An order lies on the day of its first
        line.
    unit
        "hour", "day", "week", "month" or "year": the unit of recency and T.
    observation_end
        Last day observed, inclusive; lines after it are left out and counted. Default: the last day of the log.
    refunds
        What a negative order (or line, if no ``order`` is given) means. "net": it is set against the purchases of its
        day, then against those of the customer's days before, the latest first; a day of which nothing is left is no
        purchase day. "drop": it is left out. "error": it is an error. All are counted in the report.
    timezone
        Time zone of the calendar day, for timestamps that know theirs; by default the column's own. Timestamps without
        a zone are taken as they are.
    currency
        Label of the amounts, for tables and plots.
    keep
        Columns that customers take with them, such as ``["channel", "gender"]``, as further columns of the table. A
        customer's value is that of the first purchase; if the purchases of that day have several, the smallest of
        them, which doesn't depend on the order of the lines. It is missing only if that day has none; categories
        come as text. The report tells how many customers have more than one value.
    keep_purchases
        Keep every purchase day, with what was spent on it, as ``customers.purchases``.

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
    (ledger,) = read_ledgers(
        log,
        customer=customer,
        date=date,
        amount=amount,
        order=order,
        unit=unit,
        observation_end=observation_end,
        refunds=refunds,
        timezone=timezone,
        keep=keep,
        keep_purchases=keep_purchases,
    )
    return ledger.customers(currency=currency)
