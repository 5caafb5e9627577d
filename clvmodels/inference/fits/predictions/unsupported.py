"""The error of a question that has no meaning for a kind of model: it names a model that answers it."""

from __future__ import annotations

from clvmodels.errors import UnsupportedMethod
from clvmodels.models.protocol import Model

_INSTEAD = {
    "purchases": 'Fit "bg/nbd" to the same customers.',
    "spend": 'Fit "gamma-gamma" to the same customers.',
    "payments": 'Default is for clvmodels.Payments, fitted by "beta-binomial".',
    "subscriptions": 'Renewals are for clvmodels.Subscriptions, fitted by "sbg" or "bdw"; purchases have survival, '
    "purchase_probability and discounted_expected_purchases.",
}
_OTHER_DATA = {
    "subscriptions": "Who is still a subscriber is known: ask for survival, retention, churn_risk or "
    'discounted_lifetime, or fit "bg/nbd" (purchases) and "gamma-gamma" (spend) to clvmodels.Customers.',
    "payments": "Ask for default_probability, or fit a model of purchases or spend to clvmodels.Customers.",
}


def unsupported(model: Model, quantity: str, kind: str) -> UnsupportedMethod:
    """The error for a ``quantity`` that models of another ``kind`` have."""
    instead = _OTHER_DATA.get(model.spec.kind, _INSTEAD[kind])
    return UnsupportedMethod(f"{model.spec.title} is a model of {model.spec.kind} and has no {quantity}. {instead}")
