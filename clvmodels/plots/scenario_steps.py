"""From the value of customers now to that under an activity, change by change."""

from __future__ import annotations

import numpy as np

from clvmodels import formats
from clvmodels.decisions.potential.scenario_result import Scenario
from clvmodels.plots.shared import labels, style
from clvmodels.plots.shared.style import Axes, Theme
from clvmodels.signatures import checked

_ROOM = 1.5  # of the axis below the steps, in heights of all steps together, where it can't begin at 0


@checked
def waterfall(scenario: Scenario, *, ax: Axes | None = None) -> Axes:
    """Value now, what each change adds to it, and value then; the axis is cut where the steps are small beside it.

    Parameters
    ----------
    scenario : Scenario
        What `clvmodels.scenario` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on; its left title is the finding.

    Examples
    --------
    >>> import clvmodels as clv, matplotlib.pyplot as plt
    >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    >>> scenario = clv.scenario((purchases, spend), "new", purchase_rate=0.10, dropout=-0.20, spend=0.05, horizon="1Y",
    ...                         annual_discount_rate=0.10, margin=0.30)
    >>> ax = clv.plots.waterfall(scenario)
    >>> " ".join(ax.get_title(loc="left").split())
    'The activity makes the value 14 % larger: 28.88 rather than 25.29'
    >>> plt.close(ax.figure)
    """
    ax, theme = style.canvas(ax, (7.6, 4.4))
    ends = scenario.steps["until"].to_numpy()
    begins = np.concatenate(([0.0], ends[:-1]))
    floor = _floor(ends)
    _bars(ax, theme, np.append(np.maximum(begins, floor), floor), np.append(ends, ends[-1]))
    names = [*scenario.steps.index, "with the activity"]
    ax.set_xticks(range(len(names)), [name.replace("purchase rate", "purchase\nrate") for name in names])
    _numbers(ax, theme, scenario, ends)
    low, high = min(floor, *ends), max(0.0, *ends)
    ax.set_ylim(low if low >= 0.0 else low - 0.1 * (high - low), high + 0.14 * (high - low))
    ax.set_xlabel("Each change on top of those before it")
    ax.set_ylabel(formats.with_currency("Value", scenario.currency))
    style.numbers(ax.yaxis)
    cut = " The axis doesn't begin at 0." if floor > 0.0 else ""
    source = "assumed" if scenario.source == "assumed" else "measured in a test"
    return style.headline(
        ax, theme, _finding(scenario), f"Value now and then, and what each change adds ({source}).{cut}"
    )


def _floor(ends: np.ndarray) -> float:
    """Where the axis begins: at 0, if the steps can then be seen."""
    height = float(ends.max() - ends.min())
    return 0.0 if height > 0.08 * ends.max() else max(0.0, float(ends.min()) - _ROOM * max(height, 0.01 * ends.max()))


def _bars(ax: Axes, theme: Theme, begins: np.ndarray, ends: np.ndarray) -> None:
    """The first and the last in full, and the steps between them."""
    last = len(ends) - 1
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        step = theme.third if end >= begin else theme.accent
        color = {0: theme.ink, last: theme.model}.get(place, step)
        ax.bar(place, end - begin, bottom=begin, width=0.62, color=color)
        if place < last:
            ax.plot([place + 0.31, place + 0.69], [end, end], color=theme.muted, linewidth=0.8)


def _numbers(ax: Axes, theme: Theme, scenario: Scenario, ends: np.ndarray) -> None:
    """The values of the first and the last, and what the steps add."""
    values = scenario.steps["value"].to_numpy()
    texts = [formats.compact(values[0])]
    texts += [("+" if value >= 0.0 else "\N{MINUS SIGN}") + formats.compact(abs(value)) for value in values[1:]]
    tops = np.maximum(ends, np.concatenate(([ends[0]], ends[:-1])))
    labels.over_bars(ax, theme, range(len(ends) + 1), [*tops, ends[-1]], [*texts, formats.compact(ends[-1])], 4)


def _finding(scenario: Scenario) -> str:
    now, then = (float(scenario.total["estimate"][name]) for name in ("value_now", "value_then"))
    before, after = formats.amounts([now, then])
    if now <= 0.0:
        return f"The activity brings the value from {before} to {after}"
    how = "larger" if then >= now else "smaller"
    return f"The activity makes the value {formats.share(abs(then / now - 1.0))} {how}: {after} rather than {before}"
