"""A formula becomes columns of numbers, in the same way for the customers of a fit and for those to be scored.

formulaic does the work. What is ours: a formula may hold columns, operators and a few named functions and nothing else,
so that loading one runs no code; missing values and levels that the fit has not seen are errors that name them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.data.formula_limits import (
    COLUMNS,
    check_size,
    columns_of_factor,
    first_line,
    shown,
    width_of_factor,
)

Array = NDArray[np.float64]

_LEVELS = 200  # of one category
_MANY = 20  # levels, from which on a category can be an id


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
        data = _with_used_levels(_columns(table, names, text))
        _check_width(text, {name: _check_levels(data, name) for name in _categories(data, _terms(text))})
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
        _check_width(self.text, {name: len(levels) for name, levels in self.levels.items()})
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
            column = data[name].astype("category")
            data[name] = column.cat.set_categories(levels)
        found = _materialise(self._spec, data, self.text)
        columns = np.column_stack([found[name].to_numpy(dtype=np.float64) for name in self.names])
        endless = ~np.isfinite(columns)
        if endless.any():
            name, rows = self.names[int(np.argmax(endless.any(axis=0)))], endless.any(axis=1)
            raise DataError(f"Covariate {name!r} is no finite number for {_customers(data.index[rows])}.")
        return columns

    def to_json(self) -> dict[str, Any]:
        """As a model file holds it."""
        return {"text": self.text, "levels": self.levels, "state": self.state, "typical": self.typical}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Formula:
        """What `to_json` wrote.

        Raises
        ------
        ValueError
            It was not written by `to_json`.
        """
        text, levels, typical = entry["text"], entry["levels"], entry["typical"]
        if not isinstance(text, str):
            raise ValueError("a formula is no text")
        needed = set(variables_in(text))
        if not needed or {*levels, *typical} != needed or set(levels) & set(typical):
            raise ValueError(f"formula {shown(text)} needs other columns than it has learned")
        for known in levels.values():
            if not isinstance(known, list) or not all(isinstance(one, str | int | float) for one in known):
                raise ValueError(f"the levels of a category of formula {shown(text)} are none")
            if len(set(map(str, known))) < max(len(known), 2):
                raise ValueError(f"the levels of a category of formula {shown(text)} are not different")
        return cls(text, levels, entry["state"], {name: float(value) for name, value in typical.items()})


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
    return {name: needed for term in _terms(text) for name, needed in term.items()}


def _terms(text: str) -> list[dict[str, list[str]]]:
    """The terms of a formula: of each, its factors with the columns that they need."""
    from formulaic import Formula as Parsed
    from formulaic.errors import FormulaicError

    check_size(text)
    try:
        parsed: Any = Parsed(text)
    except (FormulaicError, ValueError, SyntaxError, AttributeError, RecursionError) as error:
        raise ArgumentError(f"Formula {shown(text)} can't be read: {first_line(error)}") from None
    if hasattr(parsed, "lhs") or not hasattr(parsed, "__iter__"):
        raise ArgumentError(f'Formula {shown(text)} has two sides. Write only covariates, such as "channel + age".')
    if not all(hasattr(term, "factors") for term in parsed):
        raise ArgumentError(f'Formula {shown(text)} has several parts. Write one, such as "channel + age".')
    if "1" not in [str(term) for term in parsed]:
        raise ArgumentError(f"Formula {shown(text)}: leave out 0 and -1. The intercept is the model's own parameter.")
    return [
        {
            str(factor.expr): [str(factor.expr)]
            if factor.eval_method.value == "lookup"
            else columns_of_factor(str(factor.expr), text)
            for factor in term.factors
        }
        for term in parsed
    ]


def _with_used_levels(data: pd.DataFrame) -> pd.DataFrame:
    """Categories without the levels that no customer has, of which nothing can be learned."""
    kinds = data.select_dtypes("category")
    return data.assign(**{str(name): column.cat.remove_unused_categories() for name, column in kinds.items()})


def _check_width(text: str, levels: Mapping[str, int]) -> None:
    """How many columns the design comes to, before it is made."""
    columns = 0
    for term in _terms(text):
        widths = [max((levels.get(name, 0) for name in needed), default=0) for needed in term.values()]
        columns += math.prod(width or width_of_factor(factor) for factor, width in zip(term, widths, strict=True))
    if columns > COLUMNS:
        raise ArgumentError(
            f"Formula {shown(text)} comes to {columns:,} columns; {COLUMNS} are the most. Put rare levels together, or "
            "write out the interactions that matter."
        )


def _check_levels(data: pd.DataFrame, name: str) -> int:
    """The number of levels of a category, which must be few beside the customers."""
    count = int(data[name].nunique())
    if count > _LEVELS or (count > _MANY and count > len(data) / 2):
        raise DataError(
            f"Column {name!r} holds {count:,} different values for {len(data):,} rows, like an id: as a category it "
            "has a coefficient for each of them. Leave it out, put its values together in a few groups, or make it a "
            "number."
        )
    return count


def _categories(data: pd.DataFrame, terms: list[dict[str, list[str]]]) -> set[str]:
    """Columns that count as categories: texts, and what C(...) names."""
    marked = {name for term in terms for factor, needed in term.items() if factor.startswith("C(") for name in needed}
    return marked | {name for name in data.columns if not pd.api.types.is_numeric_dtype(data[name])}


def _columns(table: pd.DataFrame, names: Any, text: str) -> pd.DataFrame:
    """The columns that a formula needs, complete."""
    missing = [name for name in names if name not in table.columns]
    twice = [name for name in names if list(table.columns).count(name) > 1]
    if twice:
        raise ArgumentError(f"Column {twice[0]!r} stands twice in the table: rename one of them.")
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
        endless = pd.api.types.is_float_dtype(data[name]) and np.isinf(data[name].to_numpy(dtype=float))
        if np.any(endless):
            raise DataError(
                f"Column {name!r} is infinite for {_customers(data.index[endless])}: a covariate is finite."
            )
    return data


def _materialise(spec: Any, data: pd.DataFrame, text: str) -> Any:
    from formulaic.errors import FormulaicError

    try:
        with np.errstate(all="ignore"):  # what is not finite is found by name
            return spec.get_model_matrix(data, context={})
    except (FormulaicError, ValueError, TypeError, KeyError, ArithmeticError, AttributeError, LookupError) as error:
        raise ArgumentError(f"Formula {text!r} can't be computed: {first_line(error)}") from None


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
