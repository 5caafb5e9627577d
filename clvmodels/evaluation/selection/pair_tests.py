"""Tests of two fits of the same customers: likelihood-ratio test where they are nested, else Vuong's."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import stats

from clvmodels.arrays import Array
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.transactions.customer_base import CustomerBase

SIGNIFICANT = 0.05
LIKELIHOOD_RATIO, VUONG = "likelihood ratio", "Vuong"


class Pair(NamedTuple):
    """A test of two models; ``better`` is empty where they can't be told apart."""

    model: str
    against: str
    test: str
    statistic: float
    df: int
    p_value: float
    better: str
    note: str


def pairwise_tests(fits: Mapping[str, Fit], customers: CustomerBase) -> list[Pair]:
    """Every pair of fits, in their order."""
    values, weight = _log_likelihoods(fits, customers)
    pairs = []
    for one, other in combinations(fits, 2):
        full, restricted = (other, one) if nested(fits[other], fits[one]) else (one, other)
        if where := nested(fits[full], fits[restricted]):
            pairs.append(_nested_pair(fits, full, restricted, where))
            continue
        extra = fits[one].effective_parameters - fits[other].effective_parameters
        z, p = vuong(values[one], values[other], weight, extra)
        better = "" if p >= SIGNIFICANT else one if z > 0 else other
        pairs.append(Pair(one, other, VUONG, z, 0, p, better, "neither contains the other"))
    return pairs


def _nested_pair(fits: Mapping[str, Fit], full: str, restricted: str, where: str) -> Pair:
    """A model and its special case."""
    statistic, df, p = log_likelihood_ratio(fits[full], fits[restricted])
    note = f"{restricted} is {full} at {where}" + (", where p is conservative" if "→" in where else "")
    return Pair(full, restricted, LIKELIHOOD_RATIO, statistic, df, p, full if p < SIGNIFICANT else "", note)


def _log_likelihoods(fits: Mapping[str, Fit], customers: CustomerBase) -> tuple[dict[str, Array], Array]:
    """Log-likelihoods by history, or by customer where covariates or gaps make the histories of each their own."""
    found = {name: fit.data(customers) for name, fit in fits.items()}
    each = {name: histories for name, (histories, _) in found.items()}
    with np.errstate(under="ignore"):
        values = {
            name: likelihood.pointwise(np.array(list(fits[name].parameters.values())))
            for name, (_, likelihood) in found.items()
        }
    gaps = {name: fit.structure.gap_terms(customers) for name, fit in fits.items()}
    on_clock = any(isinstance(fit.structure, ClockStructure) for fit in fits.values())
    if not on_clock and all(fit.covariates is None and gaps[name] is None for name, fit in fits.items()):
        return values, next(iter(each.values())).weight
    spread = {name: each[name].spread(rows) for name, rows in values.items()}
    spread = {name: rows if (own := gaps[name]) is None else rows + own for name, rows in spread.items()}
    return spread, np.ones(len(next(iter(spread.values()))))


def nested(full: Fit, restricted: Fit) -> str:
    """Where in ``full`` its special case ``restricted`` lies, with an arrow at an edge; empty if it is none.

    A calendar's coefficients have priors, so that no likelihood-ratio test knows how many they are.
    """
    if any(isinstance(one.structure, ClockStructure) for one in (full, restricted)):
        return ""
    more = set(full.parameters) - set(full.definition.spec.parameters)
    fewer = set(restricted.parameters) - set(restricted.definition.spec.parameters)
    if not fewer <= more:
        return ""
    if full.model == restricted.model:
        return f"{', '.join(sorted(more - fewer))} = 0" if fewer < more else ""
    special_cases = full.definition.spec.nests
    return special_cases.get(restricted.model, "")


def log_likelihood_ratio(full: Fit, restricted: Fit) -> tuple[float, int, float]:
    """Statistic 2 (L_full - L_restricted), degrees of freedom and p-value from χ².

    At the edge of the parameters this p is conservative (Self and Liang, 1987, halve it where one parameter is there):
    of 600 pairs with NBD data it fell below 5 % in 2 %.
    """
    statistic = max(2.0 * (full.log_likelihood - restricted.log_likelihood), 0.0)
    df = len(full.parameters) - len(restricted.parameters)
    return statistic, df, float(stats.chi2.sf(statistic, df))


def vuong(one: Array, other: Array, weight: Array, extra_parameters: float) -> tuple[float, float]:
    """z and two-sided p-value of Vuong (1989), equation (6.5), with Akaike's correction.

    Parameters
    ----------
    one, other : ndarray of shape (m,)
        Log-likelihoods of each history under the two models.
    weight : ndarray of shape (m,)
        Customers that share it.
    extra_parameters
        How many more the first model has.

    Returns
    -------
    tuple of float
        z > 0 favours the first; (0, 1) where the two likelihoods are the same for every customer.
    """
    n, difference = float(weight.sum()), one - other
    mean = float(weight @ difference) / n
    spread = float(np.sqrt(weight @ (difference - mean) ** 2 / n))
    if spread <= 1e-7 * max(1.0, float(np.abs(one).max())):
        return 0.0, 1.0
    z = (n * mean - extra_parameters) / (np.sqrt(n) * spread)
    return z, float(2.0 * stats.norm.sf(abs(z)))
