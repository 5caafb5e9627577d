"""Tracking: purchases of all customers week by week, as they happened and as the model expected them."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import bounds, given, is_table
from clvmodels.plots.track_table import tracking_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.units import Span


@takes_log
@checked
def tracking(
    source: Fit | pd.DataFrame,
    log: Any = None,
    *,
    cumulative: bool = False,
    band: pd.DataFrame | None = None,
    customers: Customers | None = None,
    step: Span = "1W",
    interval: float | None = None,
    observation_end: Any = None,
    ax: Axes | None = None,
    **columns: Unpack[LogKeywords],
) -> Axes:
    """Purchases by week, actual against expected, with the end of the calibration marked.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, with ``log``; or what `tracking_table` returned.
    log : Log, frame, path or list of paths, optional
        As in `tracking_table`.
    cumulative : bool, default False
        Sum up since the first customer.
    band : pandas.DataFrame, optional
        Bounds of the expectation: ``lower`` and ``upper``, indexed as the table. Default: those of ``interval=``.
    customers : Customers, optional
        As in `tracking_table`.
    step : float or str, default "1W"
        As in `tracking_table`.
    interval : float, optional
        As in `tracking_table`.
    observation_end : date-like, optional
        As in `tracking_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.
    **columns
        How to read the log, see `clvmodels.Log`; ``refunds`` must be "net" or "drop".

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
    needs = [f"{name}{sum_or_not}" for name in ("actual", "expected") for sum_or_not in ("", "_cumulative")]
    if is_table(source, tracking_table, *needs, "held_out", "model", "calibration_end", "days"):
        table = source
    else:
        log = given(log, "log")
        table = tracking_table(
            source, log, customers=customers, step=step, interval=interval, observation_end=observation_end, **columns
        )
    ax, theme = style.canvas(ax, (8.0, 4.4))
    suffix = "_cumulative" if cumulative else ""
    if band is None and "lower" in table:
        band = table[[f"lower{suffix}", f"upper{suffix}"]].set_axis(["lower", "upper"], axis=1)
    _draw_lines(ax, theme, table, suffix, band)
    length = table.attrs["days"]
    period = {1: "day", 7: "week", 14: "two weeks"}.get(length, f"{length} days")
    ax.set_ylabel("Repeat purchases since the start" if cumulative else f"Repeat purchases per {period}")
    return style.headline(ax, theme, _finding(table), _what(period, cumulative, band is not None))


def _draw_lines(ax: Axes, theme: style.Theme, table: pd.DataFrame, suffix: str, band: pd.DataFrame | None) -> None:
    """Actual and expected purchases, the bounds of the expectation, the end of the calibration."""
    if band is not None:
        band = bounds(band, table.index)
        ax.fill_between(table.index, band["lower"], band["upper"], color=theme.model, alpha=0.18, linewidth=0)
    lines = (("actual", "Actual", theme.ink, 1.4), ("expected", table.attrs["model"], theme.model, 2.2))
    marker = "o" if len(table) == 1 else None  # a single period is a dot, not a line without length
    ends = []
    for column, name, color, width in lines:
        values = table[f"{column}{suffix}"]
        ax.plot(table.index, values, color=color, linewidth=width, label=column.title(), marker=marker, markersize=4)
        ends.append((table.index[-1], float(values.iloc[-1]), name, color))
    highest = table[[f"actual{suffix}", f"expected{suffix}"]].to_numpy(dtype=np.float64).max()
    ax.set_ylim(0, max(1.0, float(highest) * 1.12))
    style.numbers(ax.yaxis)
    style.dates(ax.xaxis)
    labels.marker_line(ax, theme, table.attrs["calibration_end"], "end of calibration")
    labels.end_labels(ax, ends)


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
