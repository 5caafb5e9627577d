"""What is suspicious about a log: that nobody bought for long before its end, or that lines stand there twice."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from clvmodels.transactions.checks.findings import Finding
from clvmodels.transactions.log.columns.currencies import advice
from clvmodels.transactions.log.columns.currency_codes import in_words
from clvmodels.transactions.row_report import RowReport
from clvmodels.transactions.units import DAYS_PER_UNIT

_MISSED = 30.0  # purchases that the pace until then would have brought; a base that dwindles may miss a few

_MONTH = 28  # days
# Share of the lines. Where lines have days and no order numbers, a customer who buys the same twice a day leaves two
# equal lines: .37 % of those of CDNOW. Fewer shift little; what tells that they are no such lines is pointed out.
_SOME_COPIES = 0.01


def copied_lines(report: RowReport, *, has_orders: bool) -> Finding | None:
    """The finding that lines are exact copies of others, or None if there are few that may be purchases alike.

    With order numbers, with times of day, or in two files any is too many.

    Parameters
    ----------
    report : RowReport
        What happened to the lines.
    has_orders : bool
        Whether lines have an order number.
    """
    copies = report.lines_copied - report.lines_copied_dropped
    told_apart = has_orders or report.copies_timed or report.lines_copied_across > 0
    if copies == 0 or (not told_apart and copies < _SOME_COPIES * report.lines):
        return None
    share = copies / report.lines
    percent = f"{share:.{1 if share >= 0.01 else 2}%}"
    what = "1 line is an exact copy" if copies == 1 else f"{copies:,} lines are exact copies"
    files = f", {report.lines_copied_across:,} of them in another file" if report.lines_copied_across else ""
    advice = 'pass duplicates="drop" to leave them out' if has_orders else "remove them"
    return Finding(
        "copies of lines",
        share,
        "look" if share < 0.1 else "problem",
        f"{what} of another one ({percent} of {report.lines:,}{files}). If files overlap or an export ran twice, their "
        f"spend counts twice: {advice}.",
    )


def several_currencies(report: RowReport) -> Finding | None:
    """The finding that amounts of several currencies are added up, or None."""
    if report.currencies is None:
        return None
    column, found = report.currencies
    if column:
        what_to_do = advice(column, found)
        what = f"Column {column!r} holds {len(found)} currencies ({in_words(found)})"
    else:
        what = f"Amounts are written in {len(found)} currencies ({', '.join(code for code, _ in found)})"
        what_to_do = "Bring them to one currency first, or read the lines of each by themselves"
    sentence = f"{what}, and their amounts are added up as if they were one. {what_to_do}."
    return Finding("currencies", float(len(found)), "problem", sentence)


def gap_in_the_log(report: RowReport) -> Finding | None:
    """The finding that a month or more within the log has no line, or None if that is not unlikely at its pace."""
    if report.gap is None:
        return None
    before, after = (dt.date.fromisoformat(day) for day in report.gap)
    days = (after - before).days - 1
    first, end = (dt.date.fromisoformat(day) for day in (report.first_day, report.observation_end))
    missed = report.lines_used * days / max((end - first).days + 1 - days, 1)
    if days < _MONTH or missed < _MISSED:
        return None
    return Finding(
        "gap in the log",
        float(days),
        "problem",
        f"There is no line between {before} and {after}, {days:,} days in which about {missed:,.0f} lines would have "
        "been usual: models will take customers for lost. Is the log complete?",
    )


def silent_end(table: pd.DataFrame, unit: str) -> Finding | None:
    """The finding that purchases end long before the observation does, or None.

    Models take such a silence as customers lost, all of them at once. Mostly ``observation_end`` is wrong, or the last
    lines of the log are missing.

    Parameters
    ----------
    table : pandas.DataFrame
        That of `clvmodels.Customers`.
    unit : str
        Its unit of time.

    Examples
    --------
    >>> table = pd.DataFrame({"frequency": [20, 19], "recency": [20.0, 19.0], "T": [40.0, 39.0]})
    >>> silent_end(table, "week").sentence
    'The last purchase was 140 days before the end of the observation, in which about 41 would have been usual: models \
will take customers for lost. Is the end right, and is the log complete?'
    """
    T, t_x, x = (table[name].to_numpy(dtype=np.float64) for name in ("T", "recency", "frequency"))
    silent, length = float((T - t_x).min()), float(T.max())
    missed = (float(x.sum()) + len(x)) * silent / max(length - silent, 1.0 / DAYS_PER_UNIT[unit])
    days = silent * DAYS_PER_UNIT[unit]
    if days < 2.0 or missed < _MISSED:
        return None
    again = x > 0
    verdict = "problem" if again.any() and silent > np.median(t_x[again] / x[again]) else "look"
    return Finding(
        "end of the observation",
        days,
        verdict,
        f"The last purchase was {days:,.0f} days before the end of the observation, in which about {missed:,.0f} would "
        "have been usual: models will take customers for lost. Is the end right, and is the log complete?",
    )
