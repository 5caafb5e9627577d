"""Models: pure mathematics, one file a model."""

from clvmodels.models.protocol import Model, ModelFamily, PurchaseModel, RenewalModel, SpendModel
from clvmodels.models.registry import get, names, needs_purchases
from clvmodels.models.spec import Engine, Spec

__all__ = [
    "Engine",
    "Model",
    "ModelFamily",
    "PurchaseModel",
    "RenewalModel",
    "Spec",
    "SpendModel",
    "get",
    "names",
    "needs_purchases",
]
