"""What customers will do who buy at every k-th event of a hidden Poisson process, as long as they are alive.

Given alive, the hidden rate is λ ~ Gamma(n, A), the probability of leaving after a purchase p ~ Beta(a, b), and
``passed`` hidden events have come since the last purchase. M events to come make N = ⌊(passed + M) / k⌋ purchases, if
the customer stays for all of them; M has a negative binomial distribution. So

    E[purchases in t] = Σ_i E[(1 - p)^(i-1)] P(M >= i k - passed),    P(alive after t) = E[(1 - p)^N],

sums of positive terms (`hidden_events.EventSums`). Where they would be long, the sum over M is closed for a given p,
and quadrature over p does the rest (`roots_of_unity`).

Discounted quantities are integrals of e^(-δ s) over these, or for life, with θ = λ / (λ + δ) the value of 1 at the next
hidden event, E[θ^(k-passed) / (1 - (1 - p) θ^k)].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy import special as sc

from clvmodels.arrays import Array
from clvmodels.models.numerics.gauss_legendre import unit_rule
from clvmodels.models.numerics.hidden_events import FALL, EventSums, State, most_events
from clvmodels.models.numerics.quadrature import changed_beta_expectation, is_coarse
from clvmodels.models.numerics.roots_of_unity import RootsOfUnity

_LONGEST = 2_000  # hidden events that are summed one by one
_END = 40.0  # e^-40 = 4e-18: what is left out of a discounted future
_STEP = 0.25
_PANEL = 1.5  # width in log time, for which so many nodes are enough, or so many if it need not be so fine:
_NODES, _COARSE_NODES = 16, 6


@dataclass(frozen=True)
class Alive(State):
    """Customers who are alive, and what is expected of them; times are in the unit of 1 / λ."""

    _tables: list[EventSums] = field(default_factory=list, repr=False)

    def changed(self, dropout: float) -> Alive:
        """The same customers, who leave with so many times their own probability."""
        return Alive(self.n, self.A, self.a, self.b, self.k, self.passed, dropout)

    def survival(self, t: Array | float) -> Array:
        """P(alive after t)."""
        return self._at(t, lambda sums, size: sums.stays[:, :size], lambda roots: roots.survival())

    def purchases(self, t: Array | float) -> Array:
        """E[purchases in t]."""
        return self._at(t, lambda sums, size: sums.purchases[:, :size], lambda roots: roots.purchases())

    def purchase_rate(self, t: Array | float) -> Array:
        """Purchases to expect per unit of time, at the time t."""
        return self._at(t, lambda sums, size: sums.next_purchase[:, :size], lambda roots: roots.next_purchase()) / (
            self.A + t
        )

    def purchase_probability(self, start: float, t: float) -> Array:
        """P(a purchase in (start, start + t])."""
        return self._at(
            start,
            lambda sums, size: sums.purchase_probability(start, t)[:, :size],
            lambda roots: roots.purchase_probability(t),
        )

    def discounted_purchases(self, start: float, t: float, delta: float) -> Array:
        """Purchases in (start, start + t], discounted to now; t may be infinite."""
        if start == 0.0 and t == np.inf:
            return self._for_life(delta, self._purchases_for_life)
        end = min(start + t, start + _END / delta) if delta > 0.0 else start + t
        if start > 0.0:
            return self._integral(self.purchase_rate, start, end, delta, _PANEL / 2.0)  # a rate goes up and down
        at_end = np.exp(-delta * end) * self.purchases(end)
        return np.asarray(at_end + delta * self._integral(self.purchases, 0.0, end, delta) if delta > 0.0 else at_end)

    def discounted_time(self, start: float, t: float, delta: float) -> Array:
        """∫ e^(-delta s) P(alive after s) ds over (start, start + t]; t may be infinite."""
        if start == 0.0 and t == np.inf:
            shift = np.exp(-self.n * np.log1p(1.0 / (delta * self.A)))  # E[e^(-λ / delta)]
            return (shift + self._for_life(delta, self._time_for_life)) / delta
        end = min(start + t, start + _END / delta) if delta > 0.0 else start + t
        return self._integral(self.survival, start, end, delta)

    def _integral(
        self, function: Callable[[Array], Array], start: float, end: float, delta: float, panel_width: float = _PANEL
    ) -> Array:
        """∫ e^(-delta s) function(s) ds, row by row, of what varies with log(1 + (s - start) / scale)."""
        scale = self.A / np.maximum(self.n, 1.0) + start
        if delta > 0.0:
            scale = np.minimum(scale, 1.0 / delta)
        length = np.log1p((end - start) / scale)
        nodes, weights = unit_rule(_COARSE_NODES if is_coarse() else _NODES)
        panels = int(np.ceil(float(length.max()) / panel_width))
        width = length / panels
        total = np.zeros(len(self.n))
        for panel in reversed(range(panels)):  # the latest first, whose tables serve all
            for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
                u = (panel + node) * width
                s = start + scale * np.expm1(u)
                total += weight * width * scale * np.exp(u - delta * s) * function(s)
        return total

    def _for_life(self, delta: float, value: Callable[[Array, Array], Array]) -> Array:
        """E of a function of λ / delta and of p, which has to vanish with λ.

        Over w = log(A λ) by the trapezoidal rule. At v below its peak log(n) the density of w has fallen by
        n (e^-v - 1 + v) >= n v² / (2 + v); where λ < delta, the function vanishes with λ as well.
        """
        n = self.n[:, None]
        step = np.minimum(_STEP, 0.6 / np.sqrt(n)) * (2.0 if is_coarse() else 1.0)
        slower = np.log1p(n / (delta * self.A[:, None]))  # the function can be as much larger, where λ < delta
        fall = FALL + slower
        by_density = fall / (2.0 * n) + np.sqrt((fall / (2.0 * n)) ** 2 + 2.0 * fall / n)
        by_both = slower + (FALL + 2.0) / (n + 1.0) + 1.0
        low = np.log(n) - np.minimum(by_density, by_both)
        high = np.log(n + np.sqrt(2.0 * FALL * n) + FALL)
        nodes = int(np.ceil(float(((high - low) / step).max()))) + 1
        w = low + (high - low) * np.linspace(0.0, 1.0, nodes)
        weights = np.exp(n * w - np.exp(w) - sc.gammaln(n)) * (high - low) / (nodes - 1)
        rate = np.exp(w) / (delta * self.A[:, None])

        def given_p(p: Array) -> Array:
            total = np.zeros_like(p)
            for i in range(nodes):
                total += weights[:, i : i + 1] * value(rate[:, i : i + 1], p)
            return total

        return changed_beta_expectation(given_p, self.a, self.b, self.dropout)

    def _purchases_for_life(self, rate: Array, p: Array) -> Array:
        """θ^(k-passed) / (1 - (1 - p) θ^k)."""
        log_theta = -np.log1p(1.0 / rate)
        log_cycle = self.k * log_theta
        ahead = np.exp((self.k - self.passed) * log_theta) / (p * np.exp(log_cycle) - np.expm1(log_cycle))
        return np.asarray(ahead)

    def _time_for_life(self, rate: Array, p: Array) -> Array:
        """What of a perpetuity falls into the time alive, less e^(-λ / delta), which is never more.

        That is 1 - p θ^(k-passed) / (1 - (1 - p) θ^k), in positive terms.
        """
        log_theta = -np.log1p(1.0 / rate)
        log_cycle = self.k * log_theta
        cycle, missing = -np.expm1(log_cycle), -np.expm1((self.k - self.passed) * log_theta)
        alive = ((1.0 - p) * cycle + p * missing) / (cycle + p * np.exp(log_cycle))
        return np.maximum(alive - np.exp(-rate), 0.0)

    def _at(
        self, t: Array | float, table: Callable[[EventSums, int], Array], closed: Callable[[RootsOfUnity], Array]
    ) -> Array:
        """An expectation over the hidden events in t: of a table by their number, or closed where they are many."""
        t = np.broadcast_to(np.asarray(t, dtype=np.float64), self.n.shape)
        most = most_events(self.n, t / self.A)
        long = most > _LONGEST
        result = np.empty(len(t))
        if not long.all():
            few = self.rows(~long) if long.any() else self
            size = int(most[~long].max()) + self.k + 1
            sums = few._sums(size)
            result[~long] = sums.expectation(table(sums, size), t[~long])
        if long.any():
            result[long] = closed(RootsOfUnity(self.rows(long), t[long]))
        return result

    def _sums(self, size: int) -> EventSums:
        """Tables of at least this size; the largest so far is kept."""
        if not self._tables or self._tables[-1].m.size < size:
            self._tables[:] = [EventSums(self, size)]
        return self._tables[-1]
