"""What a table of customers must satisfy before a model sees it; every error names customers and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.errors import DataError

REQUIRED = ("frequency", "recency", "T")
COLUMNS = ("customer_id", *REQUIRED, "monetary_value", "spend_frequency")


def check_columns(available: Sequence[str], wanted: Sequence[str] = REQUIRED) -> None:
    """Raise if a column is missing; similar names are suggested."""
    missing = [name for name in wanted if name not in available]
    if not missing:
        return
    lower = {str(name).lower(): str(name) for name in available}
    close = {name: difflib.get_close_matches(name.lower(), lower, 1, 0.6) for name in missing}
    renames = {lower[match[0]]: name for name, match in close.items() if match}
    hint = f" Rename them first: df.rename(columns={renames})." if renames else ""
    named = ", ".join(repr(name) for name in missing)
    raise DataError(f"Columns {named} not found. Columns: {list(available)}.{hint}")


def check_customers(
    ids: Any,
    frequency: NDArray[np.float64],
    recency: NDArray[np.float64],
    T: NDArray[np.float64],
    monetary_value: NDArray[np.float64],
    spend_frequency: NDArray[np.float64],
) -> None:
    """Raise if some customer has an impossible summary."""
    if len(frequency) == 0:
        raise DataError("There are no customers: the table is empty.")
    for name, values in (("frequency", frequency), ("recency", recency), ("T", T)):
        _refuse(~np.isfinite(values), ids, f"a {name} that is missing or not finite", "Fill or remove them.")
    _refuse(frequency < 0, ids, "a negative frequency", "frequency is the number of repeat purchases, 0 or more.")
    _refuse(
        np.floor(frequency) != frequency,
        ids,
        "a frequency that is not a whole number",
        "frequency is the number of repeat purchases.",
    )
    _refuse(recency < 0, ids, "a negative recency", "recency is the time from the first purchase to the last.")
    _refuse(recency > T, ids, "recency > T", "Is observation_end before their last purchase?")
    _refuse(
        (frequency == 0) & (recency > 0),
        ids,
        "frequency 0 and recency > 0",
        "Without a repeat purchase the last one is the first: recency must be 0, or frequency counts too little.",
    )
    _refuse(
        (frequency > 0) & (recency == 0),
        ids,
        "repeat purchases and recency 0",
        "Merge purchases of one day into one, as clv.summarize does.",
    )
    _refuse(np.isinf(monetary_value), ids, "an infinite monetary_value", "Use NaN where it is not known.")
    _refuse(monetary_value < 0, ids, "a negative monetary_value", "Set refunds against the purchases first.")
    bad = ~np.isfinite(spend_frequency) | (spend_frequency < 0) | (np.floor(spend_frequency) != spend_frequency)
    _refuse(
        bad, ids, "a spend_frequency that is not a count", "It is the number of repeat purchases worth more than 0."
    )
    _refuse(
        spend_frequency > frequency,
        ids,
        "spend_frequency > frequency",
        "It is the number of those repeat purchases that are worth more than 0.",
    )


def check_ids(ids: Any) -> None:
    """Raise if an id is missing or stands twice."""
    missing = int(ids.isna().sum())
    if missing:
        raise DataError(f"{missing:,} rows have no customer id. Remove them, or give them an id.")
    if not ids.is_unique:
        repeated = ids[ids.duplicated()].unique()
        raise DataError(
            f"{_customers(len(repeated))} {_have(len(repeated))} more than one row ({name_ids(repeated)}). Pass one "
            "row a customer; clv.summarize makes them from a log."
        )


def _refuse(bad: NDArray[np.bool_], ids: Any, found: str, remedy: str) -> None:
    if bad.any():
        rows = np.flatnonzero(bad)
        raise DataError(f"{_customers(len(rows))} {_have(len(rows))} {found} ({name_ids(ids[rows])}). {remedy}")


def _customers(number: int) -> str:
    return "1 customer" if number == 1 else f"{number:,} customers"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def name_ids(ids: Any, shown: int = 3) -> str:
    """Up to three ids and how many more there are.

    Examples
    --------
    >>> name_ids([17, 204, 951, 1000])
    'ids 17, 204, 951 and 1 more'
    """
    named = ", ".join(str(value) for value in ids[:shown])
    more = f" and {len(ids) - shown:,} more" if len(ids) > shown else ""
    return f"{'id' if len(ids) == 1 else 'ids'} {named}{more}"
