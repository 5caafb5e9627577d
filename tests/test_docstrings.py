"""What users can call is documented as numpydoc asks: parameters with types, what comes back, what is raised."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import Validator, validate

import clvmodels as clv

# Of numpydoc's checks (numpydoc.validate.ERROR_MSGS) those about what is said; how it is laid out is ruff's.
CHECKS = {
    "GL06", "GL07", "GL08",  # sections that numpydoc knows, in its order; no docstring
    "SS01", "SS03",  # a summary, which ends with a period
    "PR01", "PR02", "PR03", "PR04", "PR07", "PR10",  # every parameter, no other, in order, with type and description
    "RT01", "RT03", "YD01",  # what comes back
    "SA04",  # See Also says why
    "EX01",  # an example, which the doctests run
}  # fmt: skip


class _AlsoClassMethods(Validator):
    """numpydoc's checks, with those of functions for class methods too."""

    @property
    def is_function_or_method(self) -> bool:
        return inspect.isroutine(self.obj)


def _public() -> Iterator[tuple[str, Any]]:
    """Every function and class that users reach by a name."""
    for name in clv.__all__:
        if callable(getattr(clv, name)):
            yield name, getattr(clv, name)
    for module in (clv.datasets, clv.errors, clv.models, clv.plots):
        for name in getattr(module, "__all__", dir(module)):
            one = getattr(module, name)
            own = hasattr(module, "__all__") or getattr(one, "__module__", "") == module.__name__
            if callable(one) and own and not name.startswith("_"):
                yield f"{module.__name__.removeprefix('clvmodels.')}.{name}", one


def _with_members() -> dict[str, Any]:
    """What is public, with the kinds of a class, the classes that are returned, and their methods and properties."""
    found: dict[str, Any] = {}
    waiting = list(_public())
    while waiting:
        name, one = waiting.pop(0)
        if any(one is known for known in found.values()):
            continue
        found[name] = one
        members = dict(_members(name, one)) if inspect.isclass(one) and not issubclass(one, Exception) else {}
        members = {name: one for name, one in members.items() if not any(one is known for known in found.values())}
        found |= members
        others = one.__subclasses__() if members else []
        for function in map(_function, members.values() if inspect.isclass(one) else [one]):
            others += _returned(function)
        waiting += [(other.__name__, other) for other in others if _is_result(other)]
    return found


def _is_result(one: type) -> bool:
    """Whether a class is one of this package that users get, rather than one that `inference` computes with."""
    inner = tuple(f"clvmodels.inference.{folder}." for folder in ("data", "population", "posterior"))
    return one.__module__.startswith("clvmodels") and not one.__module__.startswith(inner) and one.__name__[0] != "_"


def _members(name: str, owner: type) -> Iterator[tuple[str, Any]]:
    for attribute in dir(owner):
        member = inspect.getattr_static(owner, attribute)
        if not attribute.startswith("_") and _is_ours(member) and _is_defined_by(owner, attribute, member):
            yield f"{name}.{attribute}", member


def _is_defined_by(owner: type, attribute: str, member: Any) -> bool:
    """Whether a class has it of its own, or from parents that are not public themselves."""
    parents = [parent for parent in owner.__mro__[1:] if attribute in vars(parent)]
    return attribute in vars(owner) or not any(parent.__name__ in clv.__all__ for parent in parents)


def _returned(function: Any) -> list[type]:
    """The classes of this package that a function says it returns."""
    names = re.findall(r"\w+", str(getattr(function, "__annotations__", {}).get("return", "")))
    known = [getattr(function, "__globals__", {}).get(name) for name in names if not name.startswith("_")]
    return [one for one in known if inspect.isclass(one) and one.__module__.startswith("clvmodels")]


def _is_ours(member: Any) -> bool:
    """Whether it is a method or a property of this package, neither a field nor inherited from elsewhere."""
    function = _function(member)
    return function is not None and function.__module__.startswith("clvmodels")


def _function(member: Any) -> Any:
    """The function in a method, class method or property; None for anything else."""
    if isinstance(member, property):
        return member.fget
    if isinstance(member, cached_property):
        return member.func
    member = inspect.unwrap(getattr(member, "__func__", member))
    return member if inspect.isfunction(member) else None


PUBLIC = _with_members()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_documentation_is_complete(name: str) -> None:
    assert _missing(PUBLIC[name]) == []


def _missing(one: Any) -> list[str]:
    """What its docstring lacks, in numpydoc's words and ours."""
    if isinstance(one, property | cached_property) or (inspect.isclass(one) and issubclass(one, Exception)):
        return [] if inspect.getdoc(one) else ["There is no docstring"]
    bound = one.__get__(None, object) if isinstance(one, staticmethod | classmethod) else one
    errors = validate("", lambda obj_name: _AlsoClassMethods(get_doc_object(bound)))["errors"]
    found = [f"{code}: {message}" for code, message in errors if code in CHECKS]
    found += [f"{entry.name} has no type" for entry in get_doc_object(bound)["Parameters"] if entry.type == "optional"]
    if inspect.isclass(one):
        return [message for message in found if message[:4] not in ("PR01", "PR03", "EX01")] + _missing_fields(one)
    return found + _missing_raises(one)


def _missing_fields(one: type) -> list[str]:
    """Public fields that stand neither under Parameters nor under Attributes, of the class or of those it extends."""
    if not dataclasses.is_dataclass(one):
        return []
    known: set[str] = set()
    for parent in one.__mro__[:-1]:
        doc = get_doc_object(parent)
        for section in ("Parameters", "Attributes"):
            known |= {part.strip() for entry in doc[section] for part in entry.name.split(",")}
    fields = {field.name for field in dataclasses.fields(one) if not field.name.startswith("_")}
    return [f"Field {name!r} is not documented" for name in sorted(fields - known)]


def _missing_raises(one: Any) -> list[str]:
    """Errors raised in the function, or in functions of its own file that it calls, that Raises doesn't name.

    What other files raise on its way is documented where a user can do something about it; no rule can tell.
    """
    function = _function(one)
    doc = get_doc_object(function)
    known = {part.strip() for entry in doc["Raises"] for part in (entry.type or entry.name).split(",")}
    raised = _raised(function, inspect.getmodule(function), set())
    if "" in raised and not known:
        return ["No Raises section, and an error is raised"]
    return [f"Raises doesn't name {name}" for name in sorted(raised - known - {""})]


def _raised(function: Any, module: Any, seen: set[Any]) -> set[str]:
    """Names of the errors that a function raises, or what it calls in its file (the empty name: one made elsewhere)."""
    if function in seen:
        return set()
    seen.add(function)
    owner = _owner(function, module)
    names: set[str] = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            named = isinstance(error, ast.Name) and error.id[0].isupper()
            names.add(error.id if named and isinstance(error, ast.Name) else "")
        called = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = getattr(module, node.func.id, None)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and owner is not None:
            of = node.func.value
            own = isinstance(of, ast.Name) and of.id in ("self", "cls")
            called = inspect.getattr_static(owner, node.func.attr, None) if own else None
        called = None if called is None else _function(called)
        if called is not None and called.__module__ == module.__name__:
            names |= _raised(called, module, seen)
    return names


def _owner(function: Any, module: Any) -> Any:
    """The class in which a method is defined."""
    return getattr(module, function.__qualname__.partition(".")[0], None) if "." in function.__qualname__ else None
