"""Tracking: purchases of all customers week by week, as they happened and as the model expected them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels import formats
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.predictions import Predictions
from clvmodels.inference.population.intervals import check_level, quantiles, records
from clvmodels.plots.shared import style
from clvmodels.plots.shared.fits import customers_or_fitted
from clvmodels.plots.shared.new_customers import at_each_age, first_purchases
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.activity import purchases_by_day
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

# Of bounds: draws of the parameters, chances for each, and ages at which a draw is computed.
_DRAWS = 60
_CHANCES = 20
_NODES = 40


def tracking_table(
    fit: Fit,
    log: Any,
    *,
    customers: Customers | None = None,
    step: Span = "1W",
    interval: float | None = None,
    **columns: Any,
) -> pd.DataFrame:
    """Repeat purchases of the customers fitted, actual and expected, by period.

    Expected until a day are Σ_i E[X(t - t0_i)], with t0_i the first purchase of customer i: the model's forecast for a
    new customer, before it has seen what anybody did.

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model.
    log : path, frame or pandas.DataFrame
        The transactions, calibration and later; or what `clvmodels.plots.purchases_by_day` returned (with
        ``calibration_end``).
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.
    step : str or float, default "1W"
        Length of a period, in whole days. Periods are counted from the end of the calibration, both ways.
    interval : float, optional
        Level of bounds, such as 0.90: adds ``lower``, ``upper``, ``lower_cumulative`` and ``upper_cumulative``, from
        draws of the parameters and the chance of as many purchases (Poisson).
    **columns
        ``customer``, ``date``, ``order``, ``refunds``, ``timezone``, ``observation_end`` of the log, as in
        `clvmodels.summarize`.

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
    days = log if _is_daily(log) else purchases_by_day(log, calibration_end=fitted.observation_end, **columns)
    found = int(days["customers"].sum())
    if found != len(fitted):
        raise DataError(
            f"The log has {found:,} customers who first bought until {fitted.observation_end:%Y-%m-%d}, the fit "
            f"{len(fitted):,}. Pass the log they were summarized from, with the same columns and refunds."
        )
    if days.index[-1] < fitted.observation_end:  # nobody bought in the last days
        every_day = pd.date_range(days.index[0], fitted.observation_end, name=days.index.name)
        days = days.reindex(every_day, fill_value=0)
    length = _whole_days(step)
    start = days.index[0] - pd.Timedelta(days=1)
    size, end = len(days), int((fitted.observation_end - start).days)
    breaks = np.arange(end % length, size + 1, length)
    newcomers = days["customers"].to_numpy()
    expected = _expected_until(fit, newcomers, breaks, start)
    actual = np.concatenate(([0], np.cumsum(days["purchases"].to_numpy())))[breaks].astype(np.float64)
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
    if len(table) == 0:
        raise DataError(
            f"The log of {formats.plural(size, 'day')} has no whole period of {length} days. Pass a shorter step=."
        )
    table.attrs = {"model": fit.definition.spec.title, "calibration_end": fitted.observation_end, "days": length}
    if interval is None:
        return table
    lower, upper = _bounds(fit, newcomers, breaks, start, interval)
    return table.assign(
        lower=lower[0], upper=upper[0], lower_cumulative=lower[1], upper_cumulative=upper[1]
    )  # fmt: skip


def tracking(
    source: Fit | pd.DataFrame,
    log: Any = None,
    *,
    cumulative: bool = False,
    band: pd.DataFrame | None = None,
    ax: Axes | None = None,
    **options: Any,
) -> Axes:
    """Purchases by week, actual against expected, with the end of the calibration marked.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, with ``log``; or what `tracking_table` returned.
    log : path, frame or pandas.DataFrame, optional
        As in `tracking_table`.
    cumulative : bool, default False
        Sum up since the first customer.
    band : pandas.DataFrame, optional
        Bounds of the expectation: ``lower`` and ``upper``, indexed as the table. Default: those of ``interval=``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.
    **options
        As in `tracking_table`.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError, UnsupportedPrediction
        As `tracking_table`; also without ``log``.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> log = clv.datasets.load_cdnow(sample=True)
    >>> customers = clv.summarize(log, customer="customer_id", date="date", observation_end="1997-09-30")
    >>> ax = clv.plots.tracking(clv.fit(customers, "bg/nbd"), log, customer="customer_id", date="date")
    >>> " ".join(ax.get_title(loc="left").split())
    'After the calibration BG/NBD expected 1,667 purchases; 1,882 happened (model 11 % below)'
    >>> plt.close(ax.figure)
    """
    table = source if isinstance(source, pd.DataFrame) else tracking_table(source, log, **options)
    ax, theme = style.canvas(ax, (8.0, 4.4))
    suffix = "_cumulative" if cumulative else ""
    actual, expected = table[f"actual{suffix}"], table[f"expected{suffix}"]
    if band is None and "lower" in table:
        which = "_cumulative" if cumulative else ""
        band = pd.DataFrame({side: table[f"{side}{which}"] for side in ("lower", "upper")})
    if band is not None:
        band = band.reindex(table.index)
        ax.fill_between(table.index, band["lower"], band["upper"], color=theme.model, alpha=0.18, linewidth=0)
    ax.plot(table.index, actual, color=theme.ink, linewidth=1.4, label="Actual", marker=_dot(table), markersize=4)
    ax.plot(table.index, expected, color=theme.model, linewidth=2.2, label="Expected", marker=_dot(table), markersize=4)
    ax.set_ylim(0, max(1.0, float(np.nanmax([actual.max(), expected.max()])) * 1.12))
    length = table.attrs["days"]
    period = {1: "day", 7: "week", 14: "two weeks"}.get(length, f"{length} days")
    ax.set_ylabel("Repeat purchases since the start" if cumulative else f"Repeat purchases per {period}")
    style.numbers(ax.yaxis)
    style.dates(ax.xaxis)
    style.marker_line(ax, theme, table.attrs["calibration_end"], "end of calibration")
    ends = [
        (table.index[-1], float(actual.iloc[-1]), "Actual", theme.ink),
        (table.index[-1], float(expected.iloc[-1]), table.attrs["model"], theme.model),
    ]
    style.end_labels(ax, ends)
    style.headline(ax, theme, _finding(table), _what(period, cumulative, band is not None))
    return ax


