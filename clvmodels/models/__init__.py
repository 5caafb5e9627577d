"""Models: pure mathematics, one file a model."""

from clvmodels.models.registry import get, names, needs_purchases

__all__ = ["get", "names", "needs_purchases"]
