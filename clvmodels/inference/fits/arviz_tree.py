"""The draws of an estimate as an ArviZ DataTree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.arrays import Array
from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.population.structure import Data, Structure
from clvmodels.inference.posterior.log_posterior import natural

if TYPE_CHECKING:
    from xarray import DataTree


def as_tree(estimate: Estimate, structure: Structure, data: Data | None = None) -> DataTree:
    """Posterior, sampler statistics and, with ``data``, the pointwise log-likelihood.

    Parameters
    ----------
    estimate : Estimate
        With draws.
    structure : Structure
        Of its parameters.
    data : Data or None
        Adds the group ``log_likelihood``: variable ``histories`` of shape (chain, draw, history), for one customer of
        each distinct history, with their number in ``constant_data.weight``; of regular buyers without their gaps.

    Raises
    ------
    UnsupportedPrediction
        There are no draws.
    """
    from arviz_base import from_dict

    if estimate.theta is None:
        raise UnsupportedPrediction('Maximum likelihood has no posterior. Fit with method="laplace" or "nuts".')
    values = natural(estimate.theta, estimate.logs)
    variables, dims, coords = structure.as_variables(values)
    groups: dict[str, Any] = {"posterior": variables}
    if estimate.statistics:
        groups["sample_stats"] = dict(estimate.statistics)
    if data is not None:
        groups |= _of_data(data, values)
        dims = dims | {"histories": ["history"], "weight": ["history"]}
    about = {"model": structure.name, "unit": structure.unit}
    return from_dict(groups, dims=dims, coords=coords, attrs={"posterior": about})


def _of_data(data: Data, values: Array) -> dict[str, Any]:
    """The log-likelihood of each history at each draw, and how many customers share the history."""
    rows = [[data.likelihood.pointwise(draw) for draw in chain] for chain in values]
    return {"log_likelihood": {"histories": np.array(rows)}, "constant_data": {"weight": data.histories.weight}}