def _is_daily(log: Any) -> bool:
    """Whether it is the table of `purchases_by_day`."""
    return isinstance(log, pd.DataFrame) and {"customers", "purchases"} <= set(log.columns)


def _whole_days(step: Span) -> int:
    """The length of a period in days."""
    days = span_in_units(step, "day", name="step")
    if days < 1 or days != int(days):
        raise ArgumentError(f'step must be one or more whole days, such as "1W" or "30D", not {step!r}.')
    return int(days)


def _bounds(
    fit: Fit, newcomers: NDArray[np.int64], breaks: NDArray[np.int64], start: pd.Timestamp, interval: float
) -> tuple[Array, Array]:
    """Lower and upper bounds of the purchases of each period and of their sum, over draws and chance."""
    level, rng = check_level(interval), np.random.default_rng(0)
    counts = []
    covariates = {name: getattr(fit, name, None) for name in ("covariates", "varying", "customers")}
    for parameters in records(fit.draws(_DRAWS)):
        drawn = Predictions(model=fit.model, parameters=dict(parameters), unit=fit.unit, **covariates)
        expected = _expected_until(drawn, newcomers, breaks, start, nodes=_NODES)
        inside = rng.poisson(np.maximum(np.diff(expected), 0.0), (_CHANCES, len(breaks) - 1))
        before = rng.poisson(max(expected[0], 0.0), (_CHANCES, 1))
        counts.append(np.stack([inside, before + np.cumsum(inside, axis=1)]))
    lower, upper = quantiles(np.moveaxis(np.concatenate(counts, axis=1), 1, -1).astype(np.float64), level)
    return lower, upper


def _expected_until(
    fit: Predictions, newcomers: NDArray[np.int64], breaks: NDArray[np.int64], start: pd.Timestamp, nodes: int = 400
) -> Array:
    """Σ_i E[X(t - t0_i)] until the end of each of the days ``breaks`` after ``start``.

    Customers who come on day k are k + 1 old.
    """
    dated = first_purchases(fit)
    if dated is not None:
        days, weight = float((start - pd.Timestamp(0)).days) + breaks, dated.known.weight
        return np.array([weight @ dated.since_first(fit.parameters, "expected_purchases", day) for day in days])
    ages = breaks[:, None] - (np.arange(len(newcomers)) + 1)[None, :]
    came = (ages > 0) & (newcomers > 0)[None, :]
    purchases = at_each_age(
        lambda age: float(fit.expected_purchases(age / DAYS_PER_UNIT[fit.unit], "new").iloc[0]),
        np.unique(ages[came]).astype(np.float64),
        nodes,
    )
    curve = np.zeros(len(newcomers) + 1)
    curve[np.unique(ages[came])] = purchases
    return np.array([newcomers @ curve[np.maximum(row, 0)] for row in ages])


def _finding(table: pd.DataFrame) -> str:
    """Expected and actual purchases after the calibration, or in it if nothing is held out."""
    part = table[table["held_out"]]
    model, where = table.attrs["model"], "After the calibration"
    if len(part) == 0:
        part, where = table, "In the calibration"
    actual, expected = float(part["actual"].sum()), float(part["expected"].sum())
    sentence = f"{where} {model} expected {formats.count(expected)} purchases; {actual:,.0f} happened"
    if actual == 0:
        return sentence
    off = expected / actual - 1.0
    return f"{sentence} (model {formats.share(abs(off))} {'above' if off > 0 else 'below'})"


def _what(period: str, cumulative: bool, banded: bool) -> str:
    """What is shown."""
    what = "Repeat purchases of all customers since the start" if cumulative else f"Repeat purchases per {period}"
    return what + ("; shaded: range of the expectation" if banded else "")


def _dot(table: pd.DataFrame) -> str | None:
    """A single period is a dot, not a line without length."""
    return "o" if len(table) == 1 else None
