"""The structure of a fit, from what the user gave or from what a model file holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from clvmodels import models
from clvmodels.inference.data.calendar_covariates import CalendarCovariates
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.groups import Groups
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.inference.population.covariate_structure import CalendarStructure, CovariateStructure
from clvmodels.inference.population.group_structure import GroupStructure
from clvmodels.inference.population.structure import Structure


def structure_of(
    name: str, unit: str, learned: Learned | None, calendar: CalendarCovariates | None = None
) -> Structure:
    """A model with or without covariates."""
    if learned is None:
        return Structure(name=name, unit=unit)
    if learned.varying:
        return CalendarStructure(name=name, unit=unit, covariates=learned, calendar=calendar)
    return CovariateStructure(name=name, unit=unit, covariates=learned)


def structure_from_json(entry: Mapping[str, Any]) -> Structure:
    """The structure in a model file, as `Structure.to_json` and the fit wrote it."""
    name, unit = entry["model"], str(entry["unit"])
    if entry.get("groups") is not None:
        groups = Groups.from_json(entry["groups"], tuple(models.get(name).spec.parameters))
        return GroupStructure(name=name, unit=unit, groups=groups)
    learned = None if entry.get("covariates") is None else Learned.from_json(entry["covariates"])
    if entry.get("calendar") is not None:
        clock = Clock.from_json(entry["calendar"])
        return ClockStructure(name=name, unit=unit, covariates=learned, clock=clock)
    if learned is None:
        step = entry.get("resolution")
        return Structure(name=name, unit=unit, resolution=None if step is None else _step(step))
    return structure_of(name, unit, learned)


def _step(value: Any) -> float:
    if not 0.0 < float(value) < math.inf:
        raise ValueError(f"its resolution is {str(value)[:50]}")
    return float(value)
