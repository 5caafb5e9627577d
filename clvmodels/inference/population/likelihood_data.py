"""What a model is fitted to: the distinct histories of customers, and their log-likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.population.calendar_data import Varying, varying_base, varying_likelihood
from clvmodels.inference.posterior.likelihood import LogLikelihood
from clvmodels.inference.posterior.log_posterior import Likelihood
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

if TYPE_CHECKING:
    from clvmodels.inference.fits.fit import Fit


class Data(NamedTuple):
    """Distinct histories, and the log-likelihood over them (which knows how many customers share each)."""

    histories: Histories
    likelihood: Likelihood


def data_of(
    model: Model, customers: Customers | Subscriptions, learned: Learned | None = None, varying: Varying | None = None
) -> Data:
    """The data of customers for a model, with covariates if there are any."""
    if varying is not None and learned is not None and isinstance(customers, Customers):
        base = varying_base(varying, model, customers, learned)
        return Data(base.histories, varying_likelihood(base))
    histories = histories_of(model, customers, learned)
    design = None if learned is None else learned.design(model)
    return Data(histories, LogLikelihood(model, histories.columns, histories.weight, design))


def data_of_fit(fit: Fit, customers: Any) -> Data:
    """The data of customers under the model and the covariates of a fit."""
    if customers is None:
        raise UnsupportedPrediction("A loaded fit carries no data, and so no log-likelihood of each customer.")
    return data_of(fit.definition, customers, fit.covariates, fit.fitted_varying or fit.varying)
