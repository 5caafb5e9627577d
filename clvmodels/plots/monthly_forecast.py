"""Forecast of purchases and revenue by month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.fits import customers_or_fitted
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import bounds, is_table
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

_MOST_MONTHS = 1_200

type Band = pd.DataFrame | Mapping[float, pd.DataFrame]


@checked
def forecast_table(
    purchases: Fit, spend: Fit | None = None, *, months: int = 12, customers: Customers | None = None
) -> pd.DataFrame:
    """Expected purchases and revenue of today's customers by calendar month.

    Revenue of a month is Σ_i E[purchases of i in it] × E[spend of i]; customers still to come are not in it.

    Parameters
    ----------
    purchases : Fit
        A fit of a purchase model.
    spend : Fit, optional
        A fit of a spend model, for revenue.
    months : int, default 12
        Number of months. If the data end within a month, its rest is the first one.
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.

    Returns
    -------
    pandas.DataFrame
        One row a month, indexed by its last day: ``start`` (last day before it), ``purchases``, ``revenue`` (NaN
        without ``spend``), ``whole`` (False for the rest of a month).

    Raises
    ------
    ArgumentError
        If the day of the customers' ``observation_end`` is not known, ``months`` is below 1, or the fit was loaded and
        ``customers`` are not given.
    UnsupportedPrediction
        If a fit is not of the kind asked for.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> table = clv.plots.forecast_table(
    ...     clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma"), months=3
    ... )
    >>> table[["purchases", "revenue"]].round(0).astype(int).to_numpy().tolist()
    [[226, 8189], [206, 7486], [202, 7341]]
    """
    known = customers_or_fitted(purchases, customers)
    if known.observation_end is None:
        raise ArgumentError("These customers don't know the day of their observation_end, so months can't be named.")
    months = whole("months", months, f"a number of months from 1 to {_MOST_MONTHS:,}", 1, _MOST_MONTHS)
    each = np.nan if spend is None else spend.expected_spend(known).to_numpy()
    end, day = known.observation_end, DAYS_PER_UNIT[purchases.unit]
    ends = pd.date_range(end + pd.Timedelta(days=1), periods=months, freq="ME", name="month")
    table = pd.DataFrame({"start": [end, *ends[:-1]], "purchases": 0.0, "revenue": 0.0}, index=ends)
    for last, start in table["start"].items():
        begin, length = ((start - end).days / day, (last - start).days / day)
        counts = purchases.expected_purchases(length, known, start=begin).to_numpy()
        table.loc[last, ["purchases", "revenue"]] = counts.sum(), (counts * each).sum()
    table["whole"] = (ends - table["start"]).dt.days == ends.days_in_month
    table.attrs = {
        "model": purchases.definition.spec.title, "currency": None if spend is None else spend.currency,
        "customers": len(known), "observation_end": end,
    }  # fmt: skip
    return table


@checked
def forecast(
    source: Fit | pd.DataFrame,
    spend: Fit | None = None,
    *,
    of: str = "purchases",
    band: Band | None = None,
    months: int = 12,
    customers: Customers | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Expected purchases or revenue of today's customers, month by month.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit of a purchase model, or what `forecast_table` returned.
    spend : Fit, optional
        A fit of a spend model, for revenue.
    of : {"purchases", "revenue"}
        What to draw.
    band : pandas.DataFrame or dict of float to pandas.DataFrame, optional
        Bounds: ``lower`` and ``upper``, indexed as the table; or several of them by level, ``{0.5: …, 0.9: …}``, for a
        fan.
    months : int, default 12
        As in `forecast_table`.
    customers : Customers, optional
        Those fitted, if the fit was loaded from a file.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If ``of`` is neither, or revenue is asked for and there is no fit of a spend model; otherwise as
        `forecast_table`.
    UnsupportedPrediction
        If a fit is not of the kind asked for.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30")
    >>> ax = clv.plots.forecast(clv.fit(customers, "bg/nbd"), months=9)
    >>> " ".join(ax.get_title(loc="left").split())
    "Today's customers will make about 1,653 purchases until June 1998"
    >>> plt.close(ax.figure)
    """
    if of not in ("purchases", "revenue"):
        raise ArgumentError(f'of must be "purchases" or "revenue", not {of!r}.')
    if is_table(source, forecast_table, of, "start", "whole", "model", "customers", "observation_end"):
        table = source
    else:
        table = forecast_table(source, spend, months=months, customers=customers)
    return _drawn(table, of, band, ax)


