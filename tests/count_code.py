"""Count lines of code, without docstrings, comments and blank lines: ``python tests/count_code.py [FOLDER]``.

It prints the lines of each folder, the lengths of functions, what is larger than the limits below allow, and circles of
imports.
``test_structure.py`` holds the package to them.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

PACKAGE = Path(__file__).resolve().parents[1] / "clvmodels"

LONGEST_FUNCTION = 60
LONGEST_OF_90_PERCENT = 15
FILES_IN_A_FOLDER = 15
LISTS_OF_ALIKE_THINGS = ("plots",)  # a file a plot: as many as there are

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Function:
    """A function and its lines of code, signature and decorators included, functions inside it too."""

    name: str
    file: Path
    line: int
    lines: int


@dataclass(frozen=True)
class File:
    """A file, its lines of code and its functions."""

    path: Path
    lines: int
    functions: tuple[Function, ...]


def read(path: Path) -> File:
    """The lines of code of one file, and of each of its functions."""
    text = path.read_text("utf-8")
    code = _code_lines(text)
    functions = tuple(
        Function(name, path, node.lineno, len(code.intersection(range(_first(node), (node.end_lineno or 0) + 1))))
        for name, node in _functions(ast.parse(text))
    )
    return File(path, len(code), functions)


def read_folder(folder: Path) -> list[File]:
    """All Python files of a folder and of those in it."""
    return [read(path) for path in sorted(folder.rglob("*.py"))]


def too_long(files: list[File]) -> list[Function]:
    """Functions of more lines than :data:`LONGEST_FUNCTION`, the longest first."""
    long = [function for file in files for function in file.functions if function.lines > LONGEST_FUNCTION]
    return sorted(long, key=lambda function: -function.lines)


def length_of_90_percent(files: list[File]) -> int:
    """The length that nine of ten functions don't exceed."""
    lengths = sorted(function.lines for file in files for function in file.functions)
    return lengths[-(-9 * len(lengths) // 10) - 1] if lengths else 0


def too_full(folder: Path) -> dict[Path, int]:
    """Folders that hold more than :data:`FILES_IN_A_FOLDER` files beside ``__init__.py``."""
    counts: dict[Path, int] = {}
    for path in folder.rglob("*.py"):
        if path.name != "__init__.py":
            counts[path.parent] = counts.get(path.parent, 0) + 1
    return {
        path: count
        for path, count in sorted(counts.items())
        if count > FILES_IN_A_FOLDER and path.name not in LISTS_OF_ALIKE_THINGS
    }


def circles(folder: Path) -> list[list[str]]:
    """Modules that import one another, directly or through others.

    Imports inside functions and for type checking count; the package's own ``__init__``, which names all, doesn't.
    """
    modules = {".".join(path.relative_to(folder.parent).with_suffix("").parts): path for path in folder.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    names = sorted(modules.keys() - {folder.name})
    pairs = [
        (names.index(name), names.index(other)) for name in names for other in _imported(name, modules) - {folder.name}
    ]
    places = np.array(pairs, dtype=int).reshape(-1, 2)
    graph = csr_array((np.ones(len(pairs)), tuple(places.T)), shape=(len(names), len(names)))
    _, group = connected_components(graph, connection="strong")
    return [[names[i] for i in np.flatnonzero(group == k)] for k in np.flatnonzero(np.bincount(group) > 1)]


def _code_lines(text: str) -> set[int]:
    """The numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
            lines.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return lines


def _functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, _Function]]:
    """Functions and methods by their qualified names; those inside a function count as its lines."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", node
        else:
            yield from _functions(node, f"{within}{node.name}." if isinstance(node, ast.ClassDef) else within)


def _first(node: _Function) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _imported(name: str, modules: dict[str, Path]) -> set[str]:
    """Which of the modules a module imports."""
    found: set[str] = set()
    package = name if modules[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(modules[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            home = ".".join([*above, *filter(None, [node.module])])
            inside = {alias.name: f"{home}.{alias.name}" for alias in node.names}
            found.update(module if module in modules else home for module in inside.values())
    return found & modules.keys() - {name}


def main(folder: Path = PACKAGE) -> None:
    """Print the count of a folder."""
    files = read_folder(folder)
    if not files:
        sys.exit(f"There are no Python files in {folder}.")
    by_folder: dict[Path, list[File]] = {}
    for file in files:
        by_folder.setdefault(file.path.parent, []).append(file)
    for path, inside in sorted(by_folder.items()):
        print(f"{sum(file.lines for file in inside):7,}  {len(inside):3} files  {path.relative_to(folder.parent)}")
    print(f"{sum(file.lines for file in files):7,}  {len(files):3} files")
    print()
    functions = sorted((f for file in files for f in file.functions), key=lambda function: -function.lines)
    print(f"{len(functions):,} functions; 90 % have at most {length_of_90_percent(files)} lines; the longest:")
    for function in functions[: max(10, len(too_long(files)))]:
        print(f"{function.lines:7}  {function.file.relative_to(folder.parent)}:{function.line} {function.name}")
    for path, count in too_full(folder).items():
        print(f"More than {FILES_IN_A_FOLDER} files: {path.relative_to(folder.parent)} has {count}")
    for circle in circles(folder):
        print("Import one another:", ", ".join(circle))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
