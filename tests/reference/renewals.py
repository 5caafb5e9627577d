"""sBG and BdW in mpmath, one customer at a time (Fader and Hardie 2007; Fader, Hardie, Liu, Davin and Steenburgh 2018).

sBG is BdW with c = 1. Call with as many digits as are needed: ``with mpmath.workdps(60)``.
"""

from __future__ import annotations

from typing import Any

import mpmath
from mpmath import mpf


def survival(n: Any, *, alpha: Any, beta: Any, c: Any = 1) -> mpf:
    """P(n renewals or more) = B(alpha, beta + n^c) / B(alpha, beta)."""
    exposure = mpf(n) ** c if n else mpf(0)
    alpha, beta = mpf(alpha), mpf(beta)
    return mpmath.beta(alpha, beta + exposure) / mpmath.beta(alpha, beta)


def log_likelihood(n: Any, lost: Any, **parameters: Any) -> mpf:
    """Log probability of n renewals, after which the customer was lost (1) or is still there (0)."""
    return mpmath.log(survival(n, **parameters) - (survival(n + 1, **parameters) if lost else 0))
