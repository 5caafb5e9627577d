"""Measures of drift, each with the error that chance and the fit's own uncertainty leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from clvmodels.arrays import Array
from clvmodels.evaluation.drift.since_fit import SinceFit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.fits.published import predictions
from clvmodels.inference.population.structure import Structure

_STEP = 1e-3  # of the log parameters: sums of predictions are smooth in them
_LEVEL = 0.90  # of bounds from which an error is read
_FEW = 30  # customers or purchases, below which shares and means aren't near normal
_KNOWN_ALREADY = 0.05  # share of a direction's variance that new data take away; below it, the refit says nothing new


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name : str
        What is measured.
    then, now : float
        What the fit expects (or what was before it), and what has come since.
    change : float
        now / then - 1.
    p_value : float
        Of no drift; NaN where that is not tested.
    """

    name: str
    then: float
    now: float
    change: float
    p_value: float


def purchases(since: SinceFit, fit: PurchaseFit) -> Measure:
    """Purchases since the fit of those who were customers then, beside those expected."""
    each = since.of_known["purchases"].to_numpy(dtype=np.float64)
    name = "purchases of known customers"
    if is_plain(fit):
        return _total(name, each, fit, lambda one: _expected(one, since))
    return _total_of(name, each, fit.expected_purchases(since.horizon, since.known, interval=_LEVEL))


def buyers(since: SinceFit, fit: PurchaseFit) -> Measure:
    """How many of them bought, beside how many were expected to."""
    each = np.asarray(since.of_known["purchases"] > 0, dtype=np.float64)
    name = "buyers among known customers"
    if is_plain(fit):
        return _total(name, each, fit, lambda one: _chance(one, since))
    return _total_of(name, each, fit.purchase_probability(since.horizon, since.known, interval=_LEVEL))


def is_plain(fit: PurchaseFit | SpendFit) -> bool:
    """Whether predictions follow from the parameters of the model alone."""
    return type(fit.structure) is Structure


def spend(since: SinceFit, fit: SpendFit) -> Measure | None:
    """What they spent, beside what as many purchases were expected to bring."""
    number = since.of_known["purchases"].to_numpy(dtype=np.float64)
    if number.sum() < _FEW:
        return None
    each = since.of_known["spend"].to_numpy(dtype=np.float64)
    return _total("spend of known customers", each, fit, lambda one: number * _mean_spend(one, since))


def spend_before_and_since(since: SinceFit) -> Measure | None:
    """Geometric mean of the spend of a purchase, since the fit and in as long a time before it."""
    before, after = since.spend_between(-since.days, 0), since.spend_between(0, since.days)
    if min(len(before), len(after)) < _FEW:
        return None
    means = [float(part["total"].sum() / part["number"].sum()) for part in (before, after)]
    pulls = [
        (part["total"] - mean * part["number"]) / part["number"].sum()
        for part, mean in zip((before, after), means, strict=True)
    ]
    error = np.sqrt(float((pulls[1].sub(pulls[0], fill_value=0.0) ** 2).sum()))  # a customer may stand on both sides
    difference = means[1] - means[0]
    then, now = np.exp(means)
    return Measure("spend of a purchase", float(then), float(now), float(np.expm1(difference)), _p(difference / error))


def gaps(since: SinceFit) -> Measure | None:
    """Share of new customers with a second purchase soon: of those who joined since the fit, and before it."""
    within = since.days // 2
    before = since.came_back(-since.days, -within, within)
    after = since.came_back(0, since.days - within, within)
    if min(len(before), len(after)) < _FEW or not 0 < before.sum() + after.sum() < len(before) + len(after):
        return None
    then, now = before.mean(), after.mean()
    both = (before.sum() + after.sum()) / (len(before) + len(after))
    error = np.sqrt(both * (1 - both) * (1 / len(before) + 1 / len(after)))
    name = f"new customers who came back within {within} days"
    return Measure(name, float(then), float(now), float(now / then - 1) if then else np.inf, _p((now - then) / error))


