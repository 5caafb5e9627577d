"""The distinct histories that a fit sees, and the log-likelihood of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clvmodels.inference.asked import Asked, base_for
from clvmodels.inference.likelihood import CHUNK, pointwise
from clvmodels.inference.rows import histories_of
from clvmodels.inference.varying_fit import varying_likelihood
from clvmodels.transactions.histories import Histories

Array = NDArray[np.float64]


def by_history(fit: Asked, customers: Any) -> tuple[Histories, Callable[[Array], Array]]:
    """Histories of customers, and a function of parameter values (k,): the log-likelihood of one customer of each.

    Parameters
    ----------
    fit
        A fit, of whose model and covariates they are.
    customers : Customers or Subscriptions
        The data.
    """
    learned = fit.covariates
    if learned is not None and learned.varying:
        under = base_for(fit, customers)
        return under.histories, varying_likelihood(under).pointwise
    histories = histories_of(fit.definition, customers, learned)
    design = None if learned is None else learned.design(fit.definition)

    def rows(values: Array) -> Array:
        parts = range(0, len(histories), CHUNK)
        blocks = ([column[i : i + CHUNK] for column in histories.columns] for i in parts)
        return np.concatenate([pointwise(fit.definition, block, values, design) for block in blocks])

    return histories, rows
