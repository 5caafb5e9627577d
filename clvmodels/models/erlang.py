"""What customers will do who buy at every k-th event of a hidden Poisson process, as long as they are alive.

Given alive, the hidden rate is λ ~ Gamma(n, A), the probability of leaving after a purchase p ~ Beta(a, b), and
``stage`` hidden events have come since the last purchase. M events to come make N = ⌊(stage + M) / k⌋ purchases, if the
customer stays for all of them; M has a negative binomial distribution. So

    E[purchases in t] = Σ_i E[(1 - p)^(i-1)] P(M >= i k - stage),    P(alive after t) = E[(1 - p)^N],

sums of positive terms (`_Counts`). Where they would be long, the sum over M is closed for a given p by roots of unity:
with φ = (1 - p)^(1/k) and ω = e^(2πi/k), E[(φ ω^l)^M] = (1 + (1 - φ ω^l) t / A)^-n, and quadrature over p does the rest
(`_Waves`). Its terms cancel where few events are expected, which is where the sums are short.

Discounted quantities are integrals of e^(-δ s) over these, or for life, with θ = λ / (λ + δ) the value of 1 at the next
hidden event, E[θ^(k-stage) / (1 - (1 - p) θ^k)].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special as sc

from clvmodels.models.quadrature import beta_expectation, is_coarse

Array = NDArray[np.float64]

_LONGEST = 2_000  # hidden events that are summed one by one
_FALL = 38.0  # e^-38 = 3e-17: what is left out beyond the last of them
_LEAVING = 0.75  # above it hardly anybody stays for many purchases:
_FEW = 64  # 4^-64 = 3e-39
_END = 40.0  # e^-40 = 4e-18: what is left out of a discounted future
_STEP = 0.25
_PANEL = 1.5  # width in log time of what 16 nodes hold, or 6 if it need not be so fine
_GAUSS = {}
for _coarse, _size in ((False, 16), (True, 6)):
    _nodes, _weights = np.polynomial.legendre.leggauss(_size)
    _GAUSS[_coarse] = ((_nodes + 1.0) / 2.0).tolist(), (_weights / 2.0).tolist()


@dataclass(frozen=True)
class Alive:
    """Customers who are alive, a row each: arrays of shape (rows,) and two whole numbers."""

    n: Array
    A: Array
    a: Array
    b: Array
    k: int
    stage: int
    _tables: list[_Counts] = field(default_factory=list, repr=False)

    def rows(self, chosen: Any) -> Alive:
        """Some of them."""
        return Alive(self.n[chosen], self.A[chosen], self.a[chosen], self.b[chosen], self.k, self.stage)

    def survival(self, t: Any) -> Array:
        """P(alive after t)."""
        return self._at(t, lambda counts, size: counts.stays[:, :size], lambda waves: waves.survival())

    def purchases(self, t: Any) -> Array:
        """E[purchases in t]."""
        return self._at(t, lambda counts, size: counts.purchases[:, :size], lambda waves: waves.purchases())

    def some(self, start: Any, t: float) -> Array:
        """P(a purchase in (start, start + t])."""
        return self._at(start, lambda counts, size: counts.some(start, t)[:, :size], lambda waves: waves.some(t))

    def discounted_purchases(self, start: float, t: float, delta: float) -> Array:
        """Purchases in (start, start + t], discounted to now; t may be infinite."""
        if start == 0.0 and t == np.inf:
            return self._for_life(delta, lambda next_one, p: next_one)
        end = min(start + t, start + _END / delta) if delta > 0.0 else start + t
        before = self.purchases(start) if start > 0.0 else np.zeros(len(self.n))
        at_end = np.exp(-delta * end) * (self.purchases(end) - before)
        if delta == 0.0:
            return np.asarray(at_end)
        rest = self._integral(lambda s: self.purchases(s) - before, start, end, delta)
        return np.asarray(at_end + delta * rest)

    def discounted_time(self, start: float, t: float, delta: float) -> Array:
        """∫ e^(-delta s) P(alive after s) ds over (start, start + t]; t may be infinite."""
        if start == 0.0 and t == np.inf:
            return self._for_life(delta, lambda next_one, p: 1.0 - p * next_one) / delta
        end = min(start + t, start + _END / delta) if delta > 0.0 else start + t
        return self._integral(self.survival, start, end, delta)

    def _integral(self, function: Callable[[Array], Array], start: float, end: float, delta: float) -> Array:
        """∫ e^(-delta s) function(s) ds; what varies with log(1 + s / scale), row by row."""
        scale = self.A / np.maximum(self.n, 1.0)
        low, high = np.log1p(start / scale), np.log1p(end / scale)
        nodes, weights = _GAUSS[is_coarse()]
        panels = int(np.ceil(float((high - low).max()) / _PANEL))
        width = (high - low) / panels
        total = np.zeros(len(self.n))
        for panel in reversed(range(panels)):  # the latest first, whose tables hold for all
            for node, weight in zip(nodes, weights, strict=True):
                u = low + (panel + node) * width
                s = scale * np.expm1(u)
                total += weight * width * scale * np.exp(u - delta * s) * function(s)
        return total

    def _for_life(self, delta: float, value: Callable[[Array, Array], Array]) -> Array:
        """E of a function of p and of the discounted purchases to come, θ^(k-stage) / (1 - (1 - p) θ^k), given λ and p.

        Over w = log(A λ) by the trapezoidal rule. At v below its peak log(n) the density of w has fallen by
        n (e^-v - 1 + v) >= n v² / (2 + v); where λ < delta, the purchases to come vanish with λ^(k-stage) as well.
        """
        n, k, missing = self.n[:, None], self.k, self.k - self.stage
        step = float(np.minimum(_STEP, 0.6 / np.sqrt(self.n)).min()) * (2.0 if is_coarse() else 1.0)
        by_density = _FALL / (2.0 * n) + np.sqrt((_FALL / (2.0 * n)) ** 2 + 2.0 * _FALL / n)
        by_both = np.maximum(np.log(n / (delta * self.A[:, None])), 0.0) + (_FALL + 2.0) / (n + missing) + 1.0
        low = np.log(n) - np.minimum(by_density, by_both)
        high = np.log(n + np.sqrt(2.0 * _FALL * n) + _FALL)
        nodes = int(np.ceil(float((high - low).max()) / step)) + 1
        w = low + (high - low) * np.linspace(0.0, 1.0, nodes)
        weights = np.exp(n * w - np.exp(w) - sc.gammaln(n)) * (high - low) / (nodes - 1)
        log_theta = -np.log1p(delta * self.A[:, None] * np.exp(-w))

        def given_p(p: Array) -> Array:
            total = np.zeros_like(p)
            for i in range(nodes):
                log_cycle = k * log_theta[:, i : i + 1]
                ahead = np.exp(missing * log_theta[:, i : i + 1]) / (p * np.exp(log_cycle) - np.expm1(log_cycle))
                total += weights[:, i : i + 1] * ahead
            return value(total, p)

        return beta_expectation(given_p, self.a, self.b)

    def _at(self, t: Any, table: Callable[[_Counts, int], Array], closed: Callable[[_Waves], Array]) -> Array:
        """An expectation over the hidden events in t: of a table by their number, or closed where they are many."""
        t = np.broadcast_to(np.asarray(t, dtype=np.float64), self.n.shape)
        most = _most(self.n, t / self.A)
        long = most > _LONGEST
        result = np.empty(len(t))
        if not long.all():
            few = self.rows(~long) if long.any() else self
            size = int(most[~long].max()) + self.k + 1
            counts = few._counts(size)
            result[~long] = counts.expectation(table(counts, size), t[~long])
        if long.any():
            result[long] = closed(_Waves(self.rows(long), t[long]))
        return result

    def _counts(self, size: int) -> _Counts:
        """Tables of at least this size; the largest so far is kept."""
        if not self._tables or self._tables[-1].m.size < size:
            self._tables[:] = [_Counts(self, size)]
        return self._tables[-1]


def _most(n: Array, z: Array) -> Array:
    """A number of events beyond which all others together have a probability below e^-38 (Bernstein's bound)."""
    return n * z + np.sqrt(2.0 * _FALL * n * z * (1.0 + z)) + _FALL * (1.0 + z)


class _Counts:
    """Tables by the number of hidden events, m = 0, …, size - 1: arrays of shape (rows, size)."""

    def __init__(self, alive: Alive, size: int) -> None:
        self.alive = alive
        self.m = np.arange(float(size))
        steps = np.log((alive.n[:, None] + self.m[:-1]) / self.m[1:])
        self.log_ways = np.concatenate((np.zeros((len(alive.n), 1)), np.cumsum(steps, axis=1)), axis=1)
        self._made = ((alive.stage + np.arange(size)) // alive.k).astype(np.intp)
        i = np.arange(self._made[-1])
        a, b = alive.a[:, None], alive.b[:, None]
        log_stays = np.cumsum(np.log1p(-a / (a + b + i)), axis=1)
        self._stays = np.concatenate((np.ones((len(a), 1)), np.exp(log_stays)), axis=1)  # E[(1 - p)^i]

    @cached_property
    def stays(self) -> Array:
        """E[(1 - p)^N]."""
        return self._stays[:, self._made]

    @cached_property
    def purchases(self) -> Array:
        """Purchases that the customer stays for: the i-th of N with E[(1 - p)^(i-1)]."""
        sums = np.cumsum(self._stays, axis=1)
        return np.concatenate((np.zeros((len(sums), 1)), sums), axis=1)[:, self._made]

    def some(self, start: float, t: float) -> Array:
        """Alive after them, and a purchase in the time t that then comes."""
        alive = self.alive
        missing = alive.k - (alive.stage + self.m) % alive.k
        share = (t / (alive.A + start + t))[:, None]
        return self.stays * sc.betainc(missing, alive.n[:, None] + self.m, share)

    def expectation(self, values: Array, t: Array) -> Array:
        """E[values[M]] with M the number of hidden events in t."""
        z = (t / self.alive.A)[:, None]
        log_share = np.log(np.maximum(z / (1.0 + z), 1e-300))
        size = values.shape[1]
        log_pmf = self.log_ways[:, :size] + self.m[:size] * log_share
        log_pmf -= self.alive.n[:, None] * np.log1p(z)
        return np.einsum("ij,ij->i", np.exp(log_pmf, out=log_pmf), values)


class _Waves:
    """The same expectations in closed form given p, for many hidden events."""

    def __init__(self, alive: Alive, t: Array) -> None:
        self.alive = alive
        self.t = t
        self.z = (t / alive.A)[:, None]

    def purchases(self) -> Array:
        k, missing = self.alive.k, self.alive.k - self.alive.stage

        def wave(root: Any, rest: Any, p: Array) -> Any:
            """(1 - (1 + z rest)^-n) / rest, with root = φ ω^l and rest = 1 - root."""
            return root ** (1 - missing) * -np.expm1(-self.alive.n[:, None] * np.log1p(self.z * rest)) / rest

        share = (self.z / (1.0 + self.z))[:, :, None]
        needed = missing + k * np.arange(_FEW)
        at_once = sc.betainc(needed, self.alive.n[:, None, None], share)[:, 0]
        return self._over_p(wave, at_once)

    def survival(self) -> Array:
        def wave(root: Any, rest: Any, p: Array) -> Any:
            log_none = -self.alive.n[:, None] * np.log1p(self.z * rest)
            return p / (1.0 - p) / rest * root ** (1 + self.alive.stage) * np.exp(log_none)

        return self._over_p(wave, self._by_purchases(np.ones(1)))

    def some(self, t: float) -> Array:
        alive, k = self.alive, self.alive.k
        n = alive.n[:, None]

        def wave(root: Any, rest: Any, p: Array) -> Any:
            """The stage at the beginning of the window, and the events that are missing then."""
            z = t / (alive.A[:, None] + self.t[:, None] * rest)
            fewer = np.exp(-n * np.log1p(z))
            enough, total = -np.expm1(-n * np.log1p(z)), 0.0
            for missing in range(1, k + 1):
                total = total + root ** (alive.stage - k + missing) * enough
                fewer = fewer * (n + missing - 1.0) / missing * z / (1.0 + z)
                enough = enough - fewer
            return np.exp(-n * np.log1p(self.z * rest)) * total

        counts = _Counts(alive, k * _FEW)
        share = (t / (alive.A + self.t + t))[:, None]
        missing = k - (alive.stage + counts.m) % k
        return self._over_p(wave, self._by_purchases(sc.betainc(missing, n + counts.m, share)))

    def _by_purchases(self, values: Array) -> Array:
        """E[values[M]; N = i] for i = 0, 1, …, shape (rows, few)."""
        alive = self.alive
        counts = _Counts(alive, alive.k * _FEW)
        log_pmf = counts.log_ways + counts.m * np.log(self.z / (1.0 + self.z)) - alive.n[:, None] * np.log1p(self.z)
        weighted = np.exp(log_pmf) * values
        starts = np.maximum(np.arange(_FEW) * alive.k - alive.stage, 0)
        return np.add.reduceat(weighted[:, : _FEW * alive.k - alive.stage], starts, axis=1)

    def _over_p(self, wave: Callable[[Any, Any, Array], Any], at_once: Array) -> Array:
        """E over p of the mean of the waves, or of Σ_i (1 - p)^i at_once[i] where most leave at each purchase."""
        k = self.alive.k

        def given_p(p: Array) -> Array:
            leaving = p > _LEAVING
            log_root = np.log1p(-np.where(leaving, 0.5, p)) / k
            root, safe = np.exp(log_root), np.where(leaving, 0.5, p)
            total = wave(root, -np.expm1(log_root), safe)
            for wind in range(1, k // 2 + 1):  # the others are their conjugates
                turned = root * np.exp(2j * np.pi * wind / k)
                total = total + (1.0 if 2 * wind == k else 2.0) * wave(turned, 1.0 - turned, safe).real
            total = total / k
            if leaving.any():
                polynomial = np.zeros_like(p)
                for coefficient in at_once.T[::-1]:
                    polynomial = polynomial * (1.0 - p) + coefficient[:, None]
                total = np.where(leaving, polynomial, total)
            return np.asarray(total)

        return beta_expectation(given_p, self.alive.a, self.alive.b)
