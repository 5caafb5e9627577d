"""Value of the customers whom somebody brings, and the part of it that would have come anyway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import LARGEST_AMOUNT, finite, shortly
from clvmodels.arrays import Array
from clvmodels.decisions.network.referrals import Edges, days_of
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.units import discount_rate_per_unit
from clvmodels.transactions.validation import name_ids

type PerReferee = float | pd.Series[float]

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Terms:
    """What a referral is worth: π, the cost of acquisition it saves, the reward, and the discount of delays.

    Attributes
    ----------
    incremental, saved, reward
        Of each customer as a referee.
    discount
        Of each edge, 1 for no delay.
    """

    incremental: Array
    saved: Array
    reward: Array
    discount: Array


def each_referee(value: Any, ids: pd.Index[Any], name: str, most: float = LARGEST_AMOUNT) -> Array:
    """A number for all, or a Series by id of the referee, with NaN for those it leaves out."""
    what = "0 or more" if most == LARGEST_AMOUNT else "a share from 0 to 1"
    if not isinstance(value, pd.Series):
        return np.full(len(ids), finite(name, value, f"{what}, or a Series by customer", 0.0, most))
    if not value.index.is_unique:
        raise DataError(f"{name} has more than one entry for a customer. Pass one for each.")
    try:
        found = value.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be numbers by customer, not {shortly(value.iloc[0])}.") from None
    wrong = (found < 0.0) | (found > most) | np.isinf(found)
    if wrong.any():
        raise DataError(f"{name} must be {what} for every customer ({name_ids(ids[wrong])}).")
    return np.asarray(found)


def check_known(terms: Terms, edges: Edges, ids: pd.Index[Any]) -> None:
    """Raise if a Series says nothing of a referee."""
    named = {"share_incremental": terms.incremental, "acquisition_cost": terms.saved, "reward": terms.reward}
    for name, numbers in named.items():
        if np.isnan(numbers).any() and (lacking := np.isnan(numbers[edges.referee])).any():
            who = name_ids(ids[edges.referee[lacking]].unique())
            raise DataError(f"{name} has no entry for some referees ({who}).")


def discounts(edges: Edges, annual_discount_rate: float, as_of: Any) -> Array:
    """exp(-δ delay) of each edge; delays are years from ``as_of``, by default the first date, and none before it."""
    rate = discount_rate_per_unit(annual_discount_rate, "year")
    if rate == 0.0 or not len(edges.referee):
        return np.ones(len(edges.referee))
    if edges.date is None:
        raise DataError("annual_discount_rate= discounts delays, and referrals has no column 'date'. Add it.")
    dates = days_of(edges.date)
    days = np.asarray((dates - _day(as_of, dates)) / pd.Timedelta(days=1), dtype=np.float64)
    return np.asarray(np.exp(-rate * np.maximum(days, 0.0) / _DAYS_A_YEAR))


def _day(as_of: Any, dates: pd.DatetimeIndex) -> Any:
    if as_of is None:
        return dates.min()
    try:
        day = pd.NaT if isinstance(as_of, bool | int | float) else pd.Timestamp(as_of)
    except (TypeError, ValueError):
        day = pd.NaT
    if not isinstance(day, pd.Timestamp):
        raise ArgumentError(f'as_of must be a day such as "2025-12-31", not {shortly(as_of)}.')
    return day if day.tz is None else day.tz_convert(None)


def referral_parts(edges: Edges, values: Array, terms: Terms) -> dict[str, Array]:
    """What each customer's referrals are worth, in parts.

    Returns
    -------
    dict of str to ndarray
        ``incremental_value``, Σ π V of the referees; ``saved_acquisition``, Σ (1 - π) × cost of acquisition; both by
        the share that is the referrer's; and ``rewards``, one a referral.
    """
    credit = edges.split * terms.discount

    def credited(worth: Array) -> Array:
        if not worth.any():
            return np.zeros(edges.size)
        return np.bincount(edges.referrer, credit * worth[edges.referee], minlength=edges.size)

    return {
        "incremental_value": credited(terms.incremental * values),
        "saved_acquisition": credited((1.0 - terms.incremental) * terms.saved),
        "rewards": _rewards(edges, terms),
    }


def referral_sums(edges: Edges, values: Array, terms: Terms, shares: Sequence[float]) -> list[float]:
    """The sum of what all referrals are worth, for each share of referees who would not have come by themselves."""
    credited = np.bincount(edges.referee, edges.split * terms.discount, minlength=edges.size)
    known = credited > 0.0
    credited, saved = credited[known], terms.saved[known]
    rewards = _rewards(edges, terms).sum()
    return [float(credited @ (share * values[known] + (1.0 - share) * saved) - rewards) for share in shares]


def _rewards(edges: Edges, terms: Terms) -> Array:
    """A reward for each pair of customers, once, at its first date."""
    if not np.nansum(terms.reward) > 0.0:
        return np.zeros(edges.size)
    pairs = pd.DataFrame({"referrer": edges.referrer, "referee": edges.referee, "discount": terms.discount})
    first = pairs.groupby(["referrer", "referee"], sort=False, as_index=False)["discount"].max()
    paid = first["discount"].to_numpy() * terms.reward[first["referee"].to_numpy()]
    return np.bincount(first["referrer"].to_numpy(), paid, minlength=edges.size)
