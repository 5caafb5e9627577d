"""Words on a plot: names of lines at their ends, notes beside points, numbers over bars, what colours mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from clvmodels.plots.shared.style import LABEL, TICK, Axes, Theme, numbers, percents

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.cm import ScalarMappable


def note(
    ax: Axes,
    text: str,
    at: tuple[Any, Any],
    shift: tuple[float, float],
    color: str,
    *,
    bold: bool = False,
    size: float | None = None,
    **options: Any,
) -> None:
    """A text beside a point, shifted by so many points of type; options are those of ``Axes.annotate``."""
    options |= {"fontsize": size or (LABEL if bold else TICK), "fontweight": "bold" if bold else "normal"}
    ax.annotate(text, at, xytext=shift, textcoords="offset points", color=color, **options)


def over_bars(
    ax: Axes, theme: Theme, x: Iterable[float], tops: Iterable[float], texts: Iterable[str], gap: int
) -> None:
    """A text over each bar."""
    for place, top, text in zip(x, tops, texts, strict=True):
        note(ax, text, (place, top), (0, gap), theme.ink, ha="center", va="bottom")


def with_customers(table: pd.DataFrame) -> list[str]:
    """The groups of a table, each with its customers in brackets."""
    return [f"{name}\n({count:,})" for name, count in zip(table.index, table["customers"], strict=True)]


def counts_up_to(last: int) -> list[str]:
    """The names of counts, of which the last stands for all above it too.

    Examples
    --------
    >>> counts_up_to(2)
    ['0', '1', '2+']
    """
    return [*map(str, range(last)), f"{last}+"]


def thin_line(color: str, **options: float) -> dict[str, Any]:
    """The line that ties a note to what it names, as ``arrowprops``."""
    return {"arrowstyle": "-", "color": color, "linewidth": 0.8, **options}


def end_labels(ax: Axes, labels: Sequence[tuple[Any, float, str, str]], size: float = LABEL) -> None:
    """Names of lines at their right ends (x, y, text, colour), pushed apart where they would overlap.

    To be called when the limits are set.
    """
    from matplotlib import units

    gap = size * 1.25
    converters = [(units.registry.get_converter(x), x) for x, *_ in labels]
    at = [converter.convert(x, None, ax.xaxis) if converter else x for converter, x in converters]
    heights = [
        ax.transData.transform((x, label[1]))[1] * 72 / ax.figure.dpi for x, label in zip(at, labels, strict=True)
    ]
    order = sorted(range(len(labels)), key=lambda i: heights[i])
    floor = ax.transAxes.transform((0, 0))[1] * 72 / ax.figure.dpi + size * 0.4
    placed = _apart([heights[i] for i in order], gap, floor)
    for i, height in zip(order, placed, strict=True):
        x, y, text, color = labels[i]
        shift = (6, height - heights[i])
        note(ax, text, (x, y), shift, color, size=size, va="center", ha="left", annotation_clip=False)


def _apart(heights: Sequence[float], gap: float, floor: float = -1e9) -> list[float]:
    """Sorted heights moved as little as it takes to be ``gap`` apart and not below ``floor``.

    Examples
    --------
    >>> _apart([0.0, 1.0, 50.0], 10.0)
    [-4.5, 5.5, 50.0]
    >>> _apart([0.0, 1.0, 50.0], 10.0, floor=2.0)
    [2.0, 12.0, 50.0]
    """
    groups: list[list[float]] = []  # middle and number of labels that touch
    for height in heights:
        groups.append([height, 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2:
            (low, n), (high, m) = groups[-2:]
            groups[-2:] = [[(low * n + high * m) / (n + m), n + m]]
    placed: list[float] = []
    for height in (middle + gap * (k - (n - 1) / 2) for middle, n in groups for k in range(int(n))):
        placed.append(max(height, placed[-1] + gap if placed else floor))
    return placed


def marker_line(ax: Axes, theme: Theme, x: Any, text: str) -> None:
    """A dashed vertical line, named at its top."""
    ax.axvline(x, color=theme.muted, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1.5)
    note(ax, text, (x, 1), (4, -2), theme.muted, xycoords=("data", "axes fraction"), va="top", ha="left")


def color_scale(ax: Axes, theme: Theme, image: ScalarMappable, label: str, *, per_cent: bool = False) -> None:
    """A bar that says what the colours mean."""
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.75, aspect=24, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=theme.muted, labelsize=TICK, length=0)
    bar.set_label(label, color=theme.muted, fontsize=LABEL)
    (percents if per_cent else numbers)(bar.ax.yaxis)
