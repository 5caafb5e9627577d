"""Value × risk: whom to look after, whom to win back now."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.decisions.segments.value_risk import GROUPS, risk_and_value, value_risk_table
from clvmodels.plots.shared import style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked

_FEW = 2_000


@checked
def value_risk(
    value: pd.DataFrame, *, high_value: float | None = None, high_risk: float = 0.5, ax: Axes | None = None
) -> Axes:
    """Customers by risk and value, in four groups with what each is worth.

    Parameters
    ----------
    value : pandas.DataFrame
        What `clvmodels.lifetime_value` returns.
    high_value, high_risk : float, optional
        As in `value_risk_table`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError, DataError
        As `value_risk_table`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> value = pd.DataFrame({"attrition_risk": [0.1, 0.9, 0.2, 0.8], "lifetime_value": [100.0, 50.0, 5.0, 1.0]})
    >>> ax = value_risk(value, high_value=50.0)
    >>> " ".join(ax.get_title(loc="left").split())
    '1 valuable customer (25 %) is at high risk, with 32 % of the value'
    >>> plt.close(ax.figure)
    """
    table = value_risk_table(value, high_value=high_value, high_risk=high_risk)
    risk, worth = risk_and_value(value)
    ax, theme = style.canvas(ax, (7.4, 5.4))
    low, top, is_log = _range(worth, table.attrs["high_value"])
    ax.set_yscale("log" if is_log else "linear")
    _draw_customers(ax, theme, risk, worth, (low, top), is_log)
    ax.axhline(table.attrs["high_value"], color=theme.accent, linewidth=1.0)
    ax.axvline(high_risk, color=theme.accent, linewidth=1.0)
    ax.set(xlim=(0, 1), ylim=(low, top))
    _name_quadrants(ax, theme, table)
    style.percents(ax.xaxis)
    style.numbers(ax.yaxis)
    ax.yaxis.set_minor_formatter("")  # of the logarithmic axis, whose powers of ten have names enough
    ax.grid(False)
    horizon = value.attrs.get("counts_horizon")
    within = f": no purchase within {formats.span(horizon, None)}" if isinstance(horizon, str) else ""
    currency = value.attrs.get("currency")
    ax.set(xlabel=f"Attrition risk{within}", ylabel=formats.with_currency("Lifetime value", currency))
    cut = f"; above {formats.short(top)} drawn at the edge" if (worth > top).any() else ""
    return style.headline(ax, theme, _finding(table), _what(table, len(worth), currency) + cut)


def _draw_customers(
    ax: Axes, theme: style.Theme, risk: np.ndarray, worth: np.ndarray, limits: tuple[float, float], is_log: bool
) -> None:
    """Customers as points while they are few, else as counts in hexagons."""
    shown = np.clip(worth, *limits)
    if len(worth) <= _FEW:
        alpha, size = (0.8, 8) if len(worth) < 50 else (0.35, 4)
        ax.plot(risk, shown, "o", color=theme.model, alpha=alpha, markersize=size, markeredgewidth=0, linestyle="none")
        return
    extent = (0.0, 1.0, *(np.log10(limits) if is_log else limits))
    ax.hexbin(
        risk, shown, gridsize=(60, 36), yscale="log" if is_log else "linear", bins="log", mincnt=1, extent=extent,
        cmap=theme.count_colormap, linewidths=0.1, rasterized=True,
    )  # fmt: skip


def _what(table: pd.DataFrame, customers: int, currency: str | None) -> str:
    """How many customers, and from where on they are valuable or at high risk."""
    border = formats.short(table.attrs["high_value"]) + (f" {currency}" if currency else "")
    borders = f"valuable from {border}, at high risk from {formats.share(table.attrs['high_risk'])}"
    return f"{formats.plural(customers, 'customer')}; {borders}"


def _range(worth: np.ndarray, border: float) -> tuple[float, float, bool]:
    """Bounds of the value axis, and whether it is logarithmic: values are skewed, but costs can make them negative."""
    if worth.min() > 0 and border > 0:
        bounds = np.quantile(worth, [0.001, 1.0])
        low, top = min(bounds[0], border) / 1.5, max(bounds[1], border) * 4.0
        if top < 30 * low:  # whole powers of ten, so that there are some to name
            low, top = 10 ** np.floor(np.log10(low)), 10 ** np.ceil(np.log10(top))
        return float(low), float(top), True
    low, top = float(worth.min()), max(float(np.quantile(worth, 0.99)), border)
    room = 0.08 * (top - low) or 1.0
    return low - room, top + 2 * room, False


def _name_quadrants(ax: Axes, theme: style.Theme, table: pd.DataFrame) -> None:
    """The name of each group in its corner, and how many customers and how much value it has."""
    total, people = table["value"].sum(), table["customers"].sum()
    comma = ", " if ax.figure.get_figwidth() >= 6 else ",\n"  # type: ignore[union-attr]
    rows = table.to_dict("index")
    for (valuable, risky), name in GROUPS.items():
        row = rows[name]
        share = f"{comma}{formats.share(row['value'] / total)} of the value" if total > 0 else ""
        corner = (0.985 if risky else 0.015, 0.98 if valuable else 0.02)
        ax.annotate(
            f"{name}\n" + f"{formats.share(row['customers'] / people)} of customers{share}", corner,
            xycoords="axes fraction", ha="right" if risky else "left", va="top" if valuable else "bottom",
            fontsize=style.TICK, color=theme.accent if name == "Act now" else theme.ink, linespacing=1.35, zorder=5,
            bbox={"boxstyle": "round,pad=0.3", "facecolor": theme.background, "edgecolor": "none", "alpha": 0.85},
        )  # fmt: skip


def _finding(table: pd.DataFrame) -> str:
    """How many valuable customers are at high risk, with which share of the value."""
    row = table.to_dict("index")["Act now"]
    count, people, total = int(row["customers"]), table["customers"].sum(), table["value"].sum()
    if count == 0:
        return "No valuable customer is at high risk"
    verb = "is" if count == 1 else "are"
    worth = f", with {formats.share(row['value'] / total)} of the value" if total > 0 else ""
    share = formats.share(count / people)
    customers = f"valuable customer{'' if count == 1 else 's'}"
    return f"{count:,} {customers} ({share}) {verb} at high risk{worth}"
