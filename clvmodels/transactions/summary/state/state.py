"""`State`: the summary of a log that goes on, in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import DataError
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import days_to_units, to_timestamp
from clvmodels.transactions.log.engine import connect, literal
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.state.layout import PART, read_header
from clvmodels.transactions.units import check_unit


@dataclass(frozen=True)
class State:
    """The summary of a log that goes on, as `update_state` keeps it in a Parquet file.

    Attributes
    ----------
    path : Path
        The file. Rows whose ``part`` is "customer" are the summary: ``customer_id``, ``first_day`` and ``last_day``
        (of the purchases, in days since 1970-01-01), ``purchase_days``, ``day_sum`` (sum of these days),
        ``repeat_spend`` and ``repeat_spend_days`` (purchase days after the first with positive spend). With the others
        it goes on: "day" has the lines of one of a customer's last days (``day``, ``orders``, ``refund_orders``,
        ``spend``, without refunds if these are dropped, and ``gross``, of absolute amounts), "closed" the sums of the
        days before these, and in ``carried`` what refunds of the last days take off them. The metadata
        ``clvmodels_state`` is JSON with how lines are read.
    observation_end : pandas.Timestamp
        Last day observed, inclusive.
    open_from : pandas.Timestamp
        First day to which lines can be added of customers who have older ones.
    log : Log
        How lines are read, without data.
    currency : str or None
        Label of the amounts.
    lines, updates : int
        Lines that were used so far, and in how many steps.
    lines_added, lines_late : int
        Lines of the last step, and those of them that lie before the observation's end at that time; 0 for a state
        that was read.
    """

    path: Path
    observation_end: pd.Timestamp
    open_from: pd.Timestamp
    log: Log
    currency: str | None
    lines: int
    updates: int
    lines_added: int = 0
    lines_late: int = 0

    @checked
    def customers(self, unit: str = "week") -> Customers:
        """The customers, as `summarize` makes them of the whole log.

        Parameters
        ----------
        unit : {"hour", "day", "week", "month", "year"}, default "week"
            The unit of recency and T.

        Returns
        -------
        Customers
            One row a customer, sorted by id.

        Raises
        ------
        DataError
            Nobody has a purchase left.
        ArgumentError
            ``unit`` is none of these.

        Examples
        --------
        >>> import clvmodels as clv, tempfile
        >>> path = tempfile.mkdtemp() + "/state.parquet"
        >>> state = clv.update_state(path, clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
        >>> len(state.customers())
        2357
        """
        check_unit(unit)
        rows = connect().sql(
            f"FROM read_parquet({literal(str(self.path))}) SELECT customer_id, {', '.join(PART)} "
            "WHERE part = 'customer' AND purchase_days > 0 ORDER BY customer_id"
        )
        found = rows.to_arrow_table().to_pandas()
        if len(found) == 0:
            raise DataError("No customer has a purchase left: every line used is a refund, or is taken back by one.")
        return Customers(
            table=self._table(found, unit),
            unit=unit,
            observation_end=self.observation_end,
            currency=self.currency,
            mean_purchase_time=days_to_units(_mean_day(found), unit),
            log=self.log,
        )

    def _table(self, found: pd.DataFrame, unit: str) -> pd.DataFrame:
        first = found["first_day"].to_numpy(np.float64)
        end = (self.observation_end - pd.Timestamp(0)).days
        days, repeat = found["repeat_spend_days"].to_numpy(), found["repeat_spend"].to_numpy()
        paid = self.log.has_amounts & (days > 0)
        columns: dict[str, Any] = {
            "frequency": found["purchase_days"].to_numpy() - 1,
            "recency": days_to_units(found["last_day"].to_numpy(np.float64) - first, unit),
            "T": days_to_units(end - first, unit),
            "monetary_value": np.where(paid, repeat / np.maximum(days, 1), np.nan),
            "spend_frequency": days,
        }
        return pd.DataFrame(columns, index=pd.Index(found["customer_id"].array, name="customer_id"), copy=False)


def _mean_day(found: pd.DataFrame) -> Any:
    """The mean of the purchase days since the first."""
    return (found["day_sum"] / found["purchase_days"] - found["first_day"]).to_numpy()


@checked
def load_state(path: str | Path) -> State:
    """A state that `update_state` wrote.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    State
        What is in it.

    Raises
    ------
    FileFormatError
        There is no such file, or it is no state.

    Examples
    --------
    >>> import clvmodels as clv, tempfile
    >>> path = tempfile.mkdtemp() + "/state.parquet"
    >>> _ = clv.update_state(path, clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
    >>> clv.load_state(path).observation_end
    Timestamp('1998-06-30 00:00:00')
    """
    header = read_header(path)
    return State(
        path=Path(path),
        observation_end=to_timestamp(header.end),
        open_from=to_timestamp(header.open_from),
        log=header.log,
        currency=header.currency,
        lines=header.lines,
        updates=header.updates,
    )
