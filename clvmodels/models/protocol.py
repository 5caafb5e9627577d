"""Models as objects: what each kind of model offers, typed; `clvmodels.models.registry` makes them of modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from clvmodels.arrays import Array
from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.spec import Spec


class LogLikelihoodFunction(Protocol):
    """``log_likelihood(*data, xp, **parameters)``: one value a history."""

    def __call__(self, *data: Value, xp: Namespace = ..., **parameters: Value) -> Value:
        """Parameters are numbers, arrays or jets; ``xp`` is the namespace of functions that takes them."""


class DiagnoseFunction(Protocol):
    """``diagnose(**parameters)``: sentences about parameter values that have an unusual consequence."""

    def __call__(self, **parameters: float) -> list[str]:
        """Empty where there is nothing to say."""


class CheckFunction(Protocol):
    """``check_histories(*data)``: raises a `clvmodels.errors.DataError` for histories that the model can't have."""

    def __call__(self, *data: Array) -> None:
        """Nothing, where all is well."""


class LogOddsFunction(Protocol):
    """``log_odds_alive(x, t_x, T, **parameters)``."""

    def __call__(self, x: Array, t_x: Array, T: Array, /, **parameters: Any) -> Array:
        """One value a history."""


class SurvivalFunction(Protocol):
    """``survival(x, T, t, **parameters)``."""

    def __call__(self, x: Array, T: Array, t: float, /, **parameters: Any) -> Array:
        """One value a history."""


class WindowFunction(Protocol):
    """``expected_purchases(x, T, t, start, **parameters)`` and the like."""

    def __call__(self, x: Array, T: Array, t: float, /, *, start: float = 0.0, **parameters: Any) -> Array:
        """One value a history."""


class DiscountedFunction(Protocol):
    """``discounted_expected_purchases(x, T, t, delta, start, **parameters)`` and the like."""

    def __call__(
        self, x: Array, T: Array, t: float, delta: float, /, *, start: float = 0.0, **parameters: Any
    ) -> Array:
        """One value a history; t may be infinite where ``delta``, a continuous rate a unit of time, is above 0."""


class ChangedFunction(Protocol):
    """``changed_purchases(x, T, t, delta, purchase_rate, dropout, start, **parameters)`` and the like."""

    def __call__(
        self,
        x: Array,
        T: Array,
        t: float,
        delta: float,
        purchase_rate: float,
        dropout: float,
        /,
        *,
        start: float = 0.0,
        **parameters: Any,
    ) -> Array:
        """One value a history; at factors of 1 the discounted function without ``changed``."""


class ProbabilityFunction(Protocol):
    """``purchases_pmf(x, T, t, count, **parameters)``."""

    def __call__(self, x: Array, T: Array, t: float, count: int, /, **parameters: Any) -> Array:
        """One value a history."""


class SimulateFutureFunction(Protocol):
    """``simulate_future(rng, x, T, t, **parameters)``."""

    def __call__(self, rng: np.random.Generator, x: Array, T: Array, t: float, /, **parameters: Any) -> Array:
        """One count a history."""


class SimulateHistoriesFunction(Protocol):
    """``simulate(rng, T, **parameters)``."""

    def __call__(self, rng: np.random.Generator, T: Array, /, **parameters: Any) -> tuple[Array, Array]:
        """The first two columns of the data."""


class StateWeightsFunction(Protocol):
    """``mixture_log_weights(x, t_x, T, **parameters)``."""

    def __call__(self, x: Array, t_x: Array, T: Array, /, **parameters: Any) -> Array:
        """Shape (states, histories)."""


class SpendFunction(Protocol):
    """``expected_spend(x, m, **parameters)`` and ``log_density_of_mean``."""

    def __call__(self, x: Array, m: Array, /, **parameters: Any) -> Array:
        """One value a customer."""


class SimulateSpendFunction(Protocol):
    """``simulate(rng, x, **parameters)``."""

    def __call__(self, rng: np.random.Generator, x: Array, /, **parameters: Any) -> Array:
        """One mean a customer."""


class SimulateFutureSpendFunction(Protocol):
    """``simulate_future(rng, x, m, count, **parameters)``."""

    def __call__(self, rng: np.random.Generator, x: Array, m: Array, count: Array, /, **parameters: Any) -> Array:
        """One total a customer."""


class DefaultFunction(Protocol):
    """``default_probability(k, n, **parameters)``."""

    def __call__(self, k: Array, n: Array, /, **parameters: Any) -> Array:
        """One value a customer."""


