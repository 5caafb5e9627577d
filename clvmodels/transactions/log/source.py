"""Where a log comes from: the names of its columns, and a way to read those that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

MOST_TITLES = 50  # lines among which the names of the columns are looked for


def below(titles: Sequence[str]) -> tuple[str, ...]:
    """That a table stands below other lines, in words: one note, or none."""
    return (f"a table below {', '.join(repr(title[:40]) for title in titles)}",) if titles else ()


@dataclass(frozen=True)
class Wanted:
    """The columns to read, by what they hold.

    Attributes
    ----------
    ids : str
        The customers' ids.
    text : tuple of str
        Dates and order numbers, which stay text where a source has no types.
    numbers : tuple of str
        Amounts, or the factors of them.
    kept : tuple of str
        Whatever else customers keep.
    """

    ids: str
    text: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Every column, once."""
        return list(dict.fromkeys([self.ids, *self.text, *self.numbers, *self.kept]))


@dataclass(frozen=True)
class Source:
    """A log that was opened: its columns are known, its lines are not read yet.

    Attributes
    ----------
    columns : sequence of str
        Names of the columns.
    read : callable
        Gives the wanted columns: a frame in memory, or a lazy one on the engine that holds them.
    is_text : bool
        Whether the columns have no types of their own, so that ids come as text.
    notes : tuple of str
        How the log is written, where that was found out.
    """

    columns: Sequence[str]
    read: Callable[[Wanted], nw.DataFrame[Any] | nw.LazyFrame[Any]]
    is_text: bool = False
    notes: tuple[str, ...] = ()
