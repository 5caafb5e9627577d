"""Referrals as users pass them: lines that name two customers become edges between their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import check_columns, name_ids

_POLICIES = ("raise", "drop")
_ROUNDING = 1e-9  # by which shares that are meant to sum to 1 may exceed it


@dataclass(frozen=True, eq=False)
class Edges:
    """Who referred whom: one entry a line that was kept.

    Attributes
    ----------
    size
        How many customers there are.
    referrer, referee
        Their places.
    weight
        Share of the referee's value that is credited to the referrer, or None if the table doesn't say.
    date
        When, as the table has it; None if it doesn't say.
    dropped
        How many lines were left out, by reason: "unknown", "self".
    """

    size: int
    referrer: Places
    referee: Places
    weight: Array | None
    date: pd.Series[Any] | None
    dropped: dict[str, int]

    @property
    def split(self) -> Array:
        """Each line's part of its referee: the weights, or equal parts of 1 for all lines of a referee."""
        if self.weight is not None:
            return self.weight
        return 1.0 / np.bincount(self.referee, minlength=self.size)[self.referee]


def read_referrals(referrals: Any, ids: pd.Index[Any], *, unknown: str, self_referrals: str) -> Edges:
    """The edges of a table with columns ``referrer`` and ``referee``, and perhaps ``weight`` and ``date``.

    Raises
    ------
    ArgumentError
        A policy has another name.
    DataError
        The table can't be used; the message names lines and customers.
    """
    _check_policies(unknown=unknown, self_referrals=self_referrals)
    table = to_pandas(referrals, "Referrals")
    check_columns(list(table.columns), ("referrer", "referee"))
    places = {name: _places(table[name], ids) for name in ("referrer", "referee")}
    known = (places["referrer"] >= 0) & (places["referee"] >= 0)
    if unknown == "raise" and not known.all():
        _refuse_unknown(table, places, ids)
    own = known & (places["referrer"] == places["referee"])
    if self_referrals == "raise" and own.any():
        who = name_ids(ids[places["referrer"][own]].unique())
        raise DataError(
            f'{_lines(own)} refer a customer to itself ({who}). Correct them, or pass self_referrals="drop".'
        )
    kept = known & ~own
    return Edges(
        size=len(ids),
        referrer=places["referrer"][kept],
        referee=places["referee"][kept],
        weight=_weights(table, places, kept, ids),
        date=table["date"][kept] if "date" in table else None,
        dropped={"unknown": int((~known).sum()), "self": int(own.sum())},
    )


def _check_policies(**policies: str) -> None:
    for name, policy in policies.items():
        if policy not in _POLICIES:
            raise ArgumentError(f'{name} must be "raise" or "drop", not {shortly(policy)}.')


def _places(column: pd.Series[Any], ids: pd.Index[Any]) -> Places:
    """Each id's place among the customers, -1 for one that is unknown or missing."""
    places = np.asarray(ids.get_indexer(pd.Index(column)), dtype=np.intp)
    places[column.isna().to_numpy()] = -1
    return places


def _refuse_unknown(table: pd.DataFrame, places: dict[str, Places], ids: pd.Index[Any]) -> None:
    for name, found in places.items():
        strange = table[name][found < 0]
        if strange.empty:
            continue
        missing = int(strange.isna().sum())
        if missing:
            raise DataError(f'{missing:,} lines have no {name}. Leave them out, or pass unknown="drop".')
        hint = ""
        if (found < 0).all():
            hint = f" None of the ids is known: those of value are such as {ids[0]!r}."
        who = name_ids([shortly(one) for one in strange.unique().tolist()])
        raise DataError(
            f"Column {name!r} names customers who have no value ({who}).{hint} Add them to value, or pass "
            'unknown="drop".'
        )


def _weights(table: pd.DataFrame, places: dict[str, Places], kept: Any, ids: pd.Index[Any]) -> Array | None:
    """Shares that are credited, of which no referee gives away more than 1."""
    if "weight" not in table:
        return None
    weight = numbers(table, "weight")
    weight = weight if kept.all() else weight[kept]
    wrong = ~(np.isfinite(weight) & (weight >= 0.0))
    if wrong.any():
        raise DataError(
            f"{_lines(wrong)} have a weight that is missing, not finite or negative, such as {weight[wrong][0]:g}. A "
            "weight is the share of the referee's value that is credited to the referrer, from 0 to 1."
        )
    return _at_most_one(weight, places["referee"][kept], ids)


def _at_most_one(weight: Array, referee: Places, ids: pd.Index[Any]) -> Array:
    """Weights of which those of a referee sum to at most 1, but for rounding."""
    given = np.bincount(referee, weight, minlength=len(ids))
    over = given > 1.0 + _ROUNDING
    if over.any():
        worst = int(given.argmax())
        raise DataError(
            f"{int(over.sum()):,} customers are credited by more than their whole value ({name_ids(ids[over])}; the "
            f"weights of {ids[worst]!r} sum to {given[worst]:g}). The weights of a referee must sum to at most 1."
        )
    return weight / np.maximum(given, 1.0)[referee] if given.max(initial=0.0) > 1.0 else weight


def days_of(column: pd.Series[Any]) -> pd.DatetimeIndex:
    """Days of the referrals; text must be ISO, so that day and month can't be mistaken.

    Raises
    ------
    DataError
        They can't be read, or one is missing.
    """
    if pd.api.types.is_numeric_dtype(column) and len(column):
        raise DataError("Column 'date' holds numbers. Make them dates first, for example with pd.to_datetime.")
    try:
        days = pd.DatetimeIndex(pd.to_datetime(column, format="ISO8601", utc=True)).tz_localize(None)
    except (TypeError, ValueError) as error:
        raise DataError(f"Column 'date' can't be read as dates: {str(error).splitlines()[0]}") from None
    missing = int(np.isnat(days.to_numpy()).sum())
    if missing:
        raise DataError(f"{missing:,} referrals have no date. Fill them, or leave the column out.")
    return days


def _lines(wrong: Any) -> str:
    number = int(wrong.sum())
    return "1 referral" if number == 1 else f"{number:,} referrals"
