"""What covariates do, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.population.base import own_parameters
from clvmodels.inference.posterior.log_posterior import natural, to_theta

if TYPE_CHECKING:
    from clvmodels.inference.fits.fit import Fit

Array = NDArray[np.float64]

_STEP = 1e-5  # the links are smooth on the scale of 1: differences good to 1e-10


def effects_table(fit: Fit, level: float) -> pd.DataFrame:
    """Coefficients, factors and sentences, one row a covariate and process."""
    if fit.design is None:
        raise UnsupportedPrediction("This fit has no covariates. Pass covariates=clvmodels.Covariates(...) to fit.")
    numbers = fit.summary(level).drop(columns="meaning")
    moves = {name: part.link.effect for part in fit.design.parts for name in _coefficients_of(fit, part.places)}
    shared = [name for name in moves if name.split(":")[0].count(" and ")]
    rows = numbers.loc[list(moves)].rename(columns={"estimate": "coefficient"})
    rows["factor"] = np.exp(rows["coefficient"])
    what = {
        name: " and ".join(part.link.effect for part in fit.design.parts) if name in shared else moves[name]
        for name in moves
    }
    rows["effect"] = [
        _in_words(what[name], *np.exp(rows.loc[name, ["coefficient", "lower", "upper"]].astype(float)))
        for name in rows.index
    ]
    return rows.rename_axis("covariate")


def at_covariates(fit: Fit, covariates: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters, covariance and draws of customers with these covariates, as fields of a `Fit`."""
    assert fit.covariates is not None
    z = tuple(float(column[0]) for column in fit.covariates.columns(pd.DataFrame(covariates, index=["these"])))

    def own(theta: Array) -> Array:
        """Logs of the model's own parameters of such a customer, at each row of θ."""
        parameters = dict(zip(fit.parameters, natural(theta, fit.logs).T, strict=True))
        moved = own_parameters(fit.definition, parameters, fit.design, z)
        return np.stack([np.broadcast_to(np.log(value), len(theta)) for value in moved.values()], axis=-1)

    centre = to_theta(np.array(list(fit.parameters.values())), fit.logs)
    steps = _STEP * np.eye(len(centre))
    slopes = (own(centre + steps) - own(centre - steps)) / (2.0 * _STEP)
    return {
        "parameters": dict(zip(fit.definition.spec.parameters, np.exp(own(centre[None])[0]).tolist(), strict=True)),
        "covariance_log": slopes.T @ fit.covariance_log @ slopes,
        "theta": None if fit.theta is None else own(fit.theta.reshape(-1, len(centre)))[None],
    }


def _coefficients_of(fit: Fit, places: object) -> list[str]:
    assert fit.design is not None
    return [fit.design.coefficients[place] for place in np.asarray(places)]


def _in_words(what: str, factor: float, lower: float, upper: float) -> str:
    """Such as "+28 % purchase rate (+12 % to +46 %)"; large factors as such."""
    return f"{_change(factor)} {what} ({_change(lower)} to {_change(upper)})"


def _change(factor: float) -> str:
    return f"× {factor:.3g}" if factor >= 3.0 else f"{100.0 * (factor - 1.0):+.0f} %"
