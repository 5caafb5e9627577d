"""Probabilities of default from elsewhere, such as a credit bureau, brought together with a customer's own invoices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from clvmodels.arguments import finite, instance
from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.signatures import checked
from clvmodels.transactions.payments import Payments
from clvmodels.value.costs import per_customer

_LOG_CONCENTRATION = (-5.0, 15.0)  # beyond these customers differ as much, or as little, as can be
_INVOICES = 30  # unpaid ones, below which intercept and slope say more of chance than of the scores


class _Prior(NamedTuple):
    """Mean expit(intercept + slope · logit π) and concentration κ."""

    intercept: float
    slope: float
    concentration: float

    def mean(self, scores: Array) -> Array:
        return np.asarray(expit(self.intercept + self.slope * scores))


@checked
def calibrate_default_probability(
    external: Any, payments: Payments, *, concentration: float | None = None, recalibrate: bool = True
) -> pd.Series[float]:
    """Each customer's probability of default, from a probability known elsewhere and the customer's own invoices.

    PD = (κ m + k) / (κ + n), where k of n invoices were not paid. m is the external probability π after calibration,
    logit m = intercept + slope · logit π, and κ says with the weight of how many invoices it counts. What is not given
    is the most likely value under k ~ beta-binomial(κ m, κ (1 - m)).

    Parameters
    ----------
    external : pandas.Series
        π by customer_id, above 0 and below 1; customers without invoices may be among them.
    payments : Payments
        The customers' invoices.
    concentration : float, optional
        κ, if it is known; by default estimated.
    recalibrate : bool, default True
        Whether intercept and slope are estimated; else π is taken as it is.

    Returns
    -------
    pandas.Series
        ``default_probability`` of each customer in ``external``; ``attrs`` has ``concentration``, ``intercept`` and
        ``slope``.

    Raises
    ------
    ArgumentError
        ``external`` is no Series, ``payments`` are no Payments, or the concentration is not above 0.
    DataError
        A probability is not between 0 and 1, a customer with invoices has none, or there are too few unpaid invoices to
        calibrate by.

    Examples
    --------
    >>> import clvmodels as clv
    >>> payments = clv.Payments.from_counts(pd.DataFrame({"n": [9], "k": [1]}, index=["ann"]), n="n", k="k")
    >>> external = pd.Series({"ann": 0.02, "bob": 0.05})
    >>> clv.calibrate_default_probability(external, payments, concentration=25.0, recalibrate=False).round(4).to_dict()
    {'ann': 0.0441, 'bob': 0.05}
    """
    instance("external", external, pd.Series, "a Series of probabilities by customer_id")
    instance("payments", payments, Payments, "Payments")
    if concentration is not None:
        concentration = finite("concentration", concentration, "a number of invoices above 0", 1e-9)
    scores = _scores(external, payments)
    counts = payments.table.reindex(external.index)[["unpaid", "invoices"]].fillna(0.0)
    k, n = counts.to_numpy(dtype=np.float64).T
    prior = _prior(scores, k, n, concentration, recalibrate=recalibrate)
    probability = (prior.concentration * prior.mean(scores) + k) / (prior.concentration + n)
    found = pd.Series(probability, index=external.index.rename("customer_id"), name="default_probability")
    found.attrs |= prior._asdict()
    return found


def _scores(external: pd.Series[float], payments: Payments) -> Array:
    """The logits of the probabilities."""
    values = np.asarray(per_customer(external, external.index, "external"))
    wrong = (values <= 0.0) | (values >= 1.0)
    if wrong.any():
        raise DataError(
            f"external must be probabilities above 0 and below 1; they are not for {int(wrong.sum()):,} customers (ids "
            f"{', '.join(map(str, external.index[wrong][:3]))}). Write 0.0001 for never."
        )
    missing = payments.table.index.difference(external.index)
    if len(missing):
        raise DataError(
            f"{len(missing):,} customers with invoices have no external probability (ids "
            f"{', '.join(map(str, missing[:3]))}). Leave them out of payments, or give them one."
        )
    return np.asarray(logit(values))


def _prior(scores: Array, k: Array, n: Array, concentration: float | None, *, recalibrate: bool) -> _Prior:
    """What is not given, by maximum likelihood."""
    if not recalibrate and concentration is not None:
        return _Prior(0.0, 1.0, concentration)
    if (recalibrate and k.sum() < _INVOICES) or k.sum() == 0 or (k == n).all():
        raise DataError(
            f"{int(k.sum()):,} of {int(n.sum()):,} invoices were not paid: too few to calibrate by. Pass "
            "concentration=, such as 25, and recalibrate=False."
        )
    seen = n > 0

    def of(values: Array) -> _Prior:
        line = (float(values[1]), float(values[2])) if recalibrate else (0.0, 1.0)
        return _Prior(*line, float(np.exp(values[0])) if concentration is None else concentration)

    def loss(values: Array) -> float:
        prior = of(values)
        a = prior.concentration * np.clip(prior.mean(scores[seen]), 1e-12, 1.0 - 1e-12)
        b = prior.concentration - a
        return float(-(betaln(a + k[seen], b + n[seen] - k[seen]) - betaln(a, b)).sum() / seen.sum())

    bounds = [_LOG_CONCENTRATION, (-20.0, 20.0), (-5.0, 10.0)]
    return of(minimize(loss, np.array([3.0, 0.0, 1.0]), method="L-BFGS-B", bounds=bounds).x)
