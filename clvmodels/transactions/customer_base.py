"""Whom a model is fitted to: the kinds of customers that a log, contracts or invoices become."""

from __future__ import annotations

from clvmodels.transactions.customers import Customers
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions

type CustomerBase = Customers | Subscriptions | Payments

# What models of each kind are fitted to.
TAKES: dict[str, type[Customers] | type[Subscriptions] | type[Payments]] = {
    "purchases": Customers,
    "spend": Customers,
    "subscriptions": Subscriptions,
    "payments": Payments,
}
