"""Customers: one row a customer, with the unit of time and the end of the observation."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.checks.findings import Checks
from clvmodels.transactions.frames import customer_column, customer_ids, numbers, one_row_each, to_pandas
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.join import columns_of
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.forms.reading import Reading
from clvmodels.transactions.log.kept_columns import check_keep
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.purchase_amounts import Amounts, purchase_amounts
from clvmodels.transactions.read_only import read_only
from clvmodels.transactions.row_report import RowReport
from clvmodels.transactions.rows import rows_of
from clvmodels.transactions.units import check_unit
from clvmodels.transactions.validation import COLUMNS, REQUIRED, check_columns, check_customers, check_ids


@read_only("table", "mean_purchase_time", "purchases")
@dataclass(frozen=True, eq=False, repr=False)
class Customers:
    """A customer base as recency, frequency and monetary value.

    `clvmodels.summarize` makes it from a transaction log, `from_frame` from a table. It can't be changed: ``table`` and
    ``purchases`` are copies, and editing one has no effect on the customers. For other columns there is `join`, for
    another table ``dataclasses.replace(customers, table=...)``.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``customer_id``; columns ``frequency`` (int64), ``recency``, ``T`` (float64, in ``unit``),
        ``monetary_value`` (float64, NaN without positive repeat spend) and ``spend_frequency`` (int64); after them
        what was kept or joined, such as ``channel``.
    unit : str
        "hour", "day", "week", "month" or "year".
    observation_end : pandas.Timestamp or None
        Last day observed, inclusive.
    report : RowReport or None
        What happened to the rows of the log.
    currency : str or None
        Label of the amounts.
    mean_purchase_time : ndarray or None
        For each customer the mean time of all purchases since the first, in ``unit``; `check` sees from it how
        regular the purchases are.
    reading : Reading or None
        How dates and amounts of the log were read.
    purchases : pandas.DataFrame or None
        Every purchase day as the summary counts it, the first included, sorted by customer and day: ``customer_id``,
        ``day``, ``spend`` (NaN without amounts) and ``orders`` (those that are no refunds; without order numbers each
        line is one). With ``keep_purchases=True`` in `clvmodels.summarize`.
    log : Log or None
        How the log was read: a `Log` with every column named, and without its data.
    """

    table: pd.DataFrame
    unit: str
    observation_end: pd.Timestamp | None = None
    report: RowReport | None = None
    currency: str | None = None
    mean_purchase_time: NDArray[np.float64] | None = field(default=None, kw_only=True)
    reading: Reading | None = field(default=None, kw_only=True)
    purchases: pd.DataFrame | None = field(default=None, kw_only=True)
    log: Log | None = field(default=None, kw_only=True)

    @classmethod
    @checked
    def from_frame(
        cls,
        df: Any,
        *,
        unit: str | None = None,
        observation_end: Any = None,
        customer_id: str | None = None,
        currency: str | None = None,
        weights: str | None = None,
        keep: str | Sequence[str] | None = None,
    ) -> Customers:
        """Customers from a table made elsewhere, such as by lifetimes or PyMC-Marketing.

        Parameters
        ----------
        df : frame
            pandas, polars or PyArrow frame with one row a customer: ``frequency``, ``recency``, ``T`` and, if spend is
            of interest, ``monetary_value`` (NaN or 0 for customers without a repeat purchase) and ``spend_frequency``
            (repeat purchases worth more than 0; by default ``frequency``).
        unit : {"hour", "day", "week", "month", "year"}
            The unit that recency and T are in.
        observation_end : str or date, optional
            Last day observed, inclusive, if it is known.
        customer_id : str, optional
            Column with the ids. Default: a column named ``customer_id``, else the index of a pandas frame, else the
            number of the row.
        currency : str, optional
            Label of the amounts.
        weights : str, optional
            Column that says how many customers a row stands for, in a table of counts; they are numbered then.
        keep : str or sequence of str, optional
            Further columns for the customers to take with them, such as ``["channel", "gender"]``.

        Returns
        -------
        Customers
            One row a customer, in the order of ``df``.

        Raises
        ------
        DataError
            A column is missing or a customer's numbers contradict each other; the message names customers.
        ArgumentError
            ``unit`` is missing or none of these, or ``observation_end`` is no date.

        Examples
        --------
        >>> df = pd.DataFrame(
        ...     {"customer_id": [1, 2], "frequency": [2, 0], "recency": [30.4, 0.0], "T": [38.9, 38.9]}
        ... )
        >>> Customers.from_frame(df, unit="week").table
                     frequency  recency     T  monetary_value  spend_frequency
        customer_id
        1                    2     30.4  38.9             NaN                0
        2                    0      0.0  38.9             NaN                0
        """
        if unit is None:
            raise ArgumentError('Pass unit=, the unit of recency and T: "hour", "day", "week", "month" or "year".')
        check_unit(unit)
        frame = to_pandas(df) if weights is None else one_row_each(to_pandas(df), weights)
        kept = check_keep(keep)
        check_columns(list(frame.columns), (*REQUIRED, *([customer_id] if customer_id else []), *kept))
        ids = customer_ids(frame, customer_id)
        check_ids(ids)
        columns = {name: numbers(frame, name) for name in REQUIRED}
        spend = _spend(frame, columns["frequency"])
        check_customers(ids, **columns, **spend)
        table = pd.DataFrame({**columns, **spend}, index=ids, copy=False)
        table = table.astype({"frequency": np.int64, "spend_frequency": np.int64})
        table = table.assign(**{name: frame[name].array for name in kept})
        end = None if observation_end is None else to_timestamp(parse_day(observation_end, "observation_end"))
        return cls(table=table, unit=unit, observation_end=end, currency=currency)

    @classmethod
    def of(cls, data: Any, unit: str | None = None) -> Customers:
        """Customers as they are; a table becomes Customers, with all its columns.

        Parameters
        ----------
        data : Customers or frame
            As `from_frame` takes it.
        unit : str, optional
            The unit of a table.

        Returns
        -------
        Customers
            One row a customer.

        Raises
        ------
        ArgumentError
            The data are no table, or ``unit`` is missing.

        Examples
        --------
        >>> df = pd.DataFrame({"frequency": [2], "recency": [30.4], "T": [38.9], "channel": ["web"]}, index=["ann"])
        >>> Customers.of(df, "week").table.columns[-1]
        'channel'
        """
        if isinstance(data, Customers):
            return data
        frame = to_pandas(data)
        own = customer_column(frame)
        keep = [name for name in frame.columns if name not in (*COLUMNS, own)]
        return cls.from_frame(frame, unit=unit, customer_id=own, keep=keep)

    @checked
    def head(self, n: int = 5) -> Customers:
        """The first customers of the table.

        Parameters
        ----------
        n : int, default 5
            How many; a negative number leaves out as many of the last.

        Returns
        -------
        Customers
            Those, with their purchases; ``report`` is that of the whole log, and so left out.

        Raises
        ------
        DataError
            None is left.

        Examples
        --------
        >>> df = pd.DataFrame({"frequency": [2, 0], "recency": [30.4, 0.0], "T": 38.9}, index=["ann", "bob"])
        >>> len(Customers.from_frame(df, unit="week").head(1))
        1
        """
        return self._take(np.arange(len(self))[:n])

    def __getitem__(self, chosen: Any) -> Customers:
        """Some of the customers: by a condition (of yes and no, one a customer), by ids, or by a slice of rows."""
        return self._take(rows_of(self.table.index, chosen))

    def _take(self, rows: NDArray[np.intp]) -> Customers:
        """The customers in these rows."""
        if len(rows) == 0:
            raise DataError("No customer is left: the condition holds for none of them.")
        table, purchases, times = self.table.iloc[rows], self.purchases, self.mean_purchase_time
        if purchases is not None:
            place = table.index.get_indexer(pd.Index(purchases["customer_id"]))
            purchases = purchases[place >= 0].iloc[np.argsort(place[place >= 0], kind="stable")].reset_index(drop=True)
        times = None if times is None else times[rows]
        return replace(self, table=table, purchases=purchases, mean_purchase_time=times, report=None)

    @checked
    def join(self, frame: Any, *, customer_id: str | None = None) -> Customers:
        """The same customers with further columns, such as those of a customer master.

        Parameters
        ----------
        frame : frame
            pandas, polars or PyArrow frame with one row a customer; customers who are not among these are left out.
        customer_id : str, optional
            Column with the ids. Default: a column named ``customer_id``, or as the log calls it, else the index of a
            pandas frame.

        Returns
        -------
        Customers
            Another object, whose ``table`` has the columns of ``frame`` after its own.

        Raises
        ------
        DataError
            A customer is missing in the frame or stands in it twice.
        ArgumentError
            A column of the frame is there already.

        Examples
        --------
        >>> df = pd.DataFrame({"frequency": [2, 0], "recency": [30.4, 0.0], "T": 38.9}, index=["ann", "bob"])
        >>> members = pd.DataFrame({"gender": ["m", "f", "f"]}, index=["bob", "ann", "cleo"])
        >>> Customers.from_frame(df, unit="week").join(members).table["gender"].to_dict()
        {'ann': 'f', 'bob': 'm'}
        """
        table, own = self.table, None if self.log is None else self.log.customer
        return replace(self, table=pd.concat([table, columns_of(to_pandas(frame), table, customer_id, own)], axis=1))

    def to_frame(self) -> pd.DataFrame:
        """The table with ``customer_id`` as its first column, as `from_frame` and other packages read it.

        Returns
        -------
        pandas.DataFrame
            One row a customer: ``customer_id`` and the columns of ``table``.

        Examples
        --------
        >>> df = pd.DataFrame({"frequency": [2], "recency": [30.4], "T": [38.9]}, index=["ann"])
        >>> Customers.from_frame(df, unit="week").to_frame().columns[:4].tolist()
        ['customer_id', 'frequency', 'recency', 'T']
        """
        return self.table.reset_index()

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def _histories(self) -> Histories:
        table = self.table
        return group_histories(*(table[name].to_numpy() for name in ("frequency", "recency", "T")))

    def histories(self) -> Histories:
        """Distinct (frequency, recency, T) with how many customers share each.

        Returns
        -------
        Histories
            Columns ``frequency``, ``recency`` and ``T``; ``index`` follows the rows of ``table``.

        Examples
        --------
        >>> df = pd.DataFrame({"frequency": [0, 2, 0], "recency": [0.0, 30.4, 0.0], "T": 38.9})
        >>> Customers.from_frame(df, unit="week").histories().weight
        array([2., 1.])
        """
        return self._histories

    @cached_property
    def _spend_histories(self) -> Histories:
        table = self.table
        spent = table["spend_frequency"].to_numpy() > 0
        return group_histories(*(table[name].to_numpy()[spent] for name in ("spend_frequency", "monetary_value")))

    def spend_histories(self) -> Histories:
        """Distinct (spend_frequency, monetary_value) of the customers with positive repeat spend.

        Returns
        -------
        Histories
            Columns ``spend_frequency`` and ``monetary_value``; ``index`` runs over those customers only, in the order
            of ``table``.

        Examples
        --------
        >>> df = pd.DataFrame({"frequency": [2, 0], "recency": [30.4, 0.0], "T": 38.9, "monetary_value": [25.0, 0.0]})
        >>> Customers.from_frame(df, unit="week").spend_histories().columns
        (array([2.]), array([25.]))
        """
        return self._spend_histories

    @cached_property
    def _purchase_amounts(self) -> Amounts | None:
        purchases = self.purchases
        return None if purchases is None else purchase_amounts(self.table.index, purchases)

    def purchase_amounts(self) -> Amounts:
        """Number, mean and geometric mean of each customer's purchases with positive spend, the first included.

        Returns
        -------
        Amounts
            Arrays of shape (n,) in the order of ``table``: ``number``, ``mean`` and ``geometric_mean``; all 0 where
            there is none.

        Raises
        ------
        DataError
            The customers don't carry their purchases.

        Examples
        --------
        >>> import clvmodels as clv
        >>> log = pd.DataFrame(
        ...     {"id": [1, 1, 2], "day": ["2024-01-01", "2024-02-01", "2024-01-15"], "paid": [2.0, 8.0, 5.0]}
        ... )
        >>> customers = clv.summarize(log, customer="id", date="day", amount="paid", keep_purchases=True)
        >>> customers.purchase_amounts().mean
        array([5., 5.])
        """
        if self._purchase_amounts is None:
            raise DataError(
                "These customers don't carry the amounts of their purchases. Pass keep_purchases=True to "
                'clvmodels.summarize, or fit "gamma-gamma", which takes their means.'
            )
        return self._purchase_amounts

    def check(self) -> Checks:
        """Whether the data are fit for the models: one finding for each thing that can be wrong, in a plain sentence.

        Returns
        -------
        Checks
            Findings about one-time buyers, repeat buyers, frequency and spend, regularity, the length of the
            observation and customers from before the log; and "end of the observation" if nobody bought for long
            before it. Where purchases are kept (``keep_purchases=True``) also one day with a large share of them, a
            trend in spend, a season and a drift between cohorts, and what these do to a forecast.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           observation_end="1997-09-30")
        >>> customers.check()["one-time share"].sentence
        '60% of the customers bought once.'
        """
        from clvmodels.transactions.checks.check import check  # takes SciPy's optimizers and distributions along

        of_days = self.purchases, self.observation_end
        return check(self.table, self.unit, self.mean_purchase_time, self.report, self.log, *of_days)

    def _facts(self) -> str:
        frequency = self.table["frequency"].to_numpy()
        end = "" if self.observation_end is None else f" until {self.observation_end:%Y-%m-%d}"
        currency = "" if self.currency is None else f", amounts in {self.currency}"
        return (
            f"{len(self):,} customers, in {self.unit}s{end}{currency}: "
            f"{np.mean(frequency == 0):.0%} bought once, median frequency {np.median(frequency):g}"
        )

    def __repr__(self) -> str:
        return f"{self._facts()}\n{self.table.head().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._facts())}</p>{self.table.head().to_html(border=0, float_format=_short)}"


def _short(value: float) -> str:
    return f"{value:,.2f}"


def _spend(frame: pd.DataFrame, frequency: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Mean spend and how many purchases it is the mean of; neither for customers without positive repeat spend."""
    if "monetary_value" not in frame.columns:
        none = np.full(len(frequency), np.nan)
        return {"monetary_value": none, "spend_frequency": np.zeros(len(frequency))}
    value = numbers(frame, "monetary_value")
    count = numbers(frame, "spend_frequency") if "spend_frequency" in frame.columns else frequency
    spent = (value != 0) & ~np.isnan(value) & (count != 0)
    return {"monetary_value": np.where(spent, value, np.nan), "spend_frequency": np.where(spent, count, 0.0)}