def _drawn(table: pd.DataFrame, of: str, band: Band | None, ax: Axes | None) -> Axes:
    """A bar a month, or a line with its bounds."""
    values, x = table[of].to_numpy(), np.arange(len(table))
    if np.isnan(values).any():
        raise ArgumentError('This forecast has no revenue. Pass a fit of a spend model, such as "gamma-gamma".')
    ax, theme = style.canvas(ax, (8.0, 4.2))
    top = float(values.max())
    if band is None:
        _bars(ax, theme, x, values, table)
    else:
        top = max(top, _fan(ax, theme, x, table, band))
        _line(ax, theme, x, values, table["whole"].to_numpy())
    ax.set_ylim(0, max(top, 1e-9) * 1.1)
    _name_months(ax, table)
    ax.set_ylabel(_axis_name(table, of))
    style.numbers(ax.yaxis)
    return style.headline(ax, theme, _finding(table, of), _what(table, band))


def _axis_name(table: pd.DataFrame, of: str) -> str:
    if of == "purchases":
        return "Purchases per month"
    return formats.with_currency("Revenue per month", table.attrs.get("currency"))


def _bars(ax: Axes, theme: style.Theme, x: np.ndarray, values: np.ndarray, table: pd.DataFrame) -> None:
    """A bar a month; the rest of a month is as narrow as it is short."""
    spans = zip(table.index, table["start"], strict=True)
    part = np.array([(last - start).days / last.days_in_month for last, start in spans])
    ax.bar(x, values, width=0.74 * part, color=theme.model, alpha=0.8, linewidth=0)
    if len(table) <= 18:
        labels.over_bars(ax, theme, x, values, map(formats.compact, values), 3)


def _line(ax: Axes, theme: style.Theme, x: np.ndarray, values: np.ndarray, whole: np.ndarray) -> None:
    """A dot a month; it is hollow where only a part of the month is ahead."""
    ax.plot(x, values, color=theme.model, linewidth=2.0, marker="o", markersize=5)
    ax.plot(x[~whole], values[~whole], "o", color=theme.model, markerfacecolor=theme.background, markersize=6)


def _fan(ax: Axes, theme: style.Theme, x: np.ndarray, table: pd.DataFrame, band: Band) -> float:
    """Bounds as ribbons, the wide ones faint; the largest bound."""
    of_levels = [band[level] for level in sorted(band, reverse=True)] if isinstance(band, Mapping) else [band]
    top = 0.0
    for one in of_levels:
        limits = bounds(one, table.index)
        ax.fill_between(x, limits["lower"], limits["upper"], color=theme.model, alpha=0.22, linewidth=0)
        top = max(top, float(limits["upper"].max()))
    return top


def _name_months(ax: Axes, table: pd.DataFrame) -> None:
    """Short names, the year under January and under the first month, unless the two would touch."""
    step = max(1, int(np.ceil(len(table) / 16)))
    ticks = range(0, len(table), step)
    months = [table.index[tick] for tick in ticks]
    names, year = [], None
    for month in months:
        names.append(f"{month:%b}\n{month:%Y}" if month.year != year else f"{month:%b}")
        year = month.year
    if len(months) > 1 and months[1].year != months[0].year:
        names[0] = f"{months[0]:%b}"
    ax.set_xticks(list(ticks), names)
    ax.set_xlim(-0.6, len(table) - 0.4)


def _finding(table: pd.DataFrame, of: str) -> str:
    """The total and until when."""
    until = f"{table.index[-1]:%B %Y}"
    total = formats.compact(float(table[of].sum()))
    if of == "purchases":
        return f"Today's customers will make about {total} purchases until {until}"
    currency = table.attrs.get("currency")
    return f"Today's customers will spend about {total}{f' {currency}' if currency else ''} until {until}"


def _what(table: pd.DataFrame, band: Band | None) -> str:
    """What is shown."""
    attrs = table.attrs
    first = table["start"].iloc[0] + pd.Timedelta(days=1)
    rest = "" if table["whole"].iloc[0] else f"; {first:%B} from day {first.day} on"
    if isinstance(band, Mapping):
        levels = " and ".join(formats.share(level) for level in sorted(band))
        rest += f"; ranges of {levels}"
    known = formats.plural(attrs["customers"], "customer")
    return f"Expected by {attrs['model']} from the {known} known on {attrs['observation_end']:%Y-%m-%d}{rest}"
