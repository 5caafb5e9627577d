"""What every plot keeps to: says its finding, names its axes, cuts and covers no text, leaves matplotlib as it was."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.dates import AutoDateLocator

import clvmodels as clv
from tests.plots.every import PLOTS, Business


@pytest.fixture(scope="module")
def business(log: Any, split: Any, purchases: clv.Fit, spend: clv.Fit) -> Business:
    return Business(log, split, purchases, spend)


def _boxes(ax: Any) -> list[tuple[str, Any]]:
    """Every text that is drawn, and where; but for the slanted ones, which lie within contour lines."""
    ax.figure.canvas.draw()
    texts = []
    for panel in ax.figure.axes:
        texts += [*panel.texts, panel._left_title, panel.xaxis.label, panel.yaxis.label]
        for axis in (panel.xaxis, panel.yaxis):
            texts += [tick.label1 for tick in axis._update_ticks()] + [tick.label2 for tick in axis._update_ticks()]
    shown = [text for text in texts if text.get_visible() and text.get_text().strip()]
    # of a note with an arrow, its words only
    return [(text.get_text(), mpl.text.Text.get_window_extent(text)) for text in shown if text.get_rotation() % 90 == 0]


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_says_what_it_found_and_names_its_axes(business: Business, name: str) -> None:
    ax = PLOTS[name](business, None)
    assert len(ax.get_title(loc="left")) > 10
    dated = isinstance(ax.xaxis.get_major_locator(), AutoDateLocator) or name.startswith("forecast")
    assert ax.get_xlabel() or dated
    assert ax.get_ylabel() or name == "cohorts"  # whose rows say the month
    assert "nan" not in "".join(text for text, _ in _boxes(ax)).lower()


@pytest.mark.parametrize("name", PLOTS)
def test_no_text_is_cut_off_or_covers_another(business: Business, name: str) -> None:
    ax = PLOTS[name](business, None)
    boxes = _boxes(ax)
    page = ax.figure.bbox
    for text, box in boxes:
        inside = (
            box.x0 >= -1 and box.y0 >= -1 and box.x1 <= page.x1 + 1 and box.y1 <= page.y1 + 1
        )  # a pixel of rounding
        assert inside, f"{text!r} is cut off"
    for (left, one), (right, other) in itertools.combinations(boxes, 2):
        # letters reach into the room that a font leaves between lines: two pixels are not an overlap
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert not (width > 2 and height > 2), f"{left!r} covers {right!r}"


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_draws_on_the_axes_it_is_given_and_changes_no_setting(business: Business, name: str) -> None:
    before = dict(mpl.rcParams)
    _, ax = plt.subplots()
    assert PLOTS[name](business, ax) is ax
    assert dict(mpl.rcParams) == before
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", ["tracking", "P(alive)", "value and risk"])
def test_a_dark_figure_gets_light_ink_and_a_clear_one_its_own_paper(business: Business, name: str) -> None:
    _, dark = plt.subplots(facecolor="#101010")
    PLOTS[name](business, dark)
    assert min(mpl.colors.to_rgb(dark.title.get_color())) < 0.1  # the centred title is not ours
    assert min(mpl.colors.to_rgb(dark._left_title.get_color())) > 0.8
    assert mpl.colors.to_hex(dark.get_facecolor()) == "#101010"
    _, clear = plt.subplots(facecolor=(0.0, 0.0, 0.0, 0.0))
    PLOTS[name](business, clear)
    assert mpl.colors.to_hex(clear.figure.get_facecolor()) == "#ffffff"
    assert max(mpl.colors.to_rgb(clear._left_title.get_color())) < 0.3


def test_panels_of_one_figure_hold_their_titles(business: Business) -> None:
    figure, panels = plt.subplots(2, 2, figsize=(13, 9), layout="constrained")
    for ax, name in zip(panels.flat, ("tracking", "by frequency", "lorenz", "deciles"), strict=True):
        PLOTS[name](business, ax)
    figure.canvas.draw()
    for ax in panels.flat:
        assert ax._left_title.get_window_extent().x1 <= figure.bbox.x1
    for row in panels:
        assert row[0]._left_title.get_window_extent().x1 < row[1]._left_title.get_window_extent().x0


def test_importing_clvmodels_and_its_plots_leaves_matplotlib_alone() -> None:
    code = "import sys, clvmodels as clv; clv.plots.tracking; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_is_there_and_documented() -> None:
    for name in clv.plots.__all__:
        assert getattr(clv.plots, name).__doc__, name


def test_colours_are_told_apart_without_colour_vision() -> None:
    """Ink, model and accent differ in lightness or in the blue-yellow that red-green blindness leaves."""
    from clvmodels.plots.shared.style import DARK, LIGHT

    # Machado, Oliveira and Fernandes (2009), deuteranomaly of severity 1
    deutan = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    for theme in (LIGHT, DARK):
        seen = [deutan @ np.array(mpl.colors.to_rgb(color)) for color in (theme.ink, theme.model, theme.accent)]
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 0.3  # of a cube with side 1
