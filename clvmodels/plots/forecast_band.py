"""What happened and what is forecast, by calendar period, with the range as a band."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import ArgumentError
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked

_QUANTITIES = ("purchases", "buyers", "revenue")


@checked
def past_and_future(forecast: Forecast, of: str = "purchases", ax: Axes | None = None) -> Axes:
    """Past beside future, in whole calendar periods; those that are only partly there are hollow.

    The past is that of repeat purchases: a forecast knows no first ones. It grows with the number of customers. Those
    still to come have a line of their own, first purchases included, if they were forecast.

    Parameters
    ----------
    forecast : Forecast
        What `clvmodels.forecast` returned.
    of : {"purchases", "buyers", "revenue"}
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        ``of`` is none of these, or there are no amounts.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                         observation_end="1997-09-30", horizon="39W")
    >>> ax = clv.plots.past_and_future(forecast)
    >>> " ".join(ax.get_title(loc="left").split())
    '2,357 customers will make about 1,711 purchases until 30 June 1998 (1,399 to 2,094)'
    >>> plt.close(ax.figure)
    """
    if of not in _QUANTITIES or (of == "revenue" and not forecast.has_revenue):
        raise ArgumentError(f'of must be "purchases", "buyers" or, where there are amounts, "revenue", not {of!r}.')
    ax, theme = style.canvas(ax, (8.6, 4.4))
    past, table = forecast.past, forecast.table
    lower, upper = table[f"{of}_lower"], table[f"{of}_upper"]
    top = max(_line(ax, past, of, theme.ink, theme), _line(ax, table, of, theme.model, theme))
    _band(ax, theme.model, table, lower, upper)
    top = max(top, _customers_to_come(ax, theme, forecast, of))
    ax.set_ylim(0, max(1.0, top, float(upper.max())) * 1.08)
    labels.marker_line(ax, theme, forecast.observation_end, "last day known")
    style.numbers(ax.yaxis)
    style.dates(ax.xaxis)
    ax.set_ylabel(_axis_name(forecast, of))
    return style.headline(ax, theme, _finding(forecast, of), _what(forecast, of))


def _axis_name(forecast: Forecast, of: str) -> str:
    noun = {"purchases": "Purchases", "buyers": "Buyers", "revenue": "Revenue"}[of]
    return formats.with_currency(f"{noun} per {forecast.by}", forecast.currency if of == "revenue" else None)


def _middle(table: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """The middle of each period."""
    return table["first_day"] + pd.to_timedelta(table["days"] / 2, unit="D")


def _line(ax: Axes, table: pd.DataFrame, of: str, color: str, theme: style.Theme) -> float:
    """A line through the whole periods, and hollow dots for the others; the highest value."""
    if not len(table):
        return 0.0
    x, y, whole = _middle(table), table[of].to_numpy(dtype=np.float64), table["whole"].to_numpy(dtype=bool)
    size = 5 if len(table) <= 40 else 2
    ax.plot(x[whole], y[whole], color=color, linewidth=1.8, marker="o", markersize=size)
    ax.plot(x[~whole], y[~whole], "o", color=color, markerfacecolor=theme.background, markersize=size + 1)
    return float(y.max())


def _customers_to_come(ax: Axes, theme: style.Theme, forecast: Forecast, of: str) -> float:
    """A line of their own, named at its end; the highest value."""
    if forecast.new_customers is None:
        return 0.0
    name, table = "customers" if of == "buyers" else of, forecast.new_customers.table
    _line(ax, table, name, theme.third, theme)
    lower, upper = table[f"{name}_lower"], table[f"{name}_upper"]
    _band(ax, theme.third, table, lower, upper)
    known = forecast.table
    ends = [(known, of, "customers\nof today", theme.model), (table, name, "customers\nto come", theme.third)]
    at = [(_middle(one).iloc[-1], float(one[what].iloc[-1]), text, color) for one, what, text, color in ends]
    ax.set_ylim(0, max(ax.dataLim.y1, float(upper.max())) * 1.08)
    labels.end_labels(ax, at)
    return float(upper.max())


def _band(ax: Axes, color: str, table: pd.DataFrame, lower: pd.Series[float], upper: pd.Series[float]) -> None:
    """The range: a ribbon over the whole periods, and a bar for each of the others."""
    x, whole = _middle(table), table["whole"].to_numpy(dtype=bool)
    if whole.sum() > 1:
        ax.fill_between(x[whole], lower[whole], upper[whole], color=color, alpha=0.2, linewidth=0)
    alone = ~whole if whole.sum() > 1 else np.ones(len(table), dtype=bool)
    ax.vlines(x[alone], lower[alone], upper[alone], color=color, alpha=0.35, linewidth=5)


def _finding(forecast: Forecast, of: str) -> str:
    """The total, until when, and how sure that is."""
    estimate, lower, upper = forecast.range_of(of)
    until = f"{forecast.horizon_end.day} {forecast.horizon_end:%B %Y}"
    known = formats.plural(len(forecast.customers), "customer")
    money = f" {forecast.currency}" if forecast.currency else ""
    what = {
        "purchases": f"{known} will make about {formats.compact(estimate)} purchases",
        "buyers": f"About {formats.compact(estimate)} of {known} will buy",
        "revenue": f"{known} will spend about {formats.compact(estimate)}{money}",
    }[of]
    return f"{what} until {until} ({formats.compact(lower)} to {formats.compact(upper)})"


def _what(forecast: Forecast, of: str) -> str:
    """What is shown."""
    repeat = {"buyers": "Customers who bought again", "revenue": "Spend on repeat purchases"}
    partly = not (forecast.table["whole"].all() and forecast.past["whole"].all())
    hollow = f"; hollow: only part of the {forecast.by}" if partly else ""
    return (
        f"{repeat.get(of, 'Repeat purchases')} by {forecast.by}, and their forecast by {forecast.model} with ranges of "
        f"{formats.share(forecast.interval)}{hollow}"
    )
