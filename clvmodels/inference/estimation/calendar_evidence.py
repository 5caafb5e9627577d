"""Do the data bear out the parts of a calendar? The evidence for each, from one fit that has them all."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.inference.population.clock.structure import ClockStructure


def log_bayes_factor(fit: PurchaseFit, parts: Collection[str]) -> float:
    """By how much the data speak for some parts of a fit's calendar rather than for the same model without them.

    The density of the parts' coefficients at 0, by their prior and by the normal approximation of their posterior: the
    logarithm of the ratio of the two is that of the ratio of the marginal likelihoods of the two models.

    Parameters
    ----------
    fit : PurchaseFit
        With a calendar.
    parts : collection of str
        How the names of coefficients begin: "season", "weekday", "year end", "holiday", "tenure", "cohort".

    Returns
    -------
    float
        Above 0 for the parts, below 0 against them; 0 where the calendar has none of them, or nothing can be said.

    References
    ----------
    .. [1] Dickey, J. M. (1971). The weighted likelihood ratio, linear hypotheses on normal location parameters. Annals
       of Mathematical Statistics 42(1), 204-223.
    """
    assert isinstance(fit.structure, ClockStructure)
    clock, names = fit.structure.clock, fit.structure.clock.coefficients
    own = [place for place, name in enumerate(names) if name.split(":")[0] in parts]
    if not own:
        return 0.0
    found = np.array([fit.parameters[names[place]] for place in own])
    block = np.ix_(own, own)
    prior = np.linalg.inv(clock.precision)[block]
    posterior = fit.estimate.covariance_log[-len(names) :, -len(names) :][block]
    if not np.isfinite(posterior).all():  # the search ended where the posterior has no maximum
        return 0.0
    spread = np.linalg.slogdet(posterior)[1] - np.linalg.slogdet(prior)[1]
    return float(spread + found @ np.linalg.solve(posterior, found)) / 2.0
