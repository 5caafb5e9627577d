"""`summarize_lazy`: a log becomes customers whose summary stays where the log is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Unpack

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError, LogWarning
from clvmodels.signatures import checked
from clvmodels.transactions.lazy.lazy_customers import MOST_ROWS, LazyCustomers, check_rows
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import days_to_units, parse_day, to_timestamp
from clvmodels.transactions.log.engine import collect, to_engine
from clvmodels.transactions.log.forms.typed import read_forms
from clvmodels.transactions.log.lines import read_lines
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.copies import read_lines_once
from clvmodels.transactions.summary.currencies import find_currencies
from clvmodels.transactions.summary.left_out import leave_out
from clvmodels.transactions.summary.profile import profile_lines, show_lines, used_lines
from clvmodels.transactions.summary.purchase_days import Rules, customer_rows, purchase_days
from clvmodels.transactions.units import check_unit
from clvmodels.user_warning import point_out

Frame = nw.LazyFrame[Any]


@takes_log
@checked
def summarize_lazy(
    log: Any,
    *,
    unit: str = "week",
    observation_end: Any = None,
    max_rows: int = MOST_ROWS,
    **columns: Unpack[LogKeywords],
) -> LazyCustomers:
    """Recency, frequency and monetary value of every customer, where the log is: nothing is pulled but counts.

    The numbers are those of `summarize`, by the same steps. The engine looks at the lines once, to say what can't be
    used; the summary itself is computed when it is asked for. What `summarize` says beside it (the row report, lines
    that are copies of others) and keeps (purchases, further columns) is not there.

    Parameters
    ----------
    log
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        The unit of recency and T.
    observation_end : str or date, optional
        Last day observed, inclusive. Default: the last day of the log.
    max_rows : int, default 5,000,000
        As many rows are pulled at most by what comes after.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    LazyCustomers
        ``summary`` is a frame of the engine: PySpark, Ibis, polars, or DuckDB for files.

    Raises
    ------
    DataError
        The log can't be used as it is; the message shows lines and says what to do.
    ArgumentError
        An argument has no meaning here.

    Warns
    -----
    LogWarning
        Amounts are in several currencies, and nothing is done about them.

    See Also
    --------
    summarize : One row a customer in memory, with a report on every line.
    summary_sql : The summary as SQL.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize_lazy(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                                amount="amount", observation_end="1997-09-30")
    >>> customers.count()
    2357
    >>> fit = clv.fit(customers, "bg/nbd")
    >>> {name: round(value, 3) for name, value in fit.parameters.items()}, fit.n_histories
    ({'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}, 1016)
    """
    check_unit(unit)
    check_rows(max_rows)
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    rows, last_day, currency = _rows(bound_log(log, **columns), end)
    summary = rows.select(**_in_units(rows, last_day, unit)).to_native()
    return LazyCustomers(summary, unit, to_timestamp(last_day), currency, max_rows)


def _rows(log: Log, end: int | None) -> tuple[Frame, int, str | None]:
    """One row a customer with a purchase, the last day observed, and the currency."""
    frame, columns, _ = read_lines_once(log)
    currencies = find_currencies(log, columns)
    if currencies is not None:
        point_out(
            f"Column {currencies[0]!r} has {len(currencies[1])} currencies, and amounts are taken as they are. Pass "
            "currency= or rates=.",
            LogWarning,
        )
    if columns.money.column is None:
        log = replace(log, currency=columns.money.label)
    frame, columns, reading = read_forms(frame, columns, log)
    lines, _ = leave_out(read_lines(to_engine(frame, columns.moments, log.timezone), columns), columns)
    profile = profile_lines(lines, columns, end, log)
    rules = Rules(
        has_amounts=log.has_amounts,
        has_orders=log.order is not None,
        refunds=("net" if log.refunds == "error" else log.refunds) if profile.refunds else None,
    )
    rows = customer_rows(purchase_days(used_lines(lines, profile), rules), rules)
    if rules.refunds and log.refunds == "error":
        _refuse_refunds(rows, lines)
    return rows.filter(nw.col("purchase_days") > 0), profile.end, reading.money.label


def _refuse_refunds(rows: Frame, lines: Frame) -> None:
    if int(collect(rows.select(number=nw.col("refund_orders").sum().cast(nw.Int64)))["number"][0]):
        raise DataError(
            f"Some lines have a negative amount: {show_lines(lines.filter(nw.col('amount') < 0))}. "
            'Pass refunds="net" to set them against earlier purchases, or refunds="drop" to leave them out.'
        )


def _in_units(rows: Frame, end: int, unit: str) -> dict[str, nw.Expr]:
    """The columns of a summary, as `PeriodSummary.customers` has them."""
    first, last = nw.col("first_day"), nw.col("last_day")
    columns = {
        "customer_id": nw.col("customer"),
        "frequency": (nw.col("purchase_days") - 1).cast(nw.Int64),
        "recency": days_to_units((last - first).cast(nw.Float64), unit),
        "T": days_to_units((nw.lit(end) - first).cast(nw.Float64), unit),
    }
    if "repeat_spend" in rows.collect_schema().names():
        number = nw.col("repeat_spend_days")
        mean = nw.col("repeat_spend") / number.cast(nw.Float64)
        columns |= {"monetary_value": nw.when(number > 0).then(mean), "spend_frequency": number.cast(nw.Int64)}
    return columns
