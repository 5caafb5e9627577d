"""`loo`: leaving out one customer at a time."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from clvmodels.errors import UnsupportedPrediction
from clvmodels.inference.fits.fit import Fit
from clvmodels.signatures import checked

if TYPE_CHECKING:
    from arviz_stats import ELPDData


@checked
def loo(fit: Fit) -> ELPDData:
    """Expected log predictive density, leaving out one customer at a time (PSIS-LOO).

    Customers who share a history share its value, so that the importance weights are made once a history. The result
    goes into ``az.compare``.

    Parameters
    ----------
    fit : Fit
        With draws ("laplace" or "nuts") and its customers.

    Returns
    -------
    arviz_stats.ELPDData
        ``elpd`` is the sum over customers; ``elpd_i`` and ``pareto_k`` have one value a customer.

    Raises
    ------
    UnsupportedPrediction
        The fit has no draws, or no customers.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           unit="week", observation_end="1997-09-30")
    >>> fit = clv.fit(customers, "bg/nbd", method="laplace", draws=500)
    >>> elpd = loo(fit)
    >>> round(elpd.elpd), elpd.n_data_points
    (-9587, 2357)
    """
    from arviz_stats import loo as loo_of_rows
    from xarray import DataArray

    if fit.theta is None:
        raise UnsupportedPrediction('Leaving one out needs draws. Fit with method="laplace" or "nuts".')
    histories, tree = fit.data().histories, fit.to_arviz(log_likelihood=True)
    each = loo_of_rows(tree, pointwise=True)
    rows = np.asarray(tree["log_likelihood"]["histories"]).reshape(-1, len(histories))
    elpd_i = each.elpd_i.to_numpy()
    p_i = special.logsumexp(rows, axis=0) - np.log(len(rows)) - elpd_i
    n, gaps = int(histories.weight.sum()), fit.structure.gap_terms(fit.customers)
    by_customer = histories.spread(elpd_i) if gaps is None else histories.spread(elpd_i) + gaps
    k_by_customer = histories.spread(each.pareto_k.to_numpy())
    return dataclasses.replace(
        each,
        elpd=float(by_customer.sum()),
        se=float(np.sqrt(((by_customer - by_customer.mean()) ** 2).sum())),
        p=float(histories.weight @ p_i),
        n_data_points=n,
        elpd_i=DataArray(by_customer, dims=["customer"], name="elpd_i"),
        pareto_k=DataArray(k_by_customer, dims=["customer"], name="pareto_k"),
    )
