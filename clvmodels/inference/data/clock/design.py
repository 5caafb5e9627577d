"""The coefficients of a fit with a calendar: those of covariates, if there are any, and those of the clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from clvmodels.arrays import Array
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.inference.data.design import Design


@dataclass(frozen=True, eq=False)
class ClockDesign(Design):
    """Which covariates move which parameters, with the coefficients of the clock after those of the covariates.

    Attributes
    ----------
    covariates : Design or None
        That of the covariates alone.
    clock : Clock or None
        The clock; always there.
    """

    covariates: Design | None = None
    clock: Clock | None = None

    @classmethod
    def of(cls, clock: Clock, covariates: Design | None) -> ClockDesign:
        """Both together."""
        own = Design((), (), np.empty(0)) if covariates is None else covariates
        return cls(
            coefficients=(*own.coefficients, *clock.coefficients),
            parts=own.parts,
            units=np.concatenate((own.units, clock.units)),
            penalty=own.penalty,
            covariates=own,
            clock=clock,
        )

    @property
    def precision(self) -> Array:
        """Precision of the normal prior of the coefficients, whose mean is 0, shape (c, c)."""
        assert self.clock is not None
        assert self.covariates is not None
        return np.asarray(linalg.block_diag(self.covariates.precision, self.clock.precision))
