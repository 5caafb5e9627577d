"""A formula becomes columns of numbers, in the same way for the customers of a fit and for those to be scored.

formulaic does the work. What is ours: a formula may hold columns, operators and a few named functions and nothing else,
so that loading one runs no code; missing values and levels that the fit has not seen are errors that name them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError

Array = NDArray[np.float64]

_FUNCTIONS = ("C", "center", "scale", "poly", "bs", "log", "log10", "log2", "exp", "I")
_NODES = (
    ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.keyword, ast.BinOp, ast.UnaryOp, ast.USub, ast.UAdd,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula and what it has learned: levels of categories, centres, scales and knots.

    Attributes
    ----------
    text : str
        As it was written.
    levels : dict of str to list
        Of each categorical column.
    state : dict
        Of ``center``, ``scale``, ``poly`` and ``bs``.
    typical : dict of str to float
        A value of each other column.
    """

    text: str
    levels: Mapping[str, list[Any]]
    state: Mapping[str, Any]
    typical: Mapping[str, float]

    @classmethod
    def learn(cls, text: str, table: pd.DataFrame) -> Formula:
        """The formula with what these customers teach it.

        Raises
        ------
        ArgumentError
            The formula can't be read, or names a column that isn't there.
        DataError
            Values are missing, or all the same.
        """
        from formulaic import ModelSpec

        factors = _factors(text)
        names = sorted({name for needed in factors.values() for name in needed})
        if not names:
            raise ArgumentError(f"Formula {text!r} names no column.")
        data = _columns(table, names, text)
        learned = _materialise(ModelSpec(formula=text, na_action="raise"), data, text).model_spec
        levels = {}
        for factor, (kind, state) in learned.encoder_state.items():
            if kind.value == "categorical":
                (name,) = factors[str(factor)]
                levels[name] = [_plain(level) for level in state["categories"]]
                if len(levels[name]) < 2:
                    raise DataError(f"Column {name!r} holds {levels[name][0]!r} alone: it explains nothing.")
        typical = {name: float(data[name].astype(float).mean()) for name in names if name not in levels}
        return cls(text, levels, _plain(learned.transform_state), typical)

    @cached_property
    def _spec(self) -> Any:
        """The formula as formulaic knows it: rebuilt from a table that holds each level once."""
        from formulaic import ModelSpec

        length = max((len(levels) for levels in self.levels.values()), default=1)
        example = {name: [levels[i % len(levels)] for i in range(length)] for name, levels in self.levels.items()}
        table = pd.DataFrame({**example, **{name: [value] * length for name, value in self.typical.items()}})
        for name, levels in self.levels.items():
            table[name] = pd.Categorical(table[name], categories=levels)
        _factors(self.text)
        spec = ModelSpec(formula=self.text, na_action="raise", transform_state=_restored(self.state))
        return _materialise(spec, table, self.text).model_spec

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of the design, such as "channel[T.web]"."""
        return tuple(str(name) for name in self._spec.column_names if name != "Intercept")

    @property
    def variables(self) -> tuple[str, ...]:
        """Columns of the table that it needs."""
        return (*self.levels, *self.typical)

    def matrix(self, table: pd.DataFrame) -> Array:
        """The columns of the design, shape (n, c), for a table indexed by customer_id."""
        data = _columns(table, self.variables, self.text)
        for name, levels in self.levels.items():
            seen = data[name].isin(levels)
            if not seen.all():
                unseen = [str(level) for level in pd.unique(data.loc[~seen, name])]
                raise DataError(
                    f"Column {name!r} of {_customers(data.index[~seen])} holds {_some(unseen)}, which the fit has not "
                    f"seen. It knows {_some([str(level) for level in levels])}."
                )
            data[name] = pd.Categorical(data[name], categories=levels)
        found = _materialise(self._spec, data, self.text)
        return np.column_stack([found[name].to_numpy(dtype=np.float64) for name in self.names])

    def to_json(self) -> dict[str, Any]:
        """As a model file holds it."""
        return {"text": self.text, "levels": self.levels, "state": self.state, "typical": self.typical}


def variables_in(text: str) -> tuple[str, ...]:
    """The columns that a formula names.

    Examples
    --------
    >>> variables_in("campaign * season + log(price)")
    ('campaign', 'price', 'season')
    """
    return tuple(sorted({name for needed in _factors(text).values() for name in needed}))


def _factors(text: str) -> dict[str, list[str]]:
    """The factors of a formula with the columns that each needs, if it holds nothing that it must not.

    It keeps its intercept, and has but columns, operators and known functions.
    """
    from formulaic import Formula as Parsed
    from formulaic.errors import FormulaicError

    try:
        parsed: Any = Parsed(text)
    except (FormulaicError, ValueError, SyntaxError) as error:
        raise ArgumentError(f"Formula {text!r} can't be read: {str(error).splitlines()[0]}") from None
    if hasattr(parsed, "lhs"):
        raise ArgumentError(f'Formula {text!r} has two sides. Write only covariates, such as "channel + age".')
    if "1" not in [str(term) for term in parsed]:
        raise ArgumentError(f"Formula {text!r}: leave out 0 and -1. The intercept is the model's own parameter.")
    found = {str(factor.expr): factor.eval_method.value for term in parsed for factor in term.factors}
    return {name: [name] if method == "lookup" else _checked(name, text) for name, method in found.items()}


def _checked(factor: str, text: str) -> list[str]:
    """The columns in a factor that is to be evaluated."""
    tree = ast.parse(factor, mode="eval")
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    known = all(isinstance(function, ast.Name) and function.id in _FUNCTIONS for function in called)
    if not known or not all(isinstance(node, _NODES) for node in ast.walk(tree)):
        raise ArgumentError(
            f"Formula {text!r}: {factor!r} is not allowed. A formula holds columns, operators and "
            f"{', '.join(_FUNCTIONS)}; make any other column first, with customers.join(...)."
        )
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called]


def _columns(table: pd.DataFrame, names: Any, text: str) -> pd.DataFrame:
    """The columns that a formula needs, complete."""
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise ArgumentError(
            f"Formula {text!r}: column {missing[0]!r} not found. Columns: {', '.join(map(str, table.columns))}. Carry "
            f"it along by summarize(..., keep=[{missing[0]!r}]), or join a table: customers.join(table)."
        )
    data = table[list(names)].copy()
    for name in names:
        absent = data[name].isna()
        if absent.any():
            raise DataError(
                f"Column {name!r} has no value for {_customers(data.index[absent])}. Fill it in (a level of its own, "
                'such as "unknown", will do), or leave these customers out.'
            )
    return data


def _materialise(spec: Any, data: pd.DataFrame, text: str) -> Any:
    from formulaic.errors import FormulaicError

    try:
        return spec.get_model_matrix(data, context={})
    except (FormulaicError, ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        raise ArgumentError(f"Formula {text!r} can't be computed: {str(error).splitlines()[0]}") from None


def _plain(value: Any) -> Any:
    """What a learned state is made of, as JSON takes it; whole numbers as keys are marked."""
    if isinstance(value, Mapping):
        return {f"#{key}" if isinstance(key, int) else str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _restored(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {int(key[1:]) if key.startswith("#") else key: _restored(item) for key, item in value.items()}
    return [_restored(item) for item in value] if isinstance(value, list) else value


def _customers(ids: pd.Index[Any]) -> str:
    """Customers by id, or periods by date."""
    ids, what = ids.unique(), "period" if ids.name == "date" else "customer"
    shown = ", ".join(str(i) for i in ids[:5]) + (", …" if len(ids) > 5 else "")
    return f"{len(ids):,} {what}{'s' if len(ids) > 1 else ''} ({shown})"


def _some(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names[:6]) + (", …" if len(names) > 6 else "")
