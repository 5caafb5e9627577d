"""What a model has to offer: constants and pure functions in one module."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Model(Protocol):
    """What every model states about itself.

    ``PARAMETERS`` says in words what each means. ``DATA`` names the columns of a history, the count first; when those
    in ``UNITS`` (times, or money) are multiplied by c, so are the parameters in ``SCALED``, and those that an optional
    ``RATES`` names are divided by it. An optional ``NODES`` says how many times smaller the chunks of the likelihood
    must be, because a quadrature makes so many values of a row. An optional ``NESTS`` names the models that this one
    contains as special cases, each with where, an arrow standing for the edge of the parameters: ``{"nbd": "a → 0"}``.
    """

    NAME: str
    TITLE: str
    SOURCE: str
    KIND: str
    PARAMETERS: dict[str, str]
    DATA: tuple[str, ...]
    UNITS: tuple[str, ...]
    SCALED: tuple[str, ...]

    def log_likelihood(self, *data: Any, xp: Any = ..., **parameters: Any) -> Any:
        """Log-likelihood of each history; parameters are numbers or jets, ``xp`` the namespace that reads them."""

    def diagnose(self, **parameters: float) -> list[str]:
        """What is odd about these parameter values, in words; empty if nothing is."""


@runtime_checkable
class PurchaseModel(Model, Protocol):
    """A model of when customers buy. All but the last three are given that the customer is alive at T.

    ``CLOSED`` names the quantities that cost no more than a few elementary functions a customer (windows from now on).

    ``AGES_WITH`` names the parameter with which T counts only as a sum, if there is one.

    If x and T alone don't say what to expect of a customer who is alive, a model has ``stages``, a tuple of models
    whose functions are for customers in one stage each, and ``stage_log_weights(x, t_x, T, **parameters)`` of shape
    (stages, rows), the log probabilities of the stages up to a constant. ``LOG_GAPS`` says how many times a customer's
    sum of log gaps between purchases belongs to the log-likelihood. See ``cnbd.py``.
    """

    CLOSED: tuple[str, ...]

    def age_offset(self, **parameters: float) -> float:
        """Age below which predictions hardly change: they are smooth in log(T + offset)."""

    def survival(self, x: Array, T: Array, t: float, **parameters: float) -> Array:
        """P(alive at T + t)."""

    def expected_purchases(self, x: Array, T: Array, t: float, *, start: float = 0.0, **parameters: float) -> Array:
        """Purchases in (T + start, T + start + t]."""

    def purchase_probability(self, x: Array, T: Array, t: float, *, start: float = 0.0, **parameters: float) -> Array:
        """P(at least one purchase in (T + start, T + start + t])."""

    def purchases_pmf(self, x: Array, T: Array, t: float, count: int, **parameters: float) -> Array:
        """P(count purchases in (T, T + t])."""

    def discounted_expected_purchases(
        self, x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, **parameters: float
    ) -> Array:
        """Purchases in the window, discounted to T; t may be infinite."""

    def discounted_time_alive(
        self, x: Array, T: Array, t: float, delta: float, *, start: float = 0.0, **parameters: float
    ) -> Array:
        """Time alive in the window, discounted to T; t may be infinite."""

    def simulate_future(self, rng: np.random.Generator, x: Array, T: Array, t: float, **parameters: float) -> Array:
        """Random numbers of purchases in (T, T + t]."""

    def log_odds_alive(self, x: Array, t_x: Array, T: Array, **parameters: float) -> Array:
        """log P(alive at T) / P(lost by T), given the history."""

    def simulate(self, rng: np.random.Generator, T: Array, **parameters: float) -> tuple[Array, Array]:
        """Histories (x, t_x) of new customers who are observed for T."""


@runtime_checkable
class SpendModel(Model, Protocol):
    """A model of how much customers spend a purchase.

    It sees repeat purchases through their number and mean, or, with an optional ``EVERY_PURCHASE``, all purchases
    through their number, arithmetic and geometric mean; predictions take number and mean.
    """

    def log_density_of_mean(self, x: Array, m: Array, **parameters: float) -> Array:
        """Log density of the mean m of x purchases."""

    def expected_spend(self, x: Array, m: Array, **parameters: float) -> Array:
        """Expected mean spend a purchase, given x purchases with mean m."""

    def simulate_future(self, rng: np.random.Generator, x: Array, m: Array, count: Array, **parameters: float) -> Array:
        """Random total spend of ``count`` purchases to come, given x purchases with mean m."""

    def simulate(self, rng: np.random.Generator, x: Array, **parameters: float) -> Array:
        """Mean spend of customers with x purchases each."""


@runtime_checkable
class SubscriptionModel(Model, Protocol):
    """A model of how many times customers renew; n is the number of renewals made."""

    def log_survival(self, n: Array, t: Any, **parameters: float) -> Array:
        """log P(t more renewals | n renewals made)."""

    def discounted_lifetime(self, n: Array, delta: float, count: float, **parameters: float) -> Array:
        """Σ_{0 <= j < count} e^(-delta j) P(j more renewals | n renewals made); count may be infinite."""

    def simulate(self, rng: np.random.Generator, observed: Array, **parameters: float) -> tuple[Array, Array]:
        """Renewals n, and whether lost (1) or not (0), of new customers who are observed for whole periods."""
