"""What a calendar does: how many times as often customers buy by month, weekday, tenure and cohort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pandas as pd

from clvmodels import formats
from clvmodels.inference.fits.fit import Fit
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.signatures import checked

_GAP = 1.0  # rows between two parts
_LEAST = 0.1  # a factor below is an arrow at the edge, with its number
_HEADS = {
    "month": "By month",
    "weekday": "By weekday",
    "year end": "End of the year",
    "holiday": "Holidays",
    "tenure": "Since the first purchase",
    "cohort": "Later cohorts",
}


@checked
def calendar_table(fit: Fit, *, level: float = 0.90) -> pd.DataFrame:
    """How many times as often customers buy by month, weekday, special day, tenure and cohort.

    Parameters
    ----------
    fit : Fit
        With a calendar.
    level : float, default 0.9
        Level of the bounds.

    Returns
    -------
    pandas.DataFrame
        As of `PurchaseFit.calendar_effects`, without steps of tenure that nobody has reached; ``attrs`` holds the
        sentences of `Fit.summary`, the model and the level.

    Raises
    ------
    UnsupportedMethod
        The fit has no calendar.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", keep_purchases=True)
    >>> table = calendar_table(clv.fit(customers, "mbg/nbd", calendar=clv.Calendar()))
    >>> round(float(table.loc["March", "factor"]), 2)
    1.23
    """
    table = cast(Any, fit).calendar_effects(level)
    sentences = fit.summary(level).attrs["calendar"]
    clock = cast(Any, fit).structure.clock
    reached = sum(edge < clock.end - clock.first for edge in clock.edges)
    steps = table.index[table["part"] == "tenure"]
    table = table.drop(index=steps[reached:])
    table.attrs = {"sentences": sentences, "model": fit.definition.spec.title, "level": level}
    return table


@checked
def calendar(source: Fit | pd.DataFrame, *, level: float = 0.90, ax: Axes | None = None) -> Axes:
    """Factors of a calendar with their bounds, one row each, on a logarithmic scale.

    Parameters
    ----------
    source : Fit or pandas.DataFrame
        A fit with a calendar, or what `calendar_table` returned.
    level : float, default 0.9
        Level of the bounds.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    UnsupportedMethod
        The fit has no calendar.
    ArgumentError
        The table is of another kind.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", keep_purchases=True)
    >>> ax = calendar(clv.fit(customers, "mbg/nbd", calendar=clv.Calendar()))
    >>> " ".join(ax.get_title(loc="left").split())
    'March 1.2 times an average month, September 0.84 times'
    >>> plt.close(ax.figure)
    """
    needs = ("part", "factor", "lower", "upper", "sentences", "level")
    table = source if is_table(source, calendar_table, *needs) else calendar_table(source, level=level)
    places, heads = _places(table["part"].tolist())
    ax, theme = style.canvas(ax, (7.2, 1.6 + 0.22 * (places[-1] + 1)))
    _draw_factors(ax, theme, table, places)
    _scale(ax, table)
    for place, part in heads:
        labels.note(ax, _HEADS[part], (0, place), (4, 0), theme.muted, xycoords=("axes fraction", "data"), va="center")
    ax.set_xlabel("Times as often (logarithmic)")
    ax.set_ylabel("Part of the calendar")
    bounds = formats.share(table.attrs["level"])
    what = f"How often customers buy, by {table.attrs['model']} on a calendar; lines are {bounds} bounds"
    return style.headline(ax, theme, table.attrs["sentences"][0].rstrip("."), what)


# --- private helpers --------------------------------------------------------------------------------------------------


def _draw_factors(ax: Axes, theme: style.Theme, table: pd.DataFrame, places: list[float]) -> None:
    """A dot with its bounds for each row of the table, and a line at 1."""
    ax.grid(False)
    ax.grid(axis="x", color=theme.grid, linewidth=0.8)
    ax.axvline(1.0, color=theme.muted, linewidth=1.0)
    for place, (lower, factor, upper) in zip(places, table[["lower", "factor", "upper"]].to_numpy(), strict=True):
        if factor < _LEAST:  # a closed shop, which would press all else together
            ax.plot(_LEAST, place, "<", color=theme.model, markersize=6)
            labels.note(ax, f"{factor:.2g}", (_LEAST, place), (8, 0), theme.muted, va="center")
            continue
        ax.plot([lower, upper], [place, place], color=theme.model, linewidth=2.0, alpha=0.5)
        ax.plot(factor, place, "o", color=theme.model, markersize=5)
    ax.set_yticks(places, list(table.index))
    ax.set_ylim(places[-1] + 0.8, -1.6)


def _places(parts: Sequence[str]) -> tuple[list[float], list[tuple[float, str]]]:
    """The height of each row, with a gap before each part, and the heights of the heads in these gaps."""
    places: list[float] = []
    heads: list[tuple[float, str]] = []
    for number, part in enumerate(parts):
        at = places[-1] + 1.0 if places else 0.0
        if not number or part != parts[number - 1]:
            at += _GAP if places else 0.0
            heads.append((at - 0.9, part))
        places.append(at)
    return places, heads


def _scale(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic scale that shows every factor, with the numbers themselves at its ticks; bounds may go over it."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    factors, least = table["factor"].clip(lower=_LEAST), table["lower"].min()
    low = max(min(factors.min() / 2.0, 0.6), min(least / 1.1, 0.9), _LEAST / 1.15)
    high = min(max(factors.max() * 2.0, 1.6), max(table["upper"].max() * 1.1, 1.1))
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
