"""The package stays readable: folders and functions of bounded size, few keywords, imports without circles."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import clvmodels as clv
from tests import count_code
from tests.count_code import PACKAGE

MOST_KEYWORDS = 15  # those of lifetime_value: its two fits and whom, when, at what costs, with what ranges
EXAMPLE = '''"""Two
lines."""

A = """a
b"""


def f(
    x,
):
    """Half."""
    # why
    return x / 2
'''
OF_A_LOG = set(inspect.signature(clv.summarize).parameters) - {"keep", "keep_purchases"}


def test_code_lines_are_those_without_docstrings_comments_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(EXAMPLE)
    file = count_code.read(path)
    assert file.lines == 6
    assert [(function.name, function.line, function.lines) for function in file.functions] == [("f", 8, 4)]


def test_a_folder_without_python_files_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="no Python files in"):
        count_code.main(tmp_path)
    (tmp_path / "alone.py").write_text("x = 1\n")
    count_code.main(tmp_path)
    assert "1    1 files" in capsys.readouterr().out


@pytest.fixture(scope="module")
def files() -> list[count_code.File]:
    return count_code.read_folder(PACKAGE)


def test_functions_are_short(files: list[count_code.File]) -> None:
    assert [f"{f.name}: {f.lines}" for f in count_code.too_long(files)] == []


def test_folders_hold_few_files() -> None:
    assert count_code.too_full(PACKAGE) == {}


def test_contributing_names_every_folder() -> None:
    page = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = page.split("```\nclvmodels/\n")[1].split("\ndata/")[0].splitlines()
    named, above = set(), ""
    for line in lines:
        name = line.split()[0]
        if name.endswith("/"):
            above = name if line.startswith("  ") and not line.startswith("    ") else above
            named.add(name if name == above else above + name)
    folders = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*.*") if path.suffix != ".pyc"}
    assert named == {f"{folder}/" for folder in folders if folder != Path()}


def test_public_names_are_typed_from_where_they_are_loaded() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    typed = {
        name.asname: node.module
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert {name: module for name, module in typed.items() if name not in clv._MODULES} == clv._HOMES
    assert {name for name, module in typed.items() if module == "clvmodels"} == set(clv._MODULES)


def _public_functions() -> Iterator[tuple[str, object]]:
    for name in clv.__all__:
        value = getattr(clv, name)
        if inspect.isclass(value):
            for method, _ in inspect.getmembers(value, callable):
                if not method.startswith("_"):
                    yield f"{name}.{method}", getattr(value, method)
        elif inspect.ismodule(value):
            for inside in getattr(value, "__all__", ()):
                if inspect.isfunction(getattr(value, inside)):
                    yield f"{name}.{inside}", getattr(value, inside)
        elif inspect.isfunction(value):
            yield name, value


def test_public_functions_take_few_keywords_beside_those_of_a_log() -> None:
    counts = {name: len(set(inspect.signature(value).parameters) - OF_A_LOG) for name, value in _public_functions()}  # type: ignore[arg-type]
    assert len(counts) > 40
    assert {name: count for name, count in counts.items() if count > MOST_KEYWORDS} == {}


def test_imports_run_in_no_circle() -> None:
    """Those for type checking and those inside functions count as well: a reader follows them too."""
    assert count_code.circles(PACKAGE) == []
