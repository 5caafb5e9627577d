"""The range that the models alone give: if customers go on as before, and only parameters and chance are unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from clvmodels.arrays import Array
from clvmodels.errors import UnsupportedPrediction
from clvmodels.forecasting.result.ranges import CHANCE_OF_PURCHASES
from clvmodels.forecasting.rules.gate import FittedRule
from clvmodels.forecasting.timeline.purchase_record import sampled_customers
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import records
from clvmodels.inference.population.population import Parameters
from clvmodels.inference.posterior.laplace import gaussian_draws
from clvmodels.inference.posterior.log_posterior import natural, to_theta
from clvmodels.models.numerics.quadrature import coarse
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT

_DRAWS = 100
_FURTHEST = 50.0  # of a logarithm from its maximum: what is not identified would become 0 or infinite
_CUSTOMERS = 2_000  # whose expectations over the draws stand for all
_FUTURES = 20  # simulated for each, to see how much their purchases vary


@dataclass(frozen=True, eq=False)
class OwnRange:
    """How far totals vary over draws of the parameters, relative to the estimate, and the chance of each draw.

    Attributes
    ----------
    relative : dict of str to ndarray
        Totals of the draws over their mean, by "purchases", "buyers" and "revenue".
    chance : dict of str to float
        Variance of a total that is chance, in units of the estimate (for revenue, of the estimate and the currency).
    """

    relative: dict[str, list[float]]
    chance: dict[str, float]

    def bounds(self, estimates: pd.Series[float], level: float) -> pd.DataFrame:
        """Bounds of the totals: quantiles of a mixture over the draws.

        Parameters
        ----------
        estimates : pandas.Series
            Of the totals, by name.
        level : float
            Such as 0.90.

        Returns
        -------
        pandas.DataFrame
            One row a total: ``lower`` and ``upper``.

        Examples
        --------
        >>> own = OwnRange({"purchases": (0.9, 1.0, 1.1)}, {"purchases": 2.0})
        >>> found = own.bounds(pd.Series({"purchases": 100.0}), 0.90).loc["purchases"]
        >>> bool(found["lower"] < 100.0 < found["upper"])
        True
        """
        rows = {}
        for name, relative in self.relative.items():
            estimate = float(estimates[name])
            means = np.maximum(estimate * np.asarray(relative), 1e-12)
            rows[name] = _mixture_bounds(means, self.chance[name] * means, level)
        return pd.DataFrame.from_dict(rows, orient="index", columns=["lower", "upper"])


@dataclass(frozen=True, eq=False)
class OwnRangeOf:
    """Finds the models' own range when it is asked for first: over the draws it costs as much as the forecast itself.

    Attributes
    ----------
    rule : FittedRule
        The purchase models.
    spend : SpendFit or None
        The spend model.
    customers : Customers
        Whom it is about.
    days : int
        Of the horizon.
    seed : int
        Of the sample of the customers, and of the simulation.
    """

    rule: FittedRule
    spend: SpendFit | None
    customers: Customers
    days: int
    seed: int

    @cached_property
    def found(self) -> OwnRange | None:
        """See `own_range`."""
        return own_range(self.rule, self.spend, self.customers, self.days, self.seed)


@dataclass(frozen=True, eq=False)
class OwnRangeFound:
    """The models' own range, or none, of a forecast that was loaded."""

    found: OwnRange | None = None


