"""What the data can't tell about a fit with a calendar, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from clvmodels.arrays import Array
from clvmodels.inference.population.clock.structure import ClockStructure

_YEAR = 364  # days between the first purchase and the last day observed: a year of days in all
_HELD = 3.0  # standard error on the log scale from which a parameter is its prior's rather than the data's


def clock_doubts(structure: ClockStructure, parameters: Mapping[str, float], covariance_log: Array) -> list[str]:
    """Sentences about a season that was not seen whole, and parameters that priors hold."""
    clock, sentences = structure.clock, []
    days = clock.end - clock.first
    if clock.harmonics and days < _YEAR:
        sentences.append(
            f"A season was asked for, and customers were observed for {days + 1} days: the rest of the year is a "
            "guess. Pass Calendar(season=False), or a log of a year or more."
        )
    errors = np.sqrt(np.diag(covariance_log))[: structure.logs]
    own = structure.model.spec.parameters
    held = [name for name, error in zip(own, errors.tolist(), strict=True) if error > _HELD]
    if held:
        where = ", ".join(f"{name} = {parameters[name]:.3g}" for name in held)
        sentences.append(
            f"{structure.model.spec.title}: {where} {'are' if len(held) > 1 else 'is'} not identified by these data, "
            "and held by a wide prior. Predictions hold near the data."
        )
    return sentences
