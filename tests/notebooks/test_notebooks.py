"""Every notebook runs, and the outputs that are committed are those of this code."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.notebooks.execute import FOLDER, executed, notebooks

_LARGEST = 400_000  # bytes; code hosts show no larger ones
_NEEDS = {"6_from_lifetimes.ipynb": "lifetimes"}
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]?\d+)?%?$")

each = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def words(cell: NotebookNode) -> list[str]:
    """What a cell says: its printed lines, sentences and tables, word by word."""
    said = []
    for output in cell.outputs:
        data = output.get("data", {})
        html = re.sub(r"<[^>]+>", " ", data.get("text/html", ""))
        said.append(output.get("text") or data.get("text/markdown") or html or data.get("text/plain", ""))
    return " ".join(said).replace("**", "").split()


def alike(one: str, other: str, *, varies: bool) -> bool:
    """The same word, or a number that is the same but for rounding; any number where draws vary."""
    if one == other:
        return True
    one, other = one.strip("(),.;:"), other.strip("(),.;:")
    if not (_NUMBER.match(one) and _NUMBER.match(other)):
        return False
    if varies:
        return True
    left, right = (float(number.replace(",", "").rstrip("%")) for number in (one, other))
    last_digit = 10.0 ** -len(one.rstrip("%").partition(".")[2])
    return abs(left - right) <= 0.05 * abs(left) + 2 * last_digit


@pytest.mark.slow
@each
def test_notebook_runs_and_says_what_is_committed(path: Path) -> None:
    """Words are the same, numbers nearly: bounds of 1,000 draws have an error of some 2 %, and 5 % is a new result."""
    if path.name in _NEEDS:
        pytest.importorskip(_NEEDS[path.name])
    committed, now = code(nbformat.read(path, as_version=4)), code(executed(path))
    stale = []
    for before, after in zip(committed, now, strict=True):
        old, new, varies = words(before), words(after), "varies" in before.metadata.get("tags", [])
        if len(old) != len(new) or not all(alike(*pair, varies=varies) for pair in zip(old, new, strict=True)):
            stale.append(f"{before.source}\n--- committed\n{' '.join(old)}\n--- now\n{' '.join(new)}")
    assert not stale, "Run tests/notebooks/execute.py and look at what changed:\n\n" + "\n\n".join(stale)


@each
def test_outputs_are_whole_clean_and_small(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    text = re.sub(r'"image/png": "[^"]*"', "", path.read_text("utf-8"))
    assert path.stat().st_size < _LARGEST
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert all(cell.metadata in ({}, {"tags": ["varies"]}) for cell in notebook.cells)
    assert not re.findall(r"/(?:home|root|tmp|work|usr|Users)/|[A-Z]:\\\\| at 0x[0-9a-f]+", text)


def test_notebooks_are_numbered_listed_and_link_to_each_other() -> None:
    names = [path.name for path in notebooks()]
    assert [int(name.split("_")[0]) for name in names] == list(range(1, len(names) + 1))
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    assert all(f"(notebooks/{name})" in readme for name in names)
    linked = {link for path in notebooks() for link in re.findall(r"\]\(([^):]+\.ipynb)\)", path.read_text("utf-8"))}
    assert all((FOLDER / link).exists() for link in linked)
