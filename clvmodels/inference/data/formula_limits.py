"""What a formula may hold, and how much of it: checked before anything is expanded or computed.

A formula may come from a file that somebody else made. So it is read as text first; the operators between its factors
are counted without carrying them out (twenty factors multiplied are a million terms), and a factor that is to be
computed has columns, operators, known functions and numbers of bounded size alone.
"""

from __future__ import annotations

import ast
import math
from typing import Any

from clvmodels.errors import ArgumentError

_FUNCTIONS = ("C", "center", "scale", "poly", "bs", "log", "log10", "log2", "exp", "I")
_NODES = (
    ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.keyword, ast.BinOp, ast.UnaryOp, ast.USub, ast.UAdd,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow,
)  # fmt: skip
_LENGTH = 2_000  # characters
_NESTING = 20  # brackets in brackets
_TERMS = 200
_POWER = 10  # the highest, of a number or of a sum of terms
_LARGEST = 1e15  # constant; whole numbers are exact up to it
DEGREES = 30  # degrees of freedom of poly and bs
COLUMNS = 300  # of the design


def check_size(text: str) -> None:
    """Length, nesting and number of terms, without expanding the formula.

    Raises
    ------
    ArgumentError
        The formula is larger than a formula may be, or can't be read.
    """
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser

    if len(text) > _LENGTH:
        raise ArgumentError(
            f"Formula {shown(text)} has {len(text):,} characters; {_LENGTH:,} are as many as it may have."
        )
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > _NESTING:
        raise ArgumentError(f"Formula {shown(text)} has {deepest} brackets in one another; {_NESTING} are the most.")
    try:
        terms = _terms(DefaultFormulaParser().get_ast(text), text)
    except (FormulaicError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"Formula {shown(text)} can't be read: {first_line(error)}") from None
    if terms > _TERMS:
        raise ArgumentError(f"Formula {shown(text)} comes to more than {_TERMS} terms: write out those that matter.")


def columns_of_factor(factor: str, text: str) -> list[str]:
    """The columns in a factor that is to be computed, if it holds nothing that it must not.

    Raises
    ------
    ArgumentError
        It holds something else than columns, operators, known functions and numbers of bounded size.
    """
    try:
        tree = ast.parse(factor, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArgumentError(f"Formula {shown(text)} can't be read: {first_line(error)}") from None
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = [node.func for node in calls]
    known = all(isinstance(function, ast.Name) and function.id in _FUNCTIONS for function in called)
    if not known or not all(isinstance(node, _NODES) for node in nodes):
        raise ArgumentError(
            f"Formula {shown(text)}: {shown(factor)} is not allowed. A formula holds columns, operators and "
            f"{', '.join(_FUNCTIONS)}; make any other column first, with customers.join(...)."
        )
    for node in nodes:
        _check_node(node, factor, text)
    return [node.id for node in nodes if isinstance(node, ast.Name) and node not in called]


def width_of_factor(factor: str) -> int:
    """How many columns a factor of numbers makes at most."""
    if not factor.startswith(("poly(", "bs(")):
        return 1
    numbers = [node.value for node in ast.walk(ast.parse(factor, mode="eval")) if isinstance(node, ast.Constant)]
    return max([4, *(int(number) for number in numbers if isinstance(number, int) and number <= DEGREES)])


def first_line(error: BaseException) -> str:
    """What an error of a library says, in a line of bounded length."""
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__


def shown(text: str) -> str:
    """A text as an error repeats it."""
    return repr(text) if len(text) <= 200 else repr(text[:200]) + " …"


# --- private helpers --------------------------------------------------------------------------------------------------


def _terms(node: Any, text: str) -> float:
    """At most how many terms a tree of operators comes to."""
    if not hasattr(node, "operator"):
        return 1.0
    symbol, args = node.operator.symbol, node.args
    if symbol in ("**", "^"):
        power = str(args[1])
        if not power.isdigit() or int(power[:3]) > _POWER:
            raise ArgumentError(f"Formula {shown(text)}: a sum may be taken to a power of {_POWER} at most.")
        return min((_terms(args[0], text) + 1.0) ** int(power), 1e9)
    counts = [_terms(arg, text) for arg in args]
    if symbol in ("*", "/", "in", "%in%"):
        return min(math.prod(count + 1.0 for count in counts), 1e9)
    return min(math.prod(counts) if symbol == ":" else sum(counts), 1e9)


def _check_node(node: ast.AST, factor: str, text: str) -> None:
    if isinstance(node, ast.Constant):
        number = isinstance(node.value, int | float) and abs(node.value) <= _LARGEST
        if not number and not (node.value is None or (isinstance(node.value, str) and len(node.value) <= _LENGTH)):
            raise ArgumentError(f"Formula {shown(text)}: constants are numbers up to {_LARGEST:g}.")
    elif isinstance(node, ast.BinOp):
        parts = list(ast.walk(node))
        if any(isinstance(part, ast.Constant) and not isinstance(part.value, int | float) for part in parts):
            raise ArgumentError(f"Formula {shown(text)}: {shown(factor)} computes with what is no number.")
        if isinstance(node.op, ast.Pow):
            _check_power(node, text)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("poly", "bs"):
        given = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg in ("df", "degree"))]
        if not all(isinstance(one, ast.Constant) and one.value in range(DEGREES + 1) for one in given):
            raise ArgumentError(f"Formula {shown(text)}: degrees (of freedom) are whole numbers up to {DEGREES}.")


def _check_power(node: ast.BinOp, text: str) -> None:
    """x to the power of a small number; powers of numbers alone grow without bound."""
    power = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
    small = isinstance(power, ast.Constant) and isinstance(power.value, int | float) and abs(power.value) <= _POWER
    if not small or not any(isinstance(part, ast.Name) for part in ast.walk(node.left)):
        raise ArgumentError(
            f"Formula {shown(text)}: a power is that of a column, to a number of {_POWER} at most, such as I(age**2)."
        )
