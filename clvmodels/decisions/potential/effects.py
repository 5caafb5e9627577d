"""What an activity changes: shares of what was, known exactly or as a distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clvmodels import formats
from clvmodels.arguments import finite, shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError

_MOST = 1e6  # times as much

type Change = float | tuple[float, float]  # a share, or its mean and standard deviation


@dataclass(frozen=True)
class Effect:
    """A share by which something changes.

    Attributes
    ----------
    mean : float
        Above -1; 0.1 is 10 % more.
    sd : float
        Standard deviation of what is believed of it; 0 if it is taken as known.
    """

    mean: float
    sd: float = 0.0

    @classmethod
    def of(cls, name: str, value: Any) -> Effect:
        """From an argument: a number, or mean and standard deviation.

        Raises
        ------
        ArgumentError
            It is something else, or what remains would be nothing or less.

        Examples
        --------
        >>> Effect.of("dropout", (-0.2, 0.05))
        Effect(mean=-0.2, sd=0.05)
        """
        what = "a share above -1 such as 0.10, or (mean, sd) such as (0.10, 0.03)"
        pair = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else (value, 0.0)
        if len(pair) != 2:
            raise ArgumentError(f"{name} must be {what}, not {shortly(value)}.")
        mean = finite(name, pair[0], what, -1.0, _MOST)
        if mean == -1.0:
            raise ArgumentError(f"{name} must be {what}, not {shortly(value)}: nothing would be left.")
        return cls(mean, finite(f"The sd of {name}", pair[1], "a number, 0 or more", 0.0, _MOST))

    def factors(self, rng: np.random.Generator, draws: int) -> Array:
        """Draws of 1 + effect, log-normal so that something always remains; shape (draws,).

        Examples
        --------
        >>> Effect(0.1, 0.02).factors(np.random.default_rng(0), 100_000).mean().round(2)
        np.float64(1.1)
        """
        variance = math.log1p((self.sd / (1.0 + self.mean)) ** 2)
        normal = rng.standard_normal(draws)  # drawn even where the effect is known: the others don't depend on it
        return np.asarray((1.0 + self.mean) * np.exp(math.sqrt(variance) * normal - variance / 2.0))

    def __str__(self) -> str:
        return formats.signed_share(self.mean) + (f" (sd {formats.share(self.sd)})" if self.sd else "")


@dataclass(frozen=True, eq=False)
class MarginChange:
    """Another share of the spend that is earned.

    Attributes
    ----------
    before, after : ndarray of shape (n,)
        Of each customer.
    """

    before: Array
    after: Array

    def __str__(self) -> str:
        each = "" if np.ptp(self.before) == np.ptp(self.after) == 0.0 else " on average"
        return f"from {formats.share(float(self.before.mean()))} to {formats.share(float(self.after.mean()))}{each}"
