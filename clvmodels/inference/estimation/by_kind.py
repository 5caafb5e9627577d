"""Fits of a known kind by maximum likelihood, for what needs a purchase model or a spend model."""

from __future__ import annotations

from clvmodels.errors import ArgumentError
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.transactions.customers import Customers


def fit_purchases(customers: Customers, model: str) -> PurchaseFit:
    """The fit of a purchase model, or an `ArgumentError` if it is a model of something else."""
    found = fit(customers, model)
    if not isinstance(found, PurchaseFit):
        raise ArgumentError(f'A purchase model is needed, such as "bg/nbd", and {model!r} is a model of {found.kind}.')
    return found


def fit_spend(customers: Customers, model: str) -> SpendFit:
    """The fit of a spend model, or an `ArgumentError` if it is a model of something else."""
    found = fit(customers, model)
    if not isinstance(found, SpendFit):
        raise ArgumentError(
            f'A spend model is needed, such as "gamma-gamma", and {model!r} is a model of {found.kind}.'
        )
    return found
