"""A transaction log becomes a summary: recency, frequency and monetary value of every customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.days import days_to_units, parse_day, to_timestamp
from clvmodels.transactions.lines import OBSERVED, Amount, find_columns, read_lines, with_period
from clvmodels.transactions.log import open_log, to_engine
from clvmodels.transactions.profile import Profile, profile_lines, show_lines
from clvmodels.transactions.purchases import Rules, customer_rows
from clvmodels.transactions.report import row_report
from clvmodels.transactions.units import check_unit

_REFUNDS = ("net", "drop", "error")


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
        Column with the order number, if a line is only a part of an order. An order lies on the day of its first line.
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
    ledger = read_ledger(
        log,
        customer=customer,
        date=date,
        amount=amount,
        order=order,
        unit=unit,
        observation_end=observation_end,
        refunds=refunds,
        timezone=timezone,
    )
    return ledger.customers(currency=currency)


@dataclass(frozen=True)
class Ledger:
    """What the engine sent back: a row a customer and period, and a row for each reason that a line was not used."""

    rows: dict[str, Any]
    profile: Profile
    end: int
    end_given: bool
    unit: str
    refunds: str
    has_amounts: bool

    def part(self, period: int, *, purchased: bool = True) -> dict[str, Any]:
        """Columns of one period, one row a customer; only those who purchased unless ``purchased`` is False."""
        keep = self.rows["period"] == period
        if purchased:
            keep &= self.rows["purchase_days"] > 0
        if keep.all():
            return self.rows
        return {name: column[keep] for name, column in self.rows.items()}

    def customers(self, *, end: int | None = None, currency: str | None = None) -> Customers:
        """The summary of the observed period, which ends with the day ``end``."""
        part = self.part(OBSERVED)
        if len(part["period"]) == 0:
            raise DataError("No customer has a purchase left: every line used is a refund, or is taken back by one.")
        end = self.end if end is None else end
        spend_days = part["repeat"]
        with np.errstate(invalid="ignore", divide="ignore"):
            monetary_value = np.where(spend_days > 0, part["repeat_spend"] / spend_days, np.nan)
        table = pd.DataFrame(
            {
                "frequency": part["purchase_days"] - 1,
                "recency": days_to_units((part["last"] - part["first"]).astype(np.float64), self.unit),
                "T": days_to_units((end - part["first"]).astype(np.float64), self.unit),
                "monetary_value": monetary_value,
                "spend_frequency": spend_days,
            },
            index=pd.Index(part["customer"], name="customer_id"),
            copy=False,
        )
        return Customers(
            table=table,
            unit=self.unit,
            observation_end=to_timestamp(end),
            report=row_report(self, end),
            currency=currency,
            mean_purchase_time=days_to_units(part["day_sum"] / part["purchase_days"] - part["first"], self.unit),
        )


def read_ledger(
    log: Any,
    *,
    customer: str | None,
    date: str | None,
    amount: Amount,
    order: str | None,
    unit: str,
    observation_end: Any,
    refunds: str,
    timezone: str | None,
    calibration_end: Any = None,
) -> Ledger:
    """Run the chain of `purchases` on the engine that holds the log and collect its rows."""
    check_unit(unit)
    if refunds not in _REFUNDS:
        raise ArgumentError(f'refunds must be "net", "drop" or "error", not {refunds!r}.')
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    split = None if calibration_end is None else parse_day(calibration_end, "calibration_end")
    opened = open_log(log, text=[name for name in (date, order) if name])
    columns = find_columns(opened.collect_schema().names(), customer=customer, date=date, amount=amount, order=order)
    lines = read_lines(to_engine(opened.select(*columns.names)), columns)
    profile = profile_lines(lines, columns)
    _check_end(profile, end, "observation_end")
    _check_end(profile, split, "calibration_end")
    rules = Rules(
        has_amounts=bool(columns.amount),
        has_orders=order is not None,
        refunds=("net" if refunds == "error" else refunds) if profile.refunds else None,
    )
    lines = with_period(lines, end if end is not None and end < profile.last_day else None, split)
    rows = _collect(customer_rows(lines, rules))
    ledger = Ledger(
        rows=rows,
        profile=profile,
        end=profile.last_day if end is None else end,
        end_given=end is not None,
        unit=unit,
        refunds=refunds,
        has_amounts=bool(columns.amount),
    )
    if refunds == "error" and rows["refund_orders"][rows["period"] >= OBSERVED].sum():
        shown = show_lines(lines.filter((nw.col("period") >= OBSERVED) & (nw.col("amount") < 0)))
        raise DataError(
            f"{profile.refunds:,} lines have a negative amount: {shown}. "
            'Pass refunds="net" to set them against earlier purchases, or refunds="drop" to leave them out.'
        )
    return ledger


def _check_end(profile: Profile, end: int | None, name: str) -> None:
    if end is not None and end < profile.first_day:
        first, last = to_timestamp(profile.first_day), to_timestamp(profile.last_day)
        raise DataError(
            f"{name} {to_timestamp(end):%Y-%m-%d} lies before the first line of the log, which runs from "
            f"{first:%Y-%m-%d} to {last:%Y-%m-%d}."
        )


def _collect(rows: nw.LazyFrame[Any]) -> dict[str, Any]:
    """Rows as arrays, sorted by customer; counts that the chain didn't need are filled in."""
    table = rows.sort("customer").collect("pyarrow")
    columns: dict[str, Any] = {"customer": _ids(table["customer"])}
    size = len(table)
    for name in table.columns:
        if name != "customer":
            column = table[name].to_native()
            columns[name] = column.fill_null(0).to_numpy()
    zeros = np.zeros(size, dtype=np.int64)
    columns.setdefault("lines", columns["orders"])
    for name in ("repeat", "refund_orders", "refund_lines", "refund_days"):
        columns.setdefault(name, zeros)
    columns.setdefault("all_days", columns["purchase_days"])
    for name in ("spend", "repeat_spend", "unpaid", "returned"):
        columns.setdefault(name, zeros.astype(np.float64))
    columns.setdefault("bought", columns["spend"])
    return columns


def _ids(series: nw.Series[Any]) -> Any:
    """Customer ids as a pandas array; whole numbers that came as floats (for want of a null) become integers."""
    ids = series.to_native().to_pandas()
    if ids.dtype.kind == "f":
        present = ids.dropna()
        if (present == np.floor(present)).all():
            return ids.fillna(0).astype(np.int64).array
    return ids.array
