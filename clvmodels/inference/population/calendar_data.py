"""Time-varying covariates of a fit: the table by period, what is learned from it, and the customers under it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.calendar_customers import dated, rows_of, varying_histories
from clvmodels.inference.data.covariates import PROCESSES, Covariates, Learned, learn
from clvmodels.inference.data.formulas import variables_in
from clvmodels.inference.population.base import Base, made_for
from clvmodels.inference.population.calendar import VaryingRows
from clvmodels.inference.posterior.calendar_likelihood import VaryingLikelihood
from clvmodels.models.protocol import Model
from clvmodels.transactions.calendar_covariates import VaryingTable, read_varying
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.units import DAYS_PER_UNIT


@dataclass(frozen=True, eq=False)
class Varying:
    """Covariates by period, as a fit keeps them.

    Attributes
    ----------
    table : VaryingTable
        The covariates.
    hold : bool
        Whether the last ones hold from then on.
    """

    table: VaryingTable
    hold: bool = False

    @classmethod
    def of(cls, covariates: Covariates | None, model: Model) -> Varying | None:
        """Those that the user gave, if any; models of spend leave them alone."""
        if not isinstance(covariates, Covariates) or covariates.varying is None or model.spec.kind == "spend":
            return None
        return cls(read_varying(covariates.varying), _holds(covariates.after))

    @classmethod
    def changed(cls, known: Varying | None, table: Any, after: str | None) -> Varying:
        """Those of another table, if one is given."""
        if table is None and known is None:
            raise ArgumentError("A loaded fit carries no data: pass the table of periods.")
        return cls(known.table if table is None and known is not None else read_varying(table), _holds(after))


def _holds(after: str | None) -> bool:
    if after not in (None, "hold"):
        raise ArgumentError(f'after={after!r} is not known. "hold" keeps the last covariates from then on.')
    return after == "hold"


def learn_varying(
    covariates: Covariates, varying: Varying, model: Model, customers: Customers, *, bayes: bool
) -> Learned:
    """What these customers and periods teach: from the periods that some customer has lived through."""
    if not model.spec.calendar_covariates:
        takes = " or ".join(f'"{name}"' for name in models.names() if models.get(name).spec.calendar_covariates)
        raise ArgumentError(
            f"Covariates that vary in time are for {takes}, not for {model.spec.name!r}. Fit that, or leave varying= "
            "out and join what doesn't vary to the customers."
        )
    texts = [text for process in PROCESSES if (text := getattr(covariates, process)) and process != "spend"]
    named = sorted({name for text in texts for name in variables_in(text)})
    columns = tuple(name for name in named if name in varying.table.frame.columns)
    if not columns:
        raise ArgumentError(
            f"No formula names a column of varying=. Those are {', '.join(map(str, varying.table.frame.columns))}."
        )
    rows = rows_of(varying.table, named, customers)
    observed = rows.observed(varying.table, dated(customers))
    return replace(learn(covariates, model, observed, bayes=bayes), varying=columns)


def varying_base(
    varying: Varying,
    model: Model,
    customers: Customers,
    learned: Learned,
    unit: str | None = None,
    *,
    new: bool = False,
) -> Base:
    """The histories of customers in ``unit`` (theirs by default), made once.

    A ``new`` customer has the covariates that these customers have from the end of the observation on.
    """
    made, unit = made_for(customers, learned), unit or customers.unit
    key = (unit, varying, new)
    if key not in made:
        rows = _rows(varying, model, customers, unit, learned)
        plain = Histories((rows.known.x, rows.known.t_x, rows.known.T), rows.known.weight, rows.known.index)
        made[key] = _newcomer(rows) if new else Base(plain, customers.table.index, varying=rows)
    return made[key]


def varying_likelihood(base: Base) -> VaryingLikelihood:
    """The log-likelihood of such histories."""
    if base.varying is None:
        raise TypeError("These histories have no covariates that vary in time.")
    return base.varying.likelihood


def _rows(varying: Varying, model: Model, customers: Customers, unit: str, learned: Learned) -> VaryingRows:
    known = varying_histories(customers, varying.table, learned, unit=unit)
    if varying.hold:
        known = replace(known, calendar=known.calendar.held())
    return VaryingRows(known, dated(customers).end, DAYS_PER_UNIT[unit], learned.design(model))


def _newcomer(rows: VaryingRows) -> Base:
    rows = rows.newcomers()
    zeros, ids = np.zeros(len(rows.known)), pd.Index(["new"], name="customer_id")
    mixture = Base(Histories((zeros,) * 3, rows.known.weight, None), ids[:0], varying=rows)
    return Base(Histories((np.zeros(1),) * 3, np.ones(1), None), ids, mixture=mixture)
