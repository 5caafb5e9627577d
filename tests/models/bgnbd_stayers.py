"""BG/NBD in which a share of the customers never leaves: how long a new model is that says all it has to.

Each customer is a stayer with probability stay / (1 + stay), and else as under BG/NBD; the purchase rates of both are
λ ~ Gamma(r, alpha). So the likelihood is a mixture of those of NBD and BG/NBD, and so is the future of a customer who
is alive, weighted by how likely the history is with either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.models.numerics import special
from clvmodels.models.purchases import bgnbd, nbd

Array = NDArray[np.float64]

SPEC = replace(
    bgnbd.SPEC,
    name="bg/nbd-stayers",
    title="BG/NBD with stayers",
    source="a test of clvmodels",
    parameters={**bgnbd.SPEC.parameters, "stay": "odds of never leaving: stay / (1 + stay) is the share of stayers"},
    nests={"bg/nbd": "stay → 0", "nbd": "stay → ∞"},
)

mixture_states = (nbd, bgnbd)  # a stayer; a customer who may leave


def log_likelihood(
    x: Any, t_x: Any, T: Any, *, r: Any, alpha: Any, a: Any, b: Any, stay: Any, xp: Any = special
) -> Any:
    """log of the mean of the likelihoods of NBD and BG/NBD, weighted by stay and 1."""
    stays = xp.log(stay) + nbd.log_likelihood(x, t_x, T, r=r, alpha=alpha, xp=xp)
    may_leave = bgnbd.log_likelihood(x, t_x, T, r=r, alpha=alpha, a=a, b=b, xp=xp)
    return xp.logaddexp(stays, may_leave) - xp.log1p(stay)


def mixture_log_weights(
    x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float, stay: float
) -> Array:
    """log P(stayer, history) and log P(no stayer, history, alive), up to a constant."""
    stays = np.log(stay) + nbd.log_likelihood(x, t_x, T, r=r, alpha=alpha)
    log_odds = bgnbd.log_odds_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    return np.stack([stays, bgnbd.log_likelihood(x, t_x, T, r=r, alpha=alpha, a=a, b=b) + sc.log_expit(log_odds)])


def log_odds_alive(x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float, stay: float) -> Array:
    """log P(alive at T) / P(lost by T): a stayer is alive."""
    alive = sc.logsumexp(mixture_log_weights(x, t_x, T, r=r, alpha=alpha, a=a, b=b, stay=stay), axis=0)
    log_odds = bgnbd.log_odds_alive(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
    return alive - bgnbd.log_likelihood(x, t_x, T, r=r, alpha=alpha, a=a, b=b) - sc.log_expit(-log_odds)


def simulate(
    rng: np.random.Generator, T: Array, *, r: float, alpha: float, a: float, b: float, stay: float
) -> tuple[Array, Array]:
    """Repeat purchases x and recency t_x of new customers who are observed for T."""
    stays = rng.random(len(T)) < stay / (1.0 + stay)
    forever, for_now = nbd.simulate(rng, T, r=r, alpha=alpha), bgnbd.simulate(rng, T, r=r, alpha=alpha, a=a, b=b)
    return np.where(stays, forever[0], for_now[0]), np.where(stays, forever[1], for_now[1])
