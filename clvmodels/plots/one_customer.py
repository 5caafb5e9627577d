"""One customer's history: purchases, P(alive) and P(purchase) day by day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels import formats
from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import rows_of_grid
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import given, is_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import days_to_units, parse_day, to_timestamp
from clvmodels.transactions.units import Span, span_in_units

_POINTS = 600
_LINES = {"probability_alive": "P(alive)", "purchase_probability": "P(purchase)"}


@checked
def customer_history_table(fit: Fit, dates: Any, *, horizon: Span = "90D", observation_end: Any = None) -> pd.DataFrame:
    """P(alive) and P(purchase in the horizon) of one customer as they stood on each day.

    Parameters
    ----------
    fit : Fit
        A fit of a purchase model.
    dates : iterable of dates, or id of a customer
        The customer's purchase dates, in any order; several on one day are one purchase. Or the id of one of the
        customers who were fitted, if they keep their purchases (``keep_purchases=True`` in `clvmodels.summarize`).
    horizon : float or str, default "90D"
        Span of P(purchase), or a number of the fit's unit.
    observation_end : date-like, optional
        Last day; default: that of the fit.

    Returns
    -------
    pandas.DataFrame
        One row a day from the first purchase to the end (at most about 600 of them, and every purchase day):
        ``frequency``, ``probability_alive``, ``purchase_probability`` and ``purchase`` (whether the day has one).

    Raises
    ------
    ArgumentError
        If the fit does not know its last day and none is given, has covariates, or does not know the purchases of its
        customers.
    DataError
        If there are no dates, or none until the last day, or no such customer.
    UnsupportedPrediction
        If the fit is not of a purchase model.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> table = clv.plots.customer_history_table(
    ...     clv.fit(customers, "bg/nbd"), ["1997-01-01", "1997-02-10", "1997-03-01"], horizon="13W"
    ... )
    >>> table.loc[["1997-03-01", "1997-09-30"], "probability_alive"].round(2).tolist()
    [0.81, 0.22]
    """
    days, end = _days_until(_dates_of(fit, dates), fit.observation_end if observation_end is None else observation_end)
    some = np.linspace(days[0], end, min(end - int(days[0]) + 1, _POINTS)).astype(np.int64)
    at = np.union1d(some, np.concatenate((days, days[days > days[0]] - 1)))
    count = np.searchsorted(days, at, side="right") - 1
    recency, age = (days_to_units((until - days[0]).astype(np.float64), fit.unit) for until in (days[count], at))
    table = pd.DataFrame({"frequency": count, "recency": recency, "T": age})
    rows = rows_of_grid(fit, Customers.from_frame(table, unit=fit.unit))
    result = pd.DataFrame(
        {
            "frequency": count,
            "probability_alive": fit.probability_alive(rows).to_numpy(),
            "purchase_probability": fit.purchase_probability(span_in_units(horizon, fit.unit), rows).to_numpy(),
            "purchase": np.isin(at, days),
        },
        index=pd.DatetimeIndex(at.astype("M8[D]").astype("M8[s]"), name="date"),
    )
    result.attrs = {"model": fit.definition.spec.title, "horizon": horizon, "unit": fit.unit}
    return result


@checked
def customer_history(
    source: Fit | pd.DataFrame,
    dates: Any = None,
    *,
    horizon: Span = "90D",
    observation_end: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """One customer over time: P(alive) falls while the customer is silent and rises with a purchase.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, with ``dates``; or what `customer_history_table` returned.
    dates : iterable of dates, or id of a customer, optional
        As in `customer_history_table`.
    horizon : float or str, default "90D"
        As in `customer_history_table`.
    observation_end : date-like, optional
        As in `customer_history_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError, UnsupportedPrediction
        As `customer_history_table`; also without ``dates``.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> log = clv.datasets.load_cdnow(sample=True)
    >>> customers = clv.summarize(log, customer="customer_id", date="date", observation_end="1997-09-30")
    >>> dates = log.loc[log["customer_id"] == 1, "date"]
    >>> ax = clv.plots.customer_history(clv.fit(customers, "bg/nbd"), dates)
    >>> " ".join(ax.get_title(loc="left").split())
    '3 purchases, the last 59 days ago: 32 % likely to buy again within 90 days'
    >>> plt.close(ax.figure)
    """
    if is_table(source, customer_history_table, "purchase", *_LINES, "model", "horizon", "unit"):
        table = source
    else:
        dates = given(dates, "dates")
        table = customer_history_table(source, dates, horizon=horizon, observation_end=observation_end)
    return _drawn(table, ax)


def _drawn(table: pd.DataFrame, ax: Axes | None) -> Axes:
    """Two probabilities over time, and the purchases."""
    ax, theme = style.canvas(ax, (8.0, 4.2))
    _draw_purchases(ax, theme, table.index[table["purchase"]])
    ends = []
    for (name, label), color in zip(_LINES.items(), (theme.model, theme.accent), strict=True):
        ax.plot(table.index, table[name], color=color, linewidth=2.0, marker="o" if len(table) == 1 else None)
        last = float(table[name].iloc[-1])
        ends.append((table.index[-1], last, f"{label} {formats.share(last)}", color))
    ax.set(ylabel="Probability", ylim=(-0.08, 1.02), yticks=[0, 0.25, 0.5, 0.75, 1.0])
    style.percents(ax.yaxis)
    if len(table) == 1:
        ax.set_xlim(table.index[0] - pd.Timedelta(days=3), table.index[0] + pd.Timedelta(days=3))
    style.dates(ax.xaxis)
    labels.end_labels(ax, ends)
    return style.headline(ax, theme, *_headline(table))


def _draw_purchases(ax: Axes, theme: style.Theme, days: pd.Index) -> None:
    """A line and a mark at each."""
    ax.vlines(days, 0, 1, color=theme.muted, linewidth=0.8, alpha=0.45)
    ax.plot(days, np.full(len(days), -0.035), "^", color=theme.ink, markersize=6, clip_on=False, linestyle="none")


def _dates_of(fit: Fit, dates: Any) -> Iterable[Any]:
    """The dates as they are, or those of the customer with this id."""
    if isinstance(dates, Iterable) and not isinstance(dates, str):
        return dates
    known = fit.customers
    if not isinstance(known, Customers) or known.purchases is None:
        raise ArgumentError(
            f"The fit doesn't know the purchases of customer {shortly(dates)}. Pass a list of dates, or fit customers "
            "who keep their purchases: clvmodels.summarize(..., keep_purchases=True)."
        )
    own = known.purchases.loc[known.purchases["customer_id"] == dates, "day"]
    if own.empty:
        raise DataError(f"There is no customer {shortly(dates)} among those who were fitted.")
    return own


def _days_until(dates: Iterable[Any], observation_end: Any) -> tuple[NDArray[np.int64], int]:
    """Distinct purchase days until the end of the observation, and that end, in days since 1970."""
    moments = pd.Series(list(dates)).dropna()
    days = np.unique(np.array([parse_day(moment, "dates") for moment in moments], dtype=np.int64))
    if len(days) == 0:
        raise DataError("This customer has no purchase dates.")
    if observation_end is None:
        raise ArgumentError("The fit doesn't know the day of its observation_end. Pass observation_end=.")
    end = parse_day(observation_end, "observation_end")
    if days[0] > end:
        raise DataError(
            f"All purchase dates of this customer lie after {to_timestamp(end):%Y-%m-%d}. "
            "Pass a later observation_end=."
        )
    return days[days <= end], end


def _headline(table: pd.DataFrame) -> tuple[str, str]:
    """How many purchases, how long ago the last, how likely another; and what is shown."""
    days = table.index[table["purchase"]]
    since = formats.plural(int((table.index[-1] - days[-1]).days), "day")
    likely = formats.share(table["purchase_probability"].iloc[-1])
    within = formats.span(table.attrs["horizon"], table.attrs["unit"])
    count = formats.plural(len(days), "purchase")
    finding = f"{count}, the last {since} ago: {likely} likely to buy again within {within}"
    return finding, f"{table.attrs['model']} day by day; P(purchase) within {within}; ▲ purchases"
