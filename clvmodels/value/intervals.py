"""Intervals of value: draws of the purchase and of the spend model in pairs, reduced in blocks of customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.population.base import Base, Parameters
from clvmodels.inference.population.intervals import HELD, Bounds, blocks, over_draws, quantiles
from clvmodels.value.terms import Terms

Array = NDArray[np.float64]
Places = NDArray[np.intp]
Pair = tuple[Parameters, Parameters]
Pairs = Sequence[Pair]
Simulate = Callable[[Pair, tuple[Base, Base]], tuple[Array, Array]]


def value_bounds(terms: Terms, bought: Base, spent: Base, pairs: Pairs, interval: float) -> Bounds:
    """Bounds of the value of each customer and of their sum.

    Parameters
    ----------
    terms : Terms
        What value is made of.
    bought, spent : Base
        Histories and spend of the same customers.
    pairs
        Draws of the parameters of the purchase and of the spend model.
    interval
        Level, such as 0.90.
    """

    def parts() -> Iterator[tuple[Places, Array]]:
        purchase_draws, spend_draws = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        spend_of = _owner(spent)
        for customers, place, purchases, years in _purchase_blocks(terms, bought, purchase_draws):
            rows, spend_place = np.unique(spend_of[customers], return_inverse=True)
            spend = over_draws(terms.spend, spend_draws, spent.rows(rows))[spend_place]
            yield customers, terms.value(customers, purchases[place], None if years is None else years[place], spend)

    return _reduced(parts(), len(bought.ids), len(pairs), interval)


def predictive_bounds(
    terms: Terms, simulate: Simulate, bought: Base, spent: Base, pairs: Pairs, interval: float
) -> Bounds:
    """The same with the randomness of the customers: simulated numbers of purchases, and what is spent on them.

    Parameters
    ----------
    simulate
        Random discounted purchases and mean spend a purchase of some customers, for a pair of draws.
    terms, bought, spent, pairs, interval
        As in `value_bounds`; each base has one row a customer.
    """

    def parts() -> Iterator[tuple[Places, Array]]:
        size = max(1, HELD // len(pairs))
        for i in range(0, len(bought), size):
            rows = np.arange(i, min(i + size, len(bought)))
            some = bought.rows(rows), spent.rows(rows)
            values = np.empty((len(rows), len(pairs)))
            for d, pair in enumerate(pairs):
                purchases, spend = simulate(pair, some)
                years = None if terms.years_alive is None else terms.years_alive(pair[0], some[0])
                values[:, d] = terms.value(rows, purchases, years, spend)
            yield rows, values

    return _reduced(parts(), len(bought), len(pairs), interval)


def _reduced(parts: Iterator[tuple[Places, Array]], n: int, draws: int, interval: float) -> Bounds:
    """Quantiles of values (customers of a part, draws), and of their sum over all parts."""
    lower, upper, totals = np.empty(n), np.empty(n), np.zeros(draws)
    for customers, values in parts:
        lower[customers], upper[customers] = quantiles(values, interval)
        totals += values.sum(axis=0)
    low, high = quantiles(totals, interval)
    return Bounds(lower, upper, (float(low), float(high)))


def _purchase_blocks(
    terms: Terms, base: Base, draws: Sequence[Parameters]
) -> Iterator[tuple[Places, Places, Array, Array | None]]:
    """Blocks of customers: who, the place of each one's history, and over draws what the histories promise.

    The outer blocks are of histories, whose predictions are dear; the inner ones of the customers who share them.
    """
    owner = _owner(base)
    by_history = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[by_history], np.arange(len(base) + 1))
    for histories, part in blocks(base, len(draws)):
        purchases = over_draws(terms.purchases, draws, part)
        years = None if terms.years_alive is None else over_draws(terms.years_alive, draws, part)
        customers = np.concatenate([by_history[first[h] : first[h + 1]] for h in histories])
        place = np.repeat(np.arange(len(histories)), first[histories + 1] - first[histories])
        size = max(1, HELD // len(draws))
        for i in range(0, len(customers), size):
            yield customers[i : i + size], place[i : i + size], purchases, years


def _owner(base: Base) -> Places:
    """For each customer the row of the base that is theirs."""
    index = base.histories.index
    return np.arange(len(base)) if index is None else index
