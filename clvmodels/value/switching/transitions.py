"""From choices to counts: which state follows which."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.transactions.frames import to_pandas
from clvmodels.transactions.validation import check_columns


class Choices(NamedTuple):
    """Choices of customers in the order of time.

    Attributes
    ----------
    states : pandas.Index
        The brands or plans.
    customer, state : ndarray of int of shape (n,)
        Who chose, and the place of the choice among the states; sorted by customer and time.
    segment : ndarray of shape (n,)
        The segment of the customer.
    """

    states: pd.Index[Any]
    customer: np.ndarray
    state: np.ndarray
    segment: np.ndarray

    def steps(self) -> np.ndarray:
        """Places of the choices that have one before them of the same customer."""
        return np.flatnonzero(np.diff(self.customer) == 0) + 1

    def counts(self, steps: np.ndarray) -> Array:
        """How often each state (column) followed each state (row), over some of the steps."""
        size = len(self.states)
        pair = self.state[steps - 1] * size + self.state[steps]
        return np.bincount(pair, minlength=size * size).reshape(size, size).astype(np.float64)

    def by_segment(self, steps: np.ndarray) -> dict[Any, Array]:
        """The same for each segment by itself."""
        owner = self.segment[steps]
        return {name: self.counts(steps[owner == name]) for name in pd.unique(owner)}


def read_choices(table: Any, customer: str, date: str, state: str, segment: str | None) -> Choices:
    """The choices of a table with one row a choice.

    Raises
    ------
    DataError
        A column is missing, a cell is empty or a date can't be read; there are fewer than two states; nobody chose
        twice; a customer has several segments.
    """
    frame = to_pandas(table, "A table of choices")
    names = [name for name in (customer, date, state, segment) if name is not None]
    check_columns(list(frame.columns), names)
    for name in names:
        empty = frame[name].isna()
        if empty.any():
            raise DataError(f"{int(empty.sum()):,} rows have no {name} (row {int(np.flatnonzero(empty)[0]) + 1}, …).")
    dates = _dates(frame[date])
    who, _ = pd.factorize(frame[customer])
    order = np.lexsort((np.arange(len(frame)), dates.to_numpy(), who))
    codes, states = pd.factorize(frame[state], sort=True)
    groups = np.full(len(frame), "all", dtype=object) if segment is None else frame[segment].to_numpy(dtype=object)
    found = Choices(pd.Index(states, name=state), who[order], codes[order], groups[order])
    _check(found, frame[customer].to_numpy()[order], segment)
    return found


def _dates(column: pd.Series[Any]) -> pd.Series[pd.Timestamp]:
    dates = pd.to_datetime(column, errors="coerce", format=None if column.dtype.kind == "M" else "ISO8601")
    if dates.isna().any():
        row = int(np.flatnonzero(dates.isna())[0])
        raise DataError(f"{column.name} is no date in row {row + 1}: {column.iloc[row]!r}. Write dates as 2024-01-31.")
    return dates


def _check(choices: Choices, ids: np.ndarray, segment: str | None) -> None:
    steps = choices.steps()
    if len(choices.states) < 2:
        raise DataError(f"All choices are {choices.states[0]!r}: there is nothing to switch to.")
    if len(steps) == 0:
        raise DataError("Nobody has chosen twice, so that nothing is known about switching.")
    several = choices.segment[steps] != choices.segment[steps - 1]
    if several.any():
        raise DataError(f"Customer {ids[steps[several][0]]!r} has more than one {segment}. Give each customer one.")
