"""`predictions`: what a model says at given parameters, without a fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from clvmodels import models
from clvmodels.arguments import instance
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.kinds import BARE, BareParameters
from clvmodels.inference.population.structure import Structure
from clvmodels.transactions.customer_base import TAKES, CustomerBase
from clvmodels.transactions.units import check_unit


def predictions(
    model: str,
    parameters: Mapping[str, float],
    *,
    customers: CustomerBase | None = None,
    unit: str = "week",
) -> BareParameters:
    """Predictions from given parameters, such as those that a paper prints, without a fit.

    Parameters
    ----------
    model : str
        Name of the model.
    parameters : dict of str to float
        All parameters of the model on their natural scale, times in ``unit``.
    customers : Customers, Subscriptions or None
        Whom to predict if a prediction names nobody.
    unit : str
        Unit of time of the parameters.

    Returns
    -------
    PurchasePredictions, SpendPredictions or RenewalPredictions
        With the predictions of a fit of this model, but without intervals.

    Raises
    ------
    ArgumentError
        A parameter is missing, unknown, or not positive and finite; the model or unit is not known.

    Examples
    --------
    Fader, Hardie and Lee (2005), with the parameters of their table 2:

    >>> import clvmodels as clv
    >>> published = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> float(published.expected_purchases(52, "new").round(3).iloc[0])
    1.446
    """
    structure = Structure(name=models.get(model).spec.name, unit=check_unit(unit))
    instance("parameters", parameters, Mapping, "values by name")
    if customers is not None:
        instance("customers", customers, tuple(TAKES.values()), "what the model was fitted to, such as Customers")
    values, end = _checked(structure, parameters), None if customers is None else customers.observation_end
    return BARE[structure.model.spec.kind](structure=structure, customers=customers, observation_end=end, values=values)


def _checked(structure: Structure, parameters: Mapping[str, float]) -> dict[str, float]:
    """All parameters of the model in its order, positive and finite."""
    names = structure.names
    missing, unknown = [n for n in names if n not in parameters], [n for n in parameters if n not in names]
    if missing or unknown:
        wrong = f"{', '.join(missing)} missing" if missing else f"{', '.join(unknown)} unknown"
        raise ArgumentError(f"{structure.model.spec.title} has the parameters {', '.join(names)}; {wrong}.")
    values = {name: float(parameters[name]) for name in names}
    bad = {name: value for name, value in values.items() if not 0.0 < value < np.inf}
    if bad:
        raise ArgumentError(f"Parameters are positive and finite numbers, not {bad}.")
    return values
