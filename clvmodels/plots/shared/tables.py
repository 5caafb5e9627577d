"""What a plot is passed: a table to draw, which has to be of its kind, or what one is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from clvmodels.errors import ArgumentError

if TYPE_CHECKING:
    from typing_extensions import TypeIs


def is_table(source: object, maker: Callable[..., pd.DataFrame], *needs: str) -> TypeIs[pd.DataFrame]:
    """Whether a plot was passed a table, which is then one that it can draw, rather than what a table is made of.

    Parameters
    ----------
    source
        What was passed.
    maker
        The public function that makes such tables.
    *needs
        Columns and ``attrs`` of the table that are drawn.

    Examples
    --------
    >>> def shares_table(values: list[float]) -> pd.DataFrame: ...
    >>> is_table([1.0], shares_table, "share"), is_table(pd.DataFrame({"share": [0.5]}), shares_table, "share")
    (False, True)
    >>> is_table(pd.DataFrame({"value": [1.0]}), shares_table, "share")
    Traceback (most recent call last):
    clvmodels.errors.ArgumentError: A table to draw must be one that clvmodels.plots.shares_table returns; this one \
has no 'share'. Pass such a table, or what shares_table takes.
    """
    if not isinstance(source, pd.DataFrame):
        return False
    missing = [repr(name) for name in needs if name not in source and name not in source.attrs]
    if missing:
        raise ArgumentError(
            f"A table to draw must be one that clvmodels.plots.{maker.__name__} returns; this one has no "
            f"{', '.join(missing)}. Pass such a table, or what {maker.__name__} takes."
        )
    return True


def given(value: Any, name: str) -> Any:
    """An argument that a plot needs unless it is passed a table.

    Examples
    --------
    >>> given(None, "actual")
    Traceback (most recent call last):
    clvmodels.errors.ArgumentError: actual is missing. Pass actual=, or a table of numbers made before.
    """
    if value is None:
        raise ArgumentError(f"{name} is missing. Pass {name}=, or a table of numbers made before.")
    return value


def bounds(band: Any, index: pd.Index) -> pd.DataFrame:
    """The bounds of a band on the rows that are drawn.

    Examples
    --------
    >>> bounds(pd.DataFrame({"lower": [1.0], "upper": [2.0]}), pd.Index([0])).shape
    (1, 2)
    """
    if not isinstance(band, pd.DataFrame) or not {"lower", "upper"} <= set(band.columns):
        raise ArgumentError("band must be a table with the columns lower and upper, one row a period.")
    return band[["lower", "upper"]].reindex(index)
