"""Value at risk: how much of it few customers hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import whole
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.plots.shared.tables import is_table
from clvmodels.signatures import checked


@checked
def value_at_risk_table(risks: pd.DataFrame, *, points: int = 100) -> pd.DataFrame:
    """Share of the value at risk, and of the value, of the customers who have most at risk.

    Parameters
    ----------
    risks : pandas.DataFrame
        The table of `clvmodels.risk_table`: ``value_at_risk`` and ``lifetime_value``, one row a customer.
    points : int, default 100
        Rows of the table beside 0.

    Returns
    -------
    pandas.DataFrame
        One row a share of customers, 0 to 1, those with most at risk first: ``share_of_value_at_risk`` and
        ``share_of_value``. ``attrs`` holds ``customers``, how many there are, and ``at_risk``, the sum.

    Raises
    ------
    DataError
        If a column is missing or not finite, or there is nothing at risk.

    Examples
    --------
    >>> risks = pd.DataFrame({"value_at_risk": [1.0, 6.0, 3.0, 0.0], "lifetime_value": [10.0, 10.0, 5.0, 15.0]})
    >>> value_at_risk_table(risks, points=2)
                        share_of_value_at_risk  share_of_value
    share_of_customers
    0.0                                    0.0           0.000
    0.5                                    0.9           0.375
    1.0                                    1.0           1.000
    """
    whole("points", points, "a whole number, 1 or more", 1, 1_000_000)
    at_risk, value = (_column(risks, name) for name in ("value_at_risk", "lifetime_value"))
    if not at_risk.sum() > 0.0:
        raise DataError("There is no value at risk: shares of it have no meaning.")
    order = np.argsort(-at_risk, kind="stable")
    shares = np.linspace(0.0, 1.0, points + 1)
    table = pd.DataFrame(
        {
            "share_of_value_at_risk": _cumulated(at_risk[order], shares),
            "share_of_value": _cumulated(value[order], shares),
        },
        index=pd.Index(shares, name="share_of_customers"),
    )
    table.attrs = {"customers": len(order), "at_risk": float(at_risk.sum())}
    return table


@checked
def value_at_risk(source: pd.DataFrame, *, top: float = 0.1, ax: Axes | None = None) -> Axes:
    """How much of the value at risk few customers hold.

    Parameters
    ----------
    source : pandas.DataFrame
        The table of `clvmodels.risk_table`, or what `value_at_risk_table` returned.
    top : float, default 0.1
        The share of customers to name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Raises
    ------
    ArgumentError
        If ``top`` is no share between 0 and 1.
    DataError
        As `value_at_risk_table`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> risks = pd.DataFrame({"value_at_risk": [1.0, 6.0, 3.0, 0.0], "lifetime_value": [10.0, 10.0, 5.0, 15.0]})
    >>> ax = value_at_risk(risks, top=0.5)
    >>> " ".join(ax.get_title(loc="left").split())
    '2 of 4 customers (50 %) hold 90 % of the value at risk'
    >>> plt.close(ax.figure)
    """
    if not 0.0 < top < 1.0:
        raise ArgumentError(f"top must be a share between 0 and 1, such as 0.1, not {top!r}.")
    if "share_of_value_at_risk" in source and is_table(source, value_at_risk_table, "customers", "at_risk"):
        table = source
    else:
        table = value_at_risk_table(source)
    ax, theme = style.canvas(ax, (6.4, 4.8))
    held = _draw(ax, theme, table, top)
    customers = table.attrs["customers"]
    count = max(1, round(top * customers))
    part = formats.share(held)
    finding = f"{count:,} of {customers:,} customers ({formats.share(top)}) hold {part} of the value at risk"
    return style.headline(
        ax, theme, finding, "Value × risk of each customer, cumulated: a ranking of whom to look after"
    )


def _column(risks: pd.DataFrame, name: str) -> Array:
    """A column in money, 0 where it is negative."""
    if name not in risks:
        raise DataError(f"There is no column {name!r}. Pass the table of clvmodels.risk_table, made with spend=.")
    values = np.maximum(risks[name].to_numpy(dtype=np.float64), 0.0)
    if not np.isfinite(values).all():
        raise DataError(f"{name} is not finite for {int((~np.isfinite(values)).sum()):,} customers.")
    return values


def _draw(ax: Axes, theme: style.Theme, table: pd.DataFrame, top: float) -> float:
    """The two curves, and the share of the value at risk that the first ``top`` of the customers hold."""
    share = np.asarray(table.index, dtype=float)
    held = float(np.interp(top, share, table["share_of_value_at_risk"]))
    ax.fill_between(share, 0, table["share_of_value_at_risk"], color=theme.accent, alpha=0.12, linewidth=0)
    ax.plot(share, table["share_of_value_at_risk"], color=theme.accent, linewidth=2.4)
    ax.plot(share, table["share_of_value"], color=theme.model, linewidth=1.6)
    ax.vlines(top, 0, held, color=theme.ink, linewidth=1.0)
    ax.plot([top], [held], "o", color=theme.accent, markersize=7)
    ax.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="Share of customers, most at risk first", ylabel="Share of the total")
    style.percents(ax.xaxis, ax.yaxis)
    _name_lines(ax, theme, table, top)
    return held


def _cumulated(values: Array, shares: Array) -> Array:
    total = np.append(0.0, np.cumsum(values))
    return np.interp(shares, np.linspace(0.0, 1.0, len(total)), total / (total[-1] or 1.0))


def _name_lines(ax: Axes, theme: style.Theme, table: pd.DataFrame, top: float) -> None:
    """Names of the two curves, to the right of them where they are apart from each other."""
    share = np.asarray(table.index, dtype=float)
    held = float(np.interp(top, share, table["share_of_value_at_risk"]))
    below = min(held, float(np.interp(top, share, table["share_of_value"])))
    text = f"{formats.share(held)} of value at risk"
    labels.note(ax, text, (top, below), (10, -12), theme.accent, bold=True, va="top")
    at = 0.42
    value = float(np.interp(at, share, table["share_of_value"]))
    above = value >= float(np.interp(at, share, table["share_of_value_at_risk"]))
    shift, side = ((-4, 8), "bottom") if above else ((8, -10), "top")
    labels.note(ax, "their share of all value", (at, value), shift, theme.model, bold=True, va=side)
