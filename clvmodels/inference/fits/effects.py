"""What covariates do, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.inference.data.design import Design
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.population.covariate_structure import CovariateStructure
from clvmodels.inference.population.histories import moved_parameters
from clvmodels.inference.posterior.log_posterior import natural, to_theta

_STEP = 1e-5  # the links are smooth on the scale of 1: differences good to 1e-10


def effects_table(numbers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Coefficients, factors and sentences, one row a covariate and process.

    Parameters
    ----------
    numbers
        Estimates, standard errors and bounds, as `Estimate.table` has them.
    design
        How covariates move the parameters.
    """
    effects: dict[str, list[str]] = {}  # of each coefficient: on one process, or on both
    for part in design.parts:
        for place in part.places:
            effects.setdefault(design.coefficients[place], []).append(part.link.effect)
    rows = numbers.loc[list(effects)].rename(columns={"estimate": "coefficient"})
    factors = rows[["coefficient", "lower", "upper"]].astype(float).map(np.exp)
    rows["factor"] = factors["coefficient"]
    rows["effect"] = [
        _in_words(" and ".join(effects[name]), *factor)
        for name, factor in zip(rows.index, factors.itertuples(index=False), strict=True)
    ]
    return rows.rename_axis("covariate")


def at_covariates(
    estimate: Estimate, structure: CovariateStructure, covariates: Mapping[str, Any], kept: Sequence[str] = ()
) -> Estimate:
    """The estimate of customers with these covariates: the model's own parameters, their covariance and draws.

    Parameters
    ----------
    estimate
        Of the fit.
    structure
        How covariates move the parameters.
    covariates
        A value for each column of the formulas.
    kept
        Coefficients that stay as they are, such as those of a calendar.
    """
    z = tuple(float(column[0]) for column in structure.covariates.columns(pd.DataFrame(covariates, index=["these"])))
    own = partial(_own_parameters, estimate, structure, z, kept)
    centre = to_theta(estimate.values, estimate.logs)
    steps = _STEP * np.eye(len(centre))
    slopes = (own(centre + steps) - own(centre - steps)) / (2.0 * _STEP)
    names = structure.model.spec.parameters
    found = natural(own(centre[None])[0], len(names)).tolist()
    return replace(
        estimate,
        parameters=dict(zip((*names, *kept), found, strict=True)),
        covariance_log=slopes.T @ estimate.covariance_log @ slopes,
        theta=None if estimate.theta is None else own(estimate.theta.reshape(-1, len(centre)))[None],
        statistics={},
    )


def _own_parameters(
    estimate: Estimate, structure: CovariateStructure, z: tuple[float, ...], kept: Sequence[str], theta: Array
) -> Array:
    """Logs of the model's own parameters of a customer with covariates ``z``, and what is kept, at each row of θ."""
    parameters = dict(zip(estimate.parameters, natural(theta, estimate.logs).T, strict=True))
    moved = moved_parameters(structure.model, structure.design, parameters, z)
    logs = [np.broadcast_to(np.log(value), len(theta)) for value in moved.values()]
    return np.stack([*logs, *(parameters[name] for name in kept)], axis=-1)


def _in_words(what: str, factor: float, lower: float, upper: float) -> str:
    """Such as "+28 % purchase rate (+12 % to +46 %)"; large factors as such."""
    return f"{_change(factor)} {what} ({_change(lower)} to {_change(upper)})"


def _change(factor: float) -> str:
    return f"× {factor:.3g}" if factor >= 3.0 else f"{100.0 * (factor - 1.0):+.0f} %"
