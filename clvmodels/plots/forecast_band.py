"""What happened and what is forecast, by calendar period, with the range as a band."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import instance
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked

_QUANTITIES = ("purchases", "buyers", "revenue")
_ENOUGH = 2  # whole periods, beside which parts of others are not drawn


@checked
def past_and_future(forecast: Forecast | Evaluation, of: str = "purchases", ax: Axes | None = None) -> Axes:
    """Past beside future, in whole calendar periods.

    The past is that of repeat purchases: a forecast knows no first ones. It grows with the number of customers. Those
    still to come have a line of their own, first purchases included, if they were forecast. Parts of periods are left
    out, since a few days of a month look like a bad month; where there are fewer than two whole ones they are hollow.

    Parameters
    ----------
    forecast : Forecast or Evaluation
        What `clvmodels.forecast` returned; or an evaluation with a forecast, beside which what happened is drawn.
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
        ``forecast`` is no forecast, ``of`` is none of these, there are no amounts, or the evaluation has no forecast.

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
    scores = None
    if isinstance(forecast, Evaluation):
        forecast, scores = _tested(forecast)
    instance("forecast", forecast, Forecast, "what clvmodels.forecast or clvmodels.evaluate returned")
    if of not in _QUANTITIES or (of == "revenue" and not forecast.has_revenue):
        raise ArgumentError(f'of must be "purchases", "buyers" or, where there are amounts, "revenue", not {of!r}.')
    ax, theme = style.canvas(ax, (8.6, 4.4))
    past, table = _whole(forecast.past), _whole(forecast.table)
    lower, upper = table[f"{of}_lower"], table[f"{of}_upper"]
    top = max(_line(ax, past, of, theme.ink, theme), _line(ax, table, of, theme.model, theme))
    _band(ax, theme.model, table, lower, upper)
    if scores is not None:
        periods = scores[(scores["kind"] != "total") & (scores["quantity"] == of)]
        happened = table.assign(**{of: periods.set_index("period_end")["actual"].reindex(table.index)}).dropna()
        top = max(top, _line(ax, happened, of, theme.ink, theme))
    top = max(top, _customers_to_come(ax, theme, forecast, of))
    ax.set_ylim(0, max(1.0, top, float(upper.max())) * 1.08)
    labels.marker_line(ax, theme, forecast.observation_end, "last day known")
    style.numbers(ax.yaxis)
    style.dates(ax.xaxis)
    ax.set_ylabel(_axis_name(forecast, of))
    if scores is not None:
        return style.headline(ax, theme, _finding_of_test(forecast, of, scores), _what_of_test(forecast, of))
    return style.headline(ax, theme, _finding(forecast, of), _what(forecast, of))


def _tested(evaluation: Evaluation) -> tuple[Forecast, pd.DataFrame]:
    """The forecast of an evaluation, and what happened: a row a total or period and quantity."""
    made, scores = evaluation.forecast, evaluation.forecast_scores
    if made is None or scores is None:
        raise ArgumentError("This evaluation has no forecast. Pass forecast=True to clvmodels.evaluate.")
    return made, scores.drop_duplicates(["kind", "period_end", "quantity"])


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """The whole periods, if there are enough of them; else all."""
    whole = table["whole"].astype(bool)
    return table[whole] if whole.sum() >= _ENOUGH else table


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
    name, table = "customers" if of == "buyers" else of, _whole(forecast.new_customers.table)
    _line(ax, table, name, theme.third, theme)
    lower, upper = table[f"{name}_lower"], table[f"{name}_upper"]
    _band(ax, theme.third, table, lower, upper)
    known = _whole(forecast.table)
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


def _finding_of_test(forecast: Forecast, of: str, scores: pd.DataFrame) -> str:
    """What was forecast, and what happened."""
    estimate, lower, upper = forecast.range_of(of)
    total = scores[(scores["kind"] == "total") & (scores["quantity"] == of)]["actual"].iloc[0]
    money = f" {forecast.currency}" if of == "revenue" and forecast.currency else ""
    noun = {"purchases": " purchases", "buyers": " buyers", "revenue": f"{money} of revenue"}[of]
    given = f"{formats.count(lower)} to {formats.count(upper)}"
    return f"{formats.count(estimate)}{noun} were forecast ({given}), {total:,.0f} came"


def _what(forecast: Forecast, of: str) -> str:
    """What is shown."""
    return (
        f"{_noun(of)} by {forecast.by}, and their forecast by {forecast.model} with ranges of "
        f"{formats.share(forecast.interval)}{_parts(forecast)}"
    )


def _what_of_test(forecast: Forecast, of: str) -> str:
    """What is shown of a test."""
    return (
        f"{_noun(of)} by {forecast.by} (black), and what was forecast on {forecast.observation_end:%Y-%m-%d} (blue) "
        f"with ranges of {formats.share(forecast.interval)}{_parts(forecast)}"
    )


def _noun(of: str) -> str:
    return {"buyers": "Customers who bought again", "revenue": "Spend on repeat purchases"}.get(of, "Repeat purchases")


def _parts(forecast: Forecast) -> str:
    """What was done with parts of periods."""
    said = set()
    for table in (forecast.past, forecast.table):
        whole = table["whole"].astype(bool)
        if not whole.all():
            said.add("not drawn" if whole.sum() >= _ENOUGH else "hollow")
    return f"; {' or '.join(sorted(said))}: parts of a {forecast.by}" if said else ""
