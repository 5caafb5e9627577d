"""A family of models, such as BG/CNBD-k for every k: the most likely one is taken."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

from clvmodels.errors import ConvergenceError, DataError, IdentificationWarning
from clvmodels.inference.data.log_gaps import KEEP
from clvmodels.inference.fits.fit import Fit
from clvmodels.transactions.customers import Customers

_FALLS = 2  # in a row, after which no further rise is expected


def most_likely(family: Any, customers: Any, fit: Any, unit: str | None) -> str:
    """Name of the model with the highest likelihood among ``family.spec.choices``.

    They are tried in order, and no more of them once the likelihood has fallen twice in a row.

    Raises
    ------
    DataError
        The gaps between purchases are not known.
    """
    if not isinstance(customers, Customers):
        customers = Customers.from_frame(customers, unit=unit)
    if customers.purchases is None:
        first, second = family.spec.choices[1:3]
        raise DataError(
            f"To choose k, {family.spec.title} needs the gaps between purchases. {KEEP}, or name the k: {first!r}, "
            f"{second!r} and so on can be fitted without them."
        )
    found: list[Fit] = []
    for name in family.spec.choices:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", IdentificationWarning)  # what is odd is said of the one that is taken
                found.append(fit(customers, name))
        except ConvergenceError:
            if not found:
                raise
            break
        last = [one.log_likelihood for one in found[-1 - _FALLS :]]
        if len(last) > _FALLS and all(before > after for before, after in pairwise(last)):
            break
    return max(found, key=lambda one: one.log_likelihood).model
