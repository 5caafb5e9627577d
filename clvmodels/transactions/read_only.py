"""Fields of a frozen dataclass whose contents can't be changed: who reads a frame gets a copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

_COPY_ON_WRITE = (
    int(pd.__version__.split(".")[0]) >= 3
)  # a shallow copy is as good as a deep one then, and costs nothing


def read_only[T](*names: str) -> Callable[[type[T]], type[T]]:
    """Make fields of a frozen dataclass read-only, contents included.

    Frames are copied when they are set and when they are read, arrays when they are set. So nothing that was computed
    of them once can become stale. Use `dataclasses.replace` for an object with another frame.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @read_only("table")
    ... @dataclass(frozen=True)
    ... class Base:
    ...     table: pd.DataFrame
    >>> base = Base(pd.DataFrame({"x": [1, 2]}))
    >>> table = base.table
    >>> table["x"] = 0
    >>> base.table["x"].tolist()
    [1, 2]
    """

    def decorate(cls: type[T]) -> type[T]:
        for name in names:
            setattr(cls, name, _ReadOnly(name))
        return cls

    return decorate


class _ReadOnly:
    """A data descriptor; the value is in the object's dictionary under the same name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else _copied(instance.__dict__[self.name])

    def __set__(self, instance: Any, value: Any) -> None:
        if isinstance(value, np.ndarray):
            value = value.copy()
            value.flags.writeable = False
        instance.__dict__[self.name] = _copied(value)


def _copied(value: Any) -> Any:
    return value.copy(deep=not _COPY_ON_WRITE) if isinstance(value, pd.DataFrame) else value
