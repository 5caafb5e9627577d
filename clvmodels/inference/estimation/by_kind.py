"""Fits of a known kind by maximum likelihood, for what needs a purchase model or a spend model."""

from __future__ import annotations

from clvmodels.errors import ArgumentError
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.transactions.customers import Customers


def fit_purchases(customers: Customers, model: str) -> PurchaseFit:
    """The fit of a purchase model, or an `ArgumentError` if it is a model of something else."""
    return _of_kind(PurchaseFit, fit(customers, model), 'A purchase model is needed, such as "bg/nbd"')


def fit_spend(customers: Customers, model: str) -> SpendFit:
    """The fit of a spend model, or an `ArgumentError` if it is a model of something else."""
    return _of_kind(SpendFit, fit(customers, model), 'A spend model is needed, such as "gamma-gamma"')


def _of_kind[Kind: Fit](kind: type[Kind], found: Fit, needed: str) -> Kind:
    if not isinstance(found, kind):
        raise ArgumentError(f"{needed}, and {found.model!r} is a model of {found.kind}.")
    return found
