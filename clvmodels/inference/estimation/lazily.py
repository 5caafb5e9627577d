"""Fits to customers who stay in their engine: distinct histories are pulled, and nothing of the customers is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.fit import Fit
from clvmodels.models.protocol import Model
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.lazy.lazy_customers import LazyCustomers


def fit_lazily(customers: LazyCustomers, model: Model, fit: Callable[[Customers], Fit], *, plain: bool) -> Fit:
    """The fit to lazy customers, which carries no data, as a loaded one.

    Parameters
    ----------
    customers : LazyCustomers
        Whom to fit.
    model : Model
        Of purchases or spend.
    fit : callable
        Fits customers in memory.
    plain : bool
        Whether there are no covariates, groups and calendar.

    Raises
    ------
    ArgumentError
        The model sees more of customers than a summary, or there are covariates, groups or a calendar.
    """
    spec = model.spec
    if spec.kind not in ("purchases", "spend") or spec.discrete or spec.every_purchase or not plain:
        raise ArgumentError(
            f"Lazy customers are fitted by models that see a summary of purchases or spend alone ({spec.title} is a "
            "model of it only if that suffices), without covariates, groups and calendar. clvmodels.summarize brings "
            "customers into memory, for all models."
        )
    pulled = customers.distinct(spec.kind)
    found = fit(pulled)
    ending, *doubts = found.diagnosis
    told = f"{ending} {len(pulled.table):,} distinct rows were pulled for {found.n_customers:,} customers."
    return replace(found, customers=None, log=None, estimate=replace(found.estimate, diagnosis=(told, *doubts)))
