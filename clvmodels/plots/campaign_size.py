"""Profit against the size of a campaign."""

from __future__ import annotations

from clvmodels import formats
from clvmodels.decisions.targeting.result import Targeting
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes
from clvmodels.signatures import checked


@checked
def profit_curve(targeting: Targeting, *, ax: Axes | None = None) -> Axes:
    """Expected profit by number of customers reached, the most profitable first, with its range.

    The curve rises as long as the next customer brings more than the activity costs; everyone is rarely best. A plan
    under a budget lies on the curve or below it, since money rather than customers is short.

    Parameters
    ----------
    targeting : Targeting
        What `clvmodels.target` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt, numpy as np, pandas as pd
    >>> value = pd.Series(np.linspace(100.0, 0.0, 200))
    >>> plan = clv.target(value, clv.Activity(name="call", cost=3.0, effect=(0.10, 0.01)))
    >>> ax = clv.plots.profit_curve(plan)
    >>> " ".join(ax.get_title(loc="left").split())
    '140 of 200 customers is the best size: a profit of 491, against 400 with everyone'
    >>> plt.close(ax.figure)
    """
    ax, theme = style.canvas(ax, (7.6, 4.4))
    curve, best = targeting.curve, targeting.best_size
    ax.fill_between(
        curve["customers"], curve["profit_lower"], curve["profit_upper"], color=theme.model, alpha=0.2, linewidth=0
    )
    ax.plot(curve["customers"], curve["profit"], color=theme.model, linewidth=2.0)
    ax.axhline(0.0, color=theme.muted, linewidth=0.8)
    if 0 < best < int(curve["customers"].iloc[-1]):
        labels.marker_line(ax, theme, best, "best size")
    if len(targeting.plan) and len(targeting.plan) != best:
        ax.plot([len(targeting.plan)], [targeting.profit], "o", color=theme.accent, markersize=7)
        labels.note(
            ax, "this plan", (len(targeting.plan), targeting.profit), (0, -14), theme.accent, ha="center", va="top"
        )
    low = min(0.0, float(curve["profit_lower"].min()))
    high = max(0.0, float(curve["profit_upper"].max()), targeting.profit)
    ax.set_ylim(low - 0.05 * (high - low), high + 0.12 * (high - low))
    ax.set_xlim(0, float(curve["customers"].iloc[-1]))
    ax.set_xlabel("Customers reached")
    ax.set_ylabel("Expected profit")
    style.numbers(ax.xaxis, ax.yaxis)
    known = bool((curve["profit_lower"] == curve["profit_upper"]).all())
    level = formats.share(targeting.interval)
    band = "" if known else f", with a range of {level} from what is not known of effects and values"
    return style.headline(
        ax, theme, _finding(targeting), f"Profit by customers reached, the most profitable first{band}"
    )


def _finding(targeting: Targeting) -> str:
    curve, best = targeting.curve, targeting.best_size
    profit = dict(zip(curve["customers"], curve["profit"], strict=True))
    everyone = int(curve["customers"].iloc[-1])
    if best == 0:
        return "No customer brings more than the activity costs"
    if best == everyone:
        return f"All {formats.plural(everyone, 'customer')} bring more than they cost: {formats.compact(profit[best])}"
    last = profit[everyone]
    against = f"against {formats.compact(last)}" if last >= 0.0 else f"against a loss of {formats.compact(-last)}"
    return (
        f"{best:,} of {formats.plural(everyone, 'customer')} is the best size: a profit of "
        f"{formats.compact(profit[best])}, {against} with everyone"
    )
