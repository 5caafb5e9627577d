r"""Draws of the numbers of new customers: one error of the level a draw, and a negative binomial number a period.

.. math:: n_j \sim \mathrm{NB}(\text{mean } \mu_j e^{s_j z}, \text{variance } m + \kappa m^2), \quad z \sim N(0, 1),

one z for all periods of a draw: what makes a forecast of acquisition wrong (a campaign, a closed channel) makes all of
it wrong. :math:`s_j` is the error of the level up to as many periods as it was seen over, and grows with the root of
time from then on, as that of a random walk does.
"""

from __future__ import annotations

import numpy as np

from clvmodels.arrays import Array


def drawn_counts(
    means: Array, level_error: float, level_periods: float, dispersion: float, draws: int, seed: int
) -> Array:
    """Numbers, of shape (draws, periods)."""
    rng = np.random.default_rng([seed, 11])
    growth = np.sqrt(np.maximum(np.arange(1, len(means) + 1) / level_periods, 1.0))
    level = np.exp(level_error * rng.standard_normal(draws)[:, None] * growth)
    expected = means * level
    if dispersion > 0:
        expected = rng.gamma(1.0 / dispersion, expected * dispersion)
    return np.asarray(rng.poisson(expected), dtype=np.float64)
