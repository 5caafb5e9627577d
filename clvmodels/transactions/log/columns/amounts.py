"""Amounts of columns: one, a product, or a difference, as they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clvmodels.transactions.log.log import Amount

_MINUS = " - "


def amount_columns(amount: Amount, available: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that are multiplied, and those that are taken off; a column of that very name comes first.

    Examples
    --------
    >>> amount_columns("Quantity * Price", ["Quantity", "Price"])
    (('Quantity', 'Price'), ())
    >>> amount_columns("Price × Quantity", ["Quantity", "Price"])
    (('Price', 'Quantity'), ())
    >>> amount_columns("Total - Refunded Amount", ["Total", "Refunded Amount"])
    (('Total',), ('Refunded Amount',))
    """
    if amount is None:
        return (), ()
    if not isinstance(amount, str):
        return tuple(amount), ()
    if amount in available:
        return (amount,), ()
    first, *minus = (part.strip() for part in amount.split(_MINUS))
    factors = (first,) if first in available else tuple(part.strip() for part in re.split("[*×]", first))
    return factors, tuple(minus)


def amount_text(factors: Sequence[str], minus: Sequence[str]) -> str:
    """The amount as it is written; the inverse of `amount_columns`.

    Examples
    --------
    >>> amount_text(("Quantity", "Price"), ())
    'Quantity * Price'
    """
    return _MINUS.join([" * ".join(factors), *minus])