class SimulateDefaultsFunction(Protocol):
    """``simulate(rng, n, **parameters)``."""

    def __call__(self, rng: np.random.Generator, n: Array, /, **parameters: Any) -> Array:
        """One count a customer."""


class SimulateFutureDefaultsFunction(Protocol):
    """``simulate_future(rng, k, n, count, **parameters)``."""

    def __call__(self, rng: np.random.Generator, k: Array, n: Array, count: Array, /, **parameters: Any) -> Array:
        """One count a customer."""


class LogSurvivalFunction(Protocol):
    """``log_survival(n, t, **parameters)``."""

    def __call__(self, n: Array, t: Any, /, **parameters: Any) -> Array:
        """Broadcast over n and t."""


class LifetimeFunction(Protocol):
    """``discounted_lifetime(n, delta, count, **parameters)``."""

    def __call__(self, n: Array, delta: float, count: float, /, **parameters: Any) -> Array:
        """One value a customer."""


class ChangedLifetimeFunction(Protocol):
    """``changed_lifetime(n, delta, count, dropout, **parameters)``."""

    def __call__(self, n: Array, delta: float, count: float, dropout: float, /, **parameters: Any) -> Array:
        """One value a customer; at a factor of 1 that of ``discounted_lifetime``."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Model:
    """A model: its specification and its functions. `clvmodels.models.get` gives one.

    Attributes
    ----------
    spec : Spec
        What the model states about itself.
    log_likelihood : callable
        ``log_likelihood(*data, xp=..., **parameters)``: log-likelihood of each history.
    diagnose : callable
        ``diagnose(**parameters)``: sentences about parameter values with an unusual consequence; empty if there are
        none.
    check_histories : callable
        ``check_histories(*data)``: raises a `clvmodels.errors.DataError` where the model can't have such data.
    """

    spec: Spec
    log_likelihood: LogLikelihoodFunction
    diagnose: DiagnoseFunction
    check_histories: CheckFunction

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec.name!r}: {self.spec.source}>"


class ModelFamily(Model):
    """Models that differ by a whole number, ``spec.choices``: without that number there is no likelihood."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PurchaseModel(Model):
    """A model of when customers buy.

    All functions take arrays of shape (rows,), one entry a customer or a distinct history, and return such an array.
    What is said of the future is given that the customer is alive at T; for who is lost it is 0.

    Attributes
    ----------
    log_odds_alive : callable
        ``log_odds_alive(x, t_x, T, **parameters)``: log P(alive at T) / P(lost by T), given the history.
    silence : callable
        ``silence(x, t_x, T, **parameters)``: P(a gap longer than T - t_x), had the customer stayed alive.
    survival : callable
        ``survival(x, T, t, **parameters)``: P(alive at T + t).
    expected_purchases : callable
        ``expected_purchases(x, T, t, start=0.0, **parameters)``: purchases in (T + start, T + start + t].
    purchase_probability : callable
        ``purchase_probability(x, T, t, start=0.0, **parameters)``: P(at least one purchase in the window).
    purchases_pmf : callable
        ``purchases_pmf(x, T, t, count, **parameters)``: P(``count`` purchases in (T, T + t]).
    discounted_expected_purchases : callable
        ``discounted_expected_purchases(x, T, t, delta, start=0.0, **parameters)``: purchases in the window, discounted
        to T at the continuous rate ``delta`` a unit of time; t may be infinite.
    discounted_time_alive : callable
        ``discounted_time_alive(x, T, t, delta, start=0.0, **parameters)``: time alive in the window, discounted to T.
    changed_purchases : callable
        ``changed_purchases(x, T, t, delta, purchase_rate, dropout, start=0.0, **parameters)``: discounted purchases in
        the window, if from T on each customer buys at ``purchase_rate`` times the own rate and leaves with
        ``dropout`` times the own probability (or risk); the history, and what it says of a customer, stay.
    changed_time_alive : callable
        ``changed_time_alive(x, T, t, delta, purchase_rate, dropout, start=0.0, **parameters)``: discounted time alive
        in the window under the same changes.
    simulate_future : callable
        ``simulate_future(rng, x, T, t, **parameters)``: random numbers of purchases in (T, T + t].
    simulate : callable
        ``simulate(rng, T, **parameters)``: random histories (x, t_x) of new customers who are observed for T.
    mixture_states : tuple of PurchaseModel
        Where x and T alone don't tell what to expect of a customer who is alive: the states that the customer may be
        in, each with functions for customers in that state. Empty for most models. The model's own functions are then
        for customers whose last purchase was at T.
    mixture_log_weights : callable or None
        ``mixture_log_weights(x, t_x, T, **parameters)``, shape (states, rows): log P(state | history, alive), up to a
        constant.

    Notes
    -----
    The arguments are

    - ``x``, ``t_x``, ``T``: repeat purchases, the time of the last one since the first purchase (0 if there is none),
      and the time from the first purchase to the end of the observation;
    - ``t``, ``start``: length of the window, and how long after T it begins, one number for all rows;
    - ``delta``: continuous discount rate a unit of time; ``count``: a number of purchases; ``rng``: a NumPy generator;
    - ``purchase_rate``, ``dropout``: factors above 0, such as 1.1 for 10 % more; a probability stays at most 1;
    - parameters by keyword, as ``spec.parameters`` names them: numbers, or arrays of shape (rows,).

    Times are in one unit, and so are the parameters in ``spec.scaled``.

    Examples
    --------
    >>> import numpy as np
    >>> from clvmodels import models
    >>> model, parameters = models.get("bg/nbd"), {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> x, t_x, T = np.array([0.0, 2.0]), np.array([0.0, 30.4]), np.array([38.9, 38.9])  # weeks
    >>> alive = 1.0 / (1.0 + np.exp(-model.log_odds_alive(x, t_x, T, **parameters)))
    >>> (alive * model.expected_purchases(x, T, 39.0, **parameters)).round(3)
    array([0.195, 1.224])
    """

    log_odds_alive: LogOddsFunction
    silence: LogOddsFunction
    survival: SurvivalFunction
    expected_purchases: WindowFunction
    purchase_probability: WindowFunction
    purchases_pmf: ProbabilityFunction
    discounted_expected_purchases: DiscountedFunction
    discounted_time_alive: DiscountedFunction
    changed_purchases: ChangedFunction
    changed_time_alive: ChangedFunction
    simulate_future: SimulateFutureFunction
    simulate: SimulateHistoriesFunction
    mixture_states: tuple[PurchaseModel, ...] = ()
    mixture_log_weights: StateWeightsFunction | None = None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SpendModel(Model):
    """A model of how much customers spend a purchase.

    All functions take and return arrays of shape (rows,); x is a number of purchases and m their mean, in one currency.

    Attributes
    ----------
    log_density_of_mean : callable
        ``log_density_of_mean(x, m, **parameters)``: log density of the mean m of x purchases.
    expected_spend : callable
        ``expected_spend(x, m, **parameters)``: expected mean spend a purchase, given x purchases with mean m.
    simulate_future : callable
        ``simulate_future(rng, x, m, count, **parameters)``: random total spend of ``count`` purchases to come.
    simulate : callable
        ``simulate(rng, x, **parameters)``: random mean spend of customers with x purchases each.
    """

    log_density_of_mean: SpendFunction
    expected_spend: SpendFunction
    simulate_future: SimulateFutureSpendFunction
    simulate: SimulateSpendFunction


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RenewalModel(Model):
    """A model of how many times customers renew.

    All functions take and return arrays of shape (rows,); n is the number of renewals made, ``delta`` the continuous
    discount rate a period.

    Attributes
    ----------
    log_survival : callable
        ``log_survival(n, t, **parameters)``: log P(t more renewals | n renewals made).
    discounted_lifetime : callable
        ``discounted_lifetime(n, delta, count, **parameters)``: Σ_{0 <= j < count} e^(-delta j) P(j more renewals | n
        renewals made); count may be infinite.
    changed_lifetime : callable
        ``changed_lifetime(n, delta, count, dropout, **parameters)``: the same, if from now on each customer leaves at
        each renewal with ``dropout`` times the own probability.
    simulate : callable
        ``simulate(rng, observed, **parameters)``: renewals n, and whether lost (1) or not (0), of new customers who are
        observed for whole periods.
    """

    log_survival: LogSurvivalFunction
    discounted_lifetime: LifetimeFunction
    changed_lifetime: ChangedLifetimeFunction
    simulate: SimulateHistoriesFunction


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PaymentModel(Model):
    """A model of whether customers pay their invoices.

    All functions take and return arrays of shape (rows,); k of n invoices were not paid.

    Attributes
    ----------
    default_probability : callable
        ``default_probability(k, n, **parameters)``: P(the next invoice is not paid).
    simulate : callable
        ``simulate(rng, n, **parameters)``: random numbers of unpaid invoices of new customers with n invoices each.
    simulate_future : callable
        ``simulate_future(rng, k, n, count, **parameters)``: random numbers of unpaid ones among ``count`` to come.
    """

    default_probability: DefaultFunction
    simulate: SimulateDefaultsFunction
    simulate_future: SimulateFutureDefaultsFunction
