"""By what customers are divided into segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.decisions.customer_values import by_customer, customer_values
from clvmodels.decisions.segments import value_risk
from clvmodels.decisions.segments.tiers import SUMMARY, quantile_tiers, rfm_scores, share_tiers
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.customers import Customers

type Labels = Sequence[str] | Mapping[str, str] | None

_NONE: pd.Series[float] = pd.Series(dtype=np.float64)
_UNSEEN = (
    'Segments that come can be told of tiers (by="value" or "share") and of segments of your own: what customers spent '
    "has no scores and no risk."
)


class Rule(Protocol):
    """Gives a segment to each customer."""

    @property
    def order(self) -> tuple[str, ...]:
        """The segments, best first."""

    @property
    def borders(self) -> pd.Series[float]:
        """Where one segment ends and another begins, by name."""

    def assign(self, value: Any) -> pd.Series[Any]:
        """The segment of each customer of a table."""

    def afresh(self, value: Any) -> pd.Series[Any]:
        """The segment of each customer of a table, by the same rule with borders of this table."""

    def actual(self, came: Any) -> pd.Series[Any]:
        """The segment in which customers came to be, by what they were worth."""


@dataclass(frozen=True, eq=False)
class Tiers:
    """Tiers of value and the least value of each.

    Attributes
    ----------
    by
        "value" or "share".
    order
        Their names.
    least
        The least value in each tier; that of an empty one is its better neighbour's, so that it stays empty.
    """

    by: str
    order: tuple[str, ...]
    least: Array

    @classmethod
    def of(cls, worth: Array, by: str, order: tuple[str, ...]) -> Self:
        """The tiers of these values."""
        tier = (quantile_tiers if by == "value" else share_tiers)(worth, len(order))
        least = np.full(len(order), np.inf)
        np.minimum.at(least, tier, worth)
        return cls(by, order, np.minimum.accumulate(least))

    @property
    def borders(self) -> pd.Series[float]:
        """The least value of each tier that has customers, but for the lowest one."""
        series = pd.Series(self.least, index=pd.Index(self.order, name="segment"), name="least_value")
        filled = np.append(np.isfinite(self.least[:1]), self.least[1:] < self.least[:-1])
        return series[filled][:-1]

    def assign(self, value: Any) -> pd.Series[Any]:
        """By the least values."""
        worth = customer_values(value)
        tier = np.searchsorted(-self.least[:-1], -worth.to_numpy(), side="left")
        return pd.Series(np.asarray(self.order, dtype=object)[tier], index=worth.index, name="segment")

    def afresh(self, value: Any) -> pd.Series[Any]:
        """By the least values of these customers."""
        return Tiers.of(np.asarray(customer_values(value), dtype=np.float64), self.by, self.order).assign(value)

    def actual(self, came: Any) -> pd.Series[Any]:
        """By tiers of what came, which is on another scale."""
        return self.afresh(came)


@dataclass(frozen=True, eq=False)
class ValueRisk:
    """Groups of high and low value and risk."""

    high_value: float
    high_risk: float
    names: Mapping[str, str]

    @property
    def order(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dict.fromkeys(self.names.values()))

    @property
    def borders(self) -> pd.Series[float]:
        """The least value and risk that are high."""
        return pd.Series({"high_value": self.high_value, "high_risk": self.high_risk})

    def assign(self, value: Any) -> pd.Series[Any]:
        """By the two borders."""
        frame = by_customer(value)
        found = value_risk.groups(*value_risk.risk_and_value(frame), self.high_value, self.high_risk)
        return pd.Series(found, index=frame.index, name="segment").map(self.names)

    def afresh(self, value: Any) -> pd.Series[Any]:
        """By the value that the best fifth of these customers reach."""
        _, worth = value_risk.risk_and_value(by_customer(value))
        return ValueRisk(*value_risk.borders(worth, None, self.high_risk), self.names).assign(value)

    def actual(self, came: Any) -> pd.Series[Any]:
        """Risk is never seen."""
        raise ArgumentError(_UNSEEN)


@dataclass(frozen=True, eq=False)
class Scores:
    """Recency, frequency and money, scored from 1 to 5 among the customers who were segmented."""

    labels: Labels
    order: tuple[str, ...]
    among: pd.DataFrame
    borders: pd.Series[float] = field(default_factory=_NONE.copy)

    def assign(self, value: Any) -> pd.Series[Any]:
        """By scores among the customers who were segmented: the same behaviour has the same score."""
        return self._scored(value, self.among)

    def afresh(self, value: Any) -> pd.Series[Any]:
        """By scores among these customers."""
        return self._scored(value, None)

    def _scored(self, value: Any, among: pd.DataFrame | None) -> pd.Series[Any]:
        frame = value.table if isinstance(value, Customers) else by_customer(value)
        if missing := [name for name in SUMMARY if name not in frame]:
            raise DataError(
                f"Scores of recency, frequency and money are made from a summary, and there is no {missing[0]!r}. Pass "
                "what clv.summarize returned at that date, or a frame with frequency, recency, T and monetary_value."
            )
        codes = rfm_scores(frame, among)["rfm"]
        return codes.map(names_of(codes.unique().tolist(), self.labels)).rename("segment")

    def actual(self, came: Any) -> pd.Series[Any]:
        """Scores of what comes are others."""
        raise ArgumentError(_UNSEEN)


@dataclass(frozen=True, eq=False)
class Given:
    """Segments that somebody else has made."""

    order: tuple[str, ...]
    borders: pd.Series[float] = field(default_factory=_NONE.copy)

    def assign(self, value: Any) -> pd.Series[Any]:
        """As given."""
        if not isinstance(value, pd.Series):
            raise ArgumentError(
                "These segments are your own: pass those of the other customers as a Series by customer."
            )
        return as_segments(value)

    afresh = actual = assign


def as_segments(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column of segments as text, by customer.

    Raises
    ------
    DataError
        A customer has none.
    """
    if column.isna().any():
        raise DataError(f"{int(column.isna().sum()):,} customers have no segment. Fill the gaps first.")
    return column.astype(object).map(str).rename("segment").rename_axis("customer_id")


def tier_names(q: int, labels: Labels) -> tuple[str, ...]:
    """Names of tiers, best first: letters from A, or numbers from 1 where there are more than letters."""
    if labels is None:
        return tuple(ascii_uppercase[:q]) if q <= len(ascii_uppercase) else tuple(map(str, range(1, q + 1)))
    if isinstance(labels, str | Mapping) or not isinstance(labels, Sequence | np.ndarray | pd.Index):
        raise ArgumentError(f"labels must be {q} names, the best tier's first, not {shortly(labels)}.")
    names = tuple(map(str, labels))
    if len(names) != q or len(set(names)) != q:
        raise ArgumentError(f"labels must be {q} different names, the best tier's first, not {shortly(list(labels))}.")
    return names


def names_of(order: Sequence[str], labels: Labels) -> dict[str, str]:
    """The name of each segment, which a dict may change."""
    if labels is None:
        return {name: name for name in order}
    if not isinstance(labels, Mapping):
        raise ArgumentError('labels must be a dict from each segment to its name here, such as {"Grow": "Sell more"}.')
    missing = [name for name in order if name not in labels]
    if missing:
        raise ArgumentError(f"labels has no name for segment {missing[0]!r}. Segments: {shortly(list(order))}.")
    return {name: str(labels[name]) for name in order}
