"""What a plot asks of a fit before it draws: its customers, and whether it holds for all of them alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.predictions.unsupported import unsupported
from clvmodels.inference.population.population import Population
from clvmodels.models.protocol import SpendModel
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT


def customers_or_fitted(fit: Fit, customers: Any) -> Customers:
    """The customers given, or those of a table; else those fitted."""
    chosen = fit.customers if customers is None else customers
    if chosen is None:
        raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
    return Customers.of(chosen, fit.unit)


def without_covariates(fit: Fit) -> Fit:
    """The fit, if histories are all that it tells customers by; a grid of histories has no covariates."""
    if fit.covariates is None:
        return fit
    if fit.covariates.varying:
        named = ", ".join(map(repr, fit.covariates.varying))
        raise ArgumentError(f"{named} vary in time, so that no grid of histories can be drawn: it has no dates.")
    names = dict.fromkeys(name for formula in fit.covariates.formulas.values() for name in formula.variables)
    values = ", ".join(f"{name}=…" for name in names)
    raise ArgumentError(f"This fit has covariates: say of which customers this is to be drawn: fit.at({values}).")


def rows_of_grid(fit: Fit, histories: Customers) -> Population:
    """Histories that need not be those of any customer, in the unit of the fit, to predict."""
    table = histories.table
    columns = (table[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
    rows = without_covariates(fit).structure.of_histories(*columns)
    return replace(rows, ids=table.index)


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