def own_range(rule: FittedRule, spend: SpendFit | None, customers: Customers, days: int, seed: int) -> OwnRange | None:
    """The models' own uncertainty about totals, seen on a sample of the customers; None if a parameter is open."""
    if any(fit.estimate.not_identified for fit in rule.fits):
        return None
    if spend is not None and spend.estimate.not_identified:
        spend = None
    some = sampled_customers(customers, _CUSTOMERS, seed)
    rng = np.random.default_rng([seed, 1])
    of_models = [_over_draws(fit, some, days) for fit in rule.fits]
    expected, probability = (np.mean([one[i] for one in of_models], axis=0) for i in (0, 1))
    factor = float(np.mean([_variance_factor(fit, some, days, rng) for fit in rule.fits]))
    relative = {"purchases": _relative(expected.sum(0)), "buyers": _relative(probability.sum(0))}
    buyers = probability.mean(1)
    chance = {"purchases": factor, "buyers": float((buyers * (1 - buyers)).sum() / max(buyers.sum(), 1e-12))}
    if spend is not None:
        amounts = _amounts(spend, some)
        both = min(amounts.shape[1], expected.shape[1])
        relative["revenue"] = _relative((expected[:, :both] * amounts[:, :both]).sum(0))
        each, paid = expected.mean(1), amounts.mean(1)
        within = 1.0 / spend.parameters["p"] if "p" in spend.parameters else 1.0
        chance["revenue"] = float((factor + within) * (each * paid**2).sum() / max((each * paid).sum(), 1e-12))
    return OwnRange(relative, chance)


def _over_draws(fit: PurchaseFit, customers: Customers, days: int) -> tuple[Array, Array]:
    """Expected purchases and P(buy) of each customer at each draw, shape (n, draws)."""
    rows, t = fit.population(customers), days / DAYS_PER_UNIT[fit.unit]
    both = [quantities.expected(name, t) for name in ("expected_purchases", "purchase_probability")]
    with coarse():  # quantiles of draws don't need the last digits
        found = [[rows.spread(rows.evaluate(quantity, one)) for quantity in both] for one in parameter_draws(fit)]
    expected, probability = (np.column_stack(values) for values in zip(*found, strict=True))
    return expected, probability


def _amounts(fit: SpendFit, customers: Customers) -> Array:
    """Expected spend of each customer at each draw that has a finite one, shape (n, draws)."""
    rows = fit.population(customers)
    draws = parameter_draws(fit)
    with np.errstate(all="ignore"):
        found = np.column_stack([rows.spread(rows.evaluate(quantities.expected_spend(), one)) for one in draws])
    usable = (np.isfinite(found) & (found > 0)).all(axis=0)
    return found[:, usable] if usable.any() else np.ones((len(customers), 1))


def parameter_draws(fit: Fit) -> list[Parameters]:
    """Draws of the posterior, or of the Gaussian around a maximum, which takes no time."""
    if fit.estimate.theta is not None:
        return records(fit.draws(_DRAWS))
    centre = to_theta(fit.estimate.values, fit.estimate.logs)
    drawn = gaussian_draws(centre, fit.estimate.covariance_log, _DRAWS, fit.estimate.seed)
    theta = np.clip(drawn.theta, centre - _FURTHEST, centre + _FURTHEST)
    return records(pd.DataFrame(natural(theta, fit.estimate.logs), columns=list(fit.parameters)))


def _variance_factor(fit: PurchaseFit, customers: Customers, days: int, rng: np.random.Generator) -> float:
    """Variance over mean of the purchases of a customer whose parameters are known, from simulated futures."""
    rows, chance = (
        fit.population(customers).one_row_each(),
        quantities.simulated_purchases(days / DAYS_PER_UNIT[fit.unit]),
    )
    try:
        counts = np.stack([rows.simulate(chance, fit.parameters, rng) for _ in range(_FUTURES)])
    except UnsupportedPrediction:
        return CHANCE_OF_PURCHASES
    return float(counts.var(axis=0, ddof=1).sum() / max(counts.mean(axis=0).sum(), 1e-12)) or 1.0


def _relative(totals: Array) -> list[float]:
    mean = float(totals.mean())
    return (totals / mean).tolist() if mean > 0 else [1.0] * len(totals)


def _mixture_bounds(means: Array, variances: Array, level: float) -> Sequence[float]:
    """Quantiles of gamma distributions of these means and variances, one in so many of each."""
    shape = means**2 / np.maximum(variances, 1e-12)
    places = (np.arange(50) + 0.5) / 50
    values = stats.gamma.ppf(places[:, None], shape, scale=means / shape)
    tail = (1.0 - level) / 2.0
    return [float(one) for one in np.quantile(values, [tail, 1.0 - tail])]
