"""Covariates of customers: what the user writes, and what a fit has learned from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.data.design import Design, Part
from clvmodels.inference.data.formulas import Formula, variables_in
from clvmodels.models.protocol import Model
from clvmodels.signatures import check_fields
from clvmodels.transactions.calendar_covariates import read_varying
from clvmodels.transactions.validation import COLUMNS

PROCESSES = ("purchase", "dropout", "spend", "default")
_PRIOR_PRECISION = 1.0  # of the effect of one standard deviation, on the log scale, where a posterior is asked for
_FAR = 100.0  # standard deviations between 0 and the mean of a column


@dataclass(frozen=True, kw_only=True)
class Covariates:
    """What may explain that customers differ, as formulas of columns of ``customers.table``.

    Columns come there by ``summarize(..., keep=["channel"])``, ``Customers.from_frame(..., keep=["channel"])`` or
    ``customers.join(table)``. A formula has the syntax of R and formulaic: ``"channel + scale(age)"``,
    ``"channel * gender"``; categories count against their first level.

    Attributes
    ----------
    purchase, dropout, spend : str or None
        Covariates of the purchase rate, of dropout (Pareto/NBD and GGom/NBD: of its rate; BG/NBD and MBG/NBD: of the
        odds of leaving after a purchase) and of the mean spend. A model takes those of its own processes and leaves
        the others alone.
    default : str or None
        Covariates of the odds that an invoice is not paid, for `Payments`: ``"segment"``.
    same : sequence of str
        Covariates (columns, or columns of the design such as "channel[T.web]") with one and the same coefficient for
        purchase and dropout.
    penalty : float or None
        Ridge penalty: ``penalty / 2`` times the sum of squared coefficients, each for one standard deviation of its
        column, is taken off the log-likelihood in the search; the log-likelihood is reported without. It is the
        precision of a normal prior. Default: none for maximum likelihood, and 1 for "laplace" and "nuts".
    varying : frame or None
        Covariates that vary in time, such as a season or a campaign, for Pareto/NBD: a row a period, with ``date``, its
        first day, or a row a customer and period, with ``customer_id`` as well. Formulas may name its columns beside
        those of the customers. It goes from the first purchase to the end of the observation, and on as far as is to be
        predicted. The customers have to know their purchases: ``summarize(..., keep_purchases=True)``.
    after : str or None
        What holds after the last period of ``varying``: nothing is known (None), or its values ("hold").

    Examples
    --------
    >>> Covariates(purchase="channel + gender", dropout="gender").dropout
    'gender'
    """

    purchase: str | None = None
    dropout: str | None = None
    spend: str | None = None
    default: str | None = None
    same: Sequence[str] = ()
    penalty: float | None = None
    varying: Any = None
    after: str | None = None

    def __post_init__(self) -> None:
        for name in PROCESSES:
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise ArgumentError(f'{name}= is a formula such as "channel + age", not {shortly(value)}.')
        check_fields(self)
        if not any(getattr(self, name) for name in PROCESSES):
            raise ArgumentError('Covariates need a formula: purchase="channel", dropout=, spend= or default=.')
        if isinstance(self.same, str) or (self.same and not (self.purchase and self.dropout)):
            raise ArgumentError('same= is a list of covariates in both purchase= and dropout=, such as ["gender"].')
        if self.after is not None and self.varying is None:
            raise ArgumentError("after= says what holds after the last period of varying=, and there is none.")
        if self.penalty is not None and not 0.0 <= self.penalty < np.inf:
            raise ArgumentError(f"penalty must be 0 or more, and finite, not {self.penalty!r}.")

    @property
    def columns_to_keep(self) -> tuple[str, ...]:
        """Columns that formulas name, apart from those of the summary itself and of ``varying``.

        Examples
        --------
        >>> Covariates(purchase="channel + log(frequency + 1)", spend="scale(age)").columns_to_keep
        ('age', 'channel')
        """
        named = {name for process in PROCESSES for name in variables_in(getattr(self, process) or "1")}
        periods = () if self.varying is None else read_varying(self.varying).frame.columns
        return tuple(sorted(named - set(COLUMNS) - set(map(str, periods))))


@dataclass(frozen=True, eq=False)
class Learned:
    """The covariates of a fit: formulas with what they have learned, and where their coefficients belong.

    Attributes
    ----------
    formulas : dict of str to Formula
        By process.
    same : tuple of str
        Covariates with one coefficient for all processes.
    units : ndarray of shape (c,)
        1 / standard deviation of each coefficient's column.
    penalty : float
        Ridge penalty.
    varying : tuple of str
        Columns that vary in time; a table of periods has them, and not the customers.
    """

    formulas: Mapping[str, Formula]
    same: tuple[str, ...]
    units: Array
    penalty: float
    varying: tuple[str, ...] = ()

    @cached_property
    def _names(self) -> tuple[tuple[str, str, str], ...]:
        """Of each column of the design: the process, its name, and the name of its coefficient."""
        found = []
        for process, formula in self.formulas.items():
            for name in formula.names:
                shared = len(self.formulas) > 1 and any(name == one or name.startswith(f"{one}[") for one in self.same)
                found.append((process, name, f"{' and '.join(self.formulas) if shared else process}: {name}"))
        return tuple(found)

    @property
    def coefficients(self) -> tuple[str, ...]:
        """Names of the coefficients, such as "purchase: channel[T.web]"."""
        return tuple(dict.fromkeys(coefficient for _, _, coefficient in self._names))

    def design(self, model: Model) -> Design:
        """How the columns move the parameters of the model."""
        place = {name: i for i, name in enumerate(self.coefficients)}
        parts, first = [], 0
        for process in self.formulas:
            places = [place[coefficient] for owner, _, coefficient in self._names if owner == process]
            columns = slice(first, first + len(places))
            parts.append(Part(process, model.spec.covariates[process], columns, np.array(places)))
            first = columns.stop
        return Design(self.coefficients, tuple(parts), self.units, self.penalty)

    def columns(self, table: pd.DataFrame) -> list[Array]:
        """The columns of the design, for a table indexed by customer_id."""
        found = [formula.matrix(table) for formula in self.formulas.values()]
        return [np.ascontiguousarray(column) for matrix in found for column in matrix.T]

    def to_json(self) -> dict[str, Any]:
        """As a model file holds it."""
        formulas = {process: formula.to_json() for process, formula in self.formulas.items()}
        rest = {"units": self.units.tolist(), "penalty": self.penalty, "varying": list(self.varying)}
        return {"formulas": formulas, "same": list(self.same), **rest}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Learned:
        """What `to_json` wrote."""
        formulas = {process: Formula.from_json(formula) for process, formula in entry["formulas"].items()}
        units, varying = np.array(entry["units"], dtype=float), tuple(map(str, entry.get("varying", ())))
        learned = cls(formulas, tuple(map(str, entry["same"])), units, float(entry["penalty"]), varying)
        if units.shape != (len(learned.coefficients),) or not (units > 0.0).all() or not learned.penalty >= 0.0:
            raise ValueError("the units of its coefficients are none, or not as many")
        return learned


def learn(covariates: Covariates, model: Model, table: pd.DataFrame, *, bayes: bool) -> Learned:
    """What these customers teach about the covariates of the processes that the model has.

    Raises
    ------
    ArgumentError
        The model has no such process; a formula can't be read; a column lies far from 0.
    DataError
        Values are missing; a column is the same for all customers, or a combination of others.
    """
    formulas = _formulas(covariates, model, table)
    default = _PRIOR_PRECISION if bayes else 0.0
    penalty = default if covariates.penalty is None else float(covariates.penalty)
    unscaled = Learned(formulas, tuple(covariates.same), np.empty(0), penalty)
    _check_same(unscaled)
    matrices = {process: formula.matrix(table) for process, formula in formulas.items()}
    for process, matrix in matrices.items():
        _check_columns(matrix, formulas[process].names, process)
    spreads = pd.Series(np.concatenate([matrix.std(axis=0) for matrix in matrices.values()]))
    of_coefficient = spreads.groupby([coefficient for _, _, coefficient in unscaled._names], sort=False).mean()
    return replace(unscaled, units=1.0 / of_coefficient.to_numpy())


def _formulas(covariates: Covariates, model: Model, table: pd.DataFrame) -> dict[str, Formula]:
    """The formulas of the processes that the model has, with what the customers teach them."""
    texts = {process: getattr(covariates, process) for process in model.spec.covariates}
    formulas = {process: Formula.learn(text, table) for process, text in texts.items() if text is not None}
    if not formulas:
        of = " and ".join(f"{process}=" for process in texts) or "none"
        raise ArgumentError(f"{model.spec.title} takes covariates of {of}; these have none of them.")
    return formulas


def _check_same(learned: Learned) -> None:
    for one in learned.same if len(learned.formulas) > 1 else ():
        for process, formula in learned.formulas.items():
            if not any(name == one or name.startswith(f"{one}[") for name in formula.names):
                raise ArgumentError(
                    f"same= names {one!r}, which is no covariate of {process}. Those are {', '.join(formula.names)}."
                )


def _check_columns(matrix: Array, names: Sequence[str], process: str) -> None:
    """Every column must tell something of its own."""
    spread = matrix.std(axis=0)
    constant = [name for name, one in zip(names, spread, strict=True) if not one > 0]
    if constant:
        raise DataError(f"Covariate {constant[0]!r} of {process} is the same for all customers: it explains nothing.")
    far = [name for name, one in zip(names, np.abs(matrix.mean(axis=0)) / spread, strict=True) if one > _FAR]
    if far:
        raise ArgumentError(
            f"Covariate {far[0]!r} of {process} lies more than {_FAR:.0f} standard deviations from 0, so that the "
            f"model's own parameters, which are those at 0, have no meaning. Write scale({far[0]}) or center({far[0]})."
        )
    _check_not_combined((matrix - matrix.mean(axis=0)) / spread, names, process)


def _check_not_combined(standard: Array, names: Sequence[str], process: str) -> None:
    """No column, in standard units, may be a combination of others."""
    information, directions = np.linalg.eigh(standard.T @ standard / len(standard))
    if information[0] < 1e-10:
        involved = [name for name, one in zip(names, np.abs(directions[:, 0]), strict=True) if one > 0.05]
        raise DataError(f"Covariates {', '.join(involved)} of {process} tell the same: leave one of them out.")
