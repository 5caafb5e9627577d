"""Customers simulated event by event, whose rates change at the end of the observation: what a change does.

Nothing here is conditional on a history: customers are drawn, live until T as they are, and from then on with their
rate of purchase and of dropout multiplied. What they then do is compared with what a model foresees from (x, t_x, T).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Simulator = Callable[..., "Lives"]


@dataclass(frozen=True)
class Lives:
    """Histories until T, and what came within t after it, discounted to T."""

    x: Array
    t_x: Array
    purchases: Array
    time: Array


@dataclass(frozen=True, kw_only=True)
class Change:
    """A window of length t, a rate of discount and what the rates are multiplied by from T on."""

    T: float
    t: float
    delta: float
    rate: float
    dropout: float

    def discounted(self, until: Array) -> Array:
        """Discounted time of those who live until so long after T."""
        lived = np.clip(until, 0.0, self.t)
        return lived if self.delta == 0.0 else -np.expm1(-self.delta * lived) / self.delta


def simulator(name: str) -> Simulator:
    """The one of a model."""
    if "cnbd" in name or name in ("bg/nbd", "mbg/nbd"):
        k = int(name.rsplit("-", 1)[1]) if "cnbd" in name else 1
        return lambda rng, size, change, **own: _at_purchases(rng, size, change, k, name.startswith("m"), **own)
    return {"nbd": _nbd, "pareto/nbd": _pareto, "ggom/nbd": _ggom, "bg/bb": _bgbb}[name]


def _at_purchases(
    rng: np.random.Generator, size: int, change: Change, k: int, modified: bool, *, r: float, alpha: float, **ab: float
) -> Lives:
    """Purchases at every k-th event; from T on the clock of events runs faster, and p is another."""
    rate, p = np.maximum(rng.gamma(r, 1.0 / alpha, size), 1e-300), rng.beta(ab["a"], ab["b"], size)
    x, t_x, clock, bought = (np.zeros(size) for _ in range(4))
    time = change.discounted(np.full(size, np.inf))
    left_at_once = rng.random(size) < p if modified else np.zeros(size, dtype=bool)
    time[left_at_once] = 0.0
    active = np.flatnonzero(~left_at_once)
    while len(active):
        clock[active] += rng.standard_gamma(k, len(active)) / rate[active]
        after = (clock[active] - change.T) / change.rate  # in units of time after T
        active, after = active[after <= change.t], after[after <= change.t]
        past = after <= 0.0
        x[active[past]] += 1.0
        t_x[active[past]] = clock[active[past]]
        bought[active[~past]] += np.exp(-change.delta * after[~past])
        leaves = rng.random(len(active)) < np.where(past, 1.0, change.dropout) * p[active]
        time[active[leaves]] = change.discounted(after[leaves])
        active = active[~leaves]
    return Lives(x, t_x, bought, time)


def _lifetimes(rng: np.random.Generator, change: Change, rate: Array, life: Array, after: Array) -> Lives:
    """Poisson purchases during a life that ends at ``life``, or so long after T."""
    x = rng.poisson(rate * np.minimum(life, change.T)).astype(float)
    t_x = np.minimum(life, change.T) * np.where(x > 0, rng.random(len(x)) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    until = np.where(life > change.T, after, 0.0)
    count = rng.poisson(change.rate * rate * np.clip(until, 0.0, change.t))
    row = np.repeat(np.arange(len(x)), count)
    when = rng.random(len(row)) * np.clip(until, 0.0, change.t)[row]
    bought = np.bincount(row, weights=np.exp(-change.delta * when), minlength=len(x))
    return Lives(x, t_x, bought, change.discounted(until))


def _nbd(rng: np.random.Generator, size: int, change: Change, *, r: float, alpha: float) -> Lives:
    forever = np.full(size, np.inf)
    return _lifetimes(rng, change, rng.gamma(r, 1.0 / alpha, size), forever, forever)


def _pareto(rng: np.random.Generator, size: int, change: Change, **own: float) -> Lives:
    rate = rng.gamma(own["r"], 1.0 / own["alpha"], size)
    hazard = np.maximum(rng.gamma(own["s"], 1.0 / own["beta"], size), 1e-300)
    life = rng.exponential(1.0, size) / hazard
    return _lifetimes(rng, change, rate, life, rng.exponential(1.0, size) / (hazard * change.dropout))


def _ggom(rng: np.random.Generator, size: int, change: Change, **own: float) -> Lives:
    """The risk η b e^(b y) is spent at -log U; after T it grows so many times as fast."""
    rate, b = rng.gamma(own["r"], 1.0 / own["alpha"], size), own["b"]
    eta = np.maximum(rng.gamma(own["s"], 1.0 / own["beta"], size), 1e-300)
    risk = rng.exponential(1.0, size)
    life = np.log1p(risk / eta) / b
    left = np.maximum(risk - eta * np.expm1(b * change.T), 0.0)
    after = np.log1p(left / (change.dropout * eta * np.exp(b * change.T))) / b
    return _lifetimes(rng, change, rate, life, after)


def _bgbb(rng: np.random.Generator, size: int, change: Change, **own: float) -> Lives:
    p, leaving = rng.beta(own["alpha"], own["beta"], size), rng.beta(own["gamma"], own["delta"], size)
    alive, x, t_x, bought, time = np.ones(size, dtype=bool), *(np.zeros(size) for _ in range(4))
    for period in range(1, int(change.T + change.t) + 1):
        after = period - change.T
        faster, factor = (change.rate, change.dropout) if after > 0 else (1.0, 1.0)
        alive &= rng.random(size) >= np.minimum(factor * leaving, 1.0)
        buys = alive & (rng.random(size) < np.minimum(faster * p, 1.0))
        if after > 0:
            bought += buys * np.exp(-change.delta * after)
            time += alive * (change.discounted(np.array(after)) - change.discounted(np.array(after - 1.0)))
        else:
            x += buys
            t_x[buys] = period
    return Lives(x, t_x, bought, time)


def renewals(
    rng: np.random.Generator, size: int, made: int, count: int, dropout: float, own: Any
) -> tuple[int, NDArray[np.int64]]:
    """Of so many subscribers those who have made ``made`` renewals, and how many of them make each of the next."""
    p, c = rng.beta(own["alpha"], own["beta"], size), own.get("c", 1.0)
    alive, there = np.ones(size, dtype=bool), []
    for i in range(made + count):
        hazard = 1.0 - (1.0 - p) ** ((i + 1.0) ** c - float(i) ** c)
        alive &= rng.random(size) >= np.minimum(hazard * (dropout if i >= made else 1.0), 1.0)
        there.append(int(alive.sum()))
    at_start = size if made == 0 else there[made - 1]
    return at_start, np.array(there[made:], dtype=np.int64)
