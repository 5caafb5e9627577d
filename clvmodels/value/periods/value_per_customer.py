"""Value per customer by calendar period: revenue less costs, over the customers of the period."""

from __future__ import annotations

from typing import Any, Literal, Unpack

from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.summarize import summarize
from clvmodels.transactions.summary.warn_of_log import pointed_out
from clvmodels.value.costs import PerCustomer
from clvmodels.value.periods.account import Account
from clvmodels.value.periods.past_value import PastValue, past_value
from clvmodels.value.periods.period_costs import Costs


@takes_log
@checked
def value_per_customer(
    log: Any,
    *,
    costs: Costs | None = None,
    margin: PerCustomer = 1.0,
    period: Literal["month", "quarter", "year"] = "month",
    by: str | None = None,
    base: Literal["active", "known"] = "active",
    interval: float | None = None,
    observation_end: Any = None,
    **columns: Unpack[LogKeywords],
) -> PastValue:
    """What customers were worth in each month, quarter or year: revenue less costs, a customer.

    Value per customer = (margin × revenue - cost of serving - cost of acquisition) / customers, and average order value
    × purchase frequency = revenue per customer. Revenue is what is left after refunds, on the day of the purchase. The
    value of several periods together is not the mean of their values: ``total`` has it.

    Parameters
    ----------
    log : Log, frame, path or Customers
        The log; or customers that carry their purchases (``keep_purchases=True``).
    costs : Costs, optional
        What customers cost; without it nothing.
    margin : float, pandas.Series or sequence, default 1
        Share of the revenue that is earned, before these costs; a number, or one a customer (a Series by customer_id).
    period : {"month", "quarter", "year"}, default "month"
        The calendar periods.
    by : str, optional
        Groups: a column that customers carry or that the log has, such as "channel" (a customer's first value counts);
        or "cohort", by the period of the first purchase.
    base : {"active", "known"}, default "active"
        Over whom: customers with an order in the period; or all who had their first purchase until its end.
    interval : float, optional
        Level of confidence intervals of the ratios, such as 0.90: customers are the sample.
    observation_end : str or date, optional
        Last day observed, inclusive. Default: the last day of the log.
    **columns
        How to read the log, see `clvmodels.Log`; ``amount`` is needed.

    Returns
    -------
    PastValue
        ``table``, one row a period (and group), ``total`` of all periods, ``customers``, and sentences.

    Raises
    ------
    ArgumentError
        An argument has no meaning here.
    DataError
        There are no amounts, the customers don't carry their purchases, or there is no column ``by``.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "id": [1, 1, 2, 1, 3, 3, 3],
    ...         "day": [f"2024-{day}" for day in "01-01 01-02 01-03 02-01 02-02 02-03 02-04".split()],
    ...         "paid": [20.0, 30.0, 10.0, 40.0, 6.0, 6.0, 8.0],
    ...     }
    ... )
    >>> value = value_per_customer(log, customer="id", date="day", amount="paid", observation_end="2024-02-29",
    ...                            costs=Costs(per_order=2.0, per_new_customer=5.0))
    >>> value.table[["customers", "revenue", "value_per_customer"]]
                customers  revenue  value_per_customer
    period
    2024-01-31          2     60.0                22.0
    2024-02-29          2     60.0                23.5
    """
    if period not in ("month", "quarter", "year"):
        raise ArgumentError(f'period must be "month", "quarter" or "year", not {period!r}.')
    if base not in ("active", "known"):
        raise ArgumentError(f'base must be "active" or "known", not {base!r}.')
    if interval is not None and not (isinstance(interval, float) and 0.0 < interval < 1.0):
        raise ArgumentError(f"interval must be a level between 0 and 1, such as 0.90, not {interval!r}.")
    customers = _customers(log, by, observation_end, columns)
    _check_columns(customers, by)
    account = Account.of(customers, costs or Costs(), margin, period=period, by=by)
    return past_value(account, base=base, level=interval)


def _customers(log: Any, by: str | None, observation_end: Any, columns: LogKeywords) -> Customers:
    """Customers as they are given, or of a log with their purchases and the column that groups them."""
    if isinstance(log, Customers):
        if columns or observation_end is not None:
            raise ArgumentError("Customers are summarized already: pass no columns and no observation_end=.")
        return log
    bound = Log.of(log, **columns)
    if not bound.has_amounts:
        raise ArgumentError("Value per customer needs the amounts. Pass amount=, the name of a column.")
    keep = [] if by in (None, "cohort") else [str(by)]
    made = summarize(bound, observation_end=observation_end, keep=keep or None, keep_purchases=True)
    return pointed_out(made)


def _check_columns(customers: Customers, by: str | None) -> None:
    """Raise if customers have no purchases, no amounts or no column that groups them."""
    if customers.purchases is None:
        raise DataError("These customers don't carry their purchases. Pass keep_purchases=True to clvmodels.summarize.")
    if customers.purchases["spend"].isna().all():
        raise DataError("These customers carry no amounts. Summarize the log with amount=.")
    if by not in (None, "cohort") and by not in customers.table:
        raise DataError(f"These customers have no column {by!r}. Pass keep={by!r} to clvmodels.summarize, or join it.")
