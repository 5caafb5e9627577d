"""Who moved between segments from one date to another, beside what chance alone would move."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    import matplotlib.axes

NEW, GONE = "new", "gone"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Migration:
    """Moves between segments; `Segments.migration` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        Customers by segment at the first date (rows, "new" are those who were not there) and at the second (columns,
        "gone" are those who are no longer).
    shares : pandas.DataFrame
        The same as shares of each row.
    by_chance : pandas.DataFrame or None
        Shares of each segment of the first date that would move if all customers went on as the model says: its mean
        over simulations. None if nothing was simulated.
    replications : int
        How many simulations that is.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    by_chance: pd.DataFrame | None
    replications: int

    def summary(self) -> str:
        """What the tables say, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> then = pd.Series([9.0, 8.0, 2.0, 1.0], index=list("abcd"))
        >>> now = pd.Series([9.0, 1.0, 2.0, 10.0], index=list("abce"))
        >>> print(clv.segment(then, q=2).migration(now).summary())
        1 of 3 customers is in another segment, 1 is new and 1 is gone.
        Of those in A, 50 % are still there.
        """
        there, stayed, new, gone = counted(self.table)
        moved = there - stayed
        sentences = [
            f"{moved:,} of {formats.plural(there, 'customer')} {_is(moved)} in another segment, {new:,} {_is(new)} new "
            f"and {gone:,} {_is(gone)} gone."
        ]
        best = self.table.index[0]
        chance = "" if self.by_chance is None else (
            f"; by chance alone {formats.share(float(self.by_chance.loc[best, best]))}"
        )  # fmt: skip
        if self.table.loc[best].sum() > 0:
            share = formats.share(float(self.shares.loc[best, best]))
            sentences.append(f"Of those in {best}, {share} are still there{chance}.")
        return "\n".join(sentences)

    def plot(self, *, ax: matplotlib.axes.Axes | None = None) -> matplotlib.axes.Axes:
        """From where to where customers moved, with what chance alone would move.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> then = pd.Series([9.0, 8.0, 2.0, 1.0], index=list("abcd"))
        >>> ax = clv.segment(then, q=2).migration(then).plot()
        >>> ax.get_ylabel()
        'At the first date'
        >>> plt.close(ax.figure)
        """
        drawn: matplotlib.axes.Axes = importlib.import_module("clvmodels.plots.segment_migration").migration(self, ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string()}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table)


def counted(table: pd.DataFrame) -> tuple[int, int, int, int]:
    """How many customers are there at both dates, how many of these stayed, and how many are new and gone.

    Examples
    --------
    >>> counted(pd.DataFrame({"A": [3, 1, 2], "B": [0, 4, 1], "gone": [5, 0, 0]}, index=["A", "B", "new"]))
    (8, 7, 3, 5)
    """
    names = [name for name in table.index if name != NEW]
    inner = table.loc[names, [name for name in table.columns if name != GONE]].to_numpy()
    new = table.loc[NEW].to_numpy().sum() if NEW in table.index else 0
    gone = table[GONE].sum() if GONE in table else 0
    return int(inner.sum()), int(np.diag(inner).sum()), int(new), int(gone)


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def moves(
    before: pd.Series[Any], after: pd.Series[Any], segments: Sequence[str], simulated: Sequence[pd.Series[Any]]
) -> Migration:
    """Moves of customers by id, and the mean of those in simulations."""
    others = set(after).union(*simulated) - set(segments)
    names = [*segments, *sorted(others)]
    ids = before.index.union(after.index, sort=False)
    first = before.astype(object).reindex(ids).fillna(NEW)
    second = after.astype(object).reindex(ids).fillna(GONE)
    table = pd.crosstab(first, second)
    rows = [*names, *([NEW] if NEW in table.index else [])]
    columns = [*names, *([GONE] if GONE in table else [])]
    table = table.reindex(index=rows, columns=columns, fill_value=0).rename_axis(index="from", columns="to")
    chance = _by_chance(before, simulated, names) if simulated else None
    return Migration(table=table, shares=_of_rows(table), by_chance=chance, replications=len(simulated))


def _by_chance(before: pd.Series[Any], simulated: Sequence[pd.Series[Any]], names: list[str]) -> pd.DataFrame:
    """Shares of each segment that moved, the mean over simulations."""
    found = [pd.crosstab(before.astype(object), one.astype(object)) for one in simulated]
    counts = [one.reindex(index=names, columns=names, fill_value=0).to_numpy() for one in found]
    mean = pd.DataFrame(np.mean(counts, axis=0), index=names, columns=names)
    return _of_rows(mean).rename_axis(index="from", columns="to")


def _of_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of rows; 0 where a row is empty."""
    return table.div(np.maximum(table.sum(axis=1), 1e-300), axis=0)
