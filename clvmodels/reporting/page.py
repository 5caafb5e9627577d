"""Blocks become one HTML page that needs nothing else: styles and pictures are in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from clvmodels.plots.shared import style
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Section
from clvmodels.reporting.sections import SECTIONS
from clvmodels.reporting.study.study import Study

if TYPE_CHECKING:
    from jinja2 import Environment


def render(study: Study) -> str:
    """The page of a study."""
    sections = [section for make in SECTIONS if (section := make(study)) is not None]
    return fill(study.options.title, subtitle(study), sections)


def fill(title: str, subtitle: str, sections: list[Section]) -> str:
    """The template with its sections; whatever is in them is escaped.

    Examples
    --------
    >>> from clvmodels.reporting.blocks import Prose
    >>> page = fill("<Shop>", "", [Section("one", "One", (Prose(("a < b",)),))])
    >>> "&lt;Shop&gt;" in page, "a &lt; b" in page
    (True, True)
    """
    from clvmodels.version import __version__

    return str(
        _templates()
        .get_template("report.html.j2")
        .render(
            title=title, subtitle=subtitle, sections=sections, light=style.LIGHT, dark=style.DARK, version=__version__
        )
    )


def subtitle(study: Study) -> str:
    """What the report is about, in a line."""
    parts = [f"{len(study.customers):,} customers"]
    if study.customers.observation_end is not None:
        parts.append(f"data until {formats.day(study.customers.observation_end)}")
    parts.append(f"the next {study.horizon_text}")
    if study.currency and study.spend is not None:
        parts.append(f"amounts in {study.currency}")
    return f"{formats.NO_BREAK}· ".join(parts)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("clvmodels.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
