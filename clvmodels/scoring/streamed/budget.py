"""How much memory there is, and what follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.transactions.summary.plain.in_parts import LINES_OF_A_PART, THREADS

_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(i?)B?\s*", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_LEAST = 768 * 2**20
_OF_PYTHON = 512 * 2**20  # what Python takes with its libraries
_OF_A_LINE = 200  # bytes, while a part is sorted
_FEWEST_LINES = 100_000


@dataclass(frozen=True)
class Budget:
    """Bytes that a process may take.

    Attributes
    ----------
    total : int
        All of it.
    """

    total: int

    @classmethod
    def of(cls, memory: str | int) -> Budget:
        """The budget in words.

        Parameters
        ----------
        memory
            Such as "2GiB" or "1500MB", or a number of bytes.

        Raises
        ------
        ArgumentError
            It is no size, or too small.

        Examples
        --------
        >>> Budget.of("2GiB").total
        2147483648
        """
        match = _SIZE.fullmatch(memory if isinstance(memory, str) else str(memory))
        if match is None or isinstance(memory, bool):
            raise ArgumentError(f'memory must be a size such as "2GiB" or "1500MB", not {shortly(memory)}.')
        total = int(float(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].upper()])
        if total < _LEAST:
            raise ArgumentError(f"memory must be 768 MiB or more, not {shortly(memory)}: Python takes 400 MiB itself.")
        return cls(total)

    @property
    def lines_of_a_part(self) -> int:
        """Lines that are sorted at a time by each thread."""
        most = (self.total - _OF_PYTHON) // (2 * _OF_A_LINE * THREADS)
        return max(_FEWEST_LINES, min(LINES_OF_A_PART, most))

    @property
    def of_engine(self) -> int:
        """What DuckDB may take."""
        return (self.total - _OF_PYTHON) // 2
