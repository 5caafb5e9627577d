"""A fit as a table, as text and as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from clvmodels.errors import ArgumentError
from clvmodels.inference.posterior.log_posterior import natural, to_theta

if TYPE_CHECKING:
    from clvmodels.inference.fits.fit import Fit

Array = NDArray[np.float64]

_METHODS = {
    "mle": "maximum likelihood",
    "map": "posterior mode",
    "laplace": "posterior by Laplace's method",
    "nuts": "posterior by NUTS",
}


def parameter_table(fit: Fit, level: float) -> pd.DataFrame:
    """Estimates, standard errors and log-scale confidence intervals, one row a parameter."""
    if not 0.0 < level < 1.0:
        raise ArgumentError(f"level must lie between 0 and 1, such as 0.95, not {level!r}.")
    numbers = _around_the_maximum(fit, level) if fit.theta is None else _of_the_posterior(fit, level)
    meanings = {"meaning": [_meaning(fit, name) for name in fit.parameters]}
    return pd.DataFrame({**numbers, **meanings}, index=pd.Index(fit.parameters, name="parameter"))


def _around_the_maximum(fit: Fit, level: float) -> dict[str, Array]:
    estimates = np.array(list(fit.parameters.values()))
    theta, errors = to_theta(estimates, fit.logs), np.sqrt(np.diag(fit.covariance_log))
    reach = special.ndtri((1.0 + level) / 2.0) * errors
    with np.errstate(over="ignore", under="ignore"):
        return {
            "estimate": estimates,
            "std_error": np.where(np.arange(len(theta)) < fit.logs, estimates, 1.0) * errors,
            "lower": natural(theta - reach, fit.logs),
            "upper": natural(theta + reach, fit.logs),
        }


def _of_the_posterior(fit: Fit, level: float) -> dict[str, Array]:
    values = natural(np.asarray(fit.theta).reshape(-1, len(fit.parameters)), fit.logs)
    lower, upper = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    return {"estimate": values.mean(axis=0), "std_error": values.std(axis=0, ddof=1), "lower": lower, "upper": upper}


def _meaning(fit: Fit, name: str) -> str:
    if name not in fit.definition.spec.parameters:
        return "log of how many times as large, for one more or for this level: see effects()"
    meaning = fit.definition.spec.parameters[name]
    if name not in fit.definition.spec.scaled:
        return meaning
    return (
        f"{meaning} [{fit.unit}s]"
        if fit.definition.spec.kind == "purchases"
        else f"{meaning} [{fit.currency or 'amount'}]"
    )


def fitted_to(fit: Fit) -> str:
    """How many customers, and which, in words."""
    if fit.definition.spec.kind != "spend":
        return f"{fit.n_customers:,} customers"
    return f"{fit.n_customers:,} customers with {'' if fit.definition.spec.every_purchase else 'repeat '}spend"


def heading(fit: Fit) -> str:
    """One line: model, method, customers."""
    who = fitted_to(fit)
    unit = f", time in {fit.unit}s" if fit.definition.spec.kind == "purchases" else ""
    return f"{fit.definition.spec.title}, {_METHODS[fit.method]}, {who} ({fit.n_histories:,} distinct histories){unit}"


def quality(fit: Fit) -> str:
    """One line: log-likelihood and criteria."""
    return f"log-likelihood {fit.log_likelihood:,.3f}   AIC {fit.aic:,.1f}   BIC {fit.bic:,.1f}"


def as_text(fit: Fit) -> str:
    """For the terminal."""
    table = parameter_table(fit, 0.95).to_string(float_format=lambda value: f"{value:.5g}", index_names=False)
    return "\n".join([heading(fit), table, quality(fit), *fit.diagnosis])


def as_html(fit: Fit) -> str:
    """For notebooks."""
    parameters = parameter_table(fit, 0.95)
    table = parameters.to_html(float_format=lambda value: f"{value:.5g}", border=0)
    for words in set(map(html.escape, parameters["meaning"])):  # are read from the left; a notebook sets all right
        table = table.replace(f"<td>{words}</td>", f'<td style="text-align: left">{words}</td>')
    notes = "".join(f"<br>{html.escape(sentence)}" for sentence in fit.diagnosis)
    return f"<div><b>{html.escape(heading(fit))}</b>{table}<small>{html.escape(quality(fit))}{notes}</small></div>"
