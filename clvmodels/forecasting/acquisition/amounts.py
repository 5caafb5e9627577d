"""What new customers spend on a first and on a later purchase."""

from __future__ import annotations

import numpy as np

from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord, day_number
from clvmodels.inference.fits.kinds import SpendFit

_YEAR = 365
_LEAST = 50  # first purchases whose mean is more than chance


def amounts_of_new(
    record: PurchaseRecord, spend: SpendFit | None, level: float, otherwise: float
) -> tuple[float, float]:
    """Spend of a first and of a later purchase.

    Parameters
    ----------
    record
        The purchases of the log.
    spend
        A spend model, if one could be fitted.
    level
        By what its means are multiplied in this forecast.
    otherwise
        Spend of a purchase without a model.

    Returns
    -------
    tuple of float
        The mean of the first purchases of the last year (or of all, if they are few), and what the model expects of a
        new customer.
    """
    later = otherwise if spend is None else level * float(spend.expected_spend("new").iloc[0])
    paid = record.is_first & (record.spend > 0)
    late = paid & (record.day > day_number(record.end) - _YEAR)
    chosen = late if late.sum() >= _LEAST else paid
    first = float(record.spend[chosen].mean()) if chosen.any() else later
    return first, later if np.isfinite(later) else first
