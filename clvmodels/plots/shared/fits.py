"""What a plot asks of a fit before it draws: its customers, and whether it holds for all of them alike."""

from __future__ import annotations

from typing import cast

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.predictions.unsupported import unsupported
from clvmodels.inference.population.group_structure import GroupStructure
from clvmodels.models.protocol import SpendModel
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT


def customers_or_fitted(fit: Fit, customers: Customers | None) -> Customers:
    """The customers given, else those fitted."""
    chosen = fit.customers if customers is None else customers
    if chosen is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    return chosen


def without_covariates(fit: Fit) -> Fit:
    """The fit, if it holds for all customers alike; a grid of histories has no covariates and no groups."""
    if isinstance(fit.structure, GroupStructure):
        labels = fit.structure.groups.labels
        some = ", ".join([*map(repr, labels[:3]), *(["…"] if len(labels) > 3 else [])])
        raise ArgumentError(f"This fit has groups ({some}): say of which one this is to be drawn: fit.fits[group].")
    if fit.covariates is None:
        return fit
    if fit.covariates.varying:
        named = ", ".join(map(repr, fit.covariates.varying))
        raise ArgumentError(f"{named} vary in time, so that no grid of histories can be drawn: it has no dates.")
    names = dict.fromkeys(name for formula in fit.covariates.formulas.values() for name in formula.variables)
    values = ", ".join(f"{name}=…" for name in names)
    raise ArgumentError(f"This fit has covariates: say of which customers this is to be drawn: fit.at({values}).")


def spend_model(fit: Fit) -> SpendModel:
    """The model of a spend fit."""
    model = fit.definition
    if model.spec.kind != "spend":
        raise unsupported(model, "expected_spend", "spend")
    return cast(SpendModel, model)


def table_in_unit(customers: Customers, unit: str) -> pd.DataFrame:
    """The table of the customers with recency and T in ``unit``."""
    factor = DAYS_PER_UNIT[customers.unit] / DAYS_PER_UNIT[unit]
    if factor == 1.0:
        return customers.table
    return customers.table.assign(recency=customers.table["recency"] * factor, T=customers.table["T"] * factor)
