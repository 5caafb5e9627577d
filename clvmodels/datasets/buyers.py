"""Purchases of simulated customers, drawn a batch of customers at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clvmodels.arrays import Array, Places
from clvmodels.models.numerics.simulation import simulate_geometric

DAYS_A_WEEK = 7.0
DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Population:
    """Who is simulated: BG/NBD in weeks, Gamma-Gamma, and what moves the rates of purchase.

    Attributes
    ----------
    customers : int
        How many, numbered in the order in which they join.
    joining : float
        Days over which they join, evenly.
    intensity : numpy.ndarray
        A factor of the purchase rate for each day observed.
    purchases, spend : mapping
        Parameters of BG/NBD (in weeks) and of Gamma-Gamma.
    trend : float
        Change of the log purchase rate from customers to those who join a year later.
    channels : mapping
        Factors of the purchase rate by channel, which are equally frequent.
    referred : float
        The share of customers whom an earlier one has referred.
    seed : int
        Of the random numbers.
    """

    customers: int
    joining: float
    intensity: Array
    purchases: Mapping[str, float]
    spend: Mapping[str, float]
    trend: float
    channels: Mapping[str, float]
    referred: float
    seed: int


@dataclass(frozen=True)
class Lines:
    """Lines of a log: each one's customer (a number from 0 on), day and amount, and each customer's attributes."""

    customer: Places
    day: Array
    amount: Array
    channel: Places
    referrer: Array


def draw(people: Population, first: int, last: int) -> Lines:
    """All purchases of the customers from ``first`` up to, not including, ``last``: the same in any run."""
    rng = np.random.default_rng([people.seed, first])
    number = np.arange(first, last)
    joined = (number + rng.random(len(number))) / people.customers * people.joining
    channel = rng.integers(max(len(people.channels), 1), size=len(number), dtype=np.intp)
    referrer = np.where(rng.random(len(number)) < people.referred, np.floor(rng.random(len(number)) * number), -1.0)
    referrer[number == 0] = -1.0
    owner, day = _repeat_purchases(people, rng, joined, _factors(people, joined, channel))
    owner, day = np.concatenate([np.arange(len(number)), owner]), np.concatenate([joined, day])
    order = np.lexsort((day, owner))
    owner, day = owner[order], np.floor(day[order])
    return Lines(number[owner], day, _amounts(people, rng, owner), channel[owner], referrer[owner])


def _factors(people: Population, joined: Array, channel: Places) -> Array:
    """How many times the average each customer's purchase rate is because of channel and time of joining."""
    of_channel = np.array([*people.channels.values()] or [1.0])[channel]
    return of_channel * np.exp(people.trend * (joined - people.joining / 2) / DAYS_A_YEAR)


def _repeat_purchases(
    people: Population, rng: np.random.Generator, joined: Array, factor: Array
) -> tuple[Places, Array]:
    """Whose repeat purchases were when: uniform on each customer's clock, up to the one after which they leave."""
    own = people.purchases
    rate = rng.gamma(own["r"], 1.0 / own["alpha"], len(joined)) * factor
    leave = simulate_geometric(rng, rng.beta(own["a"], own["b"], len(joined)))
    clock, days = np.r_[0.0, np.cumsum(people.intensity)], np.arange(len(people.intensity) + 1.0)
    begin = np.interp(joined, days, clock)
    owner = np.repeat(np.arange(len(joined)), rng.poisson(rate * (clock[-1] - begin) / DAYS_A_WEEK))
    at = begin[owner] + rng.random(len(owner)) * (clock[-1] - begin[owner])
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    stayed = place < leave[owner]
    last = np.nextafter(days[-1], 0.0)  # the clock's end is the end of the last day, not the day after it
    return owner[stayed], np.minimum(np.interp(at[stayed], clock, days), last)


def _amounts(people: Population, rng: np.random.Generator, owner: Places) -> Array:
    """What each purchase costs: gamma around each customer's own mean, in cents, at least one."""
    own = people.spend
    scale = rng.gamma(own["q"], 1.0 / own["v"], int(owner.max()) + 1)
    return np.maximum(np.round(rng.gamma(own["p"], 1.0, len(owner)) / scale[owner], 2), 0.01)
