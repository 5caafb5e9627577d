"""The file of a state: its columns, and what it says of the log."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clvmodels.errors import FileFormatError
from clvmodels.transactions.log.columns.remembered import from_json, to_json
from clvmodels.transactions.log.log import Log

_KEY = b"clvmodels_state"
_VERSION = 1

# What is known of some of a customer's days, as a summary needs it.
PART = {
    "first_day": "BIGINT",
    "last_day": "BIGINT",
    "purchase_days": "BIGINT",
    "day_sum": "BIGINT",
    "repeat_spend": "DOUBLE",
    "repeat_spend_days": "BIGINT",
}
# Sums of the lines of one day, before refunds are set against them.
DAY = {
    "day": "BIGINT",
    "orders": "BIGINT",
    "refund_orders": "BIGINT",
    "spend": "DOUBLE",
    "gross": "DOUBLE",
}
COLUMNS = {"part": "VARCHAR", **PART, "carried": "DOUBLE", **DAY}  # and customer_id


@dataclass(frozen=True)
class Header:
    """What a state says besides its rows.

    Attributes
    ----------
    log : Log
        How its lines are read, without data.
    end : int
        Last day observed, in days since 1970-01-01.
    open_from : int
        First day to which lines can still be added for customers who have older ones.
    open_days : int
        How many days are kept open.
    lines, updates : int
        Lines that were used, and in how many steps.
    refunds : bool
        Whether there was ever a negative amount.
    currency : str or None
        Label of the amounts.
    """

    log: Log
    end: int
    open_from: int
    open_days: int
    lines: int = 0
    updates: int = 0
    refunds: bool = False
    currency: str | None = None

    def with_lines(self, lines: int) -> Header:
        """After another step."""
        return replace(self, lines=self.lines + lines, updates=self.updates + 1)

    def to_text(self) -> str:
        """As the file holds it."""
        entry = {name: getattr(self, name) for name in _FIELDS}
        return json.dumps({"version": _VERSION, "log": to_json(self.log), **entry})


_FIELDS = {
    "end": int, "open_from": int, "open_days": int, "lines": int, "updates": int, "refunds": bool,
    "currency": str | None,
}  # fmt: skip


def is_state(path: str | Path) -> bool:
    """Whether a file is a Parquet file with a state."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return _KEY in (pq.read_metadata(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def read_header(path: str | Path) -> Header:
    """What a state says besides its rows.

    Raises
    ------
    FileFormatError
        There is no such file, or it is no state.
    """
    import pyarrow.parquet as pq

    if not os.path.exists(path):  # which is no error for a name that is too long
        raise FileFormatError(f"There is no file {path}.")
    if not is_state(path):
        raise FileFormatError(f"{path} is no state that update_state wrote.")
    try:
        entry: dict[str, Any] = json.loads(pq.read_metadata(path).metadata[_KEY])
        if entry.pop("version") != _VERSION:
            raise FileFormatError(f"{path} was written by another version of clvmodels. Start it anew.")
        log = from_json(entry.pop("log"))
        if entry.keys() != _FIELDS.keys() or not all(isinstance(entry[name], _FIELDS[name]) for name in _FIELDS):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        if isinstance(problem, FileFormatError):
            raise
        raise FileFormatError(f"{path} is a state, but damaged. Start it anew.") from None
    return Header(log, **entry)
