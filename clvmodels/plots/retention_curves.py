"""Retention: which share of those who subscribed is left after one, two, three periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

_ACTUAL = "actual"


@checked
def retention_rates(survival: pd.DataFrame) -> pd.DataFrame:
    """Retention rates S(t) / S(t - 1) from survival curves, from the second row on; NaN once nobody is left.

    Parameters
    ----------
    survival : pandas.DataFrame
        Indexed by period from 0, one column a curve: shares of the customers at the start.

    Returns
    -------
    pandas.DataFrame
        One row a period from 1 on, the same columns: shares of those left a period before.

    Raises
    ------
    DataError
        Two curves have one name, or something is no share.

    Examples
    --------
    >>> retention_rates(pd.DataFrame({"actual": [1.0, 0.5, 0.4]})).round(2)["actual"].tolist()
    [0.5, 0.8]
    """
    survival = _checked(survival)
    before = survival.shift(1)
    return (survival / before.where(before > 0)).iloc[1:]


@checked
def retention(
    survival: pd.DataFrame | pd.Series[Any] | Subscriptions,
    *,
    rates: bool = False,
    fitted_until: float | None = None,
    period: str = "period",
    ax: Axes | None = None,
) -> Axes:
    """Share of customers left by period: dots for what was observed, lines for models.

    Parameters
    ----------
    survival : pandas.DataFrame, pandas.Series or Subscriptions
        Indexed by period from 0, one column a curve, shares of the customers at 0; "actual" is what was observed (NaN
        where it was not). A Series is one model. Subscriptions are drawn as they were observed.
    rates : bool, default False
        Draw retention rates, S(t) / S(t - 1), instead.
    fitted_until : float, optional
        Last period of the data that the models were fitted to.
    period : str, default "period"
        What a period is: "month", "year".
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    DataError
        If a column has no number, or one outside 0 to 1.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = retention(pd.DataFrame({"actual": [1.0, 0.631, 0.468], "sBG": [1.0, 0.627, 0.471]}), period="year")
    >>> " ".join(ax.get_title(loc="left").split())
    'Of 100 customers, 47 are left after 2 years'
    >>> plt.close(ax.figure)
    """
    if isinstance(survival, Subscriptions):
        period = survival.unit if period == "period" else period
        survival = _observed(survival)
    table = _checked(survival)
    shown = retention_rates(table) if rates else table
    ax, theme = style.canvas(ax)
    ends = _draw_curves(ax, theme, shown)
    values, x = shown.to_numpy(), np.asarray(shown.index, dtype=float)
    low = 0.0 if not rates else max(0.0, np.floor((np.nanmin(values) - 0.02) * 20) / 20)
    ax.set_ylim(low, max(float(np.nanmax(values)) * 1.04, low + 0.1))
    if len(x) > 1:
        ax.set_xlim(min(x[0], 0 if not rates else 1), x[-1])
    if fitted_until is not None:
        labels.marker_line(ax, theme, fitted_until, "models saw until here")
    style.percents(ax.yaxis)
    style.whole(ax.xaxis)
    ax.set_xlabel(f"{period.capitalize()}s since the start")
    ax.set_ylabel("Share retained of those left" if rates else "Share of customers left")
    labels.end_labels(ax, ends)
    what = f"Retention rate by {period}" if rates else f"Share of customers left by {period}"
    return style.headline(ax, theme, _finding(table, rates, period), what)


def _observed(subscriptions: Subscriptions) -> pd.DataFrame:
    """The share of all cohorts that was left after each period, from 1 on the day that they came."""
    shares = subscriptions.observed()["survival"]
    return pd.DataFrame({_ACTUAL: [1.0, *shares]}, index=[0, *shares.index])


def _draw_curves(ax: Axes, theme: style.Theme, shown: pd.DataFrame) -> list[tuple[float, float, str, str]]:
    """A line a model and dots for what was observed; their ends, for their names."""
    colors = [theme.model, theme.accent, theme.third]
    names = [name for name in shown if name != _ACTUAL]
    looks: dict[Any, dict[str, Any]] = {_ACTUAL: {"color": theme.ink, "marker": "o", "linestyle": "none", "zorder": 3}}
    for number, name in enumerate(names):
        dashes = (0, (5, 2)) if number >= len(colors) else "-"
        looks[name] = {"color": colors[number % len(colors)], "linewidth": 2.2, "linestyle": dashes}
    ends = []
    for name in [*names, _ACTUAL] if _ACTUAL in shown else names:
        known = shown[name].dropna()
        look = {"marker": "o" if len(known) == 1 else None, **looks[name]}
        ax.plot(known.index, known, markersize=5, clip_on=name != _ACTUAL, **look)
        ends.append((float(known.index[-1]), float(known.iloc[-1]), str(name), look["color"]))
    return ends


def _checked(survival: pd.DataFrame | pd.Series[Any]) -> pd.DataFrame:
    """Curves as a frame of shares."""
    table = survival.to_frame(survival.name or "model") if isinstance(survival, pd.Series) else pd.DataFrame(survival)
    if not table.columns.is_unique:
        raise DataError("survival has two curves of one name. Rename one of them.")
    try:
        table = table.astype(np.float64).dropna(how="all")
    except (TypeError, ValueError) as error:
        raise DataError(
            f"survival holds shares of the customers at the start, and something that is none: {error}"
        ) from None
    values = table.to_numpy()
    if values.size == 0 or table.isna().all().any():
        raise DataError("survival has a column without any number.")
    if np.nanmin(values) < 0 or np.nanmax(values) > 1 + 1e-9:
        raise DataError(
            f"survival holds shares of the customers at the start, 0 to 1; these run from {np.nanmin(values):.4g} to "
            f"{np.nanmax(values):.4g}. Divide by the customers at the start."
        )
    return table


def _finding(table: pd.DataFrame, rates: bool, period: str) -> str:
    """From which retention rate to which, or how many of 100 customers are left."""
    name = _ACTUAL if _ACTUAL in table else table.columns[0]
    known = table[name].dropna()
    steps = retention_rates(known.to_frame()).iloc[:, 0].dropna()
    if rates and len(steps) > 1:
        first, last = (f"{formats.share(steps.iloc[i])} in {period} {steps.index[i]:g}" for i in (0, -1))
        return f"Retention {'rises' if steps.iloc[-1] > steps.iloc[0] else 'goes'} from {first} to {last}"
    span = formats.plural(float(known.index[-1]), period)
    return f"Of 100 customers, {known.iloc[-1] * 100:.0f} are left after {span}"
