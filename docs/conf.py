"""The documentation: ``sphinx-build -W --keep-going docs docs/_build``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]  # generate.py, and the package of this checkout
# Pages that run code find this package and its command, whoever started the build.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(DOCS.parent), str(DOCS), os.environ.get("PYTHONPATH")]))
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
os.environ.setdefault("COLUMNS", "70")  # what commands print fits a page
os.environ["NO_COLOR"] = "1"

import generate  # noqa: E402

from clvmodels import __version__  # noqa: E402

project = "clvmodels"
author = "The clvmodels developers"
copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_nb",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "jupyter_execute", "reference/scores_columns.md", "**.ipynb_checkpoints"]
templates_path = ["_templates"]
smartquotes = False  # what is in quotes is mostly to be typed
default_role = "py:obj"  # docstrings name functions in single backquotes

nitpicky = True  # a name in a docstring that leads nowhere is an error …
nitpick_ignore = [  # … but for those of modules, and of what is computed inside
    ("py:obj", name)
    for name in (
        "Population.evaluate", "Predictions", "Spec.scaled", "clvmodels.evaluation.selection.pair_tests",
        "clvmodels.models.links", "clvmodels.models.protocol", "clvmodels.transactions.checks.spend_independence",
        "from_choices", "from_counts", "from_invoices", "metrics.spearman", "of", "pymc.Model",
    )
]  # fmt: skip

autosummary_generate = True
autosummary_filename_map = generate.FILE_NAMES
autodoc_typehints = "none"  # numpydoc says the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the template of classes lists them

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks keep the outputs that the tests hold; pages that run code say so at their top
nb_execution_show_tb = True  # a cell that fails is a warning, which the build does not take
nb_execution_cache_path = str(DOCS / "_build" / ".jupyter_cache")
nb_execution_timeout = 120
nb_merge_streams = True
nb_render_markdown_format = "gfm"  # tables that cells make
suppress_warnings = ["mystnb.unknown_mime_type"]

copybutton_prompt_text = "!"

html_theme = "pydata_sphinx_theme"
html_title = "clvmodels"
html_static_path = ["_static"]
html_css_files = ["clvmodels.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": False,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": []}

generate.everything(DOCS)


def _class_of_member(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: Element) -> Element | None:
    """Fields have no entry of their own: `Customers.report` leads to the class."""
    owner, dot, _ = node.get("reftarget", "").partition(".")
    domain = env.get_domain("py")
    for home in ("clvmodels", "clvmodels.inference.fits.kinds") if dot or owner.endswith("Fit") else ():
        found = domain.resolve_xref(env, env.docname, app.builder, "obj", f"{home}.{owner}", node, shown)
        if found is not None:
            return found
    return None


def setup(app: Sphinx) -> None:
    """Register the above."""
    app.connect("missing-reference", _class_of_member)
