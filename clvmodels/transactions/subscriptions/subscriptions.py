"""Subscriptions: how many renewals customers have made, and who has left."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.read_only import read_only
from clvmodels.transactions.subscriptions.contracts import read_contracts
from clvmodels.transactions.subscriptions.periods import check_period, whole_periods
from clvmodels.transactions.subscriptions.survival_tables import check_survival, survival_frame


@read_only("table")
@dataclass(frozen=True, eq=False, repr=False)
class Subscriptions:
    """Customers who renew each period until they leave.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``customer_id``, or by ``cohort`` for a survival table; columns ``periods`` (renewals made, int64),
        ``lost`` (whether the renewal after those was not made; else it has not been due or is not known), ``active``
        (whether still a customer at the end of the observation), ``customers`` (how many the row stands for) and
        ``segment``.
    unit : str
        The period from one renewal to the next: "day", "week", "month" or "year".
    observation_end : pandas.Timestamp or None
        Last day observed, inclusive.
    not_started : int
        Customers left out because they started after the end of the observation.
    """

    table: pd.DataFrame
    unit: str
    observation_end: pd.Timestamp | None = None
    not_started: int = 0

    @classmethod
    @checked
    def from_survival(
        cls, counts: Any, *, unit: str | None = None, segments: Mapping[Any, Any] | None = None
    ) -> Subscriptions:
        """Subscriptions from how many customers are still there after 0, 1, 2, … periods.

        Parameters
        ----------
        counts : sequence of int, dict or frame
            One cohort: a sequence of counts. Several: a dict of them by name, or a frame with a column for each cohort
            and a row for each period (missing where a cohort is younger). Numbers of customers, not shares.
        unit : {"day", "week", "month", "year"}
            The period from one renewal to the next.
        segments : mapping, optional
            Cohort → segment, where several cohorts belong to one; by default each cohort is a segment.

        Returns
        -------
        Subscriptions
            One row for each cohort and number of renewals.

        Raises
        ------
        DataError
            Counts rise, are no whole numbers, or have gaps; the message names the cohort and the period.
        ArgumentError
            ``unit`` is missing or none of these, ``counts`` are no counts, or ``segments`` lacks a cohort.

        Examples
        --------
        >>> Subscriptions.from_survival({"regular": [1000, 631, 468], "high end": [1000, 869, 743]}, unit="year")
        2,000 customers, renewing each year, 2 segments: 1,211 still there
        <BLANKLINE>
                  periods   lost  active  customers   segment
        cohort
        regular         0   True   False        369   regular
        regular         1   True   False        163   regular
        regular         2  False    True        468   regular
        high end        0   True   False        131  high end
        high end        1   True   False        126  high end
        """
        period = check_period(unit)
        table = check_survival(survival_frame(counts))
        pieces = [_cohort(name, table[name].dropna().to_numpy(np.int64), segments) for name in table.columns]
        return cls(table=pd.concat(pieces), unit=period)

    @classmethod
    @checked
    def from_frame(
        cls,
        df: Any,
        *,
        start: str,
        end: str,
        observation_end: Any,
        unit: str | None = None,
        segment: str | None = None,
        customer_id: str | None = None,
    ) -> Subscriptions:
        """Subscriptions from one row a customer, with the day of the start and that of the end.

        A renewal is due on each anniversary of the start (the last day of a shorter month), and an end within a period
        is a renewal not made at the end of it. The period that is not over at ``observation_end`` says nothing yet: who
        has left within it counts as still under way, as do those who have not, so that both are treated alike.

        Parameters
        ----------
        df : frame
            pandas, polars or PyArrow frame with one row a customer.
        start, end : str
            Columns with the first day, and the day on which the subscription ended, empty for who is still there.
            Ends after ``observation_end`` have not happened yet.
        observation_end : str or date
            Last day observed, inclusive.
        unit : {"day", "week", "month", "year"}
            The period from one renewal to the next.
        segment : str, optional
            Column with a segment.
        customer_id : str, optional
            Column with the ids. Default: a column named ``customer_id``, else the index of a pandas frame, else the
            number of the row.

        Returns
        -------
        Subscriptions
            One row a customer who has started by ``observation_end``.

        Raises
        ------
        DataError
            A date is missing or can't be read, an end lies before its start, or nobody has started; the message names
            customers.
        ArgumentError
            ``unit`` is missing or none of these, or ``observation_end`` is no date.

        Examples
        --------
        >>> df = pd.DataFrame({"start": ["2021-01-31", "2021-03-15", "2021-03-15"], "end": [None, "2021-06-15", None]})
        >>> Subscriptions.from_frame(df, start="start", end="end", observation_end="2021-08-01", unit="month").table
                     periods   lost  active  customers segment
        customer_id
        0                  6  False    True          1     all
        1                  2   True   False          1     all
        2                  4  False    True          1     all
        """
        period = check_period(unit)
        last_day = parse_day(observation_end, "observation_end")
        contracts = read_contracts(df, start, end, segment, customer_id)
        started = contracts["start"].to_numpy() <= last_day
        contracts, not_started = contracts[started], int((~started).sum())
        if contracts.empty:
            raise DataError(f"No customer has started by {to_timestamp(last_day).date()}, the end of the observation.")
        first, final = contracts["start"].to_numpy(), contracts["end"].to_numpy()
        over, _ = whole_periods(first, np.full(len(first), last_day), period)
        active = ~(final <= last_day)
        whole, exact = whole_periods(first, np.where(active, last_day, final).astype(np.int64), period)
        not_renewed = np.maximum(whole + ~exact, 1)  # which renewal the end has prevented
        lost = ~active & (not_renewed <= over)
        table = pd.DataFrame(
            {
                "periods": np.where(lost, not_renewed - 1, over).astype(np.int64),
                "lost": lost,
                "active": active,
                "customers": np.ones(len(contracts), dtype=np.int64),
                "segment": contracts["segment"].to_numpy(),
            },
            index=contracts.index,
        )
        return cls(table=table, unit=period, observation_end=to_timestamp(last_day), not_started=not_started)

    @cached_property
    def _histories(self) -> Histories:
        grouped = group_histories(self.table["periods"].to_numpy(), self.table["lost"].to_numpy())
        customers = self.table["customers"].to_numpy(dtype=np.float64)
        weight = customers if grouped.index is None else np.bincount(grouped.index, weights=customers)
        return Histories(grouped.columns, weight, grouped.index)

    def histories(self) -> Histories:
        """Distinct (periods, lost) with how many customers share each.

        Returns
        -------
        Histories
            Columns ``periods`` and ``lost`` (0 or 1); ``index`` follows the rows of ``table``.

        Examples
        --------
        >>> Subscriptions.from_survival([1000, 631, 468], unit="year").histories().weight
        array([369., 163., 468.])
        """
        return self._histories

    def segments(self) -> dict[Any, Subscriptions]:
        """Each segment by itself.

        Returns
        -------
        dict of Subscriptions
            By the name of the segment, in the order of appearance.

        Examples
        --------
        >>> both = Subscriptions.from_survival({"regular": [1000, 631], "high end": [1000, 869]}, unit="year")
        >>> {name: len(one) for name, one in both.segments().items()}
        {'regular': 1000, 'high end': 1000}
        """
        return {
            name: Subscriptions(table, self.unit, self.observation_end)
            for name, table in self.table.groupby("segment", sort=False)
        }

    def observed(self) -> pd.DataFrame:
        """What happened at each renewal, over all cohorts.

        Returns
        -------
        pandas.DataFrame
            One row a ``period`` from 1 on: ``at_risk`` (customers for whom it was due and is known), ``lost``,
            ``retention`` (share who renewed) and ``survival`` (product of the retentions so far: Kaplan-Meier).

        Examples
        --------
        >>> Subscriptions.from_survival([1000, 631, 468], unit="year").observed()
                at_risk  lost  retention  survival
        period
        1          1000   369    0.63100     0.631
        2           631   163    0.74168     0.468
        """
        at_risk, left = self._at_risk_and_lost()
        retention = 1.0 - left / at_risk
        return pd.DataFrame(
            {
                "at_risk": at_risk.astype(np.int64),
                "lost": left.astype(np.int64),
                "retention": retention,
                "survival": retention.cumprod(),
            },
            index=pd.RangeIndex(1, len(left) + 1, name="period"),
        )

    def __len__(self) -> int:
        return int(self.table["customers"].sum())

    def _at_risk_and_lost(self) -> tuple[Array, Array]:
        """For how many customers each renewal was due, and how many were lost at it."""
        periods, lost = self.table["periods"].to_numpy(), self.table["lost"].to_numpy()
        customers = self.table["customers"].to_numpy()
        size = int((periods + lost).max(initial=0))
        left = np.bincount(periods[lost], weights=customers[lost], minlength=size)[:size]
        due = np.bincount(periods + lost, weights=customers, minlength=size + 1)
        return due[::-1].cumsum()[::-1][1:], left

    def _facts(self) -> str:
        there = int(self.table.loc[self.table["active"], "customers"].sum())
        segments = self.table["segment"].nunique()
        named = f", {segments} segments" if segments > 1 else ""
        end = "" if self.observation_end is None else f" on {self.observation_end:%Y-%m-%d}"
        late = f" ({self.not_started:,} who started later left out)" if self.not_started else ""
        return f"{len(self):,} customers, renewing each {self.unit}{named}: {there:,} still there{end}{late}"

    def __repr__(self) -> str:
        return f"{self._facts()}\n\n{self.table.head().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._facts())}</p>{self.table.head().to_html()}"


def _cohort(name: Any, counts: np.ndarray, segments: Mapping[Any, Any] | None) -> pd.DataFrame:
    """Who left after 0, 1, 2, … renewals, and who is still there."""
    if segments is not None and name not in segments:
        raise ArgumentError(f"segments has no entry for cohort {name!r}. Its entries: {list(segments)}.")
    lost = np.arange(len(counts)) < len(counts) - 1
    rows = pd.DataFrame(
        {
            "periods": np.arange(len(counts), dtype=np.int64),
            "lost": lost,
            "active": ~lost,
            "customers": np.append(-np.diff(counts), counts[-1:]),
            "segment": name if segments is None else segments[name],
        },
        index=pd.Index([name] * len(counts), name="cohort"),
    )
    return rows[rows["customers"] > 0]
