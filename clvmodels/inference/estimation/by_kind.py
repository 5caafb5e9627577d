"""Fits of a known kind by maximum likelihood, for what needs a purchase model or a spend model."""

from __future__ import annotations

from clvmodels.errors import ArgumentError
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.transactions.customers import Customers


def fit_purchases(
    customers: Customers, model: str, covariates: Covariates | None = None, calendar: Calendar | None = None
) -> PurchaseFit:
    """The fit of a purchase model, or an `ArgumentError` if it is a model of something else.

    Covariates of other processes alone leave it as it is.
    """
    own = covariates if covariates is not None and (covariates.purchase or covariates.dropout) else None
    found = fit(customers, model, covariates=own, calendar=calendar)
    return _of_kind(PurchaseFit, found, 'A purchase model is needed, such as "bg/nbd"')


def fit_spend(customers: Customers, model: str, covariates: Covariates | None = None) -> SpendFit:
    """The fit of a spend model, or an `ArgumentError` if it is a model of something else."""
    own = covariates if covariates is not None and covariates.spend else None
    return _of_kind(SpendFit, fit(customers, model, covariates=own), 'A spend model is needed, such as "gamma-gamma"')


def _of_kind[Kind: Fit](kind: type[Kind], found: Fit, needed: str) -> Kind:
    if not isinstance(found, kind):
        raise ArgumentError(f"{needed}, and {found.model!r} is a model of {found.kind}.")
    return found
