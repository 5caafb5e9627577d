"""One fit a segment of subscribers."""

from __future__ import annotations

import warnings
from typing import Any

from clvmodels.errors import ClvError, IdentificationWarning
from clvmodels.inference.estimation.fit import fit
from clvmodels.inference.fits.fit import Fit
from clvmodels.signatures import checked
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions
from clvmodels.user_warning import point_out


@checked
def fit_by_segment(subscriptions: Subscriptions, model: str, **options: Any) -> dict[Any, Fit]:
    """Fit a model of renewals to each segment by itself.

    Parameters
    ----------
    subscriptions : Subscriptions
        Customers with their segments.
    model : {"sbg", "bdw"}
        Name of the model.
    **options
        As of `clvmodels.fit`.

    Returns
    -------
    dict of str to Fit
        By segment.

    Raises
    ------
    ClvError
        As `clvmodels.fit`, with the name of the segment.

    Examples
    --------
    >>> import clvmodels as clv
    >>> years = {"high end": [1000, 869, 743, 653, 593, 551, 517, 491],
    ...          "regular": [1000, 631, 468, 382, 326, 289, 262, 241]}
    >>> fits = fit_by_segment(clv.Subscriptions.from_survival(years, unit="year"), "sbg")
    >>> {name: round(fit.log_likelihood, 2) for name, fit in fits.items()}
    {'high end': -1611.16, 'regular': -1680.27}
    """
    fits = {}
    for name, part in subscriptions.segments().items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                fits[name] = fit(part, model, **options)
            except ClvError as error:
                raise type(error)(f"Segment {name!r}: {error}") from None
        for warning in caught:
            named = IdentificationWarning(f"Segment {name!r}: {warning.message}")
            point_out(named if warning.category is IdentificationWarning else warning.message)
    return fits
