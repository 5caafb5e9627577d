"""BG/CNBD-k and MBG/CNBD-k: as BG/NBD and MBG/NBD, but a purchase is every k-th event of a Poisson process.

Reutterer, Platzer and Schröder (2021), Leveraging purchase regularity for predicting customer behavior the easy way,
International Journal of Research in Marketing 38(1), doi:10.1016/j.ijresmar.2020.09.002. Gaps between purchases are
Erlang-k with a hidden rate λ ~ Gamma(r, alpha): k = 1 is to buy at random, and the larger k, the more regular.
Dropout is that of BG/NBD (after a repeat purchase) or MBG/NBD (after the first one, too).

The gaps of a customer enter the likelihood as (k - 1) Σ log gap, which no parameter touches, and else only through x,
t_x and T. Given that the customer is alive, j = 0, …, k - 1 hidden events have come since the last purchase, and for
each of these states λ ~ Gamma(r + k x + j, alpha + T) and p ~ Beta(a, b + x) are independent. Predictions are made
state by state (`erlang`), exactly, where BTYDplus, the authors' package, takes BG/NBD's and rescales them.

Purchases known by the day make customers look more regular than they are, since there are no gaps below a day: random
buyers who come every few days are fitted best by k = 2 or by a mixture of k. So k is to be chosen by holdouts rather
than by likelihood. A mixture over k, each customer's gaps weighing the shares, had worse probabilities of a purchase
than MBG/NBD on CDNOW and on Online Retail II, and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.numerics.clock import on_clock
from clvmodels.models.numerics.erlang import Alive
from clvmodels.models.numerics.simulation import simulate_geometric
from clvmodels.models.purchases import bgnbd
from clvmodels.models.spec import Spec

LARGEST_K = 12  # among those that are tried
_MOST_EVENTS = 100  # a purchase; its gaps are within a tenth of their mean


@dataclass(frozen=True)
class RegularBuyers:
    """The model at one k.

    Attributes
    ----------
    k : int
        Hidden events a purchase.
    modified : bool
        Whether customers may leave right after the first purchase.
    state : int or None
        Hidden events since the last purchase, of the customers that predictions given alive are for. None is the model
        for all customers, who are in one of its `mixture_states`; its own predictions are for customers at a purchase.
    """

    k: int
    modified: bool = False
    state: int | None = None

    @cached_property
    def SPEC(self) -> Spec:
        """What the model states about itself."""
        return replace(
            _family(self.modified),
            name=f"{'m' if self.modified else ''}bg/cnbd-{self.k}",
            title=f"{'M' if self.modified else ''}BG/CNBD-{self.k}",
            nests=bgnbd.SPEC.nests if self.k == 1 else {},  # without dropout only k = 1 is a model of its own
            log_gaps=self.k - 1,
            choices=(),
            same_as=f"{'m' if self.modified else ''}bg/nbd" if self.k == 1 else None,
        )

    @property
    def passed(self) -> int:
        """Hidden events since the last purchase."""
        return self.state or 0

    @property
    def mixture_states(self) -> tuple[RegularBuyers, ...]:
        """The model for customers by the number of hidden events since the last purchase, where it can differ."""
        if self.state is not None or self.k == 1:
            return ()
        return tuple(replace(self, state=state) for state in range(self.k))

    def log_likelihood(
        self, x: Value, t_x: Value, T: Value, *, r: Value, alpha: Value, a: Value, b: Value, xp: Namespace = special
    ) -> Value:
        """log L(r, alpha, a, b | x, t_x, T) without (k - 1) Σ log gap.

        Alive, fewer than k events have come since the last purchase: Σ_j (n)_j / j! (silence / (alpha + T))^j.
        """
        n, chances = r + self.k * x, x + self.modified
        common = xp.log_rising(r, self.k * x) + r * xp.log(alpha) - x * float(sc.gammaln(self.k))
        dropout = xp.log_rising(b, chances) - xp.log_rising(a + b, chances)
        alive = -n * xp.log(alpha + T)
        if self.k > 1:
            share, fewer = (T - t_x) / (alpha + T), 1.0
            for j in range(self.k - 1, 0, -1):
                fewer = 1.0 + fewer * share * (n + (j - 1.0)) / j
            alive = alive + xp.log(fewer)
        lost = xp.log(a) - xp.log(b + xp.maximum(chances - 1, 0)) - n * xp.log(alpha + t_x)
        return common + dropout + xp.logaddexp(alive, lost, where=chances > 0)

    def mixture_log_weights(
        self, x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float
    ) -> Array:
        """log P(j hidden events since the last purchase | history, alive), up to a constant; shape (k, rows)."""
        n, share = r + self.k * x, (T - t_x) / (alpha + T)
        steps = [np.zeros(np.broadcast_shapes(np.shape(n), np.shape(share)))]
        with np.errstate(divide="ignore"):
            steps += [np.log((n + (j - 1.0)) / j * share) for j in range(1, self.k)]
        return np.cumsum(steps, axis=0)

    def log_odds_alive(self, x: Array, t_x: Array, T: Array, *, r: float, alpha: float, a: float, b: float) -> Array:
        """log P(alive at T) / P(lost by T); infinite where no dropout was possible."""
        chances = x + self.modified
        weights = self.mixture_log_weights(x, t_x, T, r=r, alpha=alpha, a=a, b=b)
        silent = -(r + self.k * x) * np.log1p((T - t_x) / (alpha + t_x))
        log_odds = np.log(b + np.maximum(chances - 1, 0)) - np.log(a) + silent + sc.logsumexp(weights, axis=0)
        return np.where(chances > 0, log_odds, np.inf)

    def survival(self, x: Array, T: Array, t: float, **parameters: float) -> Array:
        """P(alive at T + t | alive at T)."""
        return self._alive(x, T, **parameters).survival(t)

    def discounted_expected_purchases(
        self, x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, **parameters: float
    ) -> Array:
        """Discounted purchases in (T + start, T + start + t] | alive at T; t = inf gives DERT given alive."""
        return self._alive(x, T, **parameters).discounted_purchases(start, t, delta)

    def discounted_time_alive(
        self, x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, **parameters: float
    ) -> Array:
        """∫ e^(-delta s) P(alive at T + s | alive at T) ds over (start, start + t], in units of time."""
        return self._alive(x, T, **parameters).discounted_time(start, t, delta)

    def changed_purchases(
        self,
        x: Array,
        T: Array,
        t: float,
        delta: float,
        purchase_rate: float,
        dropout: float,
        *,
        start: float = 0.0,
        **parameters: float,
    ) -> Array:
        """Discounted purchases | alive at T, with λ times ``purchase_rate`` and p times ``dropout`` from T on."""
        t, delta, start = on_clock(purchase_rate, t, delta, start)
        return self._alive(x, T, **parameters).changed(dropout).discounted_purchases(start, t, delta)

    def changed_time_alive(
        self,
        x: Array,
        T: Array,
        t: float,
        delta: float,
        purchase_rate: float,
        dropout: float,
        *,
        start: float = 0.0,
        **parameters: float,
    ) -> Array:
        """Discounted time alive | alive at T under the same changes, in units of time."""
        t, delta, start = on_clock(purchase_rate, t, delta, start)
        return self._alive(x, T, **parameters).changed(dropout).discounted_time(start, t, delta) / purchase_rate

    def purchase_probability(
        self, x: Array, T: Array, t: float, *, start: float = 0.0, r: float, alpha: float, a: float, b: float
    ) -> Array:
        """P(at least one purchase in (T + start, T + start + t] | alive at T); now, k - passed events are missing."""
        if start:
            return self._alive(x, T, r=r, alpha=alpha, a=a, b=b).purchase_probability(start, t)
        n, missing = r + self.k * x + self.passed, self.k - self.passed
        return np.asarray(sc.betainc(missing, n, t / (alpha + T + t)))

    def purchases_pmf(
        self, x: Array, T: Array, t: float, count: int, *, r: float, alpha: float, a: float, b: float
    ) -> Array:
        """P(``count`` purchases in (T, T + t] | alive at T): stays after each of them, or leaves with the last."""
        n, z, k = r + self.k * x + self.passed, t / (alpha + T), self.k
        share = z / (1.0 + z)
        if count == 0:
            return np.asarray(sc.betaincc(k - self.passed, n, share))
        b_x, needed = b + x + self.modified, count * k - self.passed
        log_stayed = special.log_rising_rows(b_x, count) - special.log_rising_rows(a + b_x, count)
        stayed = sum(np.exp(log_stayed + special.log_negative_binomial(n, z, needed + i)) for i in range(k))
        log_left = np.log(a) - np.log(b_x + (count - 1)) + log_stayed
        return np.asarray(stayed + np.exp(log_left) * sc.betainc(needed, n, share))

    def simulate_future(
        self, rng: np.random.Generator, x: Array, T: Array, t: float, *, r: float, alpha: float, a: float, b: float
    ) -> Array:
        """Random numbers of purchases in (T, T + t] of customers who are alive at T."""
        rate = rng.gamma(r + self.k * x + self.passed, 1.0 / (alpha + T))
        p = rng.beta(a, b + x + self.modified)
        purchases = (self.passed + rng.poisson(rate * t)) // self.k
        return np.minimum(purchases, simulate_geometric(rng, p)).astype(np.float64)

    def simulate(
        self, rng: np.random.Generator, T: Array, *, r: float, alpha: float, a: float, b: float
    ) -> tuple[Array, Array]:
        """Repeat purchases x and recency t_x of new customers who are observed for T."""
        x, t_x, _ = self.simulate_with_gaps(rng, T, r=r, alpha=alpha, a=a, b=b)
        return x, t_x

    def simulate_with_gaps(
        self, rng: np.random.Generator, T: Array, *, r: float, alpha: float, a: float, b: float
    ) -> tuple[Array, Array, Array]:
        """Repeat purchases x, recency t_x and Σ log gap of new customers who are observed for T."""
        rate, p = np.maximum(rng.gamma(r, 1.0 / alpha, len(T)), 1e-300), rng.beta(a, b, len(T))
        x, t_x, log_gaps = (np.zeros(len(T)) for _ in range(3))
        active = np.flatnonzero(rng.random(len(T)) >= p) if self.modified else np.arange(len(T))
        while len(active):
            gap = rng.standard_gamma(self.k, len(active)) / rate[active]
            bought = t_x[active] + gap <= T[active]
            active, gap = active[bought], gap[bought]
            x[active] += 1
            t_x[active] += gap
            log_gaps[active] += np.log(gap)
            active = active[rng.random(len(active)) >= p[active]]
        return x, t_x, log_gaps

    def _alive(self, x: Array, T: Array, *, r: float, alpha: float, a: float, b: float) -> Alive:
        n, A, p, q = np.broadcast_arrays(r + self.k * x + self.passed, alpha + T, a, b + x + self.modified)
        return Alive(n, A, p, q, self.k, self.passed)


def find(name: str) -> RegularBuyers | Spec:
    """The model with a name such as "bg/cnbd-2", or what is the same for all k for "bg/cnbd-k".

    Examples
    --------
    >>> find("mbg/cnbd-3").SPEC.title
    'MBG/CNBD-3'
    """
    modified, number = name.startswith("m"), name.rsplit("-", 1)[1]
    if number != "k" and (len(number) > 3 or int(number) > _MOST_EVENTS):
        raise ArgumentError(f"Unknown model {name[:50]!r}: k is {_MOST_EVENTS} at most.")
    return _family(modified) if number == "k" else RegularBuyers(int(number), modified)


def _family(modified: bool) -> Spec:
    """The models of all k, of which `clvmodels.fit` takes the most likely one."""
    prefix = "m" if modified else ""
    return replace(
        bgnbd.SPEC,
        name=f"{prefix}bg/cnbd-k",
        title=f"{prefix.upper()}BG/CNBD-k",
        source="Reutterer, Platzer and Schröder (2021), International Journal of Research in Marketing 38(1)",
        parameters={**bgnbd.SPEC.parameters, "alpha": "scale of the purchase rates: r / (k alpha) is the mean rate"},
        nests={},
        choices=tuple(f"{prefix}bg/cnbd-{k}" for k in range(1, LARGEST_K + 1)),
    )
