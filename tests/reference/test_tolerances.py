"""Every tolerance has its reason: a name, or a comment beside it."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
KEYWORDS = {"rel", "abs", "rtol", "atol"}


def test_every_tolerance_has_a_reason() -> None:
    files = [path for path in TESTS.rglob("*.py") if "benchmarks" not in path.parts]
    bare = [f"{path.relative_to(TESTS)}:{line}" for path in sorted(files) for line in _without_reason(path)]
    assert not bare, "name these tolerances (tests/reference/tolerances.py) or say why beside them: " + ", ".join(bare)


def _without_reason(path: Path) -> Iterator[int]:
    """Lines of tolerances that are bare numbers in a statement with no comment in it or just before."""
    text = path.read_text("utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    for statement in ast.walk(ast.parse(text)):
        if isinstance(statement, ast.Assert | ast.Expr | ast.Assign | ast.Return):
            near = range(statement.lineno - 1, (statement.end_lineno or 0) + 1)
            if comments.isdisjoint(near):
                for node in ast.walk(statement):
                    if isinstance(node, ast.keyword) and node.arg in KEYWORDS and _is_bare(node.value):
                        yield node.value.lineno


def _is_bare(value: ast.expr) -> bool:
    nodes = list(ast.walk(value))
    named = any(isinstance(node, ast.Name) and node.id.isupper() for node in nodes)
    return not named and any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in nodes)