def joining(since: SinceFit) -> Measure | None:
    """New customers a day, since the fit and in as long a time before it; not tested: no model here is about it."""
    then, now = (count / since.days for count in (since.joined(-since.days, 0), since.joined(0, since.days)))
    return Measure("new customers a day", then, now, now / then - 1, np.nan) if then else None


def parameters(old: PurchaseFit | SpendFit, new: PurchaseFit | SpendFit) -> Measure | None:
    """Likelihood of the old parameters among the new ones.

    Both are efficient, and the new data hold the old ones: the difference has the covariance V(old) - V(new)
    (Hausman 1978). Directions in which the new data say nothing new are left out.
    """
    difference = np.log(list(new.parameters.values())) - np.log(list(old.parameters.values()))
    if not (np.isfinite(old.covariance_log).all() and np.isfinite(new.covariance_log).all()):
        return None
    try:
        whiten = np.linalg.inv(np.linalg.cholesky(old.covariance_log))
    except np.linalg.LinAlgError:
        return None
    left, directions = np.linalg.eigh(np.eye(len(difference)) - whiten @ new.covariance_log @ whiten.T)
    told = left > _KNOWN_ALREADY
    if not told.any():
        return None
    scores = (directions.T @ (whiten @ difference))[told] ** 2 / left[told]
    p = float(stats.chi2.sf(scores.sum(), told.sum()))
    return Measure(f"parameters of {old.definition.spec.title}", 0.0, float(scores.sum()), np.nan, p)


def _expected(fit: PurchaseFit, since: SinceFit) -> Array:
    return fit.expected_purchases(since.horizon, since.known).to_numpy()


def _chance(fit: PurchaseFit, since: SinceFit) -> Array:
    return fit.purchase_probability(since.horizon, since.known).to_numpy()


def _mean_spend(fit: SpendFit, since: SinceFit) -> Array:
    return fit.expected_spend(since.known).to_numpy()


def _total[Kind: (PurchaseFit, SpendFit)](
    name: str, each: Array, fit: Kind, quantity: Callable[[Kind], Array]
) -> Measure:
    """A sum over customers beside its expectation; its variance is that of the customers and of the parameters."""
    expected = quantity(fit)
    slopes = np.array([_slope(fit, quantity, place) for place in range(len(fit.parameters))])
    covariance = np.where(np.isfinite(fit.covariance_log), fit.covariance_log, 0.0)
    return _compared(name, each, expected, float(slopes @ covariance @ slopes))


def _total_of(name: str, each: Array, answer: Any) -> Measure:
    """The same of a prediction with bounds, which draws of the parameters have made."""
    (bounds,) = answer.attrs["total"].values()
    error = (bounds["upper"] - bounds["lower"]) / (2 * stats.norm.ppf((1 + _LEVEL) / 2))
    return _compared(name, each, answer.iloc[:, 0].to_numpy(), float(error**2))


def _compared(name: str, each: Array, expected: Array, of_parameters: float) -> Measure:
    error = np.sqrt(float(((each - expected) ** 2).sum()) + of_parameters)
    then, now = float(expected.sum()), float(each.sum())
    return Measure(name, then, now, now / then - 1, _p((now - then) / error))


def _slope[Kind: (PurchaseFit, SpendFit)](fit: Kind, quantity: Callable[[Kind], Array], place: int) -> float:
    """Derivative of the sum with respect to the logarithm of one parameter."""
    sums = []
    for step in (_STEP, -_STEP):
        moved = {
            name: value * np.exp(step) if at == place else value
            for at, (name, value) in enumerate(fit.parameters.items())
        }
        sums.append(float(quantity(predictions(fit.model, moved, unit=fit.unit)).sum()))  # type: ignore[arg-type]
    return (sums[0] - sums[1]) / (2 * _STEP)


def _p(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))
