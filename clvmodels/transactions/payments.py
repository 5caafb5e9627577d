"""Invoices of customers, and which of them were not paid: what a model of default is fitted to."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import DataError
from clvmodels.signatures import checked
from clvmodels.transactions.frames import to_pandas
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.read_only import read_only
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units
from clvmodels.transactions.validation import check_columns


@read_only("table")
@dataclass(frozen=True, eq=False, repr=False)
class Payments:
    """What customers were invoiced and did not pay, one row a customer; `from_invoices` and `from_counts` make it.

    An invoice is unpaid if it is not paid by ``default_after`` after it was due; until then it says nothing yet,
    whether or not it has been paid: otherwise quick payers would count before slow ones.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``customer_id``: ``invoices`` (those whose time to pay is over), ``unpaid`` (of these), ``late`` (of
        these paid, but after they were due), ``open_amount`` (of invoices that are not paid and not in default yet),
        ``unpaid_amount`` (of those in default), and ``segment`` if there is one.
    observation_end : pandas.Timestamp or None
        Last day observed, inclusive.
    default_after : float or None
        Days after the due date from which an invoice that is not paid is in default.
    currency : str or None
        Label of the amounts.

    Examples
    --------
    >>> Payments.from_counts(pd.DataFrame({"n": [9, 4], "k": [1, 0]}, index=["ann", "bob"]), n="n", k="k")
    2 customers, 13 invoices: 1 (7.7%) not paid
    <BLANKLINE>
                 invoices  unpaid  late  open_amount  unpaid_amount
    customer_id
    ann                 9       1     0          0.0            0.0
    bob                 4       0     0          0.0            0.0
    """

    table: pd.DataFrame
    observation_end: pd.Timestamp | None = None
    default_after: float | None = None
    currency: str | None = None

    @classmethod
    @checked
    def from_invoices(
        cls,
        invoices: Any,
        *,
        customer: str,
        due: str,
        amount: str,
        paid: str,
        observation_end: Any,
        default_after: Span = "90D",
        segment: str | None = None,
        currency: str | None = None,
    ) -> Payments:
        """From one row an invoice, with the day it was due and the day it was paid.

        Parameters
        ----------
        invoices : frame
            pandas, polars or PyArrow frame.
        customer, due, amount, paid : str
            Columns with the customer's id, the day the invoice was due, its amount, and the day it was paid (empty for
            who has not; payments after ``observation_end`` have not happened yet).
        observation_end : str or date
            Last day observed, inclusive.
        default_after : float or str, default "90D"
            How long after the due date an invoice that is not paid is taken for lost: days, or a span. Late is not
            lost: choose what your ledger writes off.
        segment : str, optional
            Column with a segment of the customer, such as the industry; one a customer.
        currency : str, optional
            Label of the amounts.

        Returns
        -------
        Payments
            One row a customer.

        Raises
        ------
        DataError
            A column is missing, a date or an amount can't be read, an amount is negative, or a customer has several
            segments; the message names rows.
        ArgumentError
            ``observation_end`` is no date, or ``default_after`` no span.

        Examples
        --------
        >>> invoices = pd.DataFrame(
        ...     {
        ...         "id": ["ann", "ann", "bob", "bob"],
        ...         "due": ["2024-01-31", "2024-02-29", "2024-01-31", "2024-11-30"],
        ...         "amount": [100.0, 50.0, 80.0, 60.0],
        ...         "paid": ["2024-02-15", "2024-02-20", None, None],
        ...     }
        ... )
        >>> Payments.from_invoices(invoices, customer="id", due="due", amount="amount", paid="paid",
        ...                        observation_end="2024-12-31").table
                     invoices  unpaid  late  open_amount  unpaid_amount
        customer_id
        ann                 2       0     1          0.0            0.0
        bob                 1       1     0         60.0           80.0
        """
        end = parse_day(observation_end, "observation_end")
        grace = span_in_units(default_after, "day", name="default_after") * DAYS_PER_UNIT["day"]
        frame = to_pandas(invoices)
        names = [customer, due, amount, paid, *([] if segment is None else [segment])]
        check_columns(list(frame.columns), names)
        if frame.empty:
            raise DataError("There are no invoices: the table is empty.")
        rows = _read(frame, customer, due, amount, paid)
        in_time = rows["paid"] <= np.minimum(rows["due"] + grace, end)  # NaN, not paid, is not
        over = rows["due"] + grace <= end
        rows = rows.assign(
            invoices=over,
            unpaid=over & ~in_time,
            late=over & in_time & (rows["paid"] > rows["due"]),
            open_amount=rows["amount"].where(~over & ~(rows["paid"] <= end), 0.0),
            unpaid_amount=rows["amount"].where(over & ~in_time, 0.0),
        )
        counts, sums = ["invoices", "unpaid", "late"], ["open_amount", "unpaid_amount"]
        table = rows.groupby("customer_id")[[*counts, *sums]].sum().astype(dict.fromkeys(counts, np.int64))
        if segment is not None:
            table["segment"] = _segments(frame[segment], rows["customer_id"], segment)
        return cls(table, to_timestamp(end), grace, currency)

    @classmethod
    @checked
    def from_counts(
        cls,
        table: Any,
        *,
        n: str,
        k: str,
        open_amount: str | None = None,
        segment: str | None = None,
        currency: str | None = None,
    ) -> Payments:
        """From one row a customer, with how many invoices there were and how many of them were not paid.

        Parameters
        ----------
        table : frame
            pandas, polars or PyArrow frame; of pandas the index holds the ids, unless there is a column
            ``customer_id``.
        n, k : str
            Columns with the number of invoices whose time to pay is over, and of those not paid.
        open_amount : str, optional
            Column with the amount that is open.
        segment : str, optional
            Column with a segment.
        currency : str, optional
            Label of the amounts.

        Returns
        -------
        Payments
            One row a customer.

        Raises
        ------
        DataError
            A count is no whole number of 0 or more, or more are unpaid than there were.

        Examples
        --------
        >>> len(Payments.from_counts(pd.DataFrame({"n": [9, 4], "k": [1, 0]}), n="n", k="k"))
        2
        """
        frame = to_pandas(table)
        check_columns(list(frame.columns), [name for name in (n, k, open_amount, segment) if name is not None])
        if "customer_id" in frame:
            frame = frame.set_index("customer_id")
        counts = frame[[n, k]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
        wrong = ~(
            np.isfinite(counts).all(axis=1) & (counts == np.floor(counts)).all(axis=1) & (counts >= 0).all(axis=1)
        )
        wrong |= counts[:, 1] > counts[:, 0]
        if wrong.any():
            raise DataError(
                f"{n} and {k} must be whole numbers with 0 <= {k} <= {n}; they are not for {int(wrong.sum()):,} "
                f"customers (ids {', '.join(map(str, frame.index[wrong][:3]))})."
            )
        exposed = np.zeros(len(frame)) if open_amount is None else _amounts(frame[open_amount], open_amount)
        columns: dict[str, Any] = {
            "invoices": counts[:, 0].astype(np.int64),
            "unpaid": counts[:, 1].astype(np.int64),
            "late": np.zeros(len(frame), dtype=np.int64),
            "open_amount": exposed,
            "unpaid_amount": np.zeros(len(frame)),
        }
        if segment is not None:
            columns["segment"] = frame[segment].to_numpy()
        return cls(pd.DataFrame(columns, index=frame.index.rename("customer_id")), currency=currency)

    @cached_property
    def _histories(self) -> Histories:
        return group_histories(self.table["unpaid"].to_numpy(), self.table["invoices"].to_numpy())

    @property
    def unit(self) -> str:
        """The unit of time of a model of payments, in which nothing is measured."""
        return "day"

    def histories(self) -> Histories:
        """Distinct (unpaid, invoices) with how many customers share each.

        Returns
        -------
        Histories
            Columns k and n; ``index`` follows the rows of ``table``.

        Examples
        --------
        >>> counts = pd.DataFrame({"n": [9, 4, 4], "k": [1, 0, 0]})
        >>> Payments.from_counts(counts, n="n", k="k").histories().weight
        array([1., 2.])
        """
        return self._histories

    def __len__(self) -> int:
        return len(self.table)

    def _facts(self) -> str:
        invoices, unpaid = int(self.table["invoices"].sum()), int(self.table["unpaid"].sum())
        share = f" ({unpaid / invoices:.1%})" if invoices else ""
        amount = self.table["open_amount"].sum()
        still = f", {amount:,.2f}{'' if self.currency is None else f' {self.currency}'} open" if amount else ""
        return f"{len(self):,} customers, {invoices:,} invoices: {unpaid:,}{share} not paid{still}"

    def __repr__(self) -> str:
        return f"{self._facts()}\n\n{self.table.head().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._facts())}</p>{self.table.head().to_html()}"


def _read(frame: pd.DataFrame, customer: str, due: str, amount: str, paid: str) -> pd.DataFrame:
    """``customer_id``, ``due`` and ``paid`` as days since 1970-01-01 (NaN for who has not paid), ``amount``."""
    ids = frame[customer]
    _refuse(ids.isna(), f"no {customer}", "Fill or remove them.")
    due_days = _days(frame[due], due)
    _refuse(np.isnan(due_days), f"no {due}", "Fill or remove them.")
    return pd.DataFrame(
        {
            "customer_id": ids.to_numpy(),
            "due": due_days,
            "paid": _days(frame[paid], paid),
            "amount": _amounts(frame[amount], amount),
        }
    )


def _days(column: pd.Series[Any], name: str) -> np.ndarray:
    dates = pd.to_datetime(column, errors="coerce", format=None if column.dtype.kind == "M" else "ISO8601")
    _refuse(dates.isna() & column.notna(), f"a {name} that is not a date", "Write dates as 2024-01-31.")
    days = dates.to_numpy(dtype="datetime64[s]").astype("datetime64[D]").astype(np.float64)
    return np.where(dates.isna(), np.nan, days)


def _amounts(column: pd.Series[Any], name: str) -> np.ndarray:
    amounts = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    _refuse(
        ~(np.isfinite(amounts) & (amounts >= 0.0)), f"a {name} that is no number of 0 or more", "Mend or remove them."
    )
    return amounts


def _segments(column: pd.Series[Any], ids: pd.Series[Any], name: str) -> pd.Series[Any]:
    _refuse(column.isna(), f"no {name}", "Fill them, for example with 'unknown'.")
    groups = pd.Series(column.to_numpy()).groupby(ids.to_numpy())
    several = groups.nunique() > 1
    if several.any():
        raise DataError(
            f"{int(several.sum()):,} customers have more than one {name} (ids "
            f"{', '.join(map(str, several.index[several][:3]))}). Give each customer one."
        )
    return groups.first()


def _refuse(bad: Any, found: str, remedy: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        which = f"row {', '.join(map(str, rows[:3] + 1))}{', …' if len(rows) > 3 else ''}"
        raise DataError(f"{len(rows):,} rows have {found} ({which}). {remedy}")
