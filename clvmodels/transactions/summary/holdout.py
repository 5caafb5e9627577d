"""A log split in time: a calibration summary, and what the same customers did afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.signatures import checked
from clvmodels.transactions.checks.check import to_point_out
from clvmodels.transactions.checks.findings import Finding
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import days_to_units, parse_day, to_timestamp
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.read_only import read_only
from clvmodels.transactions.row_report import RowReport
from clvmodels.transactions.summary.periods import PeriodSummary, summarize_two_periods


@read_only("table")
@dataclass(frozen=True, eq=False)
class Holdout:
    """Customers as they stood at the end of the calibration, and what they bought after it.

    Attributes
    ----------
    calibration : Customers
        Summary of the days until ``calibration_end``; nothing later has an influence on it, refunds included.
    table : pandas.DataFrame
        One row a customer of ``calibration``, in the same order: ``frequency`` (purchase days in the holdout) and
        ``spend`` (what was spent on them; NaN without amounts).
    duration : float
        Length of the holdout in units of the calibration.
    calibration_end, observation_end : pandas.Timestamp
        Last day of the calibration and of the holdout, both inclusive.
    new_customers : int
        Customers whose first purchase lies in the holdout; they are left out of ``table``.
    new_purchases : int
        Their purchase days.
    report : RowReport
        What happened to the rows of the holdout.
    findings : tuple of Finding
        What is odd about the log, calibration and holdout together, as in ``Customers.check``.
    """

    calibration: Customers
    table: pd.DataFrame
    duration: float
    calibration_end: pd.Timestamp
    observation_end: pd.Timestamp
    new_customers: int
    new_purchases: int
    report: RowReport
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return (
            f"{len(self.table):,} customers until {self.calibration_end:%Y-%m-%d}, held out until "
            f"{self.observation_end:%Y-%m-%d} ({self.duration:g} {self.calibration.unit}s): "
            f"{int(self.table['frequency'].sum()):,} purchases; left out: {self.new_purchases:,} of "
            f"{self.new_customers:,} customers who first bought in the holdout"
        )


@takes_log
@checked
def holdout_split(
    log: Any,
    *,
    calibration_end: Any,
    unit: str = "week",
    observation_end: Any = None,
    keep: str | Sequence[str] | None = None,
    keep_purchases: bool = False,
    **columns: Unpack[LogKeywords],
) -> Holdout:
    """Split a log at ``calibration_end``: a summary of what is before, purchases and spend of what is after.

    Both parts come from one pass of the chain that makes every summary. A refund in the holdout is set against
    purchases in the holdout only; what is left of it is in the report.

    Parameters
    ----------
    log
    calibration_end : str or date
        Last day of the calibration, inclusive.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        The unit of recency and T, and of the length of the holdout.
    observation_end : str or date, optional
        Last day of the holdout, inclusive. Default: the last day of the log.
    keep : str or sequence of str, optional
        Columns that customers take with them, as in `summarize`.
    keep_purchases : bool, default False
        Keep the purchase days of the calibration as ``calibration.purchases``.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    Holdout
        ``calibration``, the summary, and ``table``, the purchases and spend of the same customers in the holdout.

    Raises
    ------
    ArgumentError
        ``calibration_end`` doesn't lie before ``observation_end``, or an argument has no meaning here.
    DataError
        ``calibration_end`` lies outside of the log, or the log can't be used as it is.

    See Also
    --------
    evaluate : Fits models to the calibration and compares their predictions with the holdout.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "id": ["ann", "ann", "bob", "ann", "cleo"],
    ...         "day": ["2024-01-01", "2024-01-15", "2024-01-08", "2024-02-12", "2024-02-12"],
    ...         "paid": [10.0, 20.0, 5.0, 4.0, 9.0],
    ...     }
    ... )
    >>> split = holdout_split(log, customer="id", date="day", amount="paid", calibration_end="2024-01-29")
    >>> split.table
                 frequency  spend
    customer_id
    ann                  1    4.0
    bob                  0    0.0
    >>> split
    2 customers until 2024-01-29, held out until 2024-02-12 (2 weeks): 1 purchases; left out: 1 of 1 customers who
    first bought in the holdout
    """
    split = parse_day(calibration_end, "calibration_end")
    if observation_end is not None and parse_day(observation_end, "observation_end") <= split:
        raise ArgumentError(
            f"calibration_end {calibration_end} must lie before observation_end {observation_end}: nothing is held out."
        )
    before, after = summarize_two_periods(
        bound_log(log, **columns),
        unit=unit,
        calibration_end=calibration_end,
        observation_end=observation_end,
        keep=keep,
        keep_purchases=keep_purchases,
    )
    calibration = before.customers()
    table, report = _whole_log(before, after)
    rows, has_amounts = after.rows.purchasers(), after.log.has_amounts
    place = calibration.table.index.get_indexer(rows.customer)
    known = place >= 0
    frequency = np.zeros(len(calibration), dtype=np.int64)
    frequency[place[known]] = rows.purchase_days[known]
    spend = np.full(len(calibration), 0.0 if has_amounts else np.nan)
    if has_amounts:
        spend[place[known]] = rows.spend[known]
    return Holdout(
        calibration=calibration,
        table=pd.DataFrame({"frequency": frequency, "spend": spend}, index=calibration.table.index),
        duration=float(days_to_units(np.float64(after.end - split), unit)),
        calibration_end=to_timestamp(split),
        observation_end=to_timestamp(after.end),
        new_customers=int((~known).sum()),
        new_purchases=int(rows.purchase_days[~known].sum()),
        report=after.report(),
        findings=tuple(to_point_out(table, unit, report, after.log)),
    )


def _whole_log(before: PeriodSummary, after: PeriodSummary) -> tuple[pd.DataFrame, RowReport]:
    """The customers of two periods as those of one, and what became of the lines of both."""
    days = pd.concat(
        pd.DataFrame({"first": rows.first_day, "last": rows.last_day, "days": rows.purchase_days}, rows.customer)
        for rows in (before.rows.purchasers(), after.rows.purchasers())
    )
    every = days.groupby(level=0, sort=False).agg({"first": "min", "last": "max", "days": "sum"})
    table = pd.DataFrame(
        {
            "frequency": every["days"] - 1,
            "recency": days_to_units((every["last"] - every["first"]).astype(np.float64), after.unit),
            "T": days_to_units((after.end - every["first"]).astype(np.float64), after.unit),
        }
    )
    report = replace(after, profile=replace(after.profile, gap=after.whole_gap)).report()
    return table, replace(report, lines_used=report.lines_used + int(before.rows.lines.sum()))
