"""`compare`: which model of the same customers? Information criteria, tests, and a sentence."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import models as registry
from clvmodels.errors import ArgumentError, ConvergenceError, IdentificationWarning
from clvmodels.evaluation import metrics
from clvmodels.evaluation.selection.comparison import Comparison
from clvmodels.evaluation.selection.pair_tests import Pair, pairwise_tests
from clvmodels.evaluation.selection.recommendation import recommend
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.models.protocol import Model
from clvmodels.signatures import checked
from clvmodels.transactions.customer_base import CustomerBase
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions
from clvmodels.transactions.summary.holdout import Holdout


@checked
def compare(
    customers: Any,
    models: str | Fit | Sequence[str | Fit] | Mapping[str, str | Fit] | None = None,
    *,
    unit: str | None = None,
    covariates: Covariates | None = None,
    calendar: Calendar | None = None,
) -> Comparison:
    """Fit several models by maximum likelihood and say which to use.

    A model that contains another as a special case is tested against it by a likelihood-ratio test; where the special
    case lies at the edge of the parameters (such as dropout that never happens), its p-value is conservative. All other
    pairs are compared by Vuong's (1989) test, with Akaike's correction for the number of parameters:
    which of two models, neither of which need be true, is nearer to the truth. All this is about the data that were
    fitted; a holdout (`clvmodels.evaluate`) tells how well the models predict.

    Parameters
    ----------
    customers : Customers, Holdout, Subscriptions or frame
        As for `clvmodels.fit`; or what `clvmodels.holdout_split` made of a log: models are then fitted to the
        calibration, and the table tells how far they are from what the customers did afterwards.
    models : sequence of str or Fit, or mapping of str to str or Fit, optional
        Names or fits, or either by a label of your own: ``{"plain": "bg/nbd", "with channel": fit}``; by default all
        models of the same kind of data (of purchases, those in continuous time; with a calendar, those that take one).
    unit : {"hour", "day", "week", "month", "year"}, optional
        Unit of time of a table; Customers know theirs.
    covariates : Covariates, optional
        `clvmodels.Covariates` for all models; each takes those of its own processes.
    calendar : Calendar, optional
        `clvmodels.Calendar` for all models that are named; the customers need their purchases.

    Returns
    -------
    Comparison
        Its ``table`` has one row a model, the lowest AIC first; ``tests`` one row a pair; ``recommendation`` is a
        sentence.

    Raises
    ------
    ArgumentError
        The models are not of the same data, or a fit is of other customers.
    ConvergenceError
        No model has a maximum.

    Examples
    --------
    >>> import clvmodels as clv
    >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> comparison = compare(clv.Subscriptions.from_survival(counts, unit="year"))
    >>> comparison.table[["log_likelihood", "aic"]].round(1)
           log_likelihood     aic
    model
    bdw           -1605.3  3216.6
    sbg           -1611.2  3226.3
    >>> print(comparison.recommendation)
    BdW: lowest AIC 3,216.6 (sBG +9.7). The likelihood-ratio test prefers it to sBG (p = 0.0006).
    """
    split = customers if isinstance(customers, Holdout) else None
    if split is not None:
        customers = split.calibration
    elif not isinstance(customers, Customers | Subscriptions | Payments):
        customers = Customers.of(customers, unit)
    chosen = _models_to_compare(customers, models, calendar)
    new_fit = partial(_fit, unit=unit, covariates=covariates, calendar=calendar)
    fits, failed = {}, {}
    for name, entry in chosen.items():
        try:
            one = _check_fit(entry, customers) if isinstance(entry, Fit) else new_fit(customers, entry)
            one.structure.gap_terms(customers)  # raises where they are needed and not known
            if one.definition.spec.same_as not in chosen.values():
                fits[one.model if name == entry else name] = one
        except ConvergenceError as error:
            failed[name] = str(error)
    if not fits:
        raise ConvergenceError(" ".join(failed.values()))
    fits = dict(sorted(fits.items(), key=lambda item: item[1].aic))
    pairs = pairwise_tests(fits, customers)
    recommended, recommendation = recommend(fits, pairs)
    tests = pd.DataFrame(pairs, columns=list(Pair._fields))
    table = _table(fits)
    if split is not None:
        errors = {name: _errors(one, split) for name, one in fits.items() if one.definition.spec.kind == "purchases"}
        table = table.join(pd.DataFrame.from_dict(errors, orient="index"))
    return Comparison(table, tests, recommended, recommendation, fits, failed)


def _fit(customers: Any, model: str, **options: Any) -> Fit:
    """A fit without warnings: the table and the diagnosis of the fit say what they would."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        return fit(customers, model, **options)


