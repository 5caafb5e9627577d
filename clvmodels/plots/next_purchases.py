"""A calendar of next purchases: who is expected when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.errors import ArgumentError, DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.value.next_purchase.next_purchase import NextPurchase

_HEIGHT = 0.26  # inches a customer


def next_purchase_calendar_table(
    source: NextPurchase, *, top: int = 25, customers: Sequence[Any] | None = None
) -> pd.DataFrame:
    """The windows of the next purchases of the customers who are most likely to buy.

    Parameters
    ----------
    source : NextPurchase
        What `clvmodels.next_purchase` returns.
    top : int, default 25
        How many customers, the most likely to buy in the horizon.
    customers : sequence, optional
        Ids of other customers to show.

    Returns
    -------
    pandas.DataFrame
        One row a customer, the earliest first: ``date_lower``, ``date_median``, ``date_upper``,
        ``purchase_probability``, ``stage``. ``attrs`` has ``interval``, ``horizon`` (in words) and ``customers`` (of
        how many).

    Raises
    ------
    ArgumentError
        ``source`` is something else, ``top`` is no whole number above 0, or an id is not known.
    DataError
        No date is known.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           observation_end="1997-09-30", keep_purchases=True)
    >>> found = clv.next_purchase(clv.fit(customers, "bg/nbd"), horizon="26W")
    >>> len(next_purchase_calendar_table(found, top=10))
    10
    """
    if not isinstance(source, NextPurchase):
        raise ArgumentError(f"source must be what clvmodels.next_purchase returns, not {type(source).__name__}.")
    count = whole("top", top, "a whole number of customers above 0", 1)
    table = source.table
    if "date_median" not in table or table["date_median"].isna().all():
        raise DataError("No date is known: the customers have no end of the observation, or nobody is likely to buy.")
    table = _chosen(table, count, customers).dropna(subset=["date_median"])
    shown = table[["date_lower", "date_median", "date_upper", "purchase_probability", "stage"]]
    shown = shown.sort_values(["date_median", "date_upper"], kind="stable")
    following = formats.following(source.horizon, source.unit)
    shown.attrs = {"interval": source.interval, "horizon": following, "customers": len(source.table)}
    return shown


def _chosen(table: pd.DataFrame, count: int, customers: Sequence[Any] | None) -> pd.DataFrame:
    """The most likely buyers, or those who are named."""
    if customers is None:
        return table.dropna(subset=["date_median"]).nlargest(count, "purchase_probability")
    missing = [who for who in customers if who not in table.index]
    if missing:
        raise ArgumentError(f"There is no customer {missing[0]!r}.")
    return table.loc[list(customers)]


def next_purchase_calendar(
    source: NextPurchase | pd.DataFrame,
    *,
    top: int = 25,
    customers: Sequence[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Who is expected to buy when: a line a customer from the first day of the window to the last, a dot at the median.

    Parameters
    ----------
    source : NextPurchase or pandas.DataFrame
        What `clvmodels.next_purchase` returns, or what `next_purchase_calendar_table` does.
    top : int, default 25
        How many customers, the most likely to buy in the horizon.
    customers : sequence, optional
        Ids of other customers to show.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError
        As `next_purchase_calendar_table`.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> log = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                     observation_end="1997-09-30", keep_purchases=True)
    >>> ax = next_purchase_calendar(clv.next_purchase(clv.fit(log, "bg/nbd"), horizon="26W"))
    >>> ax.get_ylabel()
    'Customer'
    >>> plt.close(ax.figure)
    """
    if is_table(source, next_purchase_calendar_table, "date_lower", "date_median", "purchase_probability", "interval"):
        table = source
    else:
        table = next_purchase_calendar_table(source, top=top, customers=customers)
    ax, theme = style.canvas(ax, (7.4, max(2.8, 1.8 + _HEIGHT * len(table))))
    _windows(ax, theme, table)
    _probabilities(ax, theme, table)
    _days(ax, theme)
    level = formats.share(table.attrs["interval"])
    what = f"Median and {level} window of the next purchase, given that it comes; right: probability that it does"
    return style.headline(ax, theme, _finding(table), what)


def _windows(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> None:
    """A line a customer, the first on top."""
    places = np.arange(len(table))
    ax.hlines(places, table["date_lower"], table["date_upper"], color=theme.model, linewidth=2.6, alpha=0.35)
    ax.plot(table["date_median"], places, "o", color=theme.model, markersize=6)
    ax.set_yticks(places, [str(who) for who in table.index])
    ax.set_ylim(len(table) - 0.4, -0.9)
    ax.set_ylabel("Customer")


def _days(ax: Axes, theme: style.Theme) -> None:
    """Days with their months, and lines at them."""
    from matplotlib.dates import num2date

    ax.grid(False)
    ax.grid(axis="x", color=theme.grid, linewidth=0.8)
    style.dates(ax.xaxis)
    ax.xaxis.set_major_formatter(lambda day, _: f"{num2date(day):%d %b}")


def _probabilities(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> None:
    """How likely the purchase is, at the right edge."""
    first, last = table["date_lower"].min(), table["date_upper"].max()
    room = (last - first) * 0.04 + pd.Timedelta(days=1)
    ax.set_xlim(first - room, last + 3 * room)
    for place, chance in enumerate(table["purchase_probability"]):
        labels.note(
            ax, formats.share(chance), (1.0, place), (-2, 0), theme.muted, va="center", ha="right",
            xycoords=ax.get_yaxis_transform(),
        )  # fmt: skip


def _finding(table: pd.DataFrame) -> str:
    count = round(table["purchase_probability"].sum())
    middle = table["date_median"].iloc[(len(table) - 1) // 2]
    day = f"{middle.day} {middle:%B %Y}"
    if len(table) == 1:
        return f"{table.index[0]} is most likely to buy by {day}, if at all"
    return f"About {count} of these {len(table)} are expected to buy, half of them by about {day}"
