"""What discounted purchases are worth: the one formula of value."""

from __future__ import annotations

from typing import Any


def worth(income: Any, units: Any, years: Any, *, margin: Any, a_purchase: Any, a_year: Any) -> Any:
    """(margin × income - cost of a purchase) × units - cost of a year × years.

    Parameters
    ----------
    income : ndarray or float
        Paid a purchase, or a period.
    units : ndarray or float
        Discounted expected purchases, or periods.
    years : ndarray, float or None
        Discounted years alive; None where they cost nothing.
    margin, a_purchase, a_year : ndarray or float
        The share of the income that is earned, and what a purchase and a year alive cost.

    Examples
    --------
    >>> worth(20.0, 1.5, 0.5, margin=0.3, a_purchase=1.0, a_year=2.0)
    6.5
    """
    value = (margin * income - a_purchase) * units
    return value if years is None else value - a_year * years
