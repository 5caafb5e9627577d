"""The documentation is complete and its links lead somewhere; whether it builds, sphinx-build says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import clvmodels as clv
from clvmodels.cli.application import app
from docs import generate

DOCS = Path(generate.__file__).parent
MODULES = ("datasets", "errors", "models", "plots")
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if not path.is_relative_to(DOCS / "_build")]
_LINK = re.compile(r"\]\((?!https?:|#)([^)\s#]+)|\{doc\}`(?:[^`<]*<)?([^`>]+)|^:link: (\S+)", re.MULTILINE)
_CONTENTS = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)


def api_names() -> set[str]:
    """The names in the API reference, with their module."""
    names, module = set(), ""
    for line in (DOCS / "reference/api.rst").read_text(encoding="utf-8").splitlines():
        module = line.removeprefix(".. currentmodule:: ") if line.startswith(".. currentmodule") else module
        if re.fullmatch(r"   \w+", line):
            names.add(f"{module}.{line.strip()}")
    return names


def public_names() -> Iterator[str]:
    yield from (f"clvmodels.{name}" for name in clv.__all__ if name not in (*MODULES, "__version__"))
    for module in MODULES:
        home = getattr(clv, module)
        own = [name for name, one in vars(home).items() if callable(one) and one.__module__.startswith(home.__name__)]
        yield from (f"{home.__name__}.{name}" for name in getattr(home, "__all__", own))


def test_every_public_name_has_a_page() -> None:
    kinds = {name for name in api_names() if name.startswith("clvmodels.inference.fits.kinds.")}
    assert sorted(set(public_names()) ^ (api_names() - kinds)) == []


def test_pages_of_the_api_differ_by_more_than_capitals() -> None:
    files = [generate.FILE_NAMES.get(name, name).lower() for name in api_names()]
    assert sorted(name for name in set(files) if files.count(name) > 1) == []


def test_every_notebook_is_a_tutorial() -> None:
    listed = re.findall(r"^\d\w+$", (DOCS / "tutorials/index.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [Path(name).stem for name in generate.tutorials()]


def test_every_command_has_a_page_that_is_linked() -> None:
    pages = generate.commands()
    for name, command in typer.main.get_command(app).commands.items():
        assert f"](cli/{name}.md)" in pages["reference/cli.md"]
        assert f"\ncli/{name}\n" in pages["reference/cli.md"]
        options = [option for one in command.params for option in one.opts if option.startswith("--")]
        assert [option for option in options if f"`{option}`" not in pages[f"reference/cli/{name}.md"]] == []
        assert "[bold]" not in pages[f"reference/cli/{name}.md"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_links_lead_to_files(path: Path) -> None:
    made = {DOCS / name for name in (*generate.tutorials(), *generate.commands(), "reference/api.rst")}
    text = path.read_text(encoding="utf-8")
    links = ["".join(found) for found in _LINK.findall(text)]
    for contents in _CONTENTS.findall(text):
        links += [line for line in contents.splitlines() if re.fullmatch(r"[\w/]+", line)]
    missing = []
    for link in links:
        target = (path.parent / link).resolve()
        found = [target, *(target.with_name(target.name + ending) for ending in (".md", ".rst", ".ipynb"))]
        if not any(one in made or one.is_file() for one in found):
            missing.append(link)
    assert missing == []


def test_every_page_is_in_a_table_of_contents() -> None:
    listed = set()
    for page in PAGES:
        for contents in _CONTENTS.findall(page.read_text(encoding="utf-8")):
            listed |= {(page.parent / line).resolve() for line in contents.splitlines()}
    written = [page for page in PAGES if page.name != "scores_columns.md" and page != DOCS / "index.md"]
    assert [page for page in written if page.with_suffix("") not in listed] == []
