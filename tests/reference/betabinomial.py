"""The beta-binomial in mpmath."""

from __future__ import annotations

from typing import Any

from mpmath import beta, log


def log_likelihood(k: Any, n: Any, *, a: Any, b: Any) -> Any:
    """log B(a + k, b + n - k) / B(a, b)."""
    return log(beta(a + k, b + n - k)) - log(beta(a, b))
