"""LazyCustomers: a summary that stays in its engine; what a fit needs is grouped there, and little of it is pulled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from clvmodels.arguments import shortly, whole
from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.lazy.distinct import DistinctHistories
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.engine import collect, in_duckdb, to_engine
from clvmodels.transactions.units import check_unit
from clvmodels.transactions.validation import REQUIRED, check_columns, check_customers

MOST_ROWS = 5_000_000
_COUNT = "clv_customers"
# What the rows of a fit of each kind differ by.
_DISTINCT = {"purchases": REQUIRED, "spend": ("spend_frequency", "monetary_value")}


def check_rows(max_rows: int) -> int:
    """The number of rows that are pulled at most."""
    return whole("max_rows", max_rows, "a whole number of rows, 1 or more", least=1, most=2**31)


@dataclass(frozen=True, eq=False, repr=False)
class LazyCustomers:
    """Customers whose summary stays in its engine: PySpark, DuckDB, Ibis or polars.

    `clvmodels.summarize_lazy` makes them from a log, `from_frame` from a summary that is there already.
    `clvmodels.fit` pulls the distinct histories and how many customers share each; `clvmodels.score` scores in place.

    Attributes
    ----------
    summary : frame
        Of the engine, one row a customer: ``customer_id``, ``frequency``, ``recency``, ``T`` and, where there are
        amounts, ``monetary_value`` (null without positive repeat spend) and ``spend_frequency``.
    unit : str
        Of recency and T.
    observation_end : pandas.Timestamp or None
        Last day observed, inclusive.
    currency : str or None
        Label of the amounts.
    max_rows : int
        As many rows are pulled at most.
    """

    summary: Any
    unit: str
    observation_end: pd.Timestamp | None = None
    currency: str | None = None
    max_rows: int = MOST_ROWS

    @classmethod
    @checked
    def from_frame(
        cls,
        frame: Any,
        *,
        unit: str,
        observation_end: Any = None,
        currency: str | None = None,
        max_rows: int = MOST_ROWS,
    ) -> LazyCustomers:
        """Customers of a summary that is in an engine, such as the result of `clvmodels.summary_sql`.

        Parameters
        ----------
        frame : frame
            PySpark or polars frame, DuckDB relation or Ibis table with ``customer_id``, ``frequency``,
            ``recency``, ``T`` and, if spend is of interest, ``monetary_value`` and ``spend_frequency``.
        unit : {"hour", "day", "week", "month", "year"}
            Of recency and T.
        observation_end : str or date, optional
            Last day observed, inclusive, if it is known.
        currency : str, optional
            Label of the amounts.
        max_rows : int, default 5,000,000
            As many rows are pulled at most.

        Returns
        -------
        LazyCustomers
            Nothing is computed yet.

        Raises
        ------
        ArgumentError
            The frame is of no engine, or ``unit`` is none of these.
        DataError
            A column is missing.

        Examples
        --------
        >>> import duckdb
        >>> frame = duckdb.sql("SELECT 'ann' AS customer_id, 2 AS frequency, 30.4 AS recency, 38.9 AS T")
        >>> LazyCustomers.from_frame(frame, unit="week").count()
        1
        """
        check_unit(unit)
        try:
            own = nw.from_native(frame)
            names = own.collect_schema().names()
        except nw.exceptions.DuplicateError as error:
            raise DataError(f"The summary has two columns of one name: {' '.join(str(error).split())}") from None
        except TypeError:
            raise ArgumentError(
                f"A summary of type {type(frame).__name__} can't be read. Pass a PySpark, polars or Arrow frame, a "
                "DuckDB relation or an Ibis table."
            ) from None
        check_columns(names, ("customer_id", *REQUIRED))
        lazy = to_engine(own, None, None)
        end = None if observation_end is None else to_timestamp(parse_day(observation_end, "observation_end"))
        return cls(lazy.to_native(), unit, end, currency, check_rows(max_rows))

    @property
    def frame(self) -> nw.LazyFrame[Any]:
        """The summary as a lazy frame of narwhals."""
        return nw.from_native(self.summary).lazy()

    def count(self) -> int:
        """How many customers there are: the engine runs once.

        Returns
        -------
        int
            The number.

        Examples
        --------
        >>> import polars as pl
        >>> frame = pl.LazyFrame({"customer_id": [1, 2], "frequency": [2, 0], "recency": [3.0, 0.0], "T": [9.0, 9.0]})
        >>> LazyCustomers.from_frame(frame, unit="week").count()
        2
        """
        return int(collect(self.frame.select(number=nw.len().cast(nw.Int64)))["number"][0])

    def cache(self) -> Self:
        """The same with a summary that is computed once, where Spark or the database keeps it, or else in memory.

        Without it each fit, count and score runs the log's summary again.

        Returns
        -------
        LazyCustomers
            The same customers.

        Examples
        --------
        >>> import polars as pl
        >>> frame = pl.LazyFrame({"customer_id": [1], "frequency": [2], "recency": [3.0], "T": [9.0]})
        >>> LazyCustomers.from_frame(frame, unit="week").cache().count()
        1
        """
        engine = self.frame.implementation
        if engine.is_pyspark() or engine.is_pyspark_connect() or engine.is_ibis():
            return replace(self, summary=self.summary.cache())
        return replace(self, summary=in_duckdb(collect(self.frame)).to_native())

    @checked
    def distinct(self, kind: str) -> DistinctHistories:
        """The distinct histories that a fit of this kind sees, counted by the engine; `clvmodels.fit` calls it.

        Parameters
        ----------
        kind : {"purchases", "spend"}
            Of the model.

        Returns
        -------
        DistinctHistories
            One row a distinct history, with how many customers share it.

        Raises
        ------
        ArgumentError
            There is no such kind.
        DataError
            There are more than ``max_rows``; or the numbers of some customers contradict each other.

        Examples
        --------
        >>> import polars as pl
        >>> frame = pl.LazyFrame({"customer_id": [1, 2], "frequency": [0, 0], "recency": 0.0, "T": 9.0})
        >>> LazyCustomers.from_frame(frame, unit="week").distinct("purchases").weight
        array([2.])
        """
        if kind not in _DISTINCT:
            raise ArgumentError(f"kind must be one of {', '.join(_DISTINCT)}, not {shortly(kind)}.")
        frame, keys = self.frame, _DISTINCT[kind]
        check_columns(frame.collect_schema().names(), keys)
        if kind == "spend":
            frame = frame.filter(nw.col("spend_frequency") > 0)
        counted = frame.group_by(*keys).agg(**{_COUNT: nw.len().cast(nw.Int64)}).head(self.max_rows + 1)
        found = collect(counted).to_native().to_pandas()
        if len(found) > self.max_rows:
            raise DataError(self._too_many(kind))
        table = pd.DataFrame(
            {name: 0 if name in ("frequency", "spend_frequency") else np.nan for name in _EVERY}, found.index
        )
        table = table.assign(**{name: found[name].to_numpy(dtype=np.float64) for name in keys})
        if kind == "purchases":
            columns = {name: table[name].to_numpy(dtype=np.float64) for name in _EVERY}
            check_customers(_Rows(table), **columns)
        weight = found[_COUNT].to_numpy(dtype=np.float64)
        return DistinctHistories(
            table, self.unit, observation_end=self.observation_end, currency=self.currency, weight=weight
        )

    def _too_many(self, kind: str) -> str:
        columns = ", ".join(_DISTINCT[kind])
        return (
            f"More than {self.max_rows:,} distinct rows of {columns} would be pulled for a model of {kind}. Fit a "
            "sample of the customers (LazyCustomers.from_frame(customers.summary.sample(0.1), ...) on Spark and Ibis), "
            "or pass a larger max_rows= if memory allows."
        )

    def __repr__(self) -> str:
        end = "" if self.observation_end is None else f" until {self.observation_end:%Y-%m-%d}"
        engine = self.frame.implementation.value
        return f"LazyCustomers in {self.unit}s{end}, on {engine}: {', '.join(self.frame.collect_schema().names())}"


_EVERY = (*REQUIRED, "monetary_value", "spend_frequency")


class _Rows:
    """Rows of histories, which are shown in errors where customers have an id."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    def __getitem__(self, rows: Any) -> list[str]:
        return [str(tuple(map(float, row))) for row in self._table[list(REQUIRED)].iloc[rows[:3]].to_numpy()]
