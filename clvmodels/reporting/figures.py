"""Plots as pictures for the page: each for light and dark, and for wide and narrow screens."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from clvmodels.plots.shared import style
from clvmodels.plots.shared.style import Axes
from clvmodels.reporting.blocks import Drawing, Figure, Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

WIDE = (7.6, 4.0)
NARROW = (4.3, 3.7)
# The reader's own sans-serif, as on the page; all of these are narrower than the letters the layout was made for.
FONTS = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_DPI = 144  # of parts drawn as pixels, such as clouds of customers


def figure(
    draw: Callable[[Axes], object], *, wide: tuple[float, float] = WIDE, narrow: tuple[float, float] = NARROW
) -> Figure:
    """A plot as a block.

    Parameters
    ----------
    draw
        Draws on the Axes it gets, a function of `clvmodels.plots` for example.
    wide, narrow
        Sizes in inches.
    """
    looks = [(size, theme) for size in (wide, narrow) for theme in (style.LIGHT, style.DARK)]
    headlines, drawings = zip(*(_drawing(draw, size, theme) for size, theme in looks), strict=True)
    finding, what = headlines[0]
    return Figure(finding, what, Picture(*drawings))


def _drawing(
    draw: Callable[[Axes], object], size: tuple[float, float], theme: style.Theme
) -> tuple[tuple[str, str], Drawing]:
    """The headline of the plot, and the rest of it as SVG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=size, layout="constrained", facecolor=theme.background)
    FigureCanvasAgg(canvas)
    ax = canvas.add_subplot()
    draw(ax)
    headline = style.take_headline(ax)
    address = "data:image/svg+xml;base64," + base64.b64encode(_svg(canvas, theme).encode()).decode()
    return headline, Drawing(address, round(size[0] * 72), round(size[1] * 72))


def _svg(canvas: Canvas, theme: style.Theme) -> str:
    """A canvas as SVG in the fonts of the page."""
    import matplotlib as mpl

    file = io.StringIO()
    # letters as letters: a tenth of the size of outlines, and sharp in print
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "clvmodels"}):
        canvas.savefig(file, format="svg", dpi=_DPI, facecolor=theme.background, metadata={"Date": None})
    return _in_fonts(file.getvalue())


def _in_fonts(svg: str) -> str:
    """The SVG without its preamble, in the fonts of the page."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(r"'DejaVu Sans'[^;\"]*", FONTS, svg)
