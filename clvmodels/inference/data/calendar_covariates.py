"""Covariates by period of the calendar: the table that a user gives, and what is learned from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from clvmodels import models
from clvmodels.errors import ArgumentError
from clvmodels.inference.data.calendar_customers import dated, rows_of
from clvmodels.inference.data.covariates import PROCESSES, Covariates, Learned, learn
from clvmodels.inference.data.formulas import variables_in
from clvmodels.models.protocol import Model
from clvmodels.transactions.calendar_covariates import VaryingTable, read_varying
from clvmodels.transactions.customers import Customers


@dataclass(frozen=True, eq=False)
class CalendarCovariates:
    """Covariates by period of the calendar, as a fit keeps them.

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
    def of(cls, covariates: Covariates | None, model: Model) -> CalendarCovariates | None:
        """Those that the user gave, if any; models of spend leave them alone."""
        if not isinstance(covariates, Covariates) or covariates.varying is None or model.spec.kind == "spend":
            return None
        return cls(read_varying(covariates.varying), _holds(covariates.after))

    @classmethod
    def changed(cls, known: CalendarCovariates | None, table: Any, after: str | None) -> CalendarCovariates:
        """Those of another table, if one is given."""
        if table is None and known is None:
            raise ArgumentError("A loaded fit carries no data: pass the table of periods.")
        return cls(known.table if table is None and known is not None else read_varying(table), _holds(after))


def _holds(after: str | None) -> bool:
    if after not in (None, "hold"):
        raise ArgumentError(f'after={after!r} is not known. "hold" keeps the last covariates from then on.')
    return after == "hold"


def learn_varying(
    covariates: Covariates, varying: CalendarCovariates, model: Model, customers: Customers, *, bayes: bool
) -> Learned:
    """What these customers and periods teach: from the periods that some customer has lived through."""
    _check_takes_calendar(model)
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


def _check_takes_calendar(model: Model) -> None:
    if not model.spec.calendar_covariates:
        takes = " or ".join(f'"{name}"' for name in models.names() if models.get(name).spec.calendar_covariates)
        raise ArgumentError(
            f"Covariates that vary in time are for {takes}, not for {model.spec.name!r}. Fit that, or leave varying= "
            "out and join what doesn't vary to the customers."
        )
