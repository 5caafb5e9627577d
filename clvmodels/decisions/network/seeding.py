"""Whom to reach first, where word spreads along referrals with stated probabilities: the independent cascade.

Kempe, Kleinberg and Tardos (2003): the value that a set of customers reaches is submodular, so that greedy choice
keeps 1 - 1/e of the best. It is estimated backwards (Borgs et al. 2014): draw a customer in proportion to value, and
follow live referrals up; a set reaches the share of these draws in which it meets somebody.
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from clvmodels.arguments import finite, shortly
from clvmodels.arrays import Array, Places
from clvmodels.decisions.network.levels import ranges
from clvmodels.decisions.network.referrals import Edges
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import check_columns

type Probabilities = float | Any

_MOST_MEETINGS = 20_000_000  # of customers and draws that are kept
_FIRST = 16  # draws in the first batch, which tells how far a draw goes


def seeds(
    edges: Edges,
    own: pd.Series[float],
    count: int,
    probability: Probabilities,
    *,
    cascades: int,
    seed: int,
    method: str,
) -> pd.DataFrame:
    """Customers in the order of choice, and what each adds to the value that is reached."""
    if method not in ("greedy", "degree"):
        raise ArgumentError(f'method must be "greedy" or "degree", not {shortly(method)}.')
    incoming = _incoming(edges, own.index, probability)
    worth = np.maximum(own.to_numpy(), 0.0)
    if not worth.sum() > 0.0:
        raise DataError("No customer has a value above 0: there is nothing to reach.")
    rng = np.random.default_rng(seed)
    if method == "degree":
        chosen = _by_degree(edges, count, probability)
    else:
        chosen = _greedy(_met(incoming, worth, cascades // 2, rng), worth, count)
    return _valued(chosen, _met(incoming, worth, cascades // 2, rng), own, float(worth.sum()))


def _incoming(edges: Edges, ids: pd.Index[Any], probability: Probabilities) -> csr_array:
    """Who may reach each customer (rows: referees), with probabilities; those of repeated edges count once."""
    shape = (edges.size, edges.size)
    if isinstance(probability, int | float | str | bytes | type(None)):
        live = finite("probability", probability, "a probability from 0 to 1, or a frame of them", 0.0, 1.0)
        links = csr_array((np.ones(len(edges.referee)), (edges.referee, edges.referrer)), shape=shape)
        links.data[:] = live
        return links
    given, places = _stated(probability, ids)
    return csr_array((given, places), shape=shape)


def _stated(probability: Any, ids: pd.Index[Any]) -> tuple[Array, list[Places]]:
    """Probabilities of a frame, and the places of referees and referrers."""
    table = to_pandas(probability, "Probabilities")
    check_columns(list(table.columns), ("referrer", "referee", "probability"))
    places = [ids.get_indexer(pd.Index(table[name])) for name in ("referee", "referrer")]
    given = numbers(table, "probability")
    if min(place.min(initial=0) for place in places) < 0:
        raise DataError("probability names customers who have no value. Take those rows out.")
    if table.duplicated(["referrer", "referee"]).any() or not ((given >= 0.0) & (given <= 1.0)).all():
        raise DataError("probability must hold one probability from 0 to 1 for each referrer and referee.")
    return given, places


def _met(incoming: csr_array, worth: Array, draws: int, rng: np.random.Generator) -> csr_array:
    """Which draws (columns) each customer (rows) is met in; fewer draws where each meets very many."""
    cumulated = np.cumsum(worth)
    parts: list[tuple[Places, Places]] = []
    done, meetings, batch = 0, 0, min(_FIRST, draws)
    while done < draws and meetings < _MOST_MEETINGS:
        targets = np.searchsorted(cumulated, rng.random(batch) * cumulated[-1], side="right")
        who, which = _upstream(incoming, np.minimum(targets, len(worth) - 1), rng)
        parts.append((who, which + done))
        done, meetings = done + batch, meetings + len(who)
        batch = max(1, min(draws - done, int(_MOST_MEETINGS / 8 * done / meetings)))
    customers, drawn = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return csr_array((np.ones(len(customers), dtype=bool), (customers, drawn)), shape=(len(worth), done))


def _upstream(incoming: csr_array, targets: Places, rng: np.random.Generator) -> tuple[Places, Places]:
    """Customers from whom live referrals lead to each target, and the number of the target."""
    size = np.int64(incoming.shape[0])
    met = front = np.arange(len(targets)) * size + targets
    while len(front):
        node = front % size
        edges, counts = ranges(incoming.indptr[node].astype(np.intp), incoming.indptr[node + 1].astype(np.intp))
        live = rng.random(len(edges)) < incoming.data[edges]
        reached = np.repeat(front - node, counts)[live] + incoming.indices[edges[live]]
        front = np.setdiff1d(reached, met)
        met = np.union1d(met, front)
    return np.asarray(met % size), np.asarray(met // size)


def _greedy(met: csr_array, worth: Array, count: int) -> list[int]:
    """The customers who are met in most draws, each beyond those before; gains are computed again only when needed."""
    waiting = [(-int(gain), place) for place, gain in enumerate(np.diff(met.indptr))]
    heapq.heapify(waiting)
    covered = np.zeros(met.shape[1], dtype=bool)
    chosen: list[int] = []
    current: dict[int, int] = {}
    while len(chosen) < count:
        gain, place = heapq.heappop(waiting)
        if gain == 0:
            break
        drawn = met.indices[met.indptr[place] : met.indptr[place + 1]]
        if current.get(place) != len(chosen):
            current[place] = len(chosen)
            heapq.heappush(waiting, (-int((~covered[drawn]).sum()), place))
            continue
        covered[drawn] = True
        chosen.append(place)
    return _filled(chosen, worth, count)


def _filled(chosen: list[int], worth: Array, count: int) -> list[int]:
    """As many as were asked for: where nobody reaches anybody more, those with the highest own value."""
    rest = np.setdiff1d(np.argsort(-worth, kind="stable"), chosen, assume_unique=True)
    return chosen + [int(place) for place in rest[: count - len(chosen)]]


def _by_degree(edges: Edges, count: int, probability: Probabilities) -> list[int]:
    """Degree discount: d - 2t - (d - t) t p, d the referrals and t the referrers already chosen."""
    p = finite("probability", probability, 'one probability from 0 to 1 for all with method="degree"', 0.0, 1.0)
    links = csr_array((np.ones(len(edges.referee)), (edges.referrer, edges.referee)), shape=(edges.size, edges.size))
    degree = np.diff(links.indptr).astype(np.int64)
    reached = np.zeros(edges.size, dtype=np.int64)
    waiting = [(-float(d), place) for place, d in enumerate(degree)]
    heapq.heapify(waiting)
    chosen: dict[int, None] = {}
    while len(chosen) < count:
        score, place = heapq.heappop(waiting)
        d, t = degree[place], reached[place]
        if place in chosen or -score != d - 2 * t - (d - t) * t * p:
            continue
        chosen[place] = None
        for referee in links.indices[links.indptr[place] : links.indptr[place + 1]].tolist():
            reached[referee] += 1
            d, t = degree[referee], reached[referee]
            heapq.heappush(waiting, (-float(d - 2 * t - (d - t) * t * p), referee))
    return list(chosen)


def _valued(chosen: list[int], met: csr_array, own: pd.Series[float], total: float) -> pd.DataFrame:
    """What the chosen reach, in draws that they were not chosen by."""
    draws = met.shape[1]
    covered, shares = np.zeros(draws, dtype=bool), []
    for place in chosen:
        covered[met.indices[met.indptr[place] : met.indptr[place + 1]]] = True
        shares.append(covered.mean())
    share = np.array(shares)
    return pd.DataFrame(
        {
            "gain": total * np.diff(share, prepend=0.0),
            "reached_value": total * share,
            "standard_error": total * np.sqrt(share * (1.0 - share) / draws),
        },
        index=own.index[chosen],
    )
