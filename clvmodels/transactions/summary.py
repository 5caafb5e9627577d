"""A transaction log becomes a summary: recency, frequency and monetary value of every customer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.days import days_to_units, parse_day, to_timestamp
from clvmodels.transactions.lines import Amount, find_columns, read_lines
from clvmodels.transactions.log import collect, open_log, to_engine
from clvmodels.transactions.plain import plain_rows
from clvmodels.transactions.profile import Profile, profile_lines, show_lines, used_lines
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
    )
    return ledger.customers(currency=currency)


@dataclass(frozen=True)
class Ledger:
    """What the engine sent back, a row a customer with lines until ``end``, and what is needed to read it."""

    rows: dict[str, Any]
    profile: Profile
    end: int
    end_given: bool
    unit: str
    refunds: str
    has_amounts: bool

    def customers(self, *, currency: str | None = None) -> Customers:
        """The summary of those who purchased."""
        rows = self.purchasers()
        if len(rows["customer"]) == 0:
            raise DataError("No customer has a purchase left: every line used is a refund, or is taken back by one.")
        spend_days = rows["repeat"]
        table = pd.DataFrame(
            {
                "frequency": rows["purchase_days"] - 1,
                "recency": days_to_units((rows["last"] - rows["first"]).astype(np.float64), self.unit),
                "T": days_to_units((self.end - rows["first"]).astype(np.float64), self.unit),
                "monetary_value": np.where(spend_days > 0, rows["repeat_spend"] / np.maximum(spend_days, 1), np.nan),
                "spend_frequency": spend_days,
            },
            index=pd.Index(rows["customer"], name="customer_id"),
            copy=False,
        )
        return Customers(
            table=table,
            unit=self.unit,
            observation_end=to_timestamp(self.end),
            report=row_report(self),
            currency=currency,
            mean_purchase_time=days_to_units(rows["day_sum"] / rows["purchase_days"] - rows["first"], self.unit),
        )

    def purchasers(self) -> dict[str, Any]:
        """The rows of the customers with a purchase."""
        return _choose(self.rows, self.rows["purchase_days"] > 0)


def _check_split(profile: Profile, calibration_end: int) -> None:
    if not profile.first_day <= calibration_end < profile.end:
        first, last, split = (to_timestamp(day) for day in (profile.first_day, profile.end, calibration_end))
        raise DataError(
            f"calibration_end {split:%Y-%m-%d} must lie within the observation, which runs from {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}, and leave some days to hold out."
        )


def _choose(rows: dict[str, Any], keep: NDArray[np.bool_]) -> dict[str, Any]:
    return rows if keep.all() else {name: column[keep] for name, column in rows.items()}


def read_ledgers(
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
    calibration_end: int | None = None,
) -> tuple[Ledger, ...]:
    """Run the chain of `purchases` on the engine that holds the log: one ledger, or two if there is a calibration."""
    check_unit(unit)
    if refunds not in _REFUNDS:
        raise ArgumentError(f'refunds must be "net", "drop" or "error", not {refunds!r}.')
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    opened = open_log(log, text=[name for name in (date, order) if name])
    columns = find_columns(opened.collect_schema().names(), customer=customer, date=date, amount=amount, order=order)
    frame = opened.select(*columns.names)
    plain = plain_rows(frame, columns, end) if calibration_end is None else None
    if plain is not None:
        rows, profile = _filled(plain[0]), plain[1]
    else:
        lines = read_lines(to_engine(frame, columns.date, timezone), columns)
        profile = profile_lines(lines, columns, end)
        if calibration_end is not None:
            _check_split(profile, calibration_end)
        rules = Rules(
            has_amounts=bool(columns.amount),
            has_orders=order is not None,
            refunds=("net" if refunds == "error" else refunds) if profile.refunds else None,
            split=calibration_end,
        )
        lines = used_lines(lines, profile)
        rows = _collect(customer_rows(lines, rules))
        if refunds == "error":
            _refuse_refunds(rows, lines, profile)
    ledger = Ledger(rows, profile, profile.end, end is not None, unit, refunds, bool(columns.amount))
    if calibration_end is None:
        return (ledger,)
    later = rows["period"] == 1
    return (
        replace(ledger, rows=_choose(rows, ~later), end=calibration_end, end_given=True),
        replace(ledger, rows=_choose(rows, later)),
    )


def _refuse_refunds(rows: dict[str, Any], lines: nw.LazyFrame[Any], profile: Profile) -> None:
    if rows["refund_orders"].any():
        raise DataError(
            f"{profile.refunds:,} lines have a negative amount: {show_lines(lines.filter(nw.col('amount') < 0))}. "
            'Pass refunds="net" to set them against earlier purchases, or refunds="drop" to leave them out.'
        )


def _collect(rows: nw.LazyFrame[Any]) -> dict[str, Any]:
    """Rows as arrays, sorted by customer."""
    table = collect(rows.sort("customer"))
    columns: dict[str, Any] = {"customer": _ids(table["customer"])}
    for name in table.columns:
        if name != "customer":
            columns[name] = table[name].to_native().fill_null(0).to_numpy()
    return _filled(columns)


def _filled(columns: dict[str, Any]) -> dict[str, Any]:
    """The rows with the counts and amounts that the chain had no need to look at."""
    zeros = np.zeros(len(columns["orders"]), dtype=np.int64)
    columns.setdefault("lines", columns["orders"])
    columns.setdefault("all_days", columns["purchase_days"])
    for name in ("repeat", "refund_orders", "refund_lines", "refund_days"):
        columns.setdefault(name, zeros)
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