def _errors(one: Fit, split: Holdout) -> dict[str, float]:
    """How far expected purchases are from those of the holdout."""
    bought = split.table["frequency"].to_numpy(dtype=np.float64)
    expected = one.expected_purchases(split.duration).to_numpy(dtype=np.float64)
    measures = {**metrics.POINT_ERRORS, "spearman": metrics.spearman}
    return {f"holdout_{name}": measure(bought, expected) for name, measure in measures.items()}


def _models_to_compare(
    customers: CustomerBase,
    models: str | Fit | Sequence[str | Fit] | Mapping[str, str | Fit] | None,
    calendar: Calendar | None,
) -> dict[str, str | Fit]:
    """Models and fits by label: those that were named, or all models of purchases, or of renewals."""
    if models is None:
        return {name: name for name in _all_models(customers, calendar)}
    if not models:
        raise ArgumentError('models= is empty. Name some, such as ["bg/nbd", "nbd"], or leave it out for all.')
    chosen = dict(models) if isinstance(models, Mapping) else _labelled(models)
    _check_same_data(chosen)
    return chosen


def _all_models(customers: CustomerBase, calendar: Calendar | None) -> list[str]:
    """Names of the models of purchases, or of renewals, that these customers can be fitted with."""
    usual = registry.get("sbg" if isinstance(customers, Subscriptions) else "bg/nbd")
    every = [registry.get(name) for name in registry.names()]
    if getattr(customers, "purchases", None) is None:  # without them no member of a family can be chosen
        every = [model for model in every if not model.spec.choices]
    if calendar is not None:
        every = [model for model in every if model.spec.operational_time]
    return [model.spec.name for model in every if _kind_of_data(model) == _kind_of_data(usual)]


def _check_same_data(chosen: Mapping[str, str | Fit]) -> None:
    """Raise if the models are likelihoods of different data."""
    seen: dict[tuple[Any, ...], list[str]] = {}
    for entry in chosen.values():
        model = entry.definition if isinstance(entry, Fit) else registry.get(entry)
        seen.setdefault(_kind_of_data(model), []).append(model.spec.title)
    if len(seen) > 1:
        groups = "; ".join(f"{', '.join(titles)} of {key[0]} ({', '.join(key[1:])})" for key, titles in seen.items())
        raise ArgumentError(f"Likelihoods of different data can't be compared: {groups}.")


def _kind_of_data(model: Model) -> tuple[str, ...]:
    """Kind of data of the likelihood; densities of times and probabilities by opportunity can't be compared."""
    return (model.spec.kind, *model.spec.data, *(["opportunities"] if model.spec.discrete else []))


def _labelled(models: str | Fit | Sequence[str | Fit]) -> dict[str, str | Fit]:
    """Models and fits by the name of their model."""
    given: list[str | Fit] = [models] if isinstance(models, str | Fit) else list(models)
    entries = [entry if isinstance(entry, Fit) else registry.get(entry).spec.name for entry in given]
    names = [entry.model if isinstance(entry, Fit) else entry for entry in entries]
    if len(set(names)) < len(names):
        raise ArgumentError(
            f"A model is named more than once in models=: {', '.join(names)}. Give them labels: "
            'models={"plain": …, "with channel": …}.'
        )
    return dict(zip(names, entries, strict=True))


def _check_fit(given: Fit, customers: CustomerBase) -> Fit:
    """The fit, or an error if it is not by maximum likelihood or of other customers."""
    if given.method != "mle" and not isinstance(given.structure, ClockStructure):
        raise ArgumentError(
            f"compare needs maximum likelihood; this fit of {given.definition.spec.title} is method {given.method!r}. "
            "Pass the name of the model; posteriors are compared by arviz.compare of their `posterior`."
        )
    n = float(histories_of(given.definition, customers).weight.sum())
    if n != given.n_customers or customers.unit != given.unit:
        raise ArgumentError(
            f"The fit of {given.definition.spec.title} is of {given.n_customers:,} customers in {given.unit}s, these "
            f"are {n:,.0f} in {customers.unit}s. Pass the name of the model, and it is fitted to these."
        )
    return given


def _table(fits: dict[str, Fit]) -> pd.DataFrame:
    """Information criteria, one row a fit."""
    rows = {
        name: {
            "log_likelihood": one.log_likelihood,
            "parameters": one.effective_parameters,
            "aic": one.aic,
            "aic_gap": one.aic - min(other.aic for other in fits.values()),
            "bic": one.bic,
            "identified": one.converged,
        }
        for name, one in fits.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
