"""Is this data fit for these models? Findings about a customer base, each in a plain sentence."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from clvmodels.transactions.checks.busiest_day import busiest_day
from clvmodels.transactions.checks.findings import Checks, Finding
from clvmodels.transactions.checks.over_time import Repeats, cohorts, season
from clvmodels.transactions.checks.silence import copied_lines, gap_in_the_log, several_currencies, silent_end
from clvmodels.transactions.checks.spend_independence import spend_independence_test
from clvmodels.transactions.checks.spend_trend import spend_trend
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.row_report import RowReport
from clvmodels.transactions.units import DAYS_PER_UNIT

_FEW_REPEATERS = 100
_LEAST_FOR_A_TEST = 30


def check(
    table: pd.DataFrame,
    unit: str,
    mean_purchase_time: NDArray[np.float64] | None,
    report: RowReport | None = None,
    log: Log | None = None,
    purchases: pd.DataFrame | None = None,
    observation_end: pd.Timestamp | None = None,
) -> Checks:
    """The findings about a customer base, see the attributes of `clvmodels.Customers`."""
    return Checks(
        (
            one_time_share(table),
            repeaters(table),
            spend_correlation(table),
            regularity(table, unit, mean_purchase_time),
            observation_length(table, unit),
            customers_before_the_log(table, unit),
            *_odd(table, unit, report, log),
            *([] if purchases is None else _of_days(purchases, observation_end)),
        )
    )


def _of_days(purchases: pd.DataFrame, end: pd.Timestamp | None) -> list[Finding]:
    """Findings about the days of the purchases, if they are kept."""
    found = [busiest_day(purchases["day"].to_numpy().astype("M8[D]").astype(np.int64)), spend_trend(purchases)]
    if end is not None and len(purchases):
        repeats = Repeats.of(purchases, end)
        found += [season(repeats), cohorts(repeats)]
    return [finding for finding in found if finding is not None]


def _odd(table: pd.DataFrame, unit: str, report: RowReport | None, log: Log | None) -> list[Finding]:
    """Findings that there are only where something is odd about the log."""
    found = [silent_end(table, unit)]
    if report is not None:
        has_orders = log is not None and log.order is not None
        found += [several_currencies(report), gap_in_the_log(report), copied_lines(report, has_orders=has_orders)]
    return [finding for finding in found if finding is not None]


def to_point_out(table: pd.DataFrame, unit: str, report: RowReport | None, log: Log | None) -> list[Finding]:
    """What a user is to be told without asking: findings on what is odd about the log.

    Parameters
    ----------
    table, unit, report, log
        Those of `clvmodels.Customers`.
    """
    truncated = customers_before_the_log(table, unit)
    return [*_odd(table, unit, report, log), *([truncated] if truncated.verdict == "problem" else [])]


def one_time_share(table: pd.DataFrame) -> Finding:
    """Share of customers without a repeat purchase."""
    share = float(np.mean(_column(table, "frequency") == 0))
    sentence = f"{share:.0%} of the customers bought once."
    if share > 0.9:
        return Finding("one-time share", share, "look", sentence + " What they will do rests on the few others.")
    if share < 0.05:
        more = " Were one-time buyers left out? The purchase models need them: fit on all customers."
        return Finding("one-time share", share, "look", sentence + more)
    return Finding("one-time share", share, "ok", sentence)


def repeaters(table: pd.DataFrame) -> Finding:
    """Customers with a repeat purchase: what a purchase model learns from."""
    number = int(np.sum(_column(table, "frequency") > 0))
    sentence = f"{number:,} customers bought again"
    if number == 0:
        return Finding("repeaters", 0, "problem", "Nobody bought again: no purchase model can be fitted.")
    if number < _FEW_REPEATERS:
        return Finding("repeaters", number, "look", sentence + ": parameters will be uncertain; look at the intervals.")
    return Finding("repeaters", number, "ok", sentence + ".")


def spend_correlation(table: pd.DataFrame) -> Finding:
    """Correlation of log frequency and mean spend, which Gamma-Gamma takes as independent."""
    name, test = "frequency and spend", spend_independence_test(table)
    if test.verdict == "unknown":
        return Finding(name, math.nan, "unknown", "Too few customers with repeat spend to compare frequency and spend.")
    more = {
        "ok": "near enough to independent for Gamma-Gamma.",
        "look": "Gamma-Gamma expects no difference; compare predicted and actual spend of heavy buyers.",
        "problem": "Gamma-Gamma takes them as independent, so spend of heavy and light buyers will be biased.",
    }
    return Finding(name, test.correlation, test.verdict, f"{test.sentence()}: {more[test.verdict]}")


def regularity(table: pd.DataFrame, unit: str, mean_purchase_time: NDArray[np.float64] | None) -> Finding:
    """How regular purchases are: k of gamma-distributed gaps, 1 for the Poisson purchases of most models.

    With gaps Gamma(k) the times of a customer's x - 1 inner purchases, as shares of the time between the first and
    the last, have a sum U with E(U) = (x - 1) / 2 and Var(U) = (x² - 1) / (12 (x k + 1)), whatever the customer's own
    rate. k solves Σ 12 (U - (x-1)/2)² / (x² - 1) = Σ 1 / (x k + 1). For x = 2 this is the estimator of Wheat and
    Morrison (1990).
    """
    name = "regularity of gaps"
    if mean_purchase_time is None:
        return Finding(name, math.nan, "unknown", "The table doesn't tell how regular gaps are; clv.summarize does.")
    x, t_x = _column(table, "frequency"), _column(table, "recency")
    days = t_x * DAYS_PER_UNIT[unit]
    kept = (x >= 2) & (days >= 7 * x)  # purchases on neighbouring days are as regular as the calendar
    if kept.sum() < _LEAST_FOR_A_TEST:
        return Finding(name, math.nan, "unknown", "Too few customers with three purchases to see how regular gaps are.")
    x, t_x = x[kept], t_x[kept]
    k = regularity_index(x, ((x + 1) * mean_purchase_time[kept] - t_x) / t_x)
    found = f"Gaps between purchases have a regularity of {k:.1f} (1 is at random, more is clockwork, less is bursts)"
    if k > 1.25:  # the groceries of BTYDplus have 1.27, and k = 2 fits them far better than k = 1
        return Finding(name, k, "look", found + ': try a model that knows regular gaps, "bg/cnbd-k" or "mbg/cnbd-k".')
    if k < 0.5:
        return Finding(name, k, "look", found + ": purchases come in bursts, which the models read as customers lost.")
    return Finding(name, k, "ok", found + ".")


def regularity_index(x: NDArray[np.float64], inner_sum: NDArray[np.float64]) -> float:
    """k from the sums of the inner purchase times, as shares of the time from first to last; at most 100."""
    spread = 12 * (inner_sum - (x - 1) / 2) ** 2 / (x**2 - 1)

    def excess(log_k: float) -> float:
        return float(np.sum(1 / (x * math.exp(log_k) + 1)) - np.sum(spread))

    low, high = math.log(0.01), math.log(100.0)
    if excess(low) < 0:
        return 0.01
    return 100.0 if excess(high) > 0 else math.exp(optimize.brentq(excess, low, high))


def observation_length(table: pd.DataFrame, unit: str) -> Finding:
    """Typical time observed against the typical gap between purchases."""
    name = "length of the observation"
    x, t_x, T = (_column(table, column) for column in ("frequency", "recency", "T"))
    again = x > 0
    if not again.any():
        return Finding(name, math.nan, "unknown", "Without a repeat purchase there is no gap to compare with.")
    gap = float(np.median(t_x[again] / x[again]))
    ratio = float(np.median(T)) / gap
    found = f"A typical customer was observed for {np.median(T):.1f} {unit}s, {ratio:.1f} times a typical gap"
    if ratio < 1:
        return Finding(name, ratio, "problem", found + ": too short to tell who is lost from who is between purchases.")
    if ratio < 3:
        return Finding(name, ratio, "look", found + ": short; a longer log would say more about who is lost.")
    return Finding(name, ratio, "ok", found + ".")


def customers_before_the_log(table: pd.DataFrame, unit: str) -> Finding:
    """Rush of first purchases at the start of the log: customers who had bought before it began."""
    name = "customers before the log"
    first = _column(table, "T").max() - _column(table, "T")
    length = float(first.max())
    if length * DAYS_PER_UNIT[unit] < 28:
        return Finding(name, math.nan, "unknown", "First purchases lie within four weeks: one cohort, or a short log.")
    early, late = int(np.sum(first <= length / 10)), int(np.sum(first > length / 2))
    ratio = (early + 0.5) / (late / 5 + 0.5)
    found = f"New customers come {ratio:.1f} times as fast in the first tenth of the log as in its second half"
    if late == 0:
        return Finding(
            name, ratio, "look", "Nobody is new in the second half of the log: one cohort, or a truncated log."
        )
    if ratio > 2:
        more = ": many had bought before the log began, and their first purchase here is not their first."
        return Finding(name, ratio, "look" if ratio < 5 else "problem", found + more)
    return Finding(name, ratio, "ok", found + ".")


def _column(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return table[name].to_numpy(dtype=np.float64)
