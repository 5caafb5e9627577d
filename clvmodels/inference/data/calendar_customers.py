"""Customers and a table of covariates by period become histories: who had which covariates when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.data.calendar_histories import Calendar, Codes, VaryingHistories, histories
from clvmodels.inference.data.covariates import Learned
from clvmodels.transactions.calendar_covariates import VaryingTable, day_of
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import group_histories
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.transactions.validation import name_ids

Array = NDArray[np.float64]


class Dated(NamedTuple):
    """When customers came and were last observed, in days since 1970-01-01.

    Attributes
    ----------
    first : ndarray of shape (n,)
        Day of the first purchase.
    end : float
        Last day observed.
    """

    first: Array
    end: float


class Rows(NamedTuple):
    """Covariates of kinds of customers by period, as rows of a table.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a kind and period, with all columns that the formulas need.
    places : ndarray of int of shape (kinds, periods)
        Which row; -1 where there is none.
    kind : ndarray of int of shape (n,)
        The kind of each customer.
    """

    frame: pd.DataFrame
    places: Codes
    kind: Codes

    def observed(self, table: VaryingTable, dated: Dated) -> pd.DataFrame:
        """The rows that some customer has lived through: what a fit may learn from."""
        first = np.full(len(self.places), np.inf)
        np.minimum.at(first, self.kind, dated.first)
        seen = (table.starts[:-1] <= dated.end) & (table.starts[1:] > first[:, None] + 1) & (self.places >= 0)
        return self.frame.iloc[self.places[seen]]


def dated(customers: Customers, argument: str = "varying=") -> Dated:
    """The dates of customers, who have to have some for this argument."""
    if customers.observation_end is None:
        raise ArgumentError(
            f"{argument} needs dates, and the end of the observation is not known. Make the customers by "
            "clvmodels.summarize, or pass observation_end= to Customers.from_frame."
        )
    end = float((customers.observation_end - pd.Timestamp(0)).days)
    T = customers.table["T"].to_numpy() * DAYS_PER_UNIT[customers.unit]
    return Dated(np.round(end - T), end)


def rows_of(table: VaryingTable, variables: Sequence[str], customers: Customers) -> Rows:
    """The covariates of each kind of customer by period: those of the table, and the customers' own.

    Where the table is the same for all, customers who have the same values in ``variables`` are one kind.
    """
    twice = [name for name in variables if name in table.frame.columns and name in customers.table.columns]
    if twice:
        raise ArgumentError(f"Column {twice[0]!r} is in varying= and in the customers: rename one of them.")
    own = [name for name in variables if name in customers.table.columns]
    _check_complete(customers.table[own])
    if table.ids is not None:
        return _by_customer(table, own, customers.table)
    if not own:
        frame = table.frame.set_axis(_labels(table), axis=0)
        return Rows(frame, table.places, np.zeros(len(customers), dtype=np.intp))
    return _by_kind(table, own, customers.table)


def _by_kind(table: VaryingTable, own: list[str], customers: pd.DataFrame) -> Rows:
    """A table that is the same for all, once for each kind of customer: those with the same values in ``own``."""
    kind = customers.groupby(own, sort=False, observed=True).ngroup().to_numpy()
    of_kind = customers[own].iloc[np.unique(kind, return_index=True)[1]]
    kinds, periods = len(of_kind), table.places.shape[1]
    frame = table.frame.set_axis(_labels(table), axis=0).iloc[np.tile(table.places[0], kinds)]
    repeated = of_kind.iloc[np.repeat(np.arange(kinds), periods)].set_axis(frame.index, axis=0)
    places = np.arange(kinds * periods).reshape(kinds, periods)
    return Rows(frame.assign(**{name: repeated[name].array for name in own}), places, kind.astype(np.intp))


def variables_of(learned: Learned) -> list[str]:
    """The columns that the formulas need."""
    return sorted({name for formula in learned.formulas.values() for name in formula.variables})


def calendar_of(table: VaryingTable, learned: Learned, rows: Rows) -> Calendar:
    """The distinct rows of the design, and which holds when."""
    columns = learned.columns(rows.frame)
    grouped = group_histories(*columns)
    code = np.arange(len(rows.frame)) if grouped.index is None else grouped.index
    count = len(learned.formulas["purchase"].names) if "purchase" in learned.formulas else 0
    distinct = np.column_stack(grouped.columns)
    return Calendar(
        starts=table.starts,
        codes=np.where(rows.places >= 0, code[rows.places], -1),
        purchase=np.ascontiguousarray(distinct[:, :count]),
        dropout=np.ascontiguousarray(distinct[:, count:]),
    )


def varying_histories(
    customers: Customers, table: VaryingTable, learned: Learned, *, unit: str | None = None
) -> VaryingHistories:
    """Distinct histories of customers under these covariates, in ``unit`` (the customers' own by default)."""
    rows = rows_of(table, variables_of(learned), customers)
    when = dated(customers)
    check_covered(table, rows, when, customers.table.index)
    days = customers.table[["recency", "T"]].to_numpy() * DAYS_PER_UNIT[customers.unit]
    buyer, day = repeat_purchases(customers, when, "varying=") if "purchase" in learned.formulas else _no_purchases()
    return histories(
        calendar_of(table, learned, rows),
        rows.kind,
        when.first,
        customers.table["frequency"].to_numpy(dtype=np.float64),
        np.round(days[:, 0]),
        np.round(days[:, 1]),
        buyer,
        day,
        days_per_unit=DAYS_PER_UNIT[unit or customers.unit],
    )


def repeat_purchases(customers: Customers, when: Dated, argument: str) -> tuple[Codes, Array]:
    """Which customer made each repeat purchase, and on which day: customers have to know it for this argument."""
    if customers.purchases is None:
        raise ArgumentError(
            f"{argument} asks on which days customers bought, and these don't know. Pass keep_purchases=True to "
            "clvmodels.summarize."
        )
    buyer = customers.table.index.get_indexer(pd.Index(customers.purchases["customer_id"]))
    day = customers.purchases["day"].to_numpy().astype("datetime64[D]").astype(np.float64)
    again = (buyer >= 0) & (day > when.first[buyer])
    _check_frequency(customers.table, np.bincount(buyer[again], minlength=len(customers)))
    return buyer[again], day[again]


def _check_frequency(table: pd.DataFrame, found: Codes) -> None:
    """Raise if customers have another number of repeat purchases than ``found``."""
    wrong = found != table["frequency"].to_numpy()
    if wrong.any():
        raise DataError(
            f"The purchases of {int(wrong.sum()):,} customers ({name_ids(table.index[wrong])}) are not as many as "
            "their frequency says. Were these customers and purchases summarized together?"
        )


def check_covered(table: VaryingTable, rows: Rows, when: Dated, ids: pd.Index[Any]) -> None:
    """Every customer needs covariates from the day after the first purchase to the end of the observation."""
    needed = np.minimum(when.first + 1.0, when.end)
    if table.starts[-1] <= when.end:
        raise DataError(
            f"varying= ends on {table.end.date()}, before the end of the observation on {day_of(when.end).date()}. "
            "Add the periods until then."
        )
    period = np.searchsorted(table.starts, needed, side="right") - 1
    lost = (period < 0) | (rows.places[rows.kind, np.maximum(period, 0)] < 0)
    if lost.any():
        raise DataError(
            f"varying= has no covariates for the first periods of {int(lost.sum()):,} customers "
            f"({name_ids(ids[lost])}), of whom the first bought on {day_of(when.first[lost].min()).date()}. It needs "
            "all periods from the first purchase on."
        )


def _by_customer(table: VaryingTable, own: list[str], customers: pd.DataFrame) -> Rows:
    place = table.ids.get_indexer(customers.index) if table.ids is not None else np.empty(0, dtype=np.intp)
    if (place < 0).any():
        lost = customers.index[place < 0]
        raise DataError(f"varying= has no rows for {len(lost):,} customers ({name_ids(lost)}). Add theirs.")
    given = table.places[place]
    there = given >= 0
    who = np.nonzero(there)[0]
    frame = table.frame.iloc[given[there]].set_axis(customers.index[who], axis=0)
    places = np.full(given.shape, -1)
    places[there] = np.arange(len(frame))
    frame = frame.assign(**{name: customers[name].array[who] for name in own})
    return Rows(frame, places, np.arange(len(customers)))


def _labels(table: VaryingTable) -> pd.Index[Any]:
    """The day of each row of a table that is the same for all."""
    labels = np.empty(len(table.frame), dtype=object)
    labels[table.places[0]] = [str(day_of(start).date()) for start in table.starts[:-1]]
    return pd.Index(labels, name="date")


def _check_complete(own: pd.DataFrame) -> None:
    for name in own.columns:
        absent = own[name].isna()
        if absent.any():
            raise DataError(
                f"Column {name!r} has no value for {int(absent.sum()):,} customers ({name_ids(own.index[absent])}). "
                'Fill it in (a level of its own, such as "unknown", will do), or leave these customers out.'
            )


def _no_purchases() -> tuple[Codes, Array]:
    return np.empty(0, dtype=np.intp), np.empty(0)
