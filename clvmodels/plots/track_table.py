"""Purchases of all customers by period, actual and expected: the numbers of `clvmodels.plots.tracking`."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.intervals import check_level, quantiles, records
from clvmodels.inference.population.population import Population
from clvmodels.plots.shared.fits import customers_or_fitted
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.activity import purchases_by_day
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

# Of bounds: draws of the parameters, chances for each, and ages at which a draw is computed.
_DRAWS = 60
_CHANCES = 20
_NODES_OF_DRAWS = 40
_NODES = 400  # and for the expectation itself


@takes_log
@checked
def tracking_table(
    fit: Fit,
    log: Any,
    *,
    customers: Customers | None = None,
    step: Span = "1W",
    interval: float | None = None,
    observation_end: Any = None,
    **columns: Unpack[LogKeywords],
) -> pd.DataFrame:
    """Repeat purchases of the customers fitted, actual and expected, by period.

    Expected until a day are Σ_i E[X(t - t0_i)], with t0_i the first purchase of customer i: the model's forecast for a
    new customer, before it has seen what anybody did.

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model.
    log : Log, frame, path or list of paths
        The transactions, calibration and later; or what `clvmodels.plots.purchases_by_day` returned (with
        ``calibration_end``).
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.
    step : float or str, default "1W"
        Length of a period, in whole days. Periods are counted from the end of the calibration, both ways.
    interval : float, optional
        Level of bounds, such as 0.90: adds ``lower``, ``upper``, ``lower_cumulative`` and ``upper_cumulative``, from
        draws of the parameters and the chance of as many purchases (Poisson).
    observation_end : date-like, optional
        Last day, inclusive. Default: the last day of the log.
    **columns
        How to read the log, see `clvmodels.Log`; ``refunds`` must be "net" or "drop".

    Returns
    -------
    pandas.DataFrame
        One row a period, indexed by its last day: ``actual`` and ``expected`` (purchases in it),
        ``actual_cumulative`` and ``expected_cumulative`` (since the first customer), ``held_out`` (after the
        calibration). ``attrs`` holds the model, the end of the calibration and the length of a period in days.

    Raises
    ------
    ArgumentError
        If the day of the customers' ``observation_end`` is not known, ``step`` is not one or more whole days, or
        ``interval`` no level.
    DataError
        If the log has other customers than the fit, or no whole period.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    Notes
    -----
    A first period that is not whole is only in the cumulative columns of the next; a last one that is not whole is left
    out.

    References
    ----------
    Fader, Hardie and Lee (2005), Marketing Science 24(2), figures 4 and 5.

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.load_cdnow(sample=True)
    >>> customers = clv.summarize(log, customer="customer_id", date="date", observation_end="1997-09-30")
    >>> table = clv.plots.tracking_table(clv.fit(customers, "bg/nbd"), log, customer="customer_id", date="date")
    >>> table.loc["1998-06-30", ["actual_cumulative", "expected_cumulative"]].astype(float).round(1).tolist()
    [4339.0, 4160.6]
    """
    fitted = customers_or_fitted(fit, customers)
    if fitted.observation_end is None:
        raise ArgumentError("These customers don't know the day of their observation_end, so they can't be dated.")
    days = _daily_purchases(log, len(fitted), fitted.observation_end, observation_end, **columns)
    length = _whole_days(step)
    start = days.index[0] - pd.Timedelta(days=1)
    end = int((fitted.observation_end - start).days)
    breaks = np.arange(end % length, len(days) + 1, length)
    if len(breaks) < 2:
        raise DataError(
            f"The log of {formats.plural(len(days), 'day')} has no whole period of {length} days. Pass a shorter step=."
        )
    rows, until = fit.population(fitted), (breaks - end) / DAYS_PER_UNIT[fit.unit]
    expected = rows.expected_since_first(fit.parameters, until, _NODES)
    actual = np.append(0, np.cumsum(days["purchases"].to_numpy()))[breaks].astype(np.float64)
    table = pd.DataFrame(
        {
            "actual": np.diff(actual),
            "expected": np.diff(expected),
            "actual_cumulative": actual[1:],
            "expected_cumulative": expected[1:],
            "held_out": breaks[1:] > end,
        },
        index=pd.DatetimeIndex(start + pd.to_timedelta(breaks[1:], unit="D"), name="period_end"),
    )
    table.attrs = {"model": fit.definition.spec.title, "calibration_end": fitted.observation_end, "days": length}
    if interval is None:
        return table
    lower, upper = _bounds(fit, rows, until, interval)
    return table.assign(lower=lower[0], upper=upper[0], lower_cumulative=lower[1], upper_cumulative=upper[1])


def _daily_purchases(
    log: Any, customers: int, end: pd.Timestamp, observation_end: Any, **columns: Unpack[LogKeywords]
) -> pd.DataFrame:
    """Purchases by day of the customers fitted, until the end of the calibration at least."""
    if isinstance(log, pd.DataFrame) and {"customers", "purchases"} <= set(log.columns):
        days = log
    else:
        days = purchases_by_day(log, calibration_end=end, observation_end=observation_end, **columns)
    found = int(days["customers"].sum())
    if found != customers:
        raise DataError(
            f"The log has {found:,} customers who first bought until {end:%Y-%m-%d}, the fit "
            f"{customers:,}. Pass the log they were summarized from, with the same columns and refunds."
        )
    until = max(end, days.index[-1])  # nobody may have bought in the last days
    return days.reindex(pd.date_range(days.index[0], until, name=days.index.name), fill_value=0)


def _whole_days(step: Span) -> int:
    """The length of a period in days."""
    days = span_in_units(step, "day", name="step")
    if days < 1 or days != int(days):
        raise ArgumentError(f'step must be one or more whole days, such as "1W" or "30D", not {step!r}.')
    return int(days)


def _bounds(fit: Fit, rows: Population, until: Array, interval: float) -> tuple[Array, Array]:
    """Lower and upper bounds of the purchases of each period and of their sum, over draws and chance."""
    level, rng = check_level(interval), np.random.default_rng(0)
    counts = []
    for parameters in records(fit.draws(_DRAWS)):
        expected = rows.expected_since_first(parameters, until, _NODES_OF_DRAWS)
        inside = rng.poisson(np.maximum(np.diff(expected), 0.0), (_CHANCES, len(until) - 1))
        before = rng.poisson(max(expected[0], 0.0), (_CHANCES, 1))
        counts.append(np.stack([inside, before + np.cumsum(inside, axis=1)]))
    lower, upper = quantiles(np.moveaxis(np.concatenate(counts, axis=1), 1, -1).astype(np.float64), level)
    return lower, upper
