"""One style for every plot, set on the Axes themselves and never in matplotlib's global state.

What happened is drawn in ink, what a model says in blue, what asks for attention in vermilion: colours of Okabe and
Ito, told apart by colour-blind readers too. A dark figure gets light text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from clvmodels import formats
from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError

if TYPE_CHECKING:
    import matplotlib.axes
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap

type Axes = matplotlib.axes.Axes  # evaluated when it is asked for, so that matplotlib is imported when a plot is drawn

TITLE, WHAT, LABEL, TICK = 12.0, 9.5, 10.0, 9.0  # sizes in points
_WHAT = "what is shown"  # by which the line under the finding is known


@dataclass(frozen=True)
class Theme:
    """Colours by what they say."""

    background: str
    ink: str
    muted: str
    grid: str
    model: str
    accent: str
    third: str
    ramp: tuple[str, ...]

    @property
    def colormap(self) -> Colormap:
        """From little, near the background, to much."""
        return blend(self.ramp)

    @property
    def count_colormap(self) -> Colormap:
        """For counts of customers: the lowest is visible against the background too."""
        return blend(self.ramp[1:])


def blend(colors: Sequence[str]) -> Colormap:
    """Colours that go over into one another."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("clv", colors)


LIGHT = Theme(
    background="#ffffff",
    ink="#1f2430",
    muted="#5f6773",
    grid="#e6e8ec",
    model="#0072b2",
    accent="#d55e00",
    third="#009e73",
    ramp=("#eef4f9", "#bcd9ec", "#6fb0d8", "#2380ba", "#0b4f82", "#082f52"),
)
DARK = Theme(
    background="#14181f",
    ink="#f1f3f5",
    muted="#a9b1bd",
    grid="#303742",
    model="#56b4e9",
    accent="#f08a3c",
    third="#2fc79a",
    ramp=("#1b2a38", "#1d4a6b", "#2473a6", "#56a5d8", "#a5d3f0", "#eaf6fd"),
)


def canvas(ax: Axes | None, size: tuple[float, float] = (7.2, 4.4)) -> tuple[Axes, Theme]:
    """The Axes to draw on, in the style of the package, and its colours.

    Parameters
    ----------
    ax
        Axes to use; None makes a figure of ``size`` (inches).
    """
    if ax is not None and not hasattr(ax, "figure"):
        raise ArgumentError(f"ax must be Axes of matplotlib, not {shortly(ax)}.")
    if ax is None:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=size)
        figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    theme = theme_of(ax)
    ax.figure.set_facecolor(theme.background)
    ax.set_facecolor(theme.background)
    _dress(ax, theme)
    return ax, theme


def _dress(ax: Axes, theme: Theme) -> None:
    """Grid, ticks and labels in the style of the package."""
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.muted)
        spine.set_linewidth(0.8)
    ax.set_axisbelow(True)
    ax.grid(False)
    ax.grid(axis="y", color=theme.grid, linewidth=0.8)
    ax.tick_params(colors=theme.muted, labelsize=TICK, length=0)
    ax.tick_params(axis="x", which="major", length=3, width=0.8)
    ax.tick_params(which="minor", length=0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_color(theme.muted)
        axis.label.set_fontsize(LABEL)
        axis.offsetText.set_color(theme.muted)


def without_lines(ax: Axes) -> None:
    """Neither grid nor axis, for what fills the Axes with colour."""
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)


def theme_of(ax: Axes) -> Theme:
    """Light or dark, as the figure is."""
    from matplotlib.colors import to_hex, to_rgb

    if _is_clear(ax):
        return LIGHT
    background = ax.figure.get_facecolor()
    red, green, blue = to_rgb(background)
    return replace(
        DARK if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.4 else LIGHT, background=to_hex(background)
    )


def _is_clear(ax: Axes) -> bool:
    """Whether the page behind the figure, of whatever colour, would be seen through it."""
    from matplotlib.colors import to_rgba

    return to_rgba(ax.figure.get_facecolor())[3] < 0.5


def headline(ax: Axes, theme: Theme, finding: str, what: str) -> Axes:
    """The Axes with the finding as title, and under it, smaller, what is shown; both wrapped to their width."""
    points = _width(ax)
    title = _balanced(finding, max(20, int(points / (0.59 * TITLE))))
    below = _balanced(what, max(24, int(points / (0.57 * WHAT))))
    room = 6.0 + (below.count("\n") + 1) * WHAT * 1.3
    ax.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", color=theme.ink, pad=room + 3.0)
    ax.annotate(
        below, (0, 1), xytext=(0, 6), xycoords="axes fraction", textcoords="offset points",
        va="bottom", ha="left", fontsize=WHAT, color=theme.muted, linespacing=1.25, annotation_clip=False, gid=_WHAT,
    )  # fmt: skip
    return ax


def take_headline(ax: Axes) -> tuple[str, str]:
    """The finding and what is shown, taken off the Axes for a page that sets them in its own type.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax, theme = canvas(Figure().add_subplot())
    >>> ax = headline(ax, theme, "Sales doubled", "Sales by year")
    >>> take_headline(ax), ax.get_title(loc="left"), len(ax.texts)
    (('Sales doubled', 'Sales by year'), '', 0)
    """
    finding = " ".join(ax.get_title(loc="left").split())
    ax.set_title("", loc="left")
    below = [text for text in ax.texts if text.get_gid() == _WHAT]
    for text in below:
        text.remove()
    return finding, " ".join(" ".join(text.get_text() for text in below).split())


def _width(ax: Axes) -> float:
    """Room for a title in points: to the right edge of the figure, if the Axes fill it."""
    inches = ax.figure.get_figwidth()  # type: ignore[union-attr]
    if ax.get_position().width > 0.7:
        longest = max((len(label.get_text()) for label in ax.get_yticklabels()), default=0)
        return inches * 72 - 48 - 0.6 * TICK * longest
    return ax.get_position().width * inches * 72


def _balanced(text: str, width: int) -> str:
    """Lines of at most ``width`` letters, as equal in length as that allows.

    Examples
    --------
    >>> _balanced("One word would be left alone", 23).splitlines()
    ['One word would', 'be left alone']
    """
    text = text.replace(" %", "\N{NO-BREAK SPACE}%")  # which textwrap doesn't break at

    def wrapped(width: int) -> list[str]:
        return textwrap.wrap(text, width, break_on_hyphens=False)

    lines = len(wrapped(width))
    while width > 10 and len(wrapped(width - 1)) == lines:
        width -= 1
    return "\n".join(wrapped(width)).replace("\N{NO-BREAK SPACE}", " ")


def ink_on(color: Any) -> str:
    """The letters that are read best on a colour.

    Examples
    --------
    >>> ink_on("#eef4f9"), ink_on("#082f52")
    ('#1f2430', '#ffffff')
    """
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.067 else "#1f2430"


def numbers(*axes: Axis) -> None:
    """Ticks with thousands separators."""
    for axis in axes:
        axis.set_major_formatter(formats.number)


def percents(*axes: Axis) -> None:
    """Ticks in per cent."""
    for axis in axes:
        axis.set_major_formatter(formats.percent)


def whole(*axes: Axis) -> None:
    """Ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    for axis in axes:
        axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    numbers(*axes)


def dates(axis: Axis) -> None:
    """Ticks at dates, the year named once."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=8)
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
